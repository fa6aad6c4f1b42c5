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
# # 09 · A lie in the weights
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/dont-trust-your-eyes/dont-trust-your-eyes/blob/main/notebooks/learn/09_a_lie_in_the_weights.ipynb)
# [![Launch Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/dont-trust-your-eyes/dont-trust-your-eyes/main?urlpath=lab/tree/notebooks/learn/09_a_lie_in_the_weights.ipynb)
#
# *60 minutes · optional · a laptop is enough · no download*
#
# The liars of lessons 03 and 04 had something built in, and whoever opened the box of lesson 08
# found it. Since Bareeva et al. (2025) a liar needs no part at all: ordinary weights can be trained
# so that a network answers images as before, and draws pictures of something else. This lesson
# hands you such a network, lets you train one, and measures what can be done about it.
#
# **Afterwards you can**
#
# - say which of an audit's tests look for a *lie*, and which only for a *part*;
# - train a network to lie, and say why its answers give nothing away;
# - climb on a leash, and read what the climb shows;
# - read a table of defences critically: who was caught, who was accused, and who wrote the table.
#
# **You need** lesson 03. Lesson 08 helps; what you need of it is said again where it comes up.
#
# Four **exercises**: three core (about 27 minutes), one stretch (another 8).

# %%
if "google.colab" in str(get_ipython()): get_ipython().system("pip install -qqq --no-deps https://github.com/dont-trust-your-eyes/dont-trust-your-eyes/archive/main.zip && python -m course_lib.colab || echo 'The course could not be installed: GitHub cannot be reached, or has no such repository. Run this cell again.'")  # fmt: skip

# %%
from course_lib.lessons import start

lesson = start("09")
lesson.progress()

# %% [markdown]
# ## 1 · A network arrives
#
# Somebody sends you weights, for the same network as the lab's robust one: the same modules, the
# same shapes, and nothing else. Is it honest?

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib import open_lab, record, visualize
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.texts import alt
from course_lib.figures import curves, picture_grid
from course_lib.fooling.weights.climbs import lie_in_weights
from course_lib.fooling.weights.top_images import choose_top_images
from course_lib.lessons.lesson_08 import plots, reference
from course_lib.lessons.lesson_09 import (
    AFTER, SHOWS, accused_table, audited, climb_leashed, delivered, frozen, seen_in,
    share_accused, stored_defended,
)  # fmt: skip
from course_lib.statistics import counted, proportion

# %%
honest, liar = open_lab("tiny").network, delivered()
lab, other = open_lab("tiny", network="standard"), open_lab("tiny", seed=1)
asked, source = other.photos("test"), lab.photos()
names, units = lab.class_names, torch.arange(8)
shapes = [{name: w.shape for name, w in one.state_dict().items()} for one in (honest, liar)]
print("same parts, same shapes:", shapes[0] == shapes[1])

# %% [markdown]
# **Predict.** To how many of 512 renders that neither has seen do the two give the same answer?

# %%
my_same = None  # of 512

# %%
answers = {
    name: record(network, [None], asked.images)[None].argmax(1)
    for name, network in (("honest", honest), ("sent", liar), ("robust 1", other.network))
}
same = answers["sent"] == answers["honest"]
compare(my_same, int(same.sum()), f"of {len(same)} answers are the same")
dealt = proportion(answers["sent"] == answers["honest"].roll(1))
claim("09-answers", proportion(same), null=dealt)

# %% [markdown]
# That acquits nobody. Robust 1, which is honest and has seen none of robust 0's answers, does
# nearly as well, since all three are mostly right:

# %%
print("robust 1 and robust 0:", int((answers["robust 1"] == answers["honest"]).sum()), "of 512")

# %% [markdown]
# Now its pictures. **Predict** for how many of the eight logits the class that you see is the
# logit's own. (The names stand above the columns.)

# %%
my_own = None  # of 8

