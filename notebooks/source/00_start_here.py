# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 · Start here
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/dont-trust-your-eyes/dont-trust-your-eyes/blob/main/notebooks/learn/00_start_here.ipynb)
# [![Launch Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/dont-trust-your-eyes/dont-trust-your-eyes/main?urlpath=lab/tree/notebooks/learn/00_start_here.ipynb)
#
# *15 minutes · a laptop is enough · no download*
#
# This course is about pictures that claim to show what a neural network looks for, and about how
# far to believe them. Before it gets serious: does everything work on your machine, and what are
# the rules of the game?
#
# **Afterwards you can**
#
# - draw a picture that makes a unit of a network respond;
# - fail an exercise on purpose, and go on;
# - find your way back after a restart.
#
# **You need** some Python. To run a cell, click into it and press Shift and Enter.

# %%
if "google.colab" in str(get_ipython()): get_ipython().system("pip install -qqq --no-deps https://github.com/dont-trust-your-eyes/dont-trust-your-eyes/archive/main.zip && python -m course_lib.colab || echo 'The course could not be installed: GitHub cannot be reached, or has no such repository. Run this cell again.'")  # fmt: skip

# %%
from course_lib.lessons import start

lesson = start("00")

# %% [markdown]
# ## 1 · This machine
#
# Will the lessons run here? A cross in this list comes with what to do about it.

# %%
from course_lib.classroom.machine import check_machine

check_machine()

# %% [markdown]
# Networks and images come from a **lab**. The *tiny* lab is part of the course: small networks, and
# images drawn by a program, so that the truth about them is known. Every lesson runs in it. Some
# end with a look at a *real* network, if you have one.

# %% [markdown]
# ## 2 · Your first picture
#
# The tiny lab's networks tell eight textures apart. Each has a **unit** for spirals that responds
# to spirals, and hardly to anything else. What would excite it most? Let us start from grey noise,
# and change the image step by step so that the unit's response rises.
#
# **Predict.** After how many of the 96 steps will you recognise something: 6, 12, 24, 48?

# %%
my_steps = None  # your prediction

# %%
import torch
from torch import Tensor

from course_lib import open_lab, recognised, record, visualize
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.texts import alt
from course_lib.figures import picture_grid
from course_lib.statistics import proportion

lab = open_lab("tiny", network="robust")
SPIRALS = lab.class_names.index("spirals")
STEPS = (0, 6, 12, 24, 48, 96)
picture = visualize(lab.network, None, SPIRALS, steps=96, snapshots=STEPS)

# %%
picture_grid(
    torch.cat([picture.snapshots[step] for step in STEPS]),
    titles=[f"{step} steps" for step in STEPS],
    columns=6,
    alt=alt("00-stages"),
)

# %% [markdown]
# When did you see it? A program's answer to the same question: a network of the same kind, trained
# from other random numbers, names each stage.

# %%
judge = open_lab("tiny", network="robust", seed=1).network
first = next(s for s in STEPS if recognised(judge, picture.snapshots[s], [SPIRALS]).all())
compare(my_steps, first, "steps until another network calls it spirals")

# %% [markdown]
# Such a picture is a **feature visualization**: nobody drew a spiral, and the network was shown
# none here. The picture came out of the network. It is tempting to say that it shows what the
# network knows. How far that is true is what the other lessons are about.
#
# ## 3 · Fail an exercise
#
# Exercises look like this: a statement, a cell with an unfinished function, and in its last line a
# call that hands it in. Here is one that somebody got wrong: it was to say *which* of eight units
# responds most. Run it as it is.


# %%
def loudest(responses):
    return responses.max()  # wrong on purpose


loudest = lesson.hand_in("loudest", loudest)

# %% [markdown]
# The message says what is missing. Nothing is blocked: from here on `loudest` is the **reference**,
# a right answer that comes with the course. Now write it yourself, or leave it.

# %% exercise="loudest"

# %% [markdown]
# Where you are stuck, `lesson.hint("loudest")` gives a hint, a further one each time;
# `lesson.solution("loudest")` shows the reference; `lesson.progress()` lists all exercises. Try
# one:

# %%
lesson.hint("loudest")

# %% [markdown]
# ## 4 · Whose code was it?
#
# The network's answer to an image is its loudest unit. With your `loudest`, or the reference's, let
# us count how often it is right, on images (we call them *renders*) that it has never seen.
#
# **Predict.** How many of 512?

# %%
my_right = None  # your prediction

# %%
renders = lab.photos("test")
logits = record(lab.network, [None], renders.images)[None]
answers = torch.tensor([loudest(row) for row in logits])
right, wrong = answers == renders.labels, (answers != renders.labels).nonzero().flatten()
by_chance = proportion(answers == renders.labels.sort().values)
compare(my_right, int(right.sum()), "of 512 named rightly")
claim("00-names-renders", proportion(right), null=by_chance, code=loudest.code)

# %% [markdown]
# Such a line is a **claim**: a sentence with a threshold, which stood there before the cell ran.
# (Where it was chosen after the same networks had been seen, the lesson says so.) What was measured
# just now stands below it, with its **interval**: where the true number plausibly lies, given as
# many renders as these. There are three marks. ✓ *holds*: all of the interval keeps to the
# threshold. ◐ *undecided*: the number does, and the interval does not; more would have to be
# measured. ✗ *fails*: the number itself does not. Its interval may still reach the threshold:
# *fails* is not *refuted*. What stands "for comparison" was measured where there is nothing to be
# found (here the answers are held against the wrong renders' labels); a claim that held there, too,
# would say nothing. The random seeds and whose code it was come last. Figures say the latter, too,
# in their corner. What do the network's mistakes look like? Above each render what it is, below it
# what the network calls it:

# %%
picture_grid(
    {"truly": renders.images[wrong[:8]]},
    titles=[lab.class_names[i] for i in renders.labels[wrong[:8]]],
    notes={"truly": [f"“{lab.class_names[i]}”" for i in answers[wrong[:8]]]},
    alt=alt("00-mistakes"),
    code=loudest.code,
)

# %% [markdown]
# ## 5 · When something goes wrong
#
# - **A cell complains about a name that is not defined.** You ran it before its time; the message
#   says which section makes the name.
# - **The kernel was restarted**, or you come back tomorrow. Run the lesson's first two code
#   cells, and then `lesson.catch_up(4)`, say, brings you to section 4: it runs what the rest needs,
#   with your own answers where they had passed.
# - **A cell takes too long.** Press the stop button; what was drawn so far is kept.
# - **You edited something beyond repair.** *File → Reload Notebook from Disk* brings the last saved
#   state back. If that is broken too, take the file afresh: on Colab by its badge, in a clone by
#   `git restore` and the notebook's path. Answers that passed are kept in `my_answers`, and stay.
#
# ## Exit ticket

# %%
lesson.ticket()

# %%
lesson.progress()

# %% [markdown]
# ## What does not carry over
#
# Whatever you see in the tiny lab happens among eight classes and 64 by 64 pixels. Each lesson says
# at its end what is known about larger networks.
#
# ## References
#
# - Geirhos, Zimmermann, Bilodeau, Brendel & Kim (2024). *Don't trust your eyes: on the
#   (un)reliability of feature visualizations.* ICML, arXiv 2306.04719. The paper that this course
#   is after.
#
# **Next:** lesson 01 takes such a picture apart, and has you write the parts.
