"""Links, spelling, alt texts and the engine's speed, which a page tells as it was measured."""

import json
import re
import subprocess
import tomllib

import pytest

from course_lib.cli.lessons import all_lessons
from tests.benchmarks.engine.table import MEASURED, as_markdown
from tests.conftest import ROOT, tool

LESSONS = all_lessons(ROOT / "notebooks")


def lychee(*arguments, text=None, cwd=ROOT):
    """Its exit status and what it says; an address in this repository is looked up in the clone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    here = project["urls"]["Repository"].removeprefix("https://github.com/")
    remap = rf"https://[^?#]*/{re.escape(here)}/(?:blob|tree|raw)/main/([^?#]+) {ROOT.as_uri()}/$1"
    command = [tool("lychee"), "--config", str(ROOT / "pyproject.toml"), "--offline"]
    run = subprocess.run(
        [*command, "--remap", remap, *arguments],
        input=text, cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return run.returncode, run.stdout + run.stderr


def markdown_of(lesson):
    cells = json.loads(lesson.learn.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@pytest.mark.full
def test_every_link_and_anchor_leads_somewhere():
    status, told = lychee("--hidden", ".")
    assert status == 0, told


@pytest.mark.full
@pytest.mark.parametrize("folder", ["notebooks", "notebooks/learn"])
def test_the_links_of_the_lessons_hold_in_both_folders(folder):
    """To other pages: of a text from a pipe lychee does not know its own headings."""
    base = f"{(ROOT / folder).as_uri()}/"
    for lesson in LESSONS:
        where = ("--default-extension", "md", "--base-url", base, "-")
        status, told = lychee(*where, text=markdown_of(lesson))
        assert status == 0, told


@pytest.mark.full
def test_links_that_lead_nowhere_are_told(tmp_path):
    title = "# A *first* `word`, twice\n\n"
    (tmp_path / "there.md").write_text(title, encoding="utf-8")
    address = "https://github.com/dont-trust-your-eyes/dont-trust-your-eyes/blob/main"
    for target, leads in {
        "there.md": True,
        "there.md#a-first-word-twice": True,
        "nothing.md": False,
        "there.md#nothing": False,
        "#nothing": False,
        f"{address}/nothing.md": False,
    }.items():
        (tmp_path / "page.md").write_text(f"{title}[a]({target})\n", encoding="utf-8")
        status, told = lychee("page.md", cwd=tmp_path)
        assert (status == 0) is leads, told


def test_pictures_have_alt_text():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "notebooks").rglob("*.md")]
    texts = {page.name: page.read_text(encoding="utf-8") for page in pages}
    texts |= {lesson.name: markdown_of(lesson) for lesson in LESSONS}
    seen = 0
    for name, text in texts.items():
        for alt in re.findall(r"!\[([^\]]*)\]\(", text):
            seen += 1
            assert len(alt.split()) >= 2, name
        for tag in re.findall(r"<img\b[^>]*>", re.sub(r"`[^`]*`", "", text)):
            assert re.search(r"\balt=\"[^\"]+\"", tag), f"{name}: {tag}"
    assert seen >= 2 * len(LESSONS)  # the badges of each lesson


@pytest.mark.full
def test_spelling():
    """codespell knows how words are often misspelt; what it is to let be stands in pyproject."""
    listing = ["git", "ls-files", "*.md", "*.py", "*.toml", "*.yml", "*.cff"]
    files = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    command = [tool("codespell"), *files.stdout.split()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_readme_shows_the_speed_that_was_measured():
    record = json.loads(MEASURED.read_text(encoding="utf-8"))
    assert as_markdown(record) in (ROOT / "README.md").read_text(encoding="utf-8")