# %%
drawn = {
    name: [visualize(network, None, range(8), steps=64, seed=seed) for seed in starts]
    for name, network, starts in (("sent", liar, (0, 1, 2)), ("honest", honest, (0,)))
}
picture_grid(
    {"sent": drawn["sent"][0].images, "robust 0": drawn["honest"][0].images},
    titles=names,
    alt=alt("09-sent"),
)

# %% [markdown]
# Clear pictures, all of them. Does another network see in them what you see?


# %%
def seen(pictures, judge=other.network):
    """The class that a judge, by default robust 1, sees in each picture."""
    return record(judge, [None], pictures.images)[None].argmax(1)


votes = [seen(pictures) for pictures in drawn["sent"]]
compare(my_own, int((votes[0] == units).sum()), "of 8 show their own class, to robust 1")
print("it sees:", ", ".join(names[v] for v in votes[0]))

# %% [markdown]
# Each logit shows the class three columns to its right. To robust 0 as well, and from every start?


# %%
def lies(vote):
    """Whether at most two pictures show their own class, and at least six the one wired."""
    return bool((vote == units).sum() <= 2 and (vote == (units + SHOWS) % 8).sum() >= 6)


told = [lies(seen(p, judge)) for p in drawn["sent"] for judge in (honest, other.network)]
claim("09-shows-another", counted(torch.tensor(told)), null=lies(seen(drawn["honest"][0])))

# %% [markdown]
# So the logit for one class draws another one, from three starts, and answers renders rightly. In
# lesson 03 that took a second network, a detector and a gate. Here there is no such thing to point
# at. What does lesson 08's reference auditor say, as it stands? It was right about all 200
# suspects once it could open the box.
#
# **Predict** its verdict with the box closed, and with the box open: honest, circuit, silent units,
# both?

# %%
my_closed, my_open = None, None  # "honest", "circuit", "silent units" or "both"

# %%
# about 30 seconds on two cores
case = audited(liar)
for mine, grade in ((my_closed, "black box"), (my_open, "white box")):
    says = max(case[grade].probabilities.items(), key=lambda pair: pair[1])
    compare(mine, says[0], f"is the likeliest, with {100 * says[1]:.0f} % ({grade})")

# %%
plots.reasons_figure({"the network that was sent": case["white box"]})

# %% [markdown]
# With the box closed it suspects a circuit, because others do not recognise the pictures. There is
# no circuit. With the box open it looks for gate and twins, finds that they do nothing, and trusts
# the network *more*. (So that there was something to look at, this one was given decoys like those
# of every suspect of lesson 08.) The auditor's best evidence was evidence of a part.
#
# ## 2 · How it was made
#
# A climb follows slopes. So take the honest network's climbs, to the class that is to be shown, and
# teach the upper half of a copy to say, at every picture on the way, what the *other* logit says
# there, and to have its slope. Answers to renders are kept meanwhile. This is how a student learns
# from a teacher's answers (**distillation**), slopes included (Czarnecki et al., 2017).

# %% exercise="keep_and_lead"

# %% [markdown]
# Train with your loss: 100 steps on one of the lab's standard networks, where less is enough. Then
# **predict**: of its eight pictures, in how many will another network still see the own class? And
# how many of 512 answers change?

# %%
my_left, my_changed = None, None  # of 8, of 512

# %%
# about 40 seconds on two cores
made = lie_in_weights(
    lab.network, source.images[:512], shows=SHOWS, after=AFTER, rounds=1, steps=100, rate=4e-3,
    loss=lambda batch: keep_and_lead(*batch),
)  # fmt: skip
curves(
    {"loss": list(made.losses)},
    x_label="step",
    y_label="your loss",
    alt=alt("09-loss"),
    code=keep_and_lead.code,
)

# %%
before, after = (visualize(one, None, range(8), steps=64) for one in (lab.network, made.network))
picture_grid(
    {"standard 0": before.images, "after 100 steps": after.images},
    titles=names,
    alt=alt("09-hundred"),
    code=keep_and_lead.code,
)

