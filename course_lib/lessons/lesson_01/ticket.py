"""Exit ticket of lesson 01."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "A colleague shows a visualization whose logit is four times that of any photograph, and "
        "concludes: “so this is what the unit looks for.” What do you reply?",
        (
            Choice(
                "Such a logit settles it: nothing else excites the unit as much.",
                False,
                "The logit was maximized, so it is large whatever the picture shows; the grain of "
                "section 3 scored as high.",
            ),
            Choice(
                "Let a network that the picture was not made for name it.",
                True,
                "It is the exam whose answers were not known in advance. Even a yes is no proof: "
                "networks of one kind may share a weakness.",
            ),
            Choice(
                "Run it with ten times the steps; if the logit still rises, be wary.",
                False,
                "More steps raise the same number further, and it still says nothing about what is "
                "to be seen.",
            ),
        ),
    ),
    Question(
        "Why does a Fourier image look smoother, although every pixel pattern is still allowed?",
        (
            Choice(
                "The coordinates decide which changes are a short way for the optimizer.",
                True,
                "Steps in scaled coefficients change coarse structure most, so the climb arrives "
                "at another of the many images with a high logit: a preference of the optimizer, "
                "not a fact about the unit.",
            ),
            Choice(
                "High frequencies are cut off.",
                False,
                "None is cut off: every coefficient is there, the fine ones only weigh less.",
            ),
            Choice(
                "The unit prefers smooth images once it is asked in its own language.",
                False,
                "The unit is the same function of the pixels as before. Only our way through its "
                "landscape is another.",
            ),
        ),
    ),
    Question(
        "In one network's picture the stripes lie, in another's they stand. Which is right?",
        (
            Choice(
                "The one whose logit is larger.",
                False,
                "Each was maximized for its own network, and the two scales need not agree.",
            ),
            Choice(
                "One of the two networks was badly trained.",
                False,
                "Both recognise stripes in every direction, nearly without a mistake.",
            ),
            Choice(
                "Neither, or both: the direction came with the training's random numbers.",
                True,
                "Only what returns over starts, over ways of drawing and over networks is a "
                "candidate for what makes the class.",
            ),
        ),
    ),
    Question(
        "The robust network's pictures are much clearer. What may you conclude about how it "
        "decides?",
        (
            Choice(
                "That it decides by the shapes that the pictures show.",
                False,
                "Plausible, and not shown: a picture tells where a climb from noise ends, not how "
                "a render is processed.",
            ),
            Choice(
                "That following its gradients uphill leads to images that others recognise.",
                True,
                "That, and no more. Whether renders take the same way through the network is "
                "another question, with a measurement of its own (lesson 05).",
            ),
            Choice(
                "That it is the more accurate one.",
                False,
                "Here it is even a little less accurate than the standard network on renders that "
                "nobody tampered with.",
            ),
        ),
    ),
)
