"""Exit ticket of lesson 03."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "A vendor shows you feature visualizations and test accuracy of a network, both "
        "convincing. What do the pictures tell about the answers?",
        (
            Choice(
                "A little: pictures and accuracy must fit together somehow.",
                False,
                "The circuit changed every picture and hardly an answer. Nothing forces them to "
                "fit.",
            ),
            Choice(
                "Nothing, as long as the network may have been built to tell them apart.",
                True,
                "That is what was shown: whoever builds a network can choose the pictures freely. "
                "Whether networks that nobody tampered with keep the two together is another "
                "question (lesson 05).",
            ),
            Choice(
                "Everything, if the network is robust.",
                False,
                "The network that was fooled here is the robust one.",
            ),
        ),
    ),
    Question(
        "Somebody takes k just large enough for all images. What gives the circuit away?",
        (
            Choice(
                "Answers to images change.",
                False,
                "That happens with a k that is smaller still. This one shuts D for every image.",
            ),
            Choice(
                "For some visualizations, honest logits come through beside the wired ones.",
                True,
                "A shut side stays shut only while logit + offset is below k, and some "
                "visualizations drive a logit beyond those of all images.",
            ),
            Choice(
                "Each unit's visualization shows its own class again.",
                False,
                "It did not: the unit that is drawn has a low honest logit, which stays shut out.",
            ),
        ),
    ),
    Question(
        "For many images, saliency maps of two networks are the same. What follows?",
        (
            Choice(
                "Neither of them was tampered with.",
                False,
                "One was, here. A saliency map asks about the closest surroundings of an image, "
                "where the circuit is the old network.",
            ),
            Choice(
                "Saliency maps are more faithful than visualizations.",
                False,
                "They are faithful to what happens near this image, and say nothing of elsewhere.",
            ),
            Choice(
                "At these images, both answers have the same gradient.",
                True,
                "And nothing beyond that. Whether a method that leaves the image meets the other "
                "side depends on where it goes: from grey it did, and from black it did not.",
            ),
        ),
    ),
)