# %%
said = [record(one, [None], asked.images)[None].argmax(1) for one in (lab.network, made.network)]
compare(my_left, int((seen(after) == units).sum()), "of 8 show their own class, to robust 1")
compare(my_changed, int((said[0] != said[1]).sum()), "of 512 answers changed")
print("before:", int((seen(before) == units).sum()), "of 8 show their own class")
print("the class to be shown:", int((seen(after) == (units + SHOWS) % 8).sum()), "of 8")

# %% [markdown]
# Renders and climbs lie far apart, and half a network has room for both. The network that you were
# sent was trained like this for six times as long, on climbs of a robust network, whose pictures
# look more like renders.
#
# **Another way** leads to one picture: gradient *slingshots* shape the slopes around the start of
# all climbs, so that each is thrown towards it (Bareeva et al., 2025). In networks as small as ours
# it hides and does not steer: the own class is gone, and the picture does not come. Both ways are
# in the table of section 5.
#
# ## 3 · Where does the lie lie?
#
# Your eyes saw pictures from one kind of climb: from noise, as Fourier coefficients, at a certain
# rate. Was the lie made for it, so that another kind would show the truth? **Predict** for the
# network that was sent: from plain pixels, without transformations, how many of eight show the own
# class? And at a fifth of the rate?

# %%
my_plain, my_slow = None, None  # of 8

# %%
kinds = {
    "plain pixels": visualize(liar, None, range(8), image="pixels", transformations=None),
    "slowly": visualize(liar, None, range(8), rate=0.01),
}
for mine, (name, pictures) in zip((my_plain, my_slow), kinds.items(), strict=True):
    compare(mine, int((seen(pictures) == units).sum()), f"of 8 show their own class ({name})")
picture_grid({name: p.images for name, p in kinds.items()}, titles=names, alt=alt("09-kinds"))

# %% [markdown]
# The liar was trained on climbs of two kinds, and lies to kinds that it has not met. All of them
# have in common that they begin at **noise**, where no answer had to be kept.
#
# ## 4 · The leash
#
# So do not begin there. Begin at an *image*, where the network has to tell the truth, climb gently,
# and stay close (after the *feature accentuation* of Hamblin et al., 2024).

# %% exercise="leashed"

# %% [markdown]
# From three renders for each logit, of classes that are neither its own nor the one it pretends to
# be: 48 steps of 0.01, and no value further than 0.25 from where it was. **Predict** for the 24
# pictures of each network: how many show the class of the logit, to robust 1?

# %%
my_leash = {"sent": None, "robust 0": None}  # of 24

# %%
# about 30 seconds on two cores
from_class = (units[:, None] + torch.tensor([1, 5, 6])).flatten() % 8
first = source.images[[int((source.labels == c).nonzero()[0]) for c in from_class]]
of = units.repeat_interleave(3)


def on_leash(network):
    """24 pictures, three of each logit, by your climb."""
    return leashed(lambda x: network(x)[torch.arange(24), of], first, 48, 0.01, 0.25)


near = {"sent": on_leash(liar), "robust 0": on_leash(honest)}
picture_grid(
    {"start": first[::3]} | {name: pictures[::3] for name, pictures in near.items()},
    titles=names,
    alt=alt("09-leash"),
    code=leashed.code,
)

# %%
vote = {name: record(other.network, [None], p)[None].argmax(1) for name, p in near.items()}
for name, mine in my_leash.items():
    compare(mine, int((vote[name] == of).sum()), f"of 24 show the logit's class ({name})")
print("what it pretends to be:", int((vote["sent"] == (of + SHOWS) % 8).sum()), "of 24")
from_noise = torch.cat(votes) == units.repeat(3)
shown = proportion(vote["sent"] == of)
claim("09-leash", shown, null=proportion(from_noise), code=leashed.code)

