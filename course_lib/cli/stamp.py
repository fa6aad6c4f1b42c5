"""`course stamp OWNER/REPO`: make every badge and link lead to a fork."""

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from course_lib.cli.execute import ids_of
from course_lib.cli.lessons import CourseError, notebooks_folder
from course_lib.cli.solutions import NOTE, resealed

_ADDRESS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?/(?!\.\.?$)[A-Za-z0-9._-]{1,100}"
)
_ON_GITHUB = "https://github.com/"
# made on this machine, or brought to it: none of it is the course's own text. What the course's
# commands wrote for others to read (pages, solutions, slides, a site) is, and follows
_NOT_OURS = {
    ".git", "__pycache__", ".ipynb_checkpoints", "node_modules", "build", "dist", "trained",
    "audited", "my_answers", "my_bets", ".pytest_cache", ".mypy_cache", ".ruff_cache",
    ".hypothesis", ".benchmarks",
}  # fmt: skip


def stamp_address(address: str) -> None:
    """The repository's address, changed in every file of the clone, or in none.

    The address so far is what pyproject.toml gives as Repository. Nothing is run again: notebooks
    keep their outputs, and cells whose text changed get the ids that `course build` would give
    them. A CourseError where `address` is none, or stands somewhere in the course already, this is
    no clone, or a file cannot be written.
    """
    new = read_address(address)
    root = notebooks_folder().parent
    old = current_address(root)
    if new == old:
        print(f"Nothing to do: every badge and link leads to {new}.")
        return
    changed: dict[Path, str] = {}
    for path, before in _texts(root):
        if _pattern(new).search(before):
            raise CourseError(
                f"Nothing was changed: {path.relative_to(root)} speaks of {new} already, which "
                f"could not be told from what leads to {old} now; take it out first."
            )
        # inside another address's query a slash is written %2F
        after = _pattern(old).sub(lambda found: new.replace("/", found["slash"]), before)
        if after != before:
            notebook = path.suffix == ".ipynb"
            changed[path] = resealed(before, _with_ids(before, after)) if notebook else after
    _write_all(changed, root)
    print(f"{len(changed)} files lead to {new} now, in place of {old}.")


def read_address(given: str) -> str:
    """OWNER/REPO, from that or the address of a repository on GitHub; a CourseError for others."""
    address = given.strip().removeprefix(_ON_GITHUB).removesuffix("/").removesuffix(".git")
    if not _ADDRESS.fullmatch(address):
        raise CourseError(
            f"{given!r} is no repository on GitHub: give OWNER/REPO or {_ON_GITHUB}OWNER/REPO."
        )
    return address


def current_address(root: Path) -> str:
    """OWNER/REPO as pyproject.toml has it; a CourseError where it has none."""
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
        rf"(?:(?<![\w.-])|(?<=%2F)){owner}(?P<slash>/|%2F){repository}(?![\w-]|\.(?!git\b)\w)"
    )


def _texts(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file of the course's own that is a text, and its text."""
    for folder, below, names in os.walk(root):
        here = Path(folder)
        below[:] = sorted(name for name in below if _is_ours(here / name))
        for path in (here / name for name in sorted(names)):
            try:
                data = b"\0" if path.is_symlink() else path.read_bytes()
                if b"\0" not in data:
                    yield path, data.decode("utf-8")
            except UnicodeDecodeError:
                continue
            except OSError as error:
                raise CourseError(
                    f"Nothing was changed: {path.relative_to(root)} cannot be read "
                    f"({error.strerror})."
                ) from error


def _is_ours(folder: Path) -> bool:
    """Whether a folder is part of the course: no environment, nothing that a command made."""
    made = (folder / "pyvenv.cfg").exists() or folder.name.endswith(".egg-info")
    # a workshop's manifest tells the content of each of its files
    workshop = (folder / "manifest.json").exists() and (folder / "install.py").exists()
    return not (made or workshop or folder.name in _NOT_OURS)


def _with_ids(before: str, after: str) -> str:
    """A notebook's JSON with the ids for its cells' new texts, where they came from the old."""

    def ids(text: str) -> tuple[list[str], list[str]]:
        cells = [c for c in json.loads(text)["cells"] if not c["id"].endswith(NOTE)]
        told = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
        return [cell["id"] for cell in cells], ids_of(cells[0]["id"].split("-")[0], told)

    try:
        (there, made), (_, wanted) = ids(before), ids(after)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return after  # no notebook after all
    # one that was made elsewhere keeps its own
    renamed = dict(zip(made, wanted, strict=True)) if there == made else {}
    return re.sub(r'(?<="id": ")[^"]+(?=")', lambda found: renamed.get(found[0], found[0]), after)


def _write_all(texts: Mapping[Path, str], root: Path) -> None:
    """Write all files, each beside its place first, or leave all as they are; a full disk is met
    before anything is changed."""
    for path in texts:
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise CourseError(f"Nothing was changed: {path.relative_to(root)} is write-protected.")
    ready = {path: path.with_name(f".{path.name}.stamped") for path in texts}
    kept: dict[Path, bytes] = {}
    try:
        for path, unfinished in ready.items():
            unfinished.write_bytes(texts[path].encode())
            shutil.copymode(path, unfinished)
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
