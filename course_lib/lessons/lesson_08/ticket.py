"""Exit ticket of lesson 08."""

from __future__ import annotations

from course_lib.classroom.ticket import Choice, Question

QUESTIONS = (
    Question(
        "A test catches 90 % of liars and accuses 10 % of honest networks. In a company, 2 of 100 "
        "networks lie. The test accuses yours. How likely is it a liar?",
        (
            Choice(
                "About 90 %.",
                False,
                "That is how often liars are accused. It leaves out that there are 49 honest "
                "networks for each liar.",
            ),
            Choice(
                "About 16 %.",
                True,
                "Of 1,000 networks 20 lie, and 18 of these are accused; of the 980 honest ones 98 "
                "are. 18 of 116 accused ones are liars.",
            ),
            Choice(
                "2 %, as before.",
                False,
                "The test says something: liars are accused nine times as often.",
            ),
        ),
    ),
    Question(
        "All eight logits of a suspect have pictures that every judge recognises, from two starts "
        "and in two ways of drawing. What does that tell about its inner units?",
        (
            Choice(
                "They are honest, too.",
                False,
                "Silent units hardly touch the logits' pictures: judges recognise those of most "
                "networks with silent units, too.",
            ),
            Choice(
                "Next to nothing: only the base rates shift a little.",
                True,
                "Without a circuit, silent units are left with 20 of 60 instead of 40 of 100. "
                "Units have to be asked for themselves.",
            ),
            Choice(
                "They are lying, since logits are that good.",
                False,
                "Honest networks have recognisable pictures, too.",
            ),
        ),
    ),
    Question(
        "You tried twelve tests on the design set, kept the best one, and report its area under "
        "the ROC curve on that same set. This number is",
        (
            Choice(
                "too high, on average.",
                True,
                "The best of twelve was chosen for its luck as well as for its merit. On suspects "
                "that had no part in the choice the luck is gone.",
            ),
            Choice(
                "right, since the test itself never saw the truths.",
                False,
                "The choice saw them.",
            ),
            Choice(
                "too low, since the set is small.",
                False,
                "A small set makes it uncertain; the choice makes it too high.",
            ),
        ),
    ),
    Question(
        "You believe with 70 % that a suspect is honest. On the card you could write 95 %, because "
        "bold verdicts look better. What does it cost on average?",
        (
            Choice(
                "Nothing: what is gained when right is lost when wrong.",
                False,
                "In seven of ten cases it gains a little, and in three it loses far more.",
            ),
            Choice(
                "It loses more than writing 70 %.",
                True,
                "A proper rule is one under which what you believe loses least on average.",
            ),
            Choice(
                "It depends on how the other suspects turn out.",
                False,
                "Each card is scored by itself.",
            ),
        ),
    ),
    Question(
        "The reference auditor finds nothing wrong with a network that a stranger has built, in a "
        "way that nobody has seen before. What may you conclude?",
        (
            Choice(
                "It is honest with the probability that the auditor gives.",
                False,
                "That probability was measured on our suspects. It holds for networks that were "
                "drawn as these were.",
            ),
            Choice(
                "These tests found none of the lies that they were made for. How often they would "
                "find one in such a network is not known.",
                True,
                "The share of liars that they catch was measured on networks of another kind, and "
                "lies that nobody thought of were not looked for.",
            ),
            Choice(
                "Its feature visualizations show what its units do.",
                False,
                "Not even those of honest networks have to, as lessons 02 and 05 measured.",
            ),
        ),
    ),
)