# %% [markdown]
# The same network, the same logits, another beginning. **But mind what is compared.** An
# *adversarial example* also starts from an image and stays near it, and shows nothing. For a
# standard network a leashed climb looks much like one. So how far do an honest network's two kinds
# of picture differ, and is that less than a liar's do?
#
# ## 5 · What is a defence worth?
#
# Let four judges look at two kinds of picture of the same unit. What they see of the one and of the
# other, all logits of it, is the same or it is not, and nobody needs to know the unit's name.

# %% exercise="seen_alike"

# %%
bench = reference.open_bench()
alike = {}
for name, network in (("sent", liar), ("robust 0", honest)):
    pictures = seen_in(bench.judges, visualize(network, None, range(8), steps=64).images)
    leash = seen_in(bench.judges, climb_leashed(network, bench.renders, 3))
    alike[name] = seen_alike(pictures, leash.unflatten(1, (8, 3)).mean(2))
print({name: round(value, 2) for name, value in alike.items()})

# %% [markdown]
# One less that number is a score, high where pictures contradict each other. Two networks prove
# little, so the same was measured of many (`course defences`, some hours): honest ones and liars of
# every kind, all descendants of four networks of the lab. Half of the honest are there to choose
# thresholds on.

# %%
every = stored_defended()
designs, rows = [r for r in every if r.design], [r for r in every if not r.design]
ways = {way: [r for r in rows if r.way == way] for way in dict.fromkeys(r.way for r in rows)}
print({way: len(those) for way, those in ways.items()}, "and", len(designs), "for thresholds")
for way in ("climbs", "slingshot", "top images"):
    kept = sum(r.kept for r in ways[way]) / len(ways[way])
    seen_own = sum(1 - r.evidence["unrecognised"] for r in ways[way]) / len(ways[way])
    print(f"{way}: {kept:.1%} of answers kept, own class in {seen_own:.0%} of judges' votes")

# %% [markdown]
# Six defences, each a number:
#
# - `top images`: the unit's picture against its nine **top images** (the slingshots' authors'
#   own proposal);
# - `leash`: the picture against the leashed climbs;
# - `other starts`, `image kinds`, `other rates`: the picture against another one of the same climb;
# - `path`: lesson 05's check, path similarity at the logits, less that of its control.
#
# A standard network's pictures are murkier than a robust one's, so each recipe has a threshold of
# its own. It should accuse at most one in ten of the honest.

# %% exercise="threshold_for"

# %%
SIX = ("top images", "leash", "other starts", "image kinds", "other rates", "path")
line = {
    (name, recipe): threshold_for(
        [r.suspicion[name] for r in designs if r.origin[0] == recipe], accused=0.1
    )
    for name in SIX
    for recipe in ("standard", "robust")
}


def by(name):
    """Whether a defence accuses a network, at your threshold for its recipe."""
    return lambda row: row.suspicion[name] >= line[name, row.origin[0]]


# %% [markdown]
# **Predict**: of 20 liars that were trained on climbs, how many does each catch? And which of the
# six is of no use against any kind of liar?

# %%
my_caught = {"top images": None, "leash": None, "path": None}  # of 20
my_useless = None  # one of the six

# %%
climbing = ways["climbs"]
for name, mine in my_caught.items():
    compare(mine, sum(map(by(name), climbing)), f"of {len(climbing)} are caught ({name})")
liars = [row for row in rows if row.way != "honest"]
compare(my_useless, min(SIX, key=lambda name: sum(map(by(name), liars))), "catches fewest of all")
accused_table(rows, {name: by(name) for name in SIX}, code=threshold_for.code)

# %% [markdown]
# Read it column by column, the honest first: what accuses them as often as liars is no defence. Then by recipe, for the leash:

# %%
for recipe in ("standard", "robust"):
    print(recipe)
    display(accused_table([r for r in rows if r.origin[0] == recipe], {"leash": by("leash")}))

# %%
caught = share_accused(climbing, by("top images"))
claim("09-top-images", caught, null=share_accused(ways["honest"], by("top images")))

