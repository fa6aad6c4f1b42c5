"""CITATION.cff is up to date; .ci/run and the workflow have cffconvert check its form."""

from __future__ import annotations

import tomllib

import pytest
import yaml

from tests.conftest import ROOT


@pytest.fixture
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


@pytest.fixture
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


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
