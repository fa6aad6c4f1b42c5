"""What a lesson's cells make and need: which to run first, and which are enough to go on."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from course_lib.lessons.script import Cell

ALWAYS_THERE = frozenset(dir(builtins)) | {"lesson", "start"}


class Names(NamedTuple):
    """The names that a piece of code makes at its top level, and those that must be there."""

    makes: frozenset[str]
    needs: frozenset[str]


def names_of(code: str) -> Names:
    """The names that a cell makes and needs, its functions' bodies included."""
    makes: set[str] = set()
    needs: set[str] = set()
    for statement in ast.parse(code).body:
        made, used = _of_statement(ast.unparse(statement))
        needs |= used - makes
        makes |= made
    return Names(frozenset(makes), frozenset(needs) - ALWAYS_THERE)


def _of_statement(code: str) -> tuple[set[str], set[str]]:
    table = symtable.symtable(code, "cell", "exec")
    symbols = table.get_symbols()
    made = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in symbols if s.is_referenced()}
    inner = list(table.get_children())
    while inner:
        part = inner.pop()
        used |= {s.get_name() for s in part.get_symbols() if s.is_global() and s.is_referenced()}
        inner += part.get_children()
    return made, used


def maker(name: str, cells: Sequence[Cell]) -> Cell | None:
    """The first cell that makes a name, if the lesson has one."""
    for cell in cells:
        if cell.kind == "code" and name in names_of(cell.text).makes:
            return cell
    return None


def needed_for(section: int, cells: Sequence[Cell]) -> list[Cell]:
    """The fewest cells before a section without which it, or a later one, could not run."""
    missing = _needed(cell for cell in cells if cell.section >= section)
    chosen: list[Cell] = []
    for cell in reversed([c for c in cells if c.kind == "code" and c.section < section]):
        names = names_of(cell.text)
        if names.makes & missing:
            chosen.append(cell)
            missing = (missing - names.makes) | names.needs
    return chosen[::-1]


def _needed(cells: Iterable[Cell]) -> set[str]:
    """What cells, run one after the other, need from before."""
    makes: set[str] = set()
    needs: set[str] = set()
    for cell in cells:
        if cell.kind == "code":
            names = names_of(cell.text)
            needs |= names.needs - makes
            makes |= names.makes
    return needs