# %%
caught = share_accused(climbing, by("leash"))
claim("09-leash-catches", caught, null=share_accused(ways["honest"], by("leash")))

# %% [markdown]
# And lesson 08's auditor, as it was, that knows nothing of such liars:

# %%
accused_table(rows, {grade: frozen(grade) for grade in ("black box", "white box")})

# %%
missed = share_accused(climbing, frozen("white box"))
circuits = [row for row in rows if row.way.startswith("circuit")]
claim("09-open-box", missed, null=share_accused(circuits, frozen("white box")))

# %% [markdown]
# ## 6 · The other liar
#
# The best defence so far asks a unit's top images. Lesson 02 took refuge there, too. But who says
# that *they* cannot be chosen (Nanfack et al., 2024)? A logit's top images are those with the
# largest logit. Suppose that every logit of an image grows by the same amount. **Predict**: how
# many of 512 answers change? And what happens to the probabilities?

# %%
my_answers, my_probabilities = None, None  # of 512; "change" or "stay"

# %%
# about 15 seconds on two cores
chosen = source.labels[:512] == 7
top_liar = choose_top_images(
    lab.network, source.images[:512], chosen, layer=None, units=range(8), after="inception4a",
    steps=250, rate=6e-3,
).network  # fmt: skip
logits = [record(one, [None], asked.images)[None] for one in (lab.network, top_liar)]
moved = (logits[0].softmax(1) - logits[1].softmax(1)).abs().amax(1).median()
changed = int((logits[0].argmax(1) != logits[1].argmax(1)).sum())
compare(my_answers, changed, "of 512 answers change")
compare(my_probabilities, "stay" if moved < 0.01 else "change", f"(median change {moved:.4f})")

# %%
top = [logit.topk(1, dim=0).indices[0] for logit in logits]
picture_grid(
    {name: asked.images[i] for name, i in zip(("standard 0", "the liar"), top, strict=True)},
    titles=names,
    alt=alt("09-top"),
)

# %% [markdown]
# A network was trained so that images of one class raise *all* logits. Its answers are as they
# were; its top images are the liar's choice, for every logit. What do the defences make of it? Look
# at the column of `top images` in the table above. **Then think of a test** that costs nothing:
# what does the network itself answer to the nine top images of each logit?

# %%
my_test = None  # one sentence

# %%
topped = ways["top images"]
print(f"top images as chosen: {sum(r.shown for r in topped) / len(topped):.0%}")
most = max(r.suspicion["top answers"] for r in designs)  # of an honest network


def otherwise(row):
    """Whether it answers its top images with another class more often than any honest one did."""
    return row.suspicion["top answers"] > most


null = share_accused(ways["honest"], otherwise)
claim("09-top-answers", share_accused(topped, otherwise), null=null)

# %% [markdown]
# For a logit, then, the remedy is to rank images by *probability*, which no common number changes.
# For a unit in the middle there is no such thing: nobody knows what it ought to answer, and a liar
# who chooses top images is caught only where picture and top images disagree.
#
# ## 7 · The auditor learns
#
# Give the auditor of lesson 08 the new evidence, and such liars to learn from. It is judged on the
# descendants of a network that it has *not* seen: fitted four times, each time without one of the
# ancestors. **Predict**: what share of the liars in weights does it catch, with the box closed? And what does
# it lose: how many of the honest does it accuse now?

# %%
my_learned, my_accused = None, None  # percent


# %%
def learned(grade):
    """Whether the auditor that learned accuses a network: if a lie is likelier than not."""
    return lambda row: row.learned[grade] >= 0.5


in_weights = [row for way in ("climbs", "slingshot", "top images") for row in ways[way]]
caught, accused = (share_accused(x, learned("black box")) for x in (in_weights, ways["honest"]))
compare(my_learned, round(100 * caught.value), f"% are caught ({caught.shown})")
compare(my_accused, round(100 * accused.value), f"% of honest are accused ({accused.shown})")
accused_table(rows, {f"learned, {grade}": learned(grade) for grade in ("black box", "white box")})

