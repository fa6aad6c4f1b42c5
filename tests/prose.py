"""The course's prose, and where its links lead.

`python -m tests.prose` asks every page that is linked whether it is there; it needs the internet,
so no test does it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
LESSONS = ROOT / "notebooks"

_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}.*\n?)+", re.MULTILINE)
_TARGETS = (
    re.compile(
        r"\]\(\s*<?([^\s()>]+(?:\([^\s()]*\)[^\s()>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)"
    ),  # inline
    re.compile(r"^\s{0,3}\[[^\]^]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE),  # by reference
    re.compile(r"<(https?://[^\s>]+)>"),
    re.compile(r"\b(?:href|src)=[\"']([^\"']+)[\"']"),
)
_ADDRESS = re.compile(r"https?://[^\s\"'<>)\[\]`|\\]+")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_TEXTS = (".md", ".py", ".toml", ".yml", ".yaml", ".cff", ".sh", "postBuild")


class Link(NamedTuple):
    """A link or picture. where: the document that has it, for messages. target: as written."""

    where: str
    target: str

    @property
    def external(self) -> bool:
        return re.match(r"[a-z][a-z0-9+.-]*:", self.target) is not None


class Document(NamedTuple):
    """A text in Markdown. folders: all those from which its relative links have to resolve."""

    name: str
    text: str
    folders: tuple[Path, ...]

    def links(self) -> list[Link]:
        plain = without_code(self.text)
        return [Link(self.name, t) for kind in _TARGETS for t in kind.findall(plain)]


def tracked(*endings: str) -> list[Path]:
    """The course's own files of these endings: those that git keeps or would keep."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = sorted({ROOT / name for name in listing.stdout.split("\0") if name})
    return [path for path in paths if path.name.endswith(endings) and path.is_file()]


def documents() -> list[Document]:
    """Every file in Markdown, and the Markdown of every lesson.

    A lesson lies in two folders, with results and without, and its links have to hold in both.
    """
    found = [
        Document(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"), (path.parent,))
        for path in tracked(".md")
    ]
    for path in sorted((LESSONS / "learn").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        found.append(Document(path.stem, text, (LESSONS, LESSONS / "learn")))
    return found


def without_code(text: str) -> str:
    """Markdown without what is shown as code, where brackets mean something else."""
    return _INLINE_CODE.sub("", _INDENTED.sub("", _FENCED.sub("", text)))


def anchors(text: str) -> set[str]:
    """What a link may name after "#": GitHub's names for the headings, JupyterLab's, and ids."""
    plain = _FENCED.sub("", text)
    found = set(re.findall(r"\b(?:id|name)=[\"']([^\"']+)[\"']", plain))
    counts: dict[str, int] = {}
    for heading in _HEADING.findall(plain):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        again = counts[slug] = counts.get(slug, -1) + 1
        found |= {f"{slug}-{again}" if again else slug, words.replace(" ", "-")}
    return found


def addresses() -> dict[str, set[str]]:
    """Every http address in the course's files, with the names of those that have it.

    Left out are tests, which make addresses up, addresses of this machine, those that stand for
    anybody's (hub.example.com), and what a program puts together.
    """
    found: dict[str, set[str]] = {}
    for path in tracked(*_TEXTS):
        if path.is_relative_to(ROOT / "tests"):
            continue
        for written in _ADDRESS.findall(path.read_text(encoding="utf-8")):
            address = written.rstrip(".,;:!?*_")
            host = urlsplit(address).hostname or ""
            anybodys = re.search(r"(^|\.)example\.(com|org|net)$|^[\d.]+$|[{$%]", host)
            if "." in host and not anybodys:
                found.setdefault(address, set()).add(str(path.relative_to(ROOT)))
    return found


def answer_of(address: str, tries: int = 3) -> str:
    """How a page answers: "" if it is there, else what went wrong."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    told = ""
    for attempt in range(tries):
        try:
            with urllib.request.urlopen(request, timeout=30):
                return ""
        except urllib.error.HTTPError as error:
            told = f"status {error.code}"
            if error.code in (404, 410):
                return told
        except (OSError, ValueError) as error:
            told = str(error)
        time.sleep(2 * attempt)
    return told


def main(wanted: Iterable[str] | None = None) -> int:
    """Ask every page; 1 if one is gone. A page that only refuses a program is told, and let be."""
    gone = 0
    for address in sorted(wanted if wanted is not None else addresses()):
        if re.search(r"[{}$]", address):
            continue  # a pattern
        told = answer_of(address)
        refused = told in ("status 401", "status 403", "status 405", "status 429")
        gone += bool(told) and not refused
        print(f"{'ok' if not told else 'refused' if refused else 'GONE':8}{address} {told}")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
