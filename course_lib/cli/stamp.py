"""`course stamp OWNER/REPO`: make every badge and link lead to a fork."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from course_lib.cli.execute import ids_of
from course_lib.cli.lessons import CourseError, notebooks_folder

_ADDRESS = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,38})/([A-Za-z0-9._-]{1,100})")
_ON_GITHUB = "https://github.com/"
# made on this machine, or brought to it: none of it is the course's own text
_NOT_OURS = frozenset({
    ".git", "__pycache__", ".ipynb_checkpoints", "node_modules", "build", "dist", "pages",
    "trained", "audited", "solutions", "my_answers", "my_bets", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", ".hypothesis", ".benchmarks",
})  # fmt: skip


def stamp(given: str) -> list[Path]:
    """Change the repository's address in every file of the clone; returns the files changed.

    The address so far is what pyproject.toml gives as Repository. Nothing is run again: notebooks
    keep their outputs, and cells whose text changed get the ids that `course build` would give
    them. All files are changed, or none.

    Raises:
        CourseError: `given` is no address, it stands somewhere in the course already, this is no
            clone, or a file cannot be written.
    """
    new = read_address(given)
    root = notebooks_folder().parent
    old = current_address(root)
    if new == old:
        print(f"Nothing to do: every badge and link leads to {new}.")
        return []
    changed: dict[Path, bytes] = {}
    for path in _files(root):
        before = _text(path, root)
        if before is None:
            continue
        if _pattern(new).search(before):
            raise CourseError(
                f"Nothing was changed: {path.relative_to(root)} speaks of {new} already, which "
                f"could not be told from what leads to {old} now; take it out first."
            )
        after = _pattern(old).sub(lambda found: _like(found[0], new), before)
        if after != before:
            if path.suffix == ".ipynb":
                after = _with_ids(before, after)
            changed[path] = after.encode()
    _write_all(changed, root)
    print(f"{len(changed)} files lead to {new} now, in place of {old}.")
    return list(changed)


def read_address(given: str) -> str:
    """OWNER/REPO, from that or from the address of a repository's page on GitHub.

    Raises:
        CourseError: it is neither.
    """
    address = given.strip().removeprefix(_ON_GITHUB).removesuffix("/").removesuffix(".git")
    found = _ADDRESS.fullmatch(address)
    if not found or found[2] in (".", "..") or found[1].endswith("-"):
        raise CourseError(
            f"{given!r} is no repository on GitHub: give OWNER/REPO or {_ON_GITHUB}OWNER/REPO."
        )
    return address


def current_address(root: Path) -> str:
    """OWNER/REPO as pyproject.toml has it.

    Raises:
        CourseError: it has none.
    """
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return read_address(project["urls"]["Repository"])
    except (OSError, KeyError, ValueError, CourseError):
        raise CourseError(
            f"{root / 'pyproject.toml'} does not tell the address so far: it needs a line "
            f'Repository = "{_ON_GITHUB}OWNER/REPO" under [project.urls].'
        ) from None


def _pattern(address: str) -> re.Pattern[str]:
    """An address as a whole, also as it is written inside another one's query."""
    owner, repository = map(re.escape, address.split("/"))
    # a sentence may end after it, and .git follow, but no other letters
    return re.compile(
        rf"(?<![\w.-]){owner}/{repository}(?![\w-]|\.(?!git\b)\w)"
        rf"|(?<=%2F){owner}%2F{repository}(?![\w-]|\.(?!git\b)\w)"
    )


def _like(found: str, new: str) -> str:
    return new.replace("/", "%2F") if "%2F" in found else new


def _files(root: Path) -> Iterator[Path]:
    for folder, below, names in os.walk(root):
        here = Path(folder)
        below[:] = sorted(
            name
            for name in below
            if name not in _NOT_OURS
            and not name.endswith(".egg-info")
            and not (here / name / "pyvenv.cfg").exists()
            and not _is_workshop(here / name)
        )
        yield from (here / name for name in sorted(names) if not (here / name).is_symlink())


def _is_workshop(folder: Path) -> bool:
    """Whether `course workshop` made it; its manifest tells the content of each of its files."""
    return (folder / "manifest.json").exists() and (folder / "install.py").exists()


def _text(path: Path, root: Path) -> str | None:
    """What a file says; None where it is no text."""
    try:
        data = path.read_bytes()
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise CourseError(
            f"Nothing was changed: {path.relative_to(root)} cannot be read ({error.strerror})."
        ) from error


def _with_ids(before: str, after: str) -> str:
    """A notebook's JSON with the ids for its cells' new texts, where they came from the old."""
    old, number = _cells(before)
    new, _ = _cells(after)
    ids = [cell_id for cell_id, _, _ in old]
    if not ids or ids != ids_of(number, [cell[1:] for cell in old]):
        return after  # made elsewhere
    renamed = dict(zip(ids, ids_of(number, [cell[1:] for cell in new]), strict=True))
    return re.sub(r'(?<="id": ")[^"]+(?=")', lambda found: renamed.get(found[0], found[0]), after)


def _cells(notebook: str) -> tuple[list[tuple[str, str, str]], str]:
    """The id, type and text of each cell, and the lesson's number in front of the ids."""
    try:
        cells = [
            (str(cell.get("id", "")), cell["cell_type"], "".join(cell["source"]))
            for cell in json.loads(notebook)["cells"]
        ]
    except (ValueError, KeyError, TypeError):  # no notebook after all
        return [], ""
    return cells, cells[0][0].split("-")[0] if cells else ""


def _write_all(texts: Mapping[Path, bytes], root: Path) -> None:
    """Write all files, or leave all as they are.

    Each is written beside its place first, so that a full disk is met before anything is changed.
    """
    for path in texts:
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise CourseError(f"Nothing was changed: {path.relative_to(root)} is write-protected.")
    ready: dict[Path, Path] = {}
    kept: dict[Path, bytes] = {}
    try:
        for path, data in texts.items():
            ready[path] = path.with_name(f".{path.name}.stamped")
            ready[path].write_bytes(data)
            shutil.copymode(path, ready[path])
        for path, unfinished in ready.items():
            kept[path] = path.read_bytes()
            unfinished.replace(path)
    except OSError as error:
        for path, data in kept.items():
            path.write_bytes(data)
        raise CourseError(
            f"Nothing was changed: {path.relative_to(root)} cannot be written ({error.strerror})."
        ) from error
    finally:
        for unfinished in ready.values():
            unfinished.unlink(missing_ok=True)


__all__ = ["current_address", "read_address", "stamp"]
