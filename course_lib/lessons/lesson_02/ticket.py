"""Exit ticket of lesson 02."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "Somebody bets 400 times on 5 units and is right in 80 %. They report 76 % to 84 %. What "
        "is wrong?",
        (
            Choice(
                "Nothing: 400 bets give about that interval.",
                False,
                "400 independent ones would. Bets on one unit share its pictures, and succeed or "
                "fail together.",
            ),
            Choice(
                "The interval should be narrower, with so many bets.",
                False,
                "More bets on the same five units say more about these five, and no more about "
                "others.",
            ),
            Choice(
                "The sample is five units, so the interval is much wider.",
                True,
                "What is to be known is how well such pictures work for units. Of those, five were "
                "seen.",
            ),
        ),
    ),
    Question(
        "On a network of an unknown origin you bet on its pictures, and your bets are right far "
        "more often than chance. What have you shown?",
        (
            Choice(
                "These pictures carry information about these units' answers to such images.",
                True,
                "That is what the experiment measures, and a liar of lesson 03 would have failed "
                "it. It takes the unit's answers to images, too, which is more than pictures "
                "alone.",
            ),
            Choice(
                "The network was not tampered with.",
                False,
                "A lie may be about units that you did not ask about, or about images of another "
                "kind.",
            ),
            Choice(
                "The pictures show how the network recognises its classes.",
                False,
                "A picture can predict an answer without showing how it comes about.",
            ),
        ),
    ),
    Question(
        "With a unit's top images people predict as well as with its visualization, or better. "
        "What are visualizations still good for?",
        (
            Choice(
                "Nothing: top images are always better.",
                False,
                "Top images show what such images have in common, wanted or not. For logits the "
                "two did about equally well here.",
            ),
            Choice(
                "They can show what is in no image at hand; whether it is true has to be tested.",
                True,
                "That is their promise. This experiment tests it only as far as the images reach "
                "from which queries are drawn.",
            ),
            Choice(
                "They cannot be manipulated, as images can be chosen.",
                False,
                "They can: the fooled network's pictures were chosen freely.",
            ),
        ),
    ),
    Question(
        "After the lie, the simulated participant said 90 % as often as before. Why did nothing "
        "warn it?",
        (
            Choice(
                "Its rule for confidence is bad.",
                False,
                "On honest pictures it was about as often right as it was sure.",
            ),
            Choice(
                "How sure a picture makes us depends on how clear it is, and lies can be clear.",
                True,
                "Confidence was earned on honest pictures. Nothing in a picture says that this "
                "still holds.",
            ),
            Choice(
                "It was not told which of its bets were wrong.",
                False,
                "Neither would anybody be who looks at pictures of a network and believes them.",
            ),
        ),
    ),
)
