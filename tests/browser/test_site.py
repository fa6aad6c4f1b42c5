"""The web edition and the slides in Chromium, opened from a folder, with the internet refused."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from filelock import FileLock

from course_lib.cli.lessons import find_lessons
from course_lib.cli.main import main
from course_lib.maintenance.shown import read_executed

WITHOUT = "uv run --group dev --group site pytest --full"
# of the theme's own: the site's name above the search is outside any landmark; and lessons' tables
# may have an empty corner
KNOWN = {"region", "empty-table-header"}


def made_once(request, tmp_path_factory, *command):
    """A command's folder, filled by the first worker that asks for it."""
    base = tmp_path_factory.getbasetemp()
    # all workers' folders are in one
    base = base.parent if hasattr(request.config, "workerinput") else base
    folder = base / "web" / command[0]
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        assert folder.exists() or main([*command, "--to", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def site(request, tmp_path_factory):
    for package in ("sphinx", "myst_nb", "sphinx_book_theme"):
        pytest.importorskip(package, reason=f"{package} is missing: {WITHOUT}")
    return made_once(request, tmp_path_factory, "site")


@pytest.fixture(scope="module")
def slides(request, tmp_path_factory):
    pytest.importorskip("sphinx_revealjs", reason=f"sphinx_revealjs is missing: {WITHOUT}")
    return made_once(request, tmp_path_factory, "slides", "00", "01", "03")


@pytest.fixture
def alone(browser):
    """A page that sees no network, and what it asked for or complained about."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, said = context.new_page(), []
    context.route(re.compile("^https?:"), lambda r: (said.append(r.request.url), r.abort()))
    page.on("console", lambda one: one.type in ("error", "warning") and said.append(one.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page, said
    context.close()


def pages_of(site):
    return [p for p in sorted(site.rglob("*.html")) if "_static" not in p.parts]


def test_every_page_opens_from_a_folder_and_every_link_leads_somewhere(site, alone):
    page, said = alone
    pages = pages_of(site)
    assert len(pages) > 20
    there: dict[Path, set[str]] = {}
    links: set[tuple[Path, Path, str]] = set()
    for path in pages:
        page.goto(path.as_uri())
        there[path] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
        for link in page.evaluate("[...document.links].map(e => e.href)"):
            if link.startswith("file:"):
                to, _, anchor = link.removeprefix("file://").partition("#")
                links.add((path, Path(unquote(to)), unquote(anchor)))
        assert page.locator("img:not([alt])").count() == 0, path
        assert not said, (path, said)
    assert len(links) > 500
    broken = [
        (at.name, to.name, anchor)
        for at, to, anchor in links
        if not to.is_file() or (anchor and anchor not in there.get(to, {anchor}))
    ]
    assert not broken


def test_search_finds_path_similarity(site, alone):
    page, said = alone
    page.goto(f"{(site / 'search.html').as_uri()}?q=path+similarity")
    page.get_by_role("link", name="05 · The path-similarity sanity check").first.wait_for()
    page.get_by_role("link", name="course_lib.path_similarity").first.wait_for()
    assert not said


def test_lessons_keep_their_alt_texts_fold_answers_and_can_be_taken_along(site, alone):
    page, _ = alone
    lesson = find_lessons(["03"])[0]
    page.goto((site / f"{lesson.name}.html").as_uri())
    outputs = [o for cell in read_executed(lesson).notebook.cells for o in cell.get("outputs", [])]
    figures = "".join(o.get("data", {}).get("text/html", "") for o in outputs)
    assert page.locator(".cell_output img[alt]").count() == figures.count("<img ") > 10
    measured = page.get_by_text("Measured: 46 is the largest logit along the way.")
    assert not measured.is_visible()
    page.get_by_text("Your prediction first").locator("visible=true").nth(0).click()
    assert measured.is_visible()
    for name, end in (("Open in Colab", f"learn/{lesson.name}.ipynb"),
                      ("Launch Binder", f"learn/{lesson.name}.ipynb"),
                      ("Download", f"_sources/{lesson.name}.ipynb")):  # fmt: skip
        assert page.get_by_role("link", name=name).first.get_attribute("href").endswith(end)
    assert (site / "_sources" / lesson.learn.name).read_bytes() == lesson.learn.read_bytes()


def test_axe_finds_nothing_to_complain_about(site, slides, alone, screenshots):
    """Axe checks contrast, names, roles and structure, in the light and in the dark."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=WITHOUT).Axe()
    page, _ = alone
    seen = [("light", slides / "00_start_here.html"), ("light", site / "index.html")]
    seen += [("dark", site / "00_start_here.html")]

    def found():
        violations = axe.run(page, options={"preload": False}).response["violations"]
        return {one["id"]: one["nodes"][0]["html"] for one in violations if one["id"] not in KNOWN}

    for scheme, path in seen:
        page.emulate_media(color_scheme=scheme)
        page.goto(path.as_uri())
        page.screenshot(path=str(screenshots / f"site-{scheme}-{path.parent.name}-{path.stem}.png"))
        assert not found(), (scheme, path.name)
    bad = "<img src=data:,><p style='color:#444;background:#333'>faint words</p>"
    page.evaluate("bad => document.querySelector('article h1').outerHTML += bad", bad)
    assert {"image-alt", "color-contrast"} <= found().keys()


@pytest.mark.parametrize("number", ["00", "01", "03"])
def test_nothing_is_cut_off_a_slide_and_no_question_stands_beside_its_answer(
    slides, alone, screenshots, number
):
    page, said = alone
    (path,) = slides.glob(f"{number}*.html")
    page.goto(path.as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    look = """() => { const slide = Reveal.getCurrentSlide();
        const shown = [...slide.querySelectorAll("p, li, img, pre, td, small, h1, h2, h6")];
        const all = shown.map(one => one.getBoundingClientRect());
        const has = name => slide.querySelector(".celltag_" + name) !== null;
        const figure = slide.querySelector("img");
        return {bottom: Math.max(...all.map(box => box.bottom)),
                right: Math.max(...all.map(box => box.right)),
                wide: figure === null || figure.getBoundingClientRect().width >= 864
                      || figure.getBoundingClientRect().height >= 570,
                zoom: +(slide.querySelector(".jp-Cell").style.zoom || 1),
                question: has("question"), answer: has("answer")}; }"""
    total, asked = page.evaluate("Reveal.getTotalSlides()"), 0
    for place in range(total):
        slide = page.evaluate(look)
        where = f"{path.name}, slide {place + 1} of {total}: {slide}"
        assert slide["bottom"] <= 800 and slide["right"] <= 1280, where
        assert slide["wide"] and slide["zoom"] >= 0.6, where
        assert not (slide["question"] and slide["answer"]), where
        asked += slide["question"]
        page.evaluate("Reveal.next()")
    assert asked >= 2 and total > 20 and not said
    page.screenshot(path=str(screenshots / f"slides-{number}-last.png"))
    page.evaluate("Reveal.getCurrentSlide().innerHTML += '<p style=height:900px>x</p>'")
    assert page.evaluate(look)["bottom"] > 800  # a slide that is too full would be noticed


def test_slides_print_one_to_a_page(slides, alone):
    page, said = alone
    (path,) = slides.glob("00*.html")
    page.goto(f"{path.as_uri()}?print-pdf")
    page.locator(".pdf-page").first.wait_for()
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    total = page.evaluate("Reveal.getTotalSlides()")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == total > 20 and not said
