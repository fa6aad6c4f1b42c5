"""Exit ticket of lesson 03."""

from __future__ import annotations

from course_lib.lessons.tickets.ticket import Choice, Question

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
        "Why must k be found along the optimization, and not from images?",
        (
            Choice(
                "An optimization drives logits far beyond those of images, and they would leak "
                "through the shut side.",
                True,
                "The side that is shut stays shut only while logit + offset is below k.",
            ),
            Choice(
                "Because k changes the answers to images.",
                False,
                "As long as k is large enough, answers to images do not depend on it.",
            ),
            Choice(
                "Because the detector is trained on the optimization.",
                False,
                "The detector sets e; how much e weighs is k's affair.",
            ),
        ),
    ),
    Question(
        "Saliency maps of the fooled and the honest network are the same. What follows?",
        (
            Choice(
                "The network was not tampered with.",
                False,
                "It was. A saliency map asks about the closest surroundings of an image, where the "
                "gate is shut.",
            ),
            Choice(
                "Saliency maps are more faithful than visualizations.",
                False,
                "They are faithful to what happens near this image, and say nothing of elsewhere.",
            ),
            Choice(
                "Near images, the two networks are the same function.",
                True,
                "And nothing beyond that. A method that leaves the image, such as Integrated "
                "Gradients from grey, meets the other side.",
            ),
        ),
    ),
)
