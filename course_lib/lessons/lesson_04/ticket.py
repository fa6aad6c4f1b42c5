"""Exit ticket of lesson 04."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "All twins sleep for the 1024 renders that calibrated them. How would you tell a sceptic "
        "that no answer to these renders has changed?",
        (
            Choice(
                "By construction: each twin adds exactly 0 to its unit, so nothing behind it can "
                "tell the two networks apart.",
                True,
                "Given the bias, this needs no statistics. The run that compares the logits tests "
                "the code.",
            ),
            Choice(
                "By evidence: 1024 of 1024 is 100 %, with an interval from 99.6 %.",
                False,
                "That interval would be for new renders. For these there is nothing to estimate.",
            ),
            Choice(
                "It cannot be said, as networks are black boxes.",
                False,
                "Here we wrote the part that was added, and know what it does.",
            ),
        ),
    ),
    Question(
        "You calibrated on 1,000 images, and the network is used on a million. About how many "
        "images will wake a given twin?",
        (
            Choice(
                "None: the bias has a margin.",
                False,
                "A margin against rounding is small. The tail of a distribution does not end where "
                "a thousand images happened to end.",
            ),
            Choice(
                "Very roughly a thousand at most, fewer with the margin.",
                True,
                "The next image is as likely as any of the 1,000 to be the largest of 1,001. That "
                "needs new images of the same kind; for others nothing is known.",
            ),
            Choice(
                "Half of them: a million is far more than a thousand.",
                False,
                "A single new image has a chance of about 1 in 1,001, however many there are.",
            ),
        ),
    ),
    Question(
        "An auditor runs a suspect on photographs: saliency maps, occlusion, ablations, accuracy. "
        "Nothing is odd. What does that say of silent units?",
        (
            Choice(
                "There are none, since ablating one would change an answer.",
                False,
                "While the twin sleeps, taking it away changes nothing.",
            ),
            Choice(
                "There is at most one in a thousand.",
                False,
                "All channels of a layer can have a twin; none would be seen on photographs.",
            ),
            Choice(
                "Nothing: near photographs both networks are the same function.",
                True,
                "Look at the weights, or leave the photographs: how far beyond them does a picture "
                "drive its unit?",
            ),
        ),
    ),
    Question(
        "In somebody's network you find units that answer to none of 1,000 images. What follows?",
        (
            Choice(
                "Nothing by itself: training leaves dead units in many networks.",
                True,
                "And silent units in the sense of this lesson would not be among them: they answer "
                "to images as before, only their twins do not.",
            ),
            Choice(
                "It was tampered with: these are the silent units.",
                False,
                "A unit with a sleeping twin answers to images as it always did.",
            ),
            Choice(
                "Their visualizations show what the network is used for.",
                False,
                "What a unit shows that no image wakes has no part in any answer to these images.",
            ),
        ),
    ),
)
