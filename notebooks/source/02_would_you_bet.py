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
# # 02 · Would you bet on the picture?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/dont-trust-your-eyes/dont-trust-your-eyes/blob/main/notebooks/learn/02_would_you_bet.ipynb)
# [![Launch Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/dont-trust-your-eyes/dont-trust-your-eyes/main?urlpath=lab/tree/notebooks/learn/02_would_you_bet.ipynb)
#
# *75 minutes · a laptop is enough · no download*
#
# Lesson 01 drew pictures of what excites a unit. Many of them look as if they explained something.
# Here is a test of that which takes nothing but eyes: look at a unit's picture, look at two images,
# and say which of the two excites the unit more. Whoever understood the unit should win.
#
# **Afterwards you can**
#
# - set up such a test, so that it is neither trivial nor hopeless;
# - say what your own score is worth, with an interval, and whether you are as often right as sure;
# - say what pictures were worth here as predictions: against a coin, against references that were
#   made for *another* unit, beside plain images, and after a lie.
#
# **You need** lesson 01: renders, logits, robust and standard networks.
#
# Five **exercises**: three core (about 18 minutes), two stretch (another 15).

# %%
if "google.colab" in str(get_ipython()): get_ipython().system("pip install -qqq --no-deps https://github.com/dont-trust-your-eyes/dont-trust-your-eyes/archive/main.zip && python -m course_lib.colab || echo 'The course could not be installed: GitHub cannot be reached, or has no such repository. Run this cell again.'")  # fmt: skip

# %%
from course_lib.lessons import stamp, start

lesson = start("02")
lesson.progress()

# %% [markdown]
# ## 1 · What a unit says to many images
#
# A visualization shows one end of what a unit says: the far end, beyond all images. Before we bet
# on it, let us look at images along the whole range.

# %%
from functools import partial

import torch
from torch import Tensor

from course_lib import FoolingCircuit, open_lab, visualize
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.texts import alt
from course_lib.figures import curves, picture_grid
from course_lib.lessons.lesson_02 import (
    SIMULATED, BettingTable, SimulatedParticipant, begin, bet_calibration_figure, bets_summary,
    beyond_others, by_condition, by_contrast, by_unit, class_figure, confidence_by_unit, encode,
    error_by_unit, how_sure, own_and_others, read_codes, real_questions, score_figure, share_right,
    tally, trials as tr,
)  # fmt: skip
from course_lib.progress import progress_bar
from course_lib.statistics import counted, mean, paired_difference

# %%
labs = {kind: open_lab("tiny", network=kind, seed=0) for kind in ("robust", "standard")}
lab = labs["robust"]
renders = lab.photos("test")  # to ask about
others = lab.photos("train").images[:512].clone()  # to choose references from

# %% exercise="most_middle_least"

# %%
INNER = "inception3b"
spirals = tr.unit_responses(lab.network, "fc", [7], renders)[:, 0]
inner = tr.unit_responses(lab.network, INNER, [77], renders)[:, 0]
rows = {
    f"{name}: {which}": renders.images[numbers]
    for name, said in (("spirals", spirals), ("unit 77", inner))
    for which, numbers in zip(("most", "middle", "least"), most_middle_least(said, 7), strict=True)
}
picture_grid(
    rows,
    alt=alt("02-whole-range"),
    code=most_middle_least.code,
)

# %% [markdown]
# Most of the range is *not* spirals, and in the middle it is hard to say what the logit goes by. An
# explanation of the unit would have to hold there, too.
#
# ## 2 · A fair bet
#
# Borowski et al. (2021) made an experiment of it. A participant sees **references** for a unit, and
# two images; which one excites the unit more? As references they took visualizations, or, as a
# control, the images that excite the unit most.
#
# Everything hangs on how the two images are chosen. The best of 512 against the worst is trivial;
# two neighbours in the order are hopeless. We draw the better one from the upper quarter of the
# order, and the other from around its middle, between the quantiles 0.25 and 0.6. Of three choices
# that we tried this is the hardest.

