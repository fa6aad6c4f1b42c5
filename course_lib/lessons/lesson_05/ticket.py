"""Exit ticket of lesson 05."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "A paper reports for some network: “path similarity of the visualizations 0.1 in the "
        "middle layers, so the network recognises photographs by other features than the pictures "
        "show.” What is missing first?",
        (
            Choice(
                "A second metric, such as cosine.",
                False,
                "Worth having, but the doubt is about what a low value means in any metric. Ours "
                "agreed in sign, where the sign was sure, and not in size.",
            ),
            Choice(
                "Nothing: 0.1 is close to different classes.",
                False,
                "Close to different classes says “unlike photographs of the class”. Why it is "
                "unlike them is still open.",
            ),
            Choice(
                "Photographs, changed in one plain respect, that are still classified correctly.",
                True,
                "If these score as low, a low score does not single visualizations out. Renders "
                "that were moved did, and so did renders of three times the contrast.",
            ),
        ),
    ),
    Question(
        "At the first layer the normalised similarity of a visualization is 7. What do you make of "
        "it?",
        (
            Choice(
                "It excites the early units seven times as strongly as photographs do.",
                False,
                "Ranks know nothing of strength, and the scale is one of correlations.",
            ),
            Choice(
                "Nothing, before you have seen how far apart same and different are.",
                True,
                "Divided by nearly nothing, any number can come out. That is what None is for.",
            ),
            Choice(
                "There is a mistake: the scale ends at 1.",
                False,
                "It does not: a picture can be more like photographs of a class than these are "
                "like each other, as the best of many renders are.",
            ),
        ),
    ),
    Question(
        "Two people visualize the same unit of the same network. One finds 0.8 in the middle "
        "layers, the other -0.2. Which explanation should be checked first?",
        (
            Choice(
                "One of them climbed further.",
                True,
                "From 64 to 128 steps the middle fell in all four networks. The score belongs to a "
                "picture.",
            ),
            Choice(
                "One of the two networks was tampered with.",
                False,
                "It is the same network. And in the middle honest pictures score low as well; our "
                "liar gave itself away at the end.",
            ),
            Choice(
                "One of them used fewer classes.",
                False,
                "That widens the interval, and is worth a look, but does not explain such a "
                "distance as readily as the drawing does.",
            ),
        ),
    ),
    Question(
        "A suspect's visualizations are at 0.1 in the middle and at 0.97 before the logits. Your "
        "verdict?",
        (
            Choice(
                "Tampered with: 0.1 is far too low.",
                False,
                "Honest networks had such a middle here, and so had renders that were moved.",
            ),
            Choice(
                "Nothing against it so far.",
                True,
                "This is what our honest networks look like. It is no acquittal either: the check "
                "caught a circuit that shows another class, and was tried on no other lie.",
            ),
            Choice(
                "Honest: its pictures are near 1 at the end.",
                False,
                "A lie that shows the right class in a misleading way would be near 1 there, too.",
            ),
        ),
    ),
)
