"""Exit ticket of lesson 06."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "Somebody shows you the image that excites a unit most, found beyond doubt, and the one "
        "that excites it least. What follows for a third image, if the unit may be any network?",
        (
            Choice(
                "Its response lies nearer to that of the more similar of the two.",
                False,
                "Similarity helps only where the response cannot change fast. A network of three "
                "hidden units changes as fast as it likes.",
            ),
            Choice(
                "Its response lies between the two, and nothing else.",
                True,
                "Both ends are reached by networks with exactly these two pictures.",
            ),
            Choice(
                "Nothing, not even a bound.",
                False,
                "One thing does follow: extremes are extremes, so the response lies between them.",
            ),
        ),
    ),
    Question(
        "“But the network was trained, and it is right about all its training images.” What does "
        "this add?",
        (
            Choice(
                "Its training images are settled; elsewhere, as far as proof goes, nothing is.",
                True,
                "Between the training images there is room for a hat at any new one. Whether "
                "training finds such functions is another question, to be measured.",
            ),
            Choice(
                "Between training images its values have to lie between theirs.",
                False,
                "They may leave that range at once: the extremes are the only bounds.",
            ),
            Choice(
                "With enough training images the pictures become a proof.",
                False,
                "However many there are, the next image is none of them.",
            ),
        ),
    ),
    Question(
        "A bound L on the slope is known, and x is further from both extremes than these are from "
        "each other. L is the slope that the extremes force, the smallest there can be. What is "
        "known of f(x)?",
        (
            Choice(
                "Its value, since L could not be smaller.",
                False,
                "That holds on the straight way between the extremes, where nothing is left to "
                "choose.",
            ),
            Choice(
                "Its side, but not its value.",
                False,
                "From either extreme the way to x is long enough for all of the rise.",
            ),
            Choice(
                "Nothing beyond the extremes.",
                True,
                "L times the distance is at least the whole rise, from above and from below.",
            ),
        ),
    ),
    Question(
        "At some x all of [0, 1] is possible for monotone functions, and nine in ten of your "
        "random ones lie between 0.3 and 0.7. What may you say?",
        (
            Choice(
                "f(x) is most probably between 0.3 and 0.7.",
                False,
                "Only if f was drawn as your random ones were. Nobody draws a network's unit so.",
            ),
            Choice(
                "Nothing is proved beyond 0 to 1, and the worst case is not typical of this way of "
                "drawing.",
                True,
                "Both halves are true. A prior would turn the second into a prediction, and then "
                "the prior is what has to be defended.",
            ),
            Choice(
                "The range from 0 to 1 is too wide, since hardly any function reaches its ends.",
                False,
                "Two witnesses reach them, which is all that “possible” means.",
            ),
        ),
    ),
)