# %% exercise="between_quantiles"

# %% [markdown]
# Now the units: all eight logits, and every eleventh channel of an inner layer. For each, three
# visualizations from three starts, and the three images that excite it most, of 512 that are never
# asked about.

# %%
SEEDS = (0, 1, 2)
UNITS = {"fc": range(8), INNER: range(0, 176, 11)}


def drawn(network, layer):
    """Three visualizations of each unit of a layer, (units, 3, 3, S, S)."""
    runs = [visualize(network, layer, UNITS[layer], steps=48, seed=seed) for seed in SEEDS]
    return torch.stack([run.images for run in runs], 1)


# %%
def material(network, layer):
    """All that is needed to ask about units of a layer."""
    said, before = (tr.unit_responses(network, layer, UNITS[layer], x) for x in (renders, others))
    shown = {
        "visualizations": drawn(network, layer),
        "top images": tr.top_images(before, others, 3),
    }
    return tr.questions([f"{layer} {unit}" for unit in UNITS[layer]], renders, said, shown)


# %%
# about 30 seconds on two cores
asked = {
    f"{kind}, {what}": material(labs[kind].network, layer)
    for kind in labs
    for what, layer in (("logits", "fc"), ("inner units", INNER))
}

# %% [markdown]
# What do the references look like? A picture for each, in the robust network.

# %%
picture_grid(
    {
        f"{what}:\n{condition}": asked[f"robust, {what}"].references[condition][:, 0][which]
        for what, which in (("logits", slice(8)), ("inner units", slice(1, 16, 2)))
        for condition in ("visualizations", "top images")
    },
    alt=alt("02-references"),
)

# %% [markdown]
# ## 3 · Your bets
#
# You will not only choose a side but say how sure you are. Then what is a bet worth? It should not
# pay to boast, nor to be modest.

# %% exercise="points"

# %%
points_with = points.code
curves(
    {
        f"right in {truth} % of cases": [
            truth / 100 * points(said, True) + (1 - truth / 100) * points(said, False)
            for said in range(50, 100)
        ]
        for truth in (50, 60, 75, 90)
    },
    x=list(range(50, 100)),
    x_label="how sure they say to be (%)",
    y_label="points a bet, on average",
    alt=alt("02-points"),
    code=points_with,
)

# %% [markdown]
# **Your turn**: 24 bets, about five minutes; 12 units of the robust network, 8 logits and 4 inner
# ones, each once with visualizations and once with top images. Choose a side, then click how sure
# you are: that places the bet. The Tab key and the space bar will do as well.
#
# You are not told which bets were right before the end. Otherwise you would learn about the unit
# from that, and no longer from its pictures. Bets are kept in `my_bets` beside this notebook, so
# you can stop and go on.
#
# **Predict**: how many of 12 will you get right with visualizations, and how many with top images?

# %%
my_right = {"visualizations": None, "top images": None}  # for example 9

# %%
for_people = tr.join_questions(
    asked["robust, logits"],
    tr.only(asked["robust, inner units"], [f"{INNER} {u}" for u in (11, 33, 88, 121)]),
)
CONDITIONS = ["visualizations", "top images"]
trials = tr.make_trials(for_people, CONDITIONS, seed=0, between=between_quantiles)
first = begin(for_people, trials, "first")
BettingTable(first, seed=0)

# %%
print(bets_summary(first.bets, "You"))
for condition, mine in by_condition(first.bets).items():
    compare(my_right[condition], sum(bet.right for bet in mine), f"of {len(mine)}: {condition}")

