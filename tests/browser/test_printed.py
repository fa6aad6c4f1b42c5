"""The vocabulary card is one printed page, as it says."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

CARD = ROOT / "notebooks" / "teach" / "vocabulary.md"
# as GitHub sets a page; its font is the reader's own, so a narrow and a wide one are tried
STYLE = """
body {{ font: 16px/1.5 {font}; margin: 0; }}
h1 {{ font-size: 2em; line-height: 1.25; padding-bottom: .3em; margin: 0 0 16px; }}
p {{ margin: 0 0 16px; }}
"""
FONTS = ("'Liberation Sans', Arial, sans-serif", "'DejaVu Sans', Verdana, sans-serif")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("font", FONTS, ids=["narrow", "wide"])
def test_the_vocabulary_card_is_one_page(page, font, paper):
    markdown = pytest.importorskip("markdown_it").MarkdownIt()
    text = CARD.read_text(encoding="utf-8")
    told = re.search(r"One page of A4 or Letter, printed at (\d+) %", text)
    assert told, "the card says how to print it"
    page.set_content(f"<style>{STYLE.format(font=font)}</style>{markdown.render(text)}")
    assert page.locator("strong").count() > 30
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")
    printed = page.pdf(format=paper, scale=int(told[1]) / 100, margin=margin)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
