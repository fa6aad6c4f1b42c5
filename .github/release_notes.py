"""The notes of a release, from the change log; refuses a tag that the course's files disagree with.

`python .github/release_notes.py v0.2.0`, in the clone. Standard library only.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path


def release_notes(tag: str, project: str, citation: str, changes: str) -> str:
    """The newest section of the change log, without its head.

    Args:
        project, citation, changes: the texts of pyproject.toml, CITATION.cff and CHANGELOG.md.

    Raises:
        ValueError: one of them is not ready for a release under this tag.
    """
    _, section, *_ = re.split(r"^## ", changes, flags=re.MULTILINE)
    head, notes = section.split("\n", 1)
    cited = re.search(r"^version: (\S+)", citation, re.MULTILINE)
    versions = {
        "The tag": tag.removeprefix("v"),
        "pyproject.toml": tomllib.loads(project)["project"]["version"],
        "CITATION.cff": cited[1] if cited else "none",
        "CHANGELOG.md": head.split()[0],
    }
    if len(set(versions.values())) > 1:
        told = ", ".join(f"{name} {version}" for name, version in versions.items())
        raise ValueError(f"These versions must be one: {told}.")
    if "unreleased" in head:
        raise ValueError(f'CHANGELOG.md says "{head}": put the date in place of "unreleased".')
    return notes.strip() + "\n"


if __name__ == "__main__":
    names = ("pyproject.toml", "CITATION.cff", "CHANGELOG.md")
    try:
        texts = [Path(name).read_text(encoding="utf-8") for name in names]
        sys.stdout.buffer.write(release_notes(sys.argv[1], *texts).encode("utf-8"))
    except (OSError, IndexError, ValueError) as error:
        sys.exit(f"There is no release: {error}")