# %% [markdown]
# ## 4 · Somebody who is always there
#
# So that this lesson has a result even if nobody takes the test, there is a **simulated
# participant**. It is a program of a few lines that never saw a network. It describes a picture by
# fifteen numbers that somebody thought up: how much varies at which scale, in how many directions,
# how far a direction lasts, whether it goes around the middle. It bets on the image whose numbers
# are more like those of the references, and is the surer the more they are. Without references it
# tosses a coin.
#
# It is **no model of people**, and its bets are never counted with theirs. It answers another
# question: can an eye that knows nothing of the network read its answers off the pictures?
#
# **Predict** its share of right bets with visualizations of logits, and of inner units. And will it
# do better with the top images? It places 30 bets on every unit and kind of reference, for each of
# three trial seeds, always on the same pairs.

# %%
my_simulated = {"logits": None, "inner units": None}  # for example 0.6

# %%
participant = SimulatedParticipant(others[:256])
EACH = 30
ALL = [*CONDITIONS, "no reference"]


def simulate(questions, conditions, between=between_quantiles):
    """The simulated participant's bets, with the same pairs in every condition."""
    bets = []
    for seed in progress_bar(SEEDS, "betting"):
        trials = tr.make_trials(
            questions, conditions, each=EACH, seed=seed, same_pairs=True, between=between
        )
        bets += participant.bets(questions, trials)
    return bets


# %%
# about 6 seconds on two cores
pairs_with = between_quantiles.code
bets = {name: by_condition(simulate(questions, ALL)) for name, questions in asked.items()}
scores = {name: {c: share_right(found[c]) for c in ALL} for name, found in bets.items()}
score_figure(scores, code=pairs_with)

# %%
for what, predicted in my_simulated.items():
    measured = scores[f"robust, {what}"]["visualizations"].value
    compare(predicted, f"{measured:.2f}", f"of bets on {what} are right (robust network)")

# %% [markdown]
# **Against what?** A half is the score of a coin, and here is the coin, "no reference" in the
# figure. Had it scored more, the better image would have been on one side more often, or bets
# miscounted.

# %%
tossed = [bet.right for found in bets.values() for bet in found["no reference"]]
claim("02-coin", counted(torch.tensor(tossed)), code=pairs_with)

# %% [markdown]
# A coin is a modest opponent. Two others do without references, too. One always bets on the image
# with more **contrast**. The other has **learned** from the answers of the *other* units of the
# layer, to images that nobody asks about, which of the fifteen numbers go with a strong answer.
#
# **Predict** their scores for inner units of the standard network.

# %%
my_opponents = {"contrast": None, "learned": None}  # for example 0.5

# %%
placed = {name: [bet.trial for bet in found["top images"]] for name, found in bets.items()}
contrast = {name: by_contrast(asked[name], placed[name]) for name in asked}
STANDARD = "standard, inner units"
answers = tr.unit_responses(labs["standard"].network, INNER, UNITS[INNER], others[:256])
learned = participant.taught(asked[STANDARD], placed[STANDARD], answers)
for what, by_each in {"contrast": contrast[STANDARD], "learned": learned}.items():
    score = mean(by_each)
    told = f"{score.value:.2f} ({score.low:.2f} to {score.high:.2f})"
    compare(my_opponents[what], told, f"of bets are right: {what}")

# %%
best = mean([x for found in bets.values() for x in by_unit(found["top images"]).values()])
claim("02-contrast", mean(torch.cat(list(contrast.values()))), null=best, code=pairs_with)

# %% [markdown]
# Contrast tells next to nothing. The learned preference comes near the visualizations' 0.66,
# without a reference: units of a layer may like similar things (its interval, over sixteen units,
# holds a half). So whatever suits *most* units might beat a coin, whichever unit it was made for.
# Hence one more opponent: it has references of the same kind, **but another unit's**, each other
# unit's in turn, with the same pairs. What is scored with them is not about the unit.
#
# **Predict** the score for inner units of the standard network.

# %%
my_others = {"visualizations": None, "top images": None}  # for example 0.5

# %%
crossed = {
    name: {c: participant.crossed(asked[name], [bet.trial for bet in found[c]]) for c in CONDITIONS}
    for name, found in bets.items()
}
against = {name: own_and_others(of) for name, of in crossed.items()}
for condition, predicted in my_others.items():
    score = against[STANDARD][f"another's {condition}"].value
    compare(predicted, f"{score:.2f}", f"of bets are right ({condition} of another unit)")
