"""Links and spelling: what is linked is there, and words are spelt as in a dictionary."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from urllib.parse import unquote, urlsplit

import pytest

from tests import prose
from tests.conftest import ROOT
from tests.prose import Document, Link, addresses, anchors, documents, tracked, without_code

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="not a git checkout: what is the course's own is unknown"
)

HOSTS = {
    "arxiv.org", "citation-file-format.github.io", "colab.research.google.com",
    "creativecommons.org", "distill.pub", "docs.astral.sh", "docs.conda.io", "docs.docker.com",
    "docs.github.com", "docs.jupyter.org", "docs.python.org", "doi.org", "ghcr.io", "github.com",
    "helm.sh", "hub.jupyter.org", "jupyter.org", "jupyterhub.readthedocs.io",
    "jupyterlab.readthedocs.io", "mybinder.org", "mybinder.readthedocs.io",
    "nbgitpuller.readthedocs.io", "nbviewer.org",
    "openreview.net", "proceedings.mlr.press", "pytorch.org", "quay.io",
    "raw.githubusercontent.com", "repo2docker.readthedocs.io", "spdx.org", "tljh.jupyter.org",
    "www.python.org", "www.w3.org", "z2jh.jupyter.org",
}  # fmt: skip
"""Where a link may lead. A new one is added here after somebody has looked at the page."""

DOCUMENTS = documents() if (ROOT / ".git").exists() else []
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)


def repository():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    url = project.get("urls", {}).get("Repository")
    return url.removeprefix("https://github.com/") if url else None


def broken(document: Document) -> list[str]:
    """The relative links of a document that lead nowhere."""
    wrong = []
    for link in document.links():
        if link.external:
            continue
        path, _, anchor = link.target.partition("#")
        for folder in document.folders:
            target = (folder / unquote(path)).resolve() if path else None
            text = document.text
            if target is not None:
                if not target.exists() or not target.is_relative_to(ROOT):
                    wrong.append(f"{link.target} from {folder}")
                    continue
                text = target.read_text(encoding="utf-8") if target.suffix == ".md" else ""
            to_markdown = target is None or target.suffix == ".md"
            if anchor and to_markdown and anchor not in anchors(text):
                wrong.append(f"{link.target} from {folder}")
    return wrong


def test_there_is_prose():
    names = {document.name for document in DOCUMENTS}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "00_start_here"} <= names
    assert len(next(d for d in DOCUMENTS if d.name == "README.md").links()) >= 15


@each_document
def test_every_relative_link_and_picture_is_there(document):
    assert not broken(document)


@each_document
def test_pictures_have_alt_text(document):
    for alt in re.findall(r"!\[([^\]]*)\]\(", without_code(document.text)):
        assert len(alt.split()) >= 2, document.name
    for tag in re.findall(r"<img\b[^>]*>", without_code(document.text)):
        assert re.search(r"\balt=\"[^\"]+\"", tag), tag


def test_every_address_is_well_formed_and_of_a_known_host():
    for address, files in addresses().items():
        parts = urlsplit(address)
        assert parts.hostname in HOSTS, f"{address} in {', '.join(files)}"
        assert parts.scheme == "https", f"{address} in {', '.join(files)}"
        assert parts.port is None and parts.username is None, address
    for document in DOCUMENTS:
        for link in document.links():
            if link.external:
                assert re.fullmatch(r"https://[\w.-]+(/[!-~]*)?|mailto:\S+@\S+", link.target), link


def test_what_links_into_the_repository_names_files_that_are_there():
    here = repository()
    if here is None:
        pytest.skip("pyproject.toml does not name the repository")
    pattern = re.compile(rf"/{re.escape(here)}/(?:blob|tree|raw)/main/([^?#]+)")
    for address, files in addresses().items():
        found = pattern.search(address)
        if found and not re.search(r"[{}$]", found[1]):
            assert (ROOT / unquote(found[1])).exists(), f"{address} in {', '.join(files)}"


def test_spelling():
    """codespell knows how words are often misspelt; what it is to let be stands in pyproject."""
    pytest.importorskip("codespell_lib", reason="codespell is not installed")
    files = [str(p.relative_to(ROOT)) for p in tracked(".md", ".py", ".toml", ".yml", ".cff")]
    command = [sys.executable, "-m", "codespell_lib", *files]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_spelling_notices_a_slip(tmp_path):
    pytest.importorskip("codespell_lib", reason="codespell is not installed")
    slip = tmp_path / "slip.md"
    misspelt = "krwoten"[::-1]  # backwards, or this file would not pass
    slip.write_text(f"The {misspelt} answers.\n")
    command = [sys.executable, "-m", "codespell_lib", str(slip)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode != 0 and f"{misspelt} ==> network" in run.stdout


# the tests' own tools


def test_links_are_found_and_code_is_left_alone():
    text = (
        'See [a](a.md "title"), ![b c](b.png), [w](https://x.org/a_(b)) and <https://y.org>.\n\n'
        '[ref]: c.md\n\n<a href="d.md">d</a> `x[0](e)` and [t](#over-there)\n\n'
        "```\n[no](no.md)\n```\n\n    [no](no.md)\n\nend\n"
    )
    found = {link.target for link in Document("x", text, ()).links()}
    assert found == {
        "a.md", "b.png", "https://x.org/a_(b)", "https://y.org", "c.md", "d.md", "#over-there",
    }  # fmt: skip
    assert Link("x", "mailto:a@b.c").external and not Link("x", "a/b:c.md").external


def test_links_that_lead_nowhere_are_told():
    here = (ROOT,)
    text = "# A *first* `word`, twice\n\n"
    for target in ("README.md", "#a-first-word-twice", "README.md#tests", "notebooks"):
        assert not broken(Document("x", f"{text}[a]({target})", here)), target
    for target in ("nothing.md", "#nothing", "README.md#nothing", "../outside", "tests/nothing"):
        assert broken(Document("x", f"{text}[a]({target})", here)), target
    both = (ROOT, ROOT / "notebooks")
    assert broken(Document("x", "[a](README.md)", both))


def test_headings_of_the_same_name_are_counted():
    assert {"tests", "tests-1"} <= anchors("## Tests\n\n### Tests\n\n```\n# no heading\n```\n")
    assert "no-heading" not in anchors("```\n# no heading\n```\n")


def test_asking_pages(monkeypatch, capsys):
    answers = {"https://a.org": "", "https://b.org": "status 403", "https://c.org": "status 404"}
    monkeypatch.setattr(prose, "answer_of", answers.get)
    assert prose.main(["https://a.org", "https://b.org", "https://{x}.org"]) == 0
    assert prose.main(answers) == 1
    assert "GONE    https://c.org status 404" in capsys.readouterr().out
