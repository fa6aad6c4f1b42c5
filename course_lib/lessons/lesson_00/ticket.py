"""Exit ticket of lesson 00."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "An exercise is too hard today. What happens if you leave it alone?",
        (
            Choice(
                "Later cells fail, because they need it.",
                False,
                "They use the reference until your function passes.",
            ),
            Choice(
                "The lesson goes on with the reference, and says so under every result.",
                True,
                "A figure or claim that rests on an exercise says “reference” or “your code”, so "
                "you cannot mistake the one for the other.",
            ),
            Choice(
                "The exercise counts as passed.",
                False,
                "Only a function of yours that passes every check gets the tick.",
            ),
        ),
    ),
    Question(
        "Your kernel was restarted, and you were in section 5 of a lesson. What is the shortest "
        "way back?",
        (
            Choice(
                "Run the first two code cells, then lesson.catch_up(5).",
                True,
                "It runs what the rest of the lesson needs, and nothing else, with those of your "
                "answers that had passed.",
            ),
            Choice(
                "Run all cells from the top.",
                False,
                "That works too, and takes longer.",
            ),
            Choice(
                "Go on in section 5; the results are still on the page.",
                False,
                "The page remembers its pictures, but the kernel has forgotten its variables.",
            ),
        ),
    ),
)
