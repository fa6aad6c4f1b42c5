"""Memory is given back after cells: garbage is collected, and nothing is registered twice."""

import gc
import weakref

from IPython.core.interactiveshell import InteractiveShell

from course_lib.classroom.memory import give_back_after_cells


class Loop:
    """Refers to itself, so that only the garbage collector finds it."""

    def __init__(self):
        self.me = self


def test_after_every_cell_and_registered_once():
    shell = InteractiveShell()
    before = len(shell.events.callbacks["post_run_cell"])
    give_back_after_cells(shell)
    give_back_after_cells(shell)
    assert len(shell.events.callbacks["post_run_cell"]) == before + 1
    gc.disable()
    try:
        seen = weakref.ref(Loop())
        shell.run_cell("1 + 1")
        assert seen() is None
        shell.run_cell("2 + 2")  # the second cell: what is there by then is frozen
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.unfreeze()