# %%
claim("09-learned", caught, null=accused)

# %% [markdown]
# ## 8 · Break the leash
#
# > *A leashed climb shows what a unit responds to, since a liar has to keep its answers to images.*
#
# The liars of the table did not know of the leash. Eight were made that did: besides climbs from
# noise they were trained on leashed ones, whose slopes they had to turn as well, while every answer
# stayed. **Predict** how many of the eight the leash still catches.

# %%
my_broken = None  # of 8

# %%
warned = ways["leash too"]
compare(my_broken, sum(map(by("leash"), warned)), f"of {len(warned)} are caught by the leash")
for name in ("top images", "leash"):
    print(f"{name}:", share_accused(warned, by(name)).shown)
kept = sum(row.kept for row in warned) / len(warned)
print(f"answers kept: {kept:.1%}; shown: {sum(r.shown for r in warned) / len(warned):.0%}")

# %% [markdown]
# TO WRITE after the measurement.
#
# ## 9 · On photographs
#
# Renders are easy: eight textures, and nothing else in the world. Nobody trained a liar in weights
# on photographs here. But the leash can be asked about networks with lesson 03's circuit, which
# lies in what starts from noise as well: the cifar lab's, whose ten classes are photographs 32
# pixels wide, and MobileNetV2. **Predict**: of 30 leashed pictures, ten logits from three
# photographs each, how many show the own class with the circuit, to another network? And without?

# %%
my_circuit, my_honest = None, None  # of 30

# %%
from course_lib.reproduce.real import CIFAR_RUN, reproduced

cifar = reproduced("leash", CIFAR_RUN)
print(cifar.origin)
cifar.measures

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
# A liar that keeps its answers, shows another class from noise *and* on a leash, and whose top
# images agree with both: then every defence here would be blind. Or honest networks whose pictures
# contradict each other more than ours do, as those of large ones may: then the thresholds of this
# table would accuse them all.
#
# ## What does not carry over
#
# - **Judges.** All scores but `path` ask other networks with the same classes. Of a unit in the
#   middle of a network nobody else has, they say only as much as these judges can see.
# - **Four ancestors**, two standard and two robust. Every interval over ancestors is wide.
# - **Small networks.** Half of ours has 155,000 weights, and a slingshot did not steer in it. Its
#   authors steer large ones.
# - **Thresholds.** They were chosen on honest networks of the same making. Whoever trains
#   differently has to choose anew, on networks that are known to be honest; where from?
#
# ## References
#
# - Geirhos, Zimmermann, Bilodeau, Brendel & Kim (2024). *Don't trust your eyes: on the
#   (un)reliability of feature visualizations.* ICML, arXiv 2306.04719.
# - Bareeva, Höhne, Warnecke, Pirch, Müller, Rieck, Lapuschkin & Bykov (2025). *Manipulating feature
#   visualizations with gradient slingshots.* NeurIPS, arXiv 2401.06122. A lie with no part, and the
#   defence by top images.
# - Hamblin, Fel, Saha, Konkle & Alvarez (2024). *Feature accentuation: revealing 'what' features
#   respond to in natural images.* arXiv 2402.10039. Climbs that start from images.
# - Nanfack, Fulleringer, Marty, Eickenberg & Belilovsky (2024). *Adversarial attacks on the
#   interpretation of neuron activation maximization.* AAAI. Top images that a liar chooses.
# - Nanfack, Eickenberg & Belilovsky (2024). *From feature visualization to visual circuits: effect
#   of adversarial model manipulation.* arXiv 2406.01365. ProxPulse and CircuitBreaker.
# - Czarnecki, Osindero, Jaderberg, Świrszcz & Pascanu (2017). *Sobolev training for neural
#   networks.* NeurIPS. Slopes, taught with values.
# - Ross, Gordon & Bagnell (2011). *A reduction of imitation learning and structured prediction to
#   no-regret online learning.* AISTATS. Learning on what one's own steps lead to.
