"""Exit ticket of lesson 07."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "Another network recognises all visualizations of network A, and only some of network B's. "
        "What follows about how A and B treat ordinary images?",
        (
            Choice(
                "A treats them more as its pictures suggest.",
                False,
                "Recognition says what a picture looks like. What the network does to images was "
                "measured separately, and did not go along with it.",
            ),
            Choice(
                "Nothing yet; that has to be measured by itself.",
                True,
                "Clear pictures, straight ways, similar paths and right bets are four different "
                "things, and no network was best at all of them.",
            ),
            Choice(
                "B has been tampered with.",
                False,
                "Honest networks differ in how clear their pictures are, too.",
            ),
        ),
    ),
    Question(
        "In a B-cos network the contributions of all pixels sum up to the logit, exactly. What "
        "does this picture W(x) explain?",
        (
            Choice(
                "This answer, to this image.",
                True,
                "W depends on x. For the next image it is another one.",
            ),
            Choice(
                "What the unit looks for.",
                False,
                "That would be a statement about all images; W(x) is one about x.",
            ),
            Choice(
                "That nobody tampered with the network.",
                False,
                "The sums hold in the network with the circuit, too.",
            ),
        ),
    ),
    Question(
        "A network comes with the promise |logit(x) - logit(y)| ≤ 8 ‖x - y‖. You find two images "
        "between which a logit changes by 8.5 per unit of distance, far above any rounding. Then",
        (
            Choice(
                "the bound has to be corrected to 8.5, and holds again.",
                False,
                "You have tried a few of very many pairs. What you found is a lower bound for the "
                "true constant.",
            ),
            Choice(
                "the promise is broken: this is not the network that was promised.",
                True,
                "One pair is enough. And no number of pairs that keep to it would prove it.",
            ),
            Choice(
                "nothing, since it was only one pair.",
                False,
                "A promise for all pairs is refuted by one.",
            ),
        ),
    ),
    Question(
        "Three networks of a kind score 0.70, 0.74 and 0.81, three of another 0.66, 0.71 and 0.77. "
        "What may you say?",
        (
            Choice(
                "The first kind is better: its mean is higher by 0.04.",
                False,
                "The seeds of one kind differ by more than that, and with three of them the "
                "intervals overlap widely.",
            ),
            Choice(
                "They are equally good.",
                False,
                "No difference was shown, which is not the same as showing that there is none.",
            ),
            Choice(
                "These six networks do not tell which kind is better.",
                True,
                "A difference of this size would take many more seeds to see.",
            ),
        ),
    ),
)
