"""CITATION.cff: valid by the Citation File Format 1.2.0, as far as it uses it, and up to date.

The workflow checks the file against the whole schema, with cffconvert.
"""

from __future__ import annotations

import tomllib

import pytest
import yaml

from tests.conftest import ROOT

# The keys of schema 1.2.0 that a file like this needs; more are allowed there than here.
TOP = {
    "cff-version", "message", "type", "title", "abstract", "version", "date-released", "license",
    "authors", "keywords", "repository-code", "url", "doi", "identifiers", "references",
    "preferred-citation",
}  # fmt: skip
REFERENCE = {
    "type", "title", "authors", "year", "collection-title", "conference", "url", "doi",
    "identifiers", "volume", "start", "end", "publisher", "pages",
}  # fmt: skip
PERSON = {"family-names", "given-names", "name-particle", "name-suffix", "affiliation", "orcid"}
ENTITY = {"name", "website", "city", "date-start", "date-end"}


@pytest.fixture
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


@pytest.fixture
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def check_authors(authors):
    assert authors
    for author in authors:
        assert set(author) <= PERSON or set(author) <= ENTITY, author
        assert author.get("family-names") or author.get("name"), author


def test_it_keeps_to_the_format(citation):
    assert set(citation) <= TOP
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert isinstance(citation["version"], str)
    check_authors(citation["authors"])
    assert len(set(citation["keywords"])) == len(citation["keywords"])
    for reference in citation["references"]:
        assert set(reference) <= REFERENCE
        assert {"type", "title", "authors"} <= set(reference)
        assert isinstance(reference["year"], int)
        assert set(reference["conference"]) <= ENTITY
        check_authors(reference["authors"])
        for identifier in reference["identifiers"]:
            assert set(identifier) <= {"type", "value", "description"}
            assert identifier["type"] in {"doi", "url", "swh", "other"}


def test_it_is_this_course(citation, project):
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert citation["authors"] == project["authors"]
    assert citation["title"].startswith("Don't Trust Your Eyes: ")
    url = project.get("urls", {}).get("Repository", citation["repository-code"])
    assert citation["repository-code"] == url


def test_it_names_the_paper(citation):
    (paper,) = citation["references"]
    names = [author["family-names"] for author in paper["authors"]]
    assert names == ["Geirhos", "Zimmermann", "Bilodeau", "Brendel", "Kim"]
    assert paper["year"] == 2024 and "2306.04719" in paper["url"]
    assert paper["url"] in (ROOT / "README.md").read_text()
