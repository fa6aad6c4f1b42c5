"""Read Colab's list of packages (`pip freeze`), write it as constraints that an index can meet.

Only plain versions are kept: some of Colab's packages come from its own disk. A build's name, such
as "+cpu", is cut off, since other indexes have other builds of the same version.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

_PLAIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;+]+)(?:\+[^\s;]+)?")


def constraints(lines: Iterable[str]) -> Iterator[str]:
    """The lines that name a version, as NAME==VERSION."""
    for line in lines:
        found = _PLAIN.fullmatch(line.strip())
        if found:
            yield f"{found[1]}=={found[2]}"


if __name__ == "__main__":
    kept = list(constraints(sys.stdin))
    if not kept:
        sys.exit("There is no NAME==VERSION in what was piped in: is it Colab's pip-freeze.txt?")
    print("\n".join(kept))
