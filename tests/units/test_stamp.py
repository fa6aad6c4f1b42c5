"""`course stamp` in a copy of the course: everything follows, nothing is run again."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from course_lib.cli import stamp as stamping
from course_lib.cli.execute import read_source
from course_lib.cli.lessons import CourseError, all_lessons
from course_lib.cli.main import main
from course_lib.cli.stamp import current_address, read_address
from tests.conftest import ROOT

FORK = "/".join(["alice-in-w", "trust.me_2"])  # the whole of it must stand nowhere


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """Every file of the course in a folder of its own, which is the working directory."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.endswith((".safetensors", ".webp")):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_badge_and_link_follows_and_comes_back(clone, capsys):
    before, old = contents(clone), current_address(clone)
    results = {
        lesson.name: [cell.get("outputs") for cell in nbformat.read(lesson.executed, 4).cells]
        for lesson in all_lessons(clone / "notebooks")
    }
    assert main(["stamp", FORK]) == 0
    assert f"lead to {FORK} now, in place of {old}" in capsys.readouterr().out
    after = contents(clone)
    assert after.keys() == before.keys()
    assert len([path for path in after if after[path] != before[path]]) >= 28
    assert not [path for path, data in after.items() if old.encode() in data]
    assert current_address(clone) == FORK
    for lesson in all_lessons(clone / "notebooks"):
        source = read_source(lesson)
        assert f"/github/{FORK}/blob/main/" in source.cells[0].source
        assert f"https://github.com/{FORK}/archive/" in source.cells[1].source
        assert nbformat.writes(source) + "\n" == lesson.learn.read_text()
        executed = nbformat.read(lesson.executed, as_version=4)
        for cell, wanted in zip(executed.cells, source.cells, strict=True):
            assert (cell.id, cell.source) == (wanted.id, wanted.source)
        assert [c.get("outputs") for c in executed.cells] == results[lesson.name]
    assert main(["stamp", f"https://github.com/{old}.git"]) == 0
    assert contents(clone) == before


def test_solutions_follow_and_are_still_known_as_ours(clone):
    assert main(["solutions", "0"]) == 0
    mine = clone / "solutions" / "mine.ipynb"
    mine.write_text((clone / "notebooks/learn/00_start_here.ipynb").read_text())
    (clone / "site").mkdir()
    (clone / "site" / "page.html").write_text(f"https://github.com/{current_address(clone)}")
    assert main(["stamp", FORK]) == 0
    stamped = contents(clone / "solutions")
    (made,) = [path for path in stamped if path != mine]
    assert FORK.encode() in stamped[made] and FORK in mine.read_text()
    assert (clone / "site" / "page.html").read_text() == f"https://github.com/{FORK}"
    assert main(["solutions", "0"]) == 0  # which would refuse to replace anybody else's
    assert contents(clone / "solutions") == stamped


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A clone of few files."""
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[project.urls]\nRepository = "https://github.com/ann/course"\n'
    )
    (tmp_path / "README.md").write_bytes(
        b"See ann/course. https://github.com/ann/course.git\r\n"
        b"ann/course-two, joann/course, ann/course.two stay; repo=https%3A%2F%2Fgithub.com"
        b"%2Fann%2Fcourse&x\n"
    )
    (tmp_path / "start").write_text("#!/bin/sh\n# ann/course\n")
    (tmp_path / "start").chmod(0o755)
    (tmp_path / "picture.webp").write_bytes(b"\0ann/course")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "pyvenv.cfg").write_text("ann/course")
    (tmp_path / "stick" / "notebooks").mkdir(parents=True)
    for name in ("manifest.json", "install.py", "notebooks/00.ipynb"):
        (tmp_path / "stick" / name).write_text("ann/course bo/its-course")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(small, capsys):
    """Called with an address: why it was refused, with every file as it was."""

    def refused(address):
        before = contents(small)
        assert main(["stamp", "--", address]) == 1
        assert contents(small) == before
        return capsys.readouterr().err

    return refused


def test_only_the_address_itself_is_changed(small, capsys):
    before = contents(small)
    assert main(["stamp", "ann/course/"]) == 0
    assert "Nothing to do" in capsys.readouterr().out and contents(small) == before
    assert main(["stamp", "bo/its-course"]) == 0
    assert (small / "README.md").read_bytes() == (
        b"See bo/its-course. https://github.com/bo/its-course.git\r\n"
        b"ann/course-two, joann/course, ann/course.two stay; repo=https%3A%2F%2Fgithub.com"
        b"%2Fbo%2Fits-course&x\n"
    )
    assert os.access(small / "start", os.X_OK) and "bo/its" in (small / "start").read_text()
    assert b"ann/course" in (small / "picture.webp").read_bytes()
    assert "ann/course" in (small / "made" / "pyvenv.cfg").read_text()
    for path in (small / "stick").rglob("*.*"):  # a workshop's folder, whose sums would be wrong
        assert path.read_text() == "ann/course bo/its-course"
    assert not list(small.rglob("*.stamped"))


@pytest.mark.parametrize(
    "given",
    ["", "alice", "alice/", "/x", "a b/c", "alice/my course", "alice/x/y", "alice/..", "-a/x",
     "a-/x", "alice/é", "https://example.org/alice/x", "https://github.com/alice",
     "git@github.com:alice/x"],
)  # fmt: skip
def test_what_is_no_address_is_refused(refused, given):
    told = refused(given)
    assert repr(given) in told and "give OWNER/REPO" in told and told.count("\n") == 1


@pytest.mark.parametrize("given", ["alice/x", " https://github.com/alice/x/ ", "alice/x.git"])
def test_an_address_is_taken_in_its_usual_forms(given):
    assert read_address(given) == "alice/x"


def test_an_address_that_stands_there_already_or_a_write_protected_file(
    small, refused, monkeypatch
):
    (small / "notes.md").write_text("Compare bo/its-course.")
    assert "notes.md speaks of bo/its-course already" in refused("bo/its-course")
    # asked through os.access, since root may write anything
    monkeypatch.setattr(stamping.os, "access", lambda path, mode: Path(path).name != "README.md")
    told = refused("bo/x")
    assert told == "course: Nothing was changed: README.md is write-protected.\n"


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_failure_on_the_way_leaves_all_as_it_was(refused, monkeypatch, step):
    real, done = getattr(stamping.Path, step), []

    def fails_second(self, *arguments):
        if self.name.endswith(".stamped"):
            done.append(self)
            if len(done) == 2:
                raise OSError(28, "No space left on device")
        return real(self, *arguments)

    monkeypatch.setattr(stamping.Path, step, fails_second)
    assert re.search(r"Nothing was changed: .* \(No space left", refused("bo/x"))


def test_without_an_address_so_far(small):
    (small / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(CourseError, match=r"needs a line Repository = "):
        current_address(small)