score_figure(against, code=pairs_with)

# %% [markdown]
# With logits another unit's pictures are worth nothing, so what is scored with their own is about
# them. For inner units, too, their own visualizations are worth more than another's.

# %%
of_another = against["robust, logits"]["another's visualizations"]
claim("02-logits", scores["robust, logits"]["visualizations"], null=of_another, code=pairs_with)


# %%
def worth(kinds, condition, whose=0):
    """What references are worth beyond those of other units, by inner unit (1: the next unit's)."""
    of = [crossed[f"{kind}, inner units"][condition] for kind in kinds]
    return torch.cat([beyond_others(shares, whose) for shares in of])


own, of_next = (mean(worth(labs, "visualizations", whose)) for whose in (0, 1))
claim("02-inner-own", own, null=of_next, code=pairs_with)

# %% [markdown]
# **Are the pictures better than images?** For logits the figure shows no clear difference, and
# eight of them would hardly settle one. For inner units plain images score more, in either network;
# Borowski et al. found the same with people and Inception-V1. But *another unit's* plain images
# score more than another unit's pictures, too. Take off what another unit's references score, and
# see what is left:

# %%
left = {
    (kind, k): paired_difference(worth([kind], "top images", k), worth([kind], "visualizations", k))
    for kind in labs
    for k in (0, 1)
}
claim("02-inner-top-robust", left["robust", 0], null=left["robust", 1], code=pairs_with)

# %%
claim("02-inner-top-standard", left["standard", 0], null=left["standard", 1], code=pairs_with)

# %% [markdown]
# In the standard network hardly anything is left of the advantage, give or take some points; in the
# robust one something is, and sixteen units cannot say whether it is worth five. Against a coin,
# top images would have won in both. **A score is worth what it beats.**
#
# One more doubt. The fifteen numbers were put together while we looked at results for the networks
# of seed 0, so these may flatter them. On those of seed 1, which played no part in that, the shares
# for visualizations of logits are 0.79 (robust) and 0.75 (standard), and what is left of the
# advantage of top images is -0.02 (-0.07 to 0.04) and 0.05 (-0.02 to 0.11): in neither can it be
# told from nothing, and the two have changed places. A test of the course measures that.
#
# And the robust network's clear pictures beside the standard one's, which are murky (lesson 01)?
# Their scores are near each other, and eight logits are too few to rank them. For these eyes, at
# least, murky is not worthless.
#
# ## 5 · How sure is a score?
#
# The simulated participant placed 720 bets with each kind of reference on the eight logits. That
# sounds like a lot. But look at the units one by one:

# %%
honest = bets["robust, logits"]["visualizations"]
for (unit, share), name in zip(by_unit(honest).items(), lab.class_names, strict=True):
    print(f"{unit} ({name}): {share:.2f} of {len(honest) // 8} bets are right")

# %% [markdown]
# Units differ. All bets on a unit share its references; if these mislead, they mislead every time.
# What we want to know is how well *such pictures* work for units, and of those we have seen eight.
# So **the sample is the unit, and not the bet**. Every interval in this lesson is made that way.
#
# **Predict**: by what factor is a standard error too small that takes each of 720 bets for
# independent?

# %%
my_factor = None  # for example 1.5

# %% exercise="standard_error"

# %%
hits = torch.tensor([float(bet.right) for bet in honest])
of_unit = torch.tensor([asked["robust, logits"].units.index(bet.trial.unit) for bet in honest])
by_units = standard_error(hits, of_unit)
by_bets = float((hits.mean() * (1 - hits.mean()) / len(hits)) ** 0.5)
error_with = standard_error.code
compare(
    my_factor, f"{by_units / by_bets:.1f}", "times: the standard error by units, to that by bets"
)

