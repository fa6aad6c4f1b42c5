"""On paper and on a projector: pages are as many as they say, figures as large, answers apart."""

import re
import shutil

import nbformat
import pytest

from course_lib.cli.run import as_page
from tests.conftest import ROOT

KIT = ROOT / "notebooks" / "teach"
LESSON = ROOT / "notebooks" / "01_feature_visualization.ipynb"
# as GitHub sets a page; its font is the reader's own, so a narrow and a wide one are tried
STYLE = """
body {{ font: 16px/1.5 {font}; margin: 0; }}
h1 {{ font-size: 2em; line-height: 1.25; padding-bottom: .3em; margin: 0 0 16px; }}
p, ul, ol, pre, table {{ margin: 0 0 16px; }}
h2 {{ font-size: 1.5em; line-height: 1.25; padding-bottom: .3em; margin: 24px 0 16px; }}
img {{ max-width: 100%; }}
td, th {{ padding: 6px 13px; border: 1px solid; }}
"""
FONTS = ("'Liberation Sans', Arial, sans-serif", "'DejaVu Sans', Verdana, sans-serif")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("font", FONTS, ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("name", "told", "pages"),
    [
        ("vocabulary.md", r"One page of A4 or Letter, printed at (\d+) %", 1),
        ("participants.md", r"printed at (\d+) % on two pages", 2),
    ],
)
def test_a_page_to_hand_out_takes_the_paper_that_it_says(
    page, tmp_path, name, told, pages, font, paper
):
    markdown = pytest.importorskip("markdown_it").MarkdownIt().enable("table")
    text = KIT.joinpath(name).read_text(encoding="utf-8")
    scale = re.search(told, text)
    assert scale, "the page says how to print it"
    head = f"<base href='{KIT.as_uri()}/'><style>{STYLE.format(font=font)}</style>"
    made = tmp_path / "page.html"
    made.write_text(f"<meta charset='utf-8'>{head}{markdown.render(text)}", encoding="utf-8")
    page.goto(made.as_uri())
    assert page.locator("strong").count() > 10
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")
    printed = page.pdf(format=paper, scale=int(scale[1]) / 100, margin=margin)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == pages


# on a projector of 1280 x 800


def test_figures_are_larger_once_the_side_bar_is_hidden(server, open_notebook, page):
    shutil.copy(LESSON, server.work / "projected.ipynb")
    notebook = open_notebook("projected")
    shown = notebook.output(notebook.place("blind.shown(")).locator("img")

    def width(zoom):
        """Of the projected figure, in the projector's own pixels."""
        page.set_viewport_size({"width": round(1280 / zoom), "height": round(800 / zoom)})
        shown.scroll_into_view_if_needed()
        shown.element_handle().wait_for_element_state("stable")
        return zoom * shown.bounding_box()["width"]

    beside = {zoom: width(zoom) for zoom in (1.5, 1)}
    shown.click()
    page.keyboard.press("ControlOrMeta+b")
    alone = {zoom: width(zoom) for zoom in (1, 1.5, 2)}
    print(beside, alone)
    assert beside[1.5] < beside[1], "what zooming alone does"
    assert alone[1.5] > 1.1 * beside[1]
    told = "".join(KIT.joinpath(name).read_text("utf-8") for name in ("README.md", "fallback.md"))
    assert told.count("Ctrl+B") >= 2


def test_a_page_has_no_answer_on_the_screen_of_its_question(page):
    page.set_viewport_size({"width": 1280, "height": 800})
    notebook = nbformat.read(LESSON, 4)
    page.set_content(as_page(notebook))
    question = page.locator(".jp-CodeCell", has_text="my_other = None")
    answer = page.get_by_text("of 8 named rightly by another network. ")

    def apart():
        return answer.bounding_box()["y"] - question.bounding_box()["y"]

    assert apart() > 800
    page.emulate_media(media="print")
    assert 0 < apart() < 400, "paper has no such room"
    assert len(notebook.cells) == len(nbformat.read(LESSON, 4).cells), "the notebook stays"
