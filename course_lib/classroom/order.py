"""What a lesson's cells make and need: which to run first, and which are enough to go on."""

import ast
import builtins
import dis
import types
from collections.abc import Collection, Sequence
from typing import NamedTuple

from course_lib.classroom.script import Cell

ALWAYS_THERE = frozenset(dir(builtins)) | {"display", "get_ipython", "lesson", "start"}
_LOADS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


class Names(NamedTuple):
    """The names that a piece of code makes at its top level, and those that must be there."""

    makes: frozenset[str]
    needs: frozenset[str]


def names_of(code: str) -> Names:
    """The names that a cell makes and leaves, and needs, its functions' bodies included."""
    makes: set[str] = set()
    needs: set[str] = set()
    for statement in ast.parse(code).body:
        made, used, deleted = _of_statement(statement)
        if not isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            used -= made  # a loop, say, makes its names before it uses them
        needs |= used - makes
        makes = (makes | made) - deleted
    return Names(frozenset(makes), frozenset(needs) - ALWAYS_THERE)


def _of_statement(statement: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    """Names made, used and deleted: the byte code tells a comprehension's own from the cell's."""
    top = compile(ast.Module([statement], []), "cell", "exec", dont_inherit=True)
    instructions = list(dis.get_instructions(top))
    made = {i.argval for i in instructions if i.opname == "STORE_NAME"}
    deleted = {i.argval for i in instructions if i.opname == "DELETE_NAME"}
    used: set[str] = set()
    parts = [top]
    while parts:
        part = parts.pop()
        used |= {i.argval for i in dis.get_instructions(part) if i.opname in _LOADS}
        parts += [c for c in part.co_consts if isinstance(c, types.CodeType)]
    return made, used, deleted


def maker(name: str, cells: Sequence[Cell]) -> Cell | None:
    """The first cell that makes a name, if the lesson has one."""
    code = (cell for cell in cells if cell.kind == "code")
    return next((cell for cell in code if name in names_of(cell.text).makes), None)


class Needed(NamedTuple):
    """A cell that has to run, and those of the names that it makes which are wanted from it."""

    cell: Cell
    wanted: frozenset[str]


def needed_for(section: int, cells: Sequence[Cell]) -> list[Needed]:
    """The fewest cells before a section without which it, or a later one, could not run.

    Those in front of the first section are left out: they start the lesson, and have been run.
    """
    code = [cell for cell in cells if cell.kind == "code"]
    missing = names_of("\n".join(cell.text for cell in code if cell.section >= section)).needs
    chosen: list[Needed] = []
    for cell in reversed([cell for cell in code if 0 < cell.section < section]):
        names = names_of(cell.text)
        if wanted := names.makes & missing:
            chosen.append(Needed(cell, wanted))
            missing = (missing - names.makes) | names.needs
    return chosen[::-1]


class History:
    """What a kernel has run: for each name, the cell that made it last.

    A learner changes cells: what is none of the lesson's stands for one whose names it makes.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._texts = {cell.text.strip() for cell in cells}
        self._made: dict[str, tuple[str, frozenset[str]]] = {}

    def add(self, code: str) -> None:
        """Note a cell that ran without an error; one that cannot be read is left out."""
        try:
            makes = names_of(code).makes
        except SyntaxError:  # IPython's own commands
            return
        self._made |= dict.fromkeys(makes, (code.strip(), makes))

    def missing(self, needed: Sequence[Needed], there: Collection[str]) -> list[Cell]:
        """Those of the needed cells, in order, whose names do not stand as they would after them.

        Only the names that are wanted count: a loop's may well have been made again elsewhere.
        there: the names that the kernel knows.
        """
        missing: list[Cell] = []
        anew: set[str] = set()  # names that a missing cell will make again
        for i, (cell, wanted) in enumerate(needed):
            names = names_of(cell.text)
            stands = wanted <= set(there) and all(
                any(self._is(name, later) for later, _ in needed[i:]) for name in wanted
            )
            if not stands or (names.needs | wanted) & anew:
                missing.append(cell)
                anew |= names.makes
        return missing

    def _is(self, name: str, cell: Cell) -> bool:
        text, makes = self._made.get(name, ("", frozenset()))
        changed = text not in self._texts and makes >= names_of(cell.text).makes
        return changed or text == cell.text.strip()