# %% [markdown]
# ## 6 · As often right as sure?
#
# A weather forecast of 75 % is good if it rains in three quarters of such cases. Is it so with
# bets? **Predict** for your own: too sure, not sure enough, or just right?

# %%
my_calibration = None  # "too sure", "not sure enough" or "just right"

# %%
groups = {f"{SIMULATED}, logits": honest}
groups[f"{SIMULATED}, inner units"] = bets["robust, inner units"]["visualizations"]
if first.bets:
    groups["you, all bets"] = list(first.bets)
    compare(my_calibration, how_sure(first.bets), "is what you were, over all bets")
bet_calibration_figure(groups)

# %% [markdown]
# How fast the simulated participant gets sure is a constant that we set, so it is no merit of its
# own if it lies near the dotted line for logits. For inner units the same constant makes it too
# sure. And what will become of it when the pictures lie?

# %% exercise="calibration_error"

# %% [markdown]
# ## 7 · After a lie
#
# Lesson 03 wires a network so that every logit shows *another* class, and answers to images stay
# what they were. (Nothing of it is needed here but the result.) The same bet again: same images,
# same pairs, nearly the same answers. Only the pictures have changed.
#
# **Predict** the simulated participant's share of right bets. At a half, above, or below? And how
# sure will it be, on average? (With honest pictures it was 80 % sure.)

# %%
my_fooled = {"share right": None, "confidence": None}  # for example 0.5, and 0.8

# %%
# about 10 seconds on two cores
TWO = ["visualizations", "fooled"]
liars = {kind: FoolingCircuit(labs[kind].network, lab.detector(), shows=3) for kind in labs}
both = {}
for kind, liar in liars.items():
    runs = [visualize(liar, None, range(8), steps=48, seed=seed) for seed in SEEDS]
    lies = torch.stack([run.images for run in runs], 1)
    honest_logits = asked[f"{kind}, logits"]
    both[kind] = honest_logits._replace(references={**honest_logits.references, "fooled": lies})
picture_grid(
    {condition: both["robust"].references[condition][:, 0] for condition in TWO},
    titles=lab.class_names,
    alt=alt("02-fooled"),
)

# %%
pairs = tr.make_trials(both["robust"], ["fooled"], each=EACH, seed=0, between=between_quantiles)
now = tr.unit_responses(liars["robust"], None, range(8), renders)
units = [both["robust"].units.index(trial.unit) for trial in pairs]
ahead = [float(now[t.left, u] - now[t.right, u]) for t, u in zip(pairs, units, strict=True)]
still = [(gap > 0) == (t.higher == "left") for gap, t in zip(ahead, pairs, strict=True)]
claim("02-same-answers", counted(torch.tensor(still)), code=pairs_with)

# %%
after = {kind: by_condition(simulate(questions, TWO)) for kind, questions in both.items()}
told = {kind: {c: share_right(after[kind][c]) for c in TWO} for kind in after}
of_honest, of_lies = (told["robust"][c] for c in TWO)
sure = {c: confidence_by_unit(after["robust"][c]).values() for c in TWO}
compare(my_fooled["share right"], f"{of_lies.value:.2f}", "of bets on the fooled network are right")
compare(my_fooled["confidence"], f"{sum(sure['fooled']) / 8:.2f}", "is the mean confidence")
score_figure(told, code=pairs_with)

# %%
claim("02-fooled", of_lies, null=of_honest, code=pairs_with)

# %% [markdown]
# What chance alone does is seen with honest pictures from two of the three starts in the lies'
# place. (The mixture is for later: each picture of another logit.)

# %%
true_ones = both["robust"].references["visualizations"]


def instead(pictures):
    """The same bets by condition, with other pictures in the fooled ones' place."""
    shown = {"visualizations": true_ones, "fooled": pictures}
    return by_condition(simulate(both["robust"]._replace(references=shown), TWO))


def lost(bets, by=by_unit, order=TWO):
    """By how much less is right, or another measure by unit is lower, than with honest pictures."""
    return paired_difference(*(list(by(bets[c]).values()) for c in order), of="units")


