"""An experiment that a person takes: trial after trial, every bet kept on disk as it is placed.

A bet is a line that is added to a file; no line is ever changed. So an experiment that was broken
off goes on where it was, and a damaged line costs that line.
"""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_lib.lessons.lesson_02.bet import Bet, place
from course_lib.lessons.lesson_02.trials import Questions, Trial
from course_lib.progress import is_static

FOLDER = "my_bets"
"""Where bets are kept, beside the notebook, in plain sight."""


class BettingExperiment:
    """The state of an experiment, without its widgets.

    No answer is shown before the end: whoever sees which bets were right learns about the unit
    from that, and no longer from its pictures alone.

    Attributes:
        asked: the material of the trials. trials: in the order in which they are asked.
        file: where bets are kept; None for nowhere.
        notes: sentences on the file's contents, or on what could not be done.
    """

    def __init__(self, asked: Questions, trials: Sequence[Trial], file: Path | None = None) -> None:
        """Raises ValueError if there is no trial, or one twice."""
        self.asked = asked
        self.trials = tuple(trials)
        self.file = file
        self.notes: list[str] = []
        self._by_key = {trial.key: trial for trial in self.trials}
        if not trials or len(self._by_key) < len(self.trials):
            raise ValueError(
                f"{len(self.trials)} trials, {len(self._by_key)} of them different: give at least "
                "one, and none twice."
            )
        self._bets: dict[str, Bet] = {}
        self._read()

    @property
    def bets(self) -> tuple[Bet, ...]:
        """The bets so far, in the order of the trials."""
        return tuple(self._bets[t.key] for t in self.trials if t.key in self._bets)

    @property
    def current(self) -> Trial | None:
        """The trial to answer now; None once all are answered."""
        return next((t for t in self.trials if t.key not in self._bets), None)

    def place(self, chose: Any, confidence: Any) -> None:
        """Bet on the current trial, and go on to the next.

        Raises:
            ValueError: there is no such side or confidence, or no trial is left.
        """
        trial = self.current
        if trial is None:
            raise ValueError("All trials are answered; start_again() begins anew.")
        bet = place(trial, chose, confidence)
        self._write({"trial": trial.key, "chose": bet.chose, "confidence": bet.confidence})
        self._bets[trial.key] = bet

    def take_back(self) -> None:
        """Take the latest bet back, as long as the experiment lasts; nothing if there is none."""
        if self._bets and self.current is not None:
            key = list(self._bets)[-1]
            self._write({"trial": key, "taken back": True})
            del self._bets[key]

    def start_again(self) -> None:
        """Begin anew; the file so far is kept under another name."""
        self._bets.clear()
        self.notes.clear()
        if self.file is not None and self.file.exists():
            names = (self.file.with_stem(f"{self.file.stem}-{n}") for n in itertools.count(1))
            try:
                kept = self.file.rename(next(name for name in names if not name.exists()))
                self.notes.append(f"The bets so far are kept as {kept.name}.")
            except OSError as error:
                self.notes.append(f"{self.file} could not be renamed ({error.strerror}).")

    def _read(self) -> None:
        if self.file is None or not self.file.exists():
            return
        try:
            lines = self.file.read_bytes().split(b"\n")
        except OSError as error:
            self.notes.append(
                f"{self.file} cannot be read ({error.strerror}): bets are not kept until it can."
            )
            self.file = None
            return
        damaged, other = [], 0
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                other += not self._replay(json.loads(line.decode("utf-8")))
            except (ValueError, KeyError, TypeError):  # no JSON, no such side, no such field
                damaged.append(str(number))
        if damaged:
            which = f"Line {damaged[0]}" if len(damaged) == 1 else f"Lines {', '.join(damaged)}"
            self.notes.append(
                f"{which} of {self.file.parent.name}/{self.file.name} cannot be read and will be "
                "asked again; the file stays as it is, and new bets are added to it."
            )
        if other:
            self.notes.append(
                f"{other} kept {'bet belongs' if other == 1 else 'bets belong'} to other trials "
                "than these: not counted, and left in the file."
            )
        if self._bets:
            self.notes.append(
                f"{len(self._bets)} of {len(self.trials)} bets were kept from before."
            )

    def _replay(self, line: dict[str, Any]) -> bool:
        """Take a kept line up; false if it is about none of these trials."""
        key = line["trial"]
        if not isinstance(key, str):
            raise TypeError(key)
        if key not in self._by_key:
            return False
        if line.get("taken back") is True:
            self._bets.pop(key, None)
            return True
        self._bets[key] = place(self._by_key[key], line["chose"], line["confidence"])
        return True

    def _write(self, line: dict[str, Any]) -> None:
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(exist_ok=True)
            with self.file.open("ab") as file:
                # its end comes first, so that one that is broken off spoils no other
                start = b"\n" if file.tell() else b""
                file.write(start + json.dumps(line).encode())
        except OSError as error:
            self.notes.append(
                f"Bets cannot be kept in {self.file} ({error.strerror}): finish before the kernel "
                "stops."
            )
            self.file = None


def begin(asked: Questions, trials: Sequence[Trial], name: str) -> BettingExperiment:
    """An experiment that keeps its bets beside the notebook, under this name.

    Where outputs are being kept (`course build`, `course test`) nothing is read or written.
    """
    file = None if is_static() else Path.cwd() / FOLDER / f"{name}.jsonl"
    return BettingExperiment(asked, trials, file)
