"""An experiment to take in a notebook, with buttons; a contact sheet where outputs are kept."""

import html
from collections.abc import Callable, Iterable
from typing import Any

from course_lib.display import GOOD, MISSING, NEUTRAL, boxed, show, show_widget
from course_lib.lessons.lesson_02.bet import (
    CONFIDENCES,
    Bet,
    by_condition,
    mean_points,
    share_right,
)
from course_lib.lessons.lesson_02.codes import encode, tally
from course_lib.lessons.lesson_02.experiment import BettingExperiment
from course_lib.lessons.lesson_02.trials import SIDES, trial_picture
from course_lib.progress import is_static
from course_lib.statistics import Estimate

_ON_SHEET = 4  # trials on the contact sheet


class BettingTable:
    """A view of an experiment; the last expression of a cell shows it.

    Choose a side, then click how sure you are: that places the bet. All of it are buttons, which
    the Tab key reaches and the space bar presses; or an arrow key chooses, and a number key places.

    Args:
        experiment: to show. seed: of its trials, for the code at the end.
    """

    def __init__(self, experiment: BettingExperiment, seed: int) -> None:
        self.experiment = experiment
        self.seed = seed

    def contact_sheet(self) -> str:
        """The first trials as an HTML table, without answers, style sheets or scripts."""
        cells = [
            f'<td style="text-align: left">trial {number}<br>'
            f"{trial_picture(self.experiment.asked, trial)._repr_html_()}</td>"
            for number, trial in enumerate(self.experiment.trials[:_ON_SHEET], 1)
        ]
        rows = "".join(f"<tr>{''.join(cells[i : i + 2])}</tr>" for i in range(0, len(cells), 2))
        total = len(self.experiment.trials)
        return (
            f"<p>The first {len(cells)} of {total} trials; a live notebook asks them one by one, "
            f"with buttons.</p><table>{rows}</table>"
        )

    def widget(self) -> Any:
        """The live widget; an error is shown in it."""
        import ipywidgets  # only where there is a front end

        experiment = self.experiment
        notes, head, picture, message = (ipywidgets.HTML() for _ in range(4))
        side = ipywidgets.ToggleButtons(
            options=list(SIDES), value=None, style={"button_width": "auto"}
        )
        sure = [
            ipywidgets.Button(
                description=f"{c} %", tooltip=f"bet, and be {c} % sure", layout={"width": "5em"}
            )
            for c in CONFIDENCES
        ]
        back = ipywidgets.Button(
            description="take back", tooltip="take the latest bet back", layout={"width": "7em"}
        )
        code = ipywidgets.Text(description="your code", layout={"width": "36em", "display": "none"})
        which = ipywidgets.HTML("Which one excites it more? (Keys: ← →)")
        label = ipywidgets.HTML(f"How sure are you? (Places the bet; keys: 1 to {len(sure)})")
        for button in sure:
            button.add_class("course-key")
        rows = [ipywidgets.HBox([which, side]), ipywidgets.HBox([label, *sure, back])]
        asking = ipywidgets.VBox([picture, *rows])
        asking.add_class("course-keys")
        head.add_class("course-told")
        message.add_class("course-told")
        tallest = 0

        def refresh() -> None:
            nonlocal tallest
            notes.value = "<br>".join(html.escape(note) for note in experiment.notes)
            trial = experiment.current
            side.value = None
            message.value = ""
            if trial is not None:
                head.value = f"Trial {len(experiment.bets) + 1} of {len(experiment.trials)}"
                drawn = trial_picture(experiment.asked, trial)
                tallest = max(tallest, drawn.height)
                picture.layout.min_height = f"{tallest}px"  # so that no button slips from a click
                picture.value = drawn._repr_html_()
                return
            asking.layout.display = "none"
            head.value = ""
            score = html.escape(bets_summary(experiment.bets, "You"))
            message.value = boxed(score.replace("\n", "<br>"), GOOD)
            code.value = encode(tally(experiment.bets, "person", self.seed))
            code.layout.display = ""

        def act(action: Callable[..., None], *given: Any) -> None:
            try:
                action(*given)
                refresh()
            except Exception as error:
                sentence = error.args[0] if error.args else error
                message.value = boxed(html.escape(f"{type(error).__name__}: {sentence}"), MISSING)
                raise

        def bet(confidence: int) -> None:
            if side.value is None:
                message.value = boxed("Choose a side first, left or right.", NEUTRAL)
            else:
                act(experiment.place, side.value, confidence)

        for confidence, button in zip(CONFIDENCES, sure, strict=True):
            button.on_click(lambda _button, c=confidence: bet(c))
        back.on_click(lambda _button: act(experiment.take_back))
        refresh()
        return ipywidgets.VBox([notes, head, asking, message, code])

    def __repr__(self) -> str:
        done, total = len(self.experiment.bets), len(self.experiment.trials)
        return f"[Betting table: {done} of {total} trials answered]"

    def _ipython_display_(self) -> None:
        if is_static():
            show(self.contact_sheet(), repr(self))
        else:
            show_widget(self.widget(), "<p>This front end has no widgets.</p>", repr(self))


def bets_summary(bets: Iterable[Bet], who: str) -> str:
    """The scores of bets in words, a line for each condition.

    Args:
        who: begins the first line, such as "You" or "The simulated participant".
    """
    bets = list(bets)
    if not bets:
        return f"{who}: no bets yet."
    lines = [f"{who}: {len(bets)} bets."]
    for condition, mine in by_condition(bets).items():
        right, earned = share_right(mine), mean_points(mine)
        lines.append(
            f"{condition}: {sum(bet.right for bet in mine)} of {len(mine)} right, "
            f"{100 * right.value:.0f} %{_interval(right, 100, ' %')}; "
            f"{earned.value:+.2f} points a bet{_interval(earned, 1, '')}"
        )
    lines.append("In brackets: 95 % intervals over units. Chance: 50 %, and 0 points at best.")
    return "\n".join(lines)


def _interval(estimate: Estimate, scale: float, unit: str) -> str:
    if estimate.low != estimate.low:
        return ""
    digits = 0 if scale == 100 else 2
    low, high = (f"{scale * end:.{digits}f}" for end in (estimate.low, estimate.high))
    return f" ({low}{unit} to {high}{unit})"