fewer = instead(true_ones[:, 1:])
mixed = instead(torch.stack([true_ones[:, i].roll(-k, 0) for i, k in enumerate((2, 4, 6))], 1))
claim("02-lie-costs", lost(after["robust"]), null=lost(fewer), code=pairs_with)

# %% [markdown]
# Why near a half, and not far below? That is a mean. A picture of rings, shown for the logit of
# stripes, misleads where one of the two images is rings, or looks more like them; in other pairs
# the bet is a toss-up. So it depends on what a unit was made to show:

# %%
for name, share in zip(lab.class_names, by_unit(after["robust"]["fooled"]).values(), strict=True):
    shows = lab.class_names[(lab.class_names.index(name) + 3) % 8]
    print(f"{name}, shown as {shows}: {share:.2f} of bets are right")

# %% [markdown]
# One of these lies costs hardly anything, perhaps because spirals resemble spokes. Dots, shown as
# waves, beat a coin as well, and for that we know no such reason. Whoever bets on a lie does not
# know which kind it is.
#
# And how sure was it?

# %%
names = {"visualizations": "honest pictures", "fooled": "fooled"}
bet_calibration_figure({f"{SIMULATED}, {names[c]}": after["robust"][c] for c in TWO})

# %%
print({f"{c}, 90 % or more": sum(bet.confidence >= 90 for bet in after["robust"][c]) for c in TWO})
unsure, unsure_of_mixed = (lost(now, confidence_by_unit) for now in (after["robust"], mixed))
claim("02-as-sure", unsure, null=unsure_of_mixed, code=pairs_with)

# %% [markdown]
# A little less often, then, and very nearly as sure. What does make it unsure, as the mixture
# shows, are pictures that disagree with each other; those of one lie agree. How far is its
# confidence from the share that is right?

# %%
off_with = calibration_error.code
off = partial(error_by_unit, error=calibration_error)
more, by_chance = (lost(now, off, TWO[::-1]) for now in (after["robust"], fewer))
claim("02-calibration", more, null=by_chance, code=off_with)

# %% [markdown]
# Undecided, with only eight logits. (The bound was raised from 10 to 15 of 100 after the interval
# had ended on it.) A calibration is earned on some kind of pictures. Nothing in a clear picture
# says that it still holds.
#
# **Now you**: 16 bets on the eight logits, new pairs, half of them with honest visualizations and
# half with the fooled network's, in a mixed order. You are not told which. Will your confidence be
# lower for the lies?

# %%
second_trials = tr.make_trials(both["robust"], TWO, seed=1, between=between_quantiles)
second = begin(both["robust"], second_trials, "second")
BettingTable(second, seed=1)

# %%
print(bets_summary(second.bets, "You"))
bet_calibration_figure(by_condition(second.bets)) if second.bets else None

# %% [markdown]
# ## 8 · A class in one plot
#
# At the end of an experiment the table shows a **code**: how many bets you placed in each condition
# at each confidence, and how many were right. There is nothing about you in it. Whoever teaches can
# paste the codes of a class here, one a line, names before them or not, from *one* of the two
# experiments.

# %%
pasted = """
"""  # for example: Ada BET1P...
reading = read_codes(pasted)
print(*reading.refused, sep="\n")
machines = {
    0: tally(participant.bets(for_people, trials), "simulated", 0),
    1: tally(participant.bets(both["robust"], second_trials), "simulated", 1),
}
class_figure(reading.results, simulated=machines) if reading.results else None

# %% [markdown]
# The interval beside each cloud of dots is over people: what others would score *on the same
# trials*. It says nothing about other units, of which all of them saw the same few.
#
# The simulated participant has a code, too, for the same 24 trials. It is marked, and a class
# refuses it, as it refuses one with a letter missing:

# %%
code = encode(machines[0])
print(code)
print(*read_codes(f"Mallory {code}\nTrent {code[:-1]}\nVictor has none").refused, sep="\n")

# %% [markdown]
# ## 9 · A real network
#
# The same bets with MobileNetV2 and photographs, on the logit that answers to each folder: with its
# visualization, and with the photograph that excites it most. First the simulated participant's, as
# `course reproduce` counted them before, or on your machine once you have given this command there.

# %%
from course_lib.reproduce.real import reproduced

found = reproduced("bets")
print(found.origin, found.numbers["told"], sep="\n")

# %% [markdown]
# Then yours, if you have photographs (lesson 00 tells) and set `LIVE` to `True`: two for each
# folder's logit.

# %%
from course_lib.reproduce.real import real_lab

LIVE = False  # True takes half a minute more, and 120 MB
real = real_lab() if LIVE else None
real_asked = real_questions(real) if real else None
# %%
real_trials = tr.make_trials(real_asked, CONDITIONS, seed=2) if real else None
BettingTable(begin(real_asked, real_trials, "real"), seed=2) if real else None

# %% [markdown]
# In the course's result, with nine folders, the simulated participant's bets could not be told from
# chance, with visualizations *and* with photographs for references. So this says nothing about the
# pictures: it is the participant that fails. Its fifteen numbers describe textures, and a boat is
# no texture. You will see more.
#
# ## 10 · Break this claim
#
# > *With honest visualizations of the robust network's logits at least 60 % of the simulated
# > participant's bets are right.*
#
# It holds for the pairs that we chose and the way we drew. Move the quantiles together. Draw plain
# pixels without transformations, as below, or for 8 steps only. Look from the other side, too: how
# far apart must the quantiles be until nothing is left to explain?

# %%
plain = visualize(
    lab.network, None, range(8), steps=48, image="pixels", transformations=None, seed=7
)
changed = both["robust"]._replace(references={"visualizations": plain.images[:, None]})
print(bets_summary(simulate(changed, ["visualizations"]), "The simulated participant"))

# %% [markdown]
# ## Exit ticket
#
# Answer first; each answer comes with its reason.

# %%
lesson.ticket()

# %%
lesson.progress()

# %% [markdown]
# ## What would change this conclusion
#
# We conclude that honest pictures of a unit carry information about its answers to images, and that
# it depends on nobody having meddled. We do not conclude that plain images carry more: in the
# standard network another unit's images brought about the same gain, and in the robust one the rest
# is undecided. More units, or people, could decide that; Zimmermann et al. found that
# visualizations help people, but no more than images do, when the question was what covering a part
# of an image would change. If the pictures came with a proof of what they leave open (lesson 06),
# lies would matter less.
#
# ## What does not carry over
#
# - The simulated participant is made for textures, and the tiny world's classes *are* textures.
#   That it reads them says that the information is there, and nothing about how easily people read
#   pictures of larger networks.
# - Eight logits and sixteen inner units of one layer, of one network each. The intervals are over
#   units of these networks, and not over networks.
# - One kind of pair. With other quantiles, scores are higher or lower, for all references.
# - Nobody was paid, timed or chosen here. A class is not a sample of people.
#
# ## References
#
# - Borowski, Zimmermann, Schepers, Geirhos, Wallis, Bethge & Brendel (2021). *Exemplary natural
#   images explain CNN activations better than state-of-the-art feature visualization.* ICLR, arXiv
#   2010.12606. The experiment of this lesson, with people.
# - Zimmermann, Borowski, Geirhos, Bethge, Wallis & Brendel (2021). *How well do feature
#   visualizations support causal understanding of CNN activations?* NeurIPS, arXiv 2106.12447.
# - Geirhos, Zimmermann, Bilodeau, Brendel & Kim (2024). *Don't trust your eyes: on the
#   (un)reliability of feature visualizations.* ICML, arXiv 2306.04719.
# - Brier (1950). *Verification of forecasts expressed in terms of probability.* Monthly Weather
#   Review 78. The scoring rule.
#
# **Next:** lesson 03 shows how such a lie is built; lesson 04 tells one without a detector.
