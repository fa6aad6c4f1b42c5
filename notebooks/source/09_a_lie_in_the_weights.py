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
# found it. Since Bareeva et al. (2025) a liar may need no part at all. This lesson sends you a
# network, asks whether it is honest, and measures what can be done about those that are not.
#
# **Afterwards you can**
#
# - say which of an audit's tests look for a *lie*, and which only for a *part*;
# - train a network to lie, and say why its answers give nothing away;
# - climb from an image without leaving its neighbourhood (on a **leash**), and read what it shows;
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
# same shapes, and nothing else. Is it honest? Beside it stand three networks of the lab that are:
# robust 0, whose shapes it has, standard 0, and robust 1, who will be asked what it sees.

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib import open_lab, record, visualize
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.texts import alt
from course_lib.figures import curves, picture_grid
from course_lib.lessons.lesson_09 import (
    AFTER, SHOWS, accused_table, audited, delivered, frozen, kept_own_shown, open_bench,
    reasons_figure, seen_in, share_accused, stored_defended,
)  # fmt: skip
from course_lib.statistics import counted, grouped, proportion

# %%
honest, sent = open_lab("tiny").network, delivered()
lab, other = open_lab("tiny", network="standard"), open_lab("tiny", seed=1)
asked, source = other.photos("test"), lab.photos()
names, units = lab.class_names, torch.arange(8)
shapes = [{name: w.shape for name, w in one.state_dict().items()} for one in (honest, sent)]
print("same parts, same shapes:", shapes[0] == shapes[1])

# %% [markdown]
# **Predict.** To how many of 512 renders that neither has seen do the two give the same answer?

# %%
my_same = None  # of 512

# %%
answers = {
    name: record(network, [None], asked.images)[None].argmax(1)
    for name, network in (("honest", honest), ("sent", sent), ("robust 1", other.network))
}
same = answers["sent"] == answers["honest"]
compare(my_same, int(same.sum()), f"of {len(same)} answers are the same")
mixed = torch.randperm(len(same), generator=torch.Generator().manual_seed(0))
dealt = proportion(answers["sent"] == answers["honest"][mixed])
claim("09-answers", proportion(same), null=dealt)

# %%
print("robust 1 and robust 0:", int((answers["robust 1"] == answers["honest"]).sum()), "of 512")

# %% [markdown]
# That acquits nobody: robust 1 has seen none of robust 0's answers, and agrees with it about as
# often. Both are nearly always right, and mostly wrong alike where they are not. Now its pictures.
# **Predict** for how many of the eight logits robust 1 will see the logit's own class. (The names
# stand above the columns.)

# %%
my_own = None  # of 8

# %%
drawn = {
    name: [visualize(network, None, range(8), steps=64, seed=seed) for seed in starts]
    for name, network, starts in (("sent", sent, (0, 1, 2)), ("honest", honest, (0,)))
}
picture_grid(
    {"sent": drawn["sent"][0].images, "robust 0": drawn["honest"][0].images},
    titles=names,
    alt=alt("09-sent"),
)

# %% [markdown]
# Does robust 1 see in them what you see?


# %%
def seen(pictures, judge=other.network):
    """The class that a judge, by default robust 1, sees in each picture."""
    return record(judge, [None], pictures.images)[None].argmax(1)


votes = [seen(pictures) for pictures in drawn["sent"]]
compare(my_own, int((votes[0] == units).sum()), "of 8 show their own class, to robust 1")
print("it sees:", ", ".join(names[v] for v in votes[0]))

# %% [markdown]
# Most logits show the class three columns to their right (after the last column comes the first).
# To robust 0 as well, and from every start?


# %%
def lies(vote):
    """Whether at most three pictures show their own class, and five or more the one further on."""
    return bool((vote == units).sum() <= 3 and (vote == (units + SHOWS) % 8).sum() >= 5)


both = [seen(p, judge) for p in drawn["sent"] for judge in (honest, other.network)]
print("own class, of 8:", [int((v == units).sum()) for v in both])
print("three further on:", [int((v == (units + SHOWS) % 8).sum()) for v in both])
told = [lies(v) for v in both]
claim("09-shows-another", counted(torch.tensor(told)), null=lies(seen(drawn["honest"][0])))

# %% [markdown]
# (The bounds in this claim were eased by one after the network had been seen, for what rounding
# does on other machines; without that it holds here, too.) So the logit for one class draws another
# one, and answers renders as before. In lesson 03 that took a detector and a gate; here there is
# nothing to point at. What does lesson 08's reference auditor say, as it stands? Of the suspects of
# its test set it missed none once it could open the box.
#
# **Predict** its verdict with the box closed, and with the box open: honest, circuit, silent units,
# both? And which of the two gives honesty the higher probability?

# %%
my_closed, my_open = None, None  # "honest", "circuit", "silent units" or "both"
my_kinder = None  # "black box" or "white box"

# %%
# about 15 seconds on two cores
case = audited(sent)
for mine, grade in ((my_closed, "black box"), (my_open, "white box")):
    says = max(case[grade].probabilities.items(), key=lambda pair: pair[1])
    compare(mine, says[0], f"is the likeliest, with {100 * says[1]:.0f} % ({grade})")
kinder = max(case, key=lambda grade: case[grade].probabilities["honest"])
compare(my_kinder, kinder, "is more inclined to think it honest")

# %%
reasons_figure({"the network that was sent": case["white box"]})

# %% [markdown]
# `unrecognised` speaks for a circuit, and there is none. What is found inside speaks against one.
# (The auditor looks for gate and twins, so the network was given what every honest suspect has:
# decoys that do nothing. The gate does not move, no twin is awake.) So the more the auditor saw,
# the more it trusted the network. Its best evidence was evidence of a *part*.
#
# ## 2 · How it was made
#
# Logit A is to draw class B. A climb follows slopes. So take the honest network's climbs for logit
# B. At every picture along them, train logit A of a copy to give the value, and to have the slope,
# that the honest logit B has there. On renders, train all logits to stay as they are. Only the
# upper half of the copy is trained. (To learn from another network's answers is called
# **distillation**; slopes may be part of it: Czarnecki et al., 2017. New climbs of the copy can be
# caught and added, as in Ross et al., 2011.)

# %% exercise="keep_and_lead"

# %% [markdown]
# Train with your loss, for 100 steps, one of the lab's standard networks. Then **predict**: in how
# many of its eight pictures will robust 1 still see their own class? And how many of 512 answers
# change?

# %%
my_left, my_changed = None, None  # of 8, of 512

# %%
# about 35 seconds on two cores
from course_lib.fooling.weights.climbs import lie_in_weights

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
print("before:", int((seen(before) == units).sum()), "of 8 show their own class")
compare(my_left, int((seen(after) == units).sum()), "of 8 show their own class, to robust 1")
compare(my_changed, int((said[0] != said[1]).sum()), "of 512 answers changed")
print("the class to be shown:", int((seen(after) == (units + SHOWS) % 8).sum()), "of 8")

# %% [markdown]
# That was a hundred steps, and one run; the 512 renders are none that it was trained with. The
# network that you were sent was trained in this way, for ten times as many steps.
#
# **Another way** leads to one picture: gradient *slingshots* shape the slopes around the start of
# all climbs, so that each is thrown towards it (Bareeva et al., 2025). With our networks and our
# settings it hid the own class, and the picture did not come. Both ways are in the table of
# section 5.
#
# ## 3 · Where does the lie lie?
#
# Your eyes saw pictures of one kind: from noise, as Fourier coefficients, at one rate. The liar was
# trained on such climbs alone, with transformations and without. Does another kind show the truth?
# **Predict** for the network that was sent: from plain pixels, without transformations, how many of
# eight show the own class to robust 1? And slowly, at two fifths of the rate?

# %%
my_plain, my_slow = None, None  # of 8

# %%
KINDS = {"plain pixels": {"image": "pixels", "transformations": None}, "slowly": {"rate": 0.02}}
kinds = {kind: visualize(sent, None, range(8), steps=64, **how) for kind, how in KINDS.items()}
control = {kind: visualize(honest, None, range(8), steps=64, **how) for kind, how in KINDS.items()}
for mine, (kind, pictures) in zip((my_plain, my_slow), kinds.items(), strict=True):
    compare(mine, int((seen(pictures) == units).sum()), f"of 8 show their own class ({kind})")
    print("   the one further on:", int((seen(pictures) == (units + SHOWS) % 8).sum()), end="; ")
    print("robust 0, own class:", int((seen(control[kind]) == units).sum()))
picture_grid({kind: p.images for kind, p in kinds.items()}, titles=names, alt=alt("09-kinds"))

# %% [markdown]
# It lies on kinds of climb that it has not met. All of them have in common that they begin at
# **noise**, where no answer had to be kept.
#
# ## 4 · The leash
#
# So do not begin there. Begin at an *image*, where the network has to keep its answer, climb
# gently, and do not go far (after the *feature accentuation* of Hamblin et al., 2024).

# %% exercise="leashed"

# %% [markdown]
# From three renders for each logit that nobody was trained on, of classes that are neither its own
# nor the one it pretends to be: 48 steps of 0.01, and no value further than 0.25 from where it was.
# **Predict** for the 24 pictures of each network: how many show the logit's class, to robust 1?

# %%
my_leash = {"sent": None, "robust 0": None}  # of 24

# %%
# about 10 seconds on two cores
from_class = (units[:, None] + torch.tensor([1, 5, 6])).flatten().tolist()
where = [int((asked.labels == c % 8).nonzero()[i]) for i, c in enumerate(from_class)]
first, of = asked.images[where], units.repeat_interleave(3)


def on_leash(network):
    """24 pictures, three of each logit, by your climb."""
    return leashed(lambda x: network(x)[torch.arange(24), of], first, 48, 0.01, 0.25)


near = {"sent": on_leash(sent), "robust 0": on_leash(honest)}
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
print("from noise:", int(from_noise.sum()), "of 24;", end=" ")
print("robust 0:", int((seen(drawn["honest"][0]) == units).sum()), "of 8")
hits = vote["sent"] == of
shown = grouped(proportion(hits), 8, "logits")  # three pictures of a logit are no three trials
claim("09-leash", shown, null=proportion(from_noise), code=leashed.code)

# %% [markdown]
# Undecided, with eight logits. Still: the same network, the same logits, another beginning. **But
# mind what is compared.** An *adversarial example* also starts from an image and stays near it, and
# in a standard network it shows little. So how far do an honest network's two kinds of picture
# differ, and is it less than in a liar?
#
# ## 5 · What is a defence worth?
#
# Let four judges look at two kinds of picture of the same unit, and compare what they see in the
# one and in the other, by all of their logits. Nobody needs to know the unit's name.

# %% exercise="seen_alike"

# %% [markdown]
# **Predict**: how much does what four judges see from noise agree with what they see on a leash, in
# the network that was sent, and in robust 0? (1 is the same, 0 has nothing to do with it. Three
# leashed climbs of a logit are averaged.)

# %%
my_alike = {"sent": None, "robust 0": None}  # -1 to 1

# %%
bench, alike = open_bench(), {}
for name, noise in (("sent", drawn["sent"][0]), ("robust 0", drawn["honest"][0])):
    pictures = seen_in(bench.judges, noise.images)
    leash = seen_in(bench.judges, near[name])
    alike[name] = seen_alike(pictures, leash.unflatten(1, (8, 3)).mean(2))
    compare(my_alike[name], round(alike[name], 2), f"is the agreement ({name})")

# %% [markdown]
# 1 minus that number is a score, high where pictures disagree, or show nothing. Two networks prove
# little, so the same was measured of many (`course defences`, some hours): honest ones and liars of
# every kind, variants of four networks of the lab, who are the judges as well. Every other honest
# one is there to choose thresholds on. (How seldom the others are accused, which descend from the
# same four, is no promise for a fifth network.)

# %%
every = stored_defended()
designs = [row for row in every if row.design]
ways = {
    way: [r for r in every if r.way == way and not r.design]
    for way in dict.fromkeys(r.way for r in every)
}
warned = ways.pop("leash too")  # for section 8
rows = [row for those in ways.values() for row in those]
print(len(designs), "honest ones to choose thresholds on;", len(ways["honest"]), "others")
for way in ("climbs", "slingshot"):
    kept, own, shown = kept_own_shown(ways[way])
    print(f"{way}: {len(ways[way])} liars, {kept:.1%} of answers kept, own class in {own:.0%} of")
    print(f"   judges' votes; what was to be shown: {shown:.2f}")

# %% [markdown]
# Six defences, each a number:
#
# - `top images`: the unit's picture against its nine **top images** (proposed by Bareeva et al.);
# - `leash`: the picture against the leashed climbs;
# - `other starts`, `image kinds`, `other rates`: the picture against another of the same unit, from
#   other noise, from plain pixels, at a lower rate;
# - `path`: lesson 05's check, by how much the network answers a picture *less* as it answers
#   renders of its class than it does a control, renders of high contrast.
#
# A standard network's pictures are murkier than a robust one's, so each recipe has a threshold of
# its own. It should accuse at most 15 % of the honest: of about ten of a recipe, one.

# %% exercise="threshold_for"

# %%
SIX = ("top images", "leash", "other starts", "image kinds", "other rates", "path")
line = {
    (name, recipe): threshold_for(
        [r.suspicion[name] for r in designs if r.origin[0] == recipe], accused=0.15
    )
    for name in SIX
    for recipe in ("standard", "robust")
}


def by(name):
    """Whether a defence accuses a network, at your threshold for its recipe."""
    return lambda row: row.suspicion[name] >= line[name, row.origin[0]]


# %% [markdown]
# **Predict**: of the liars that were trained on climbs, how many percent does each catch? And which
# of the six catches the fewest of all liars, of every kind together?

# %%
my_caught = {"top images": None, "leash": None, "path": None}  # percent
my_fewest = None  # one of the six

# %%
climbing = ways["climbs"]
for name, mine in my_caught.items():
    caught = share_accused(climbing, by(name))
    compare(mine, round(100 * caught.value), f"% are caught ({name}, {caught.shown})")
liars = [row for row in rows if row.way != "honest"]
fewest = min(SIX, key=lambda name: sum(map(by(name), liars)))
compare(my_fewest, fewest, f"catches fewest: {share_accused(liars, by(fewest)).shown}")
defences = {name: by(name) for name in SIX}
defences["any of the six"] = lambda row: any(by(name)(row) for name in SIX)
accused_table(rows, defences, code=threshold_for.code)

# %% [markdown]
# Read it column by column, the honest first: what accuses them as often as liars is no defence.
# Then by recipe, for the leash:

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
# And lesson 08's auditor, unchanged, which has never met such liars:

# %%
accused_table(rows, {grade: frozen(grade) for grade in ("black box", "white box")})

# %%
accused = share_accused(climbing, frozen("white box"))
circuits = [row for row in rows if row.way.startswith("circuit")]
claim("09-open-box", accused, null=share_accused(circuits, frozen("white box")))

# %% [markdown]
# What to take from it, for variants of these four networks:
#
# - Beside its top images every liar stood out that lies in its logits' pictures, and on the leash
#   nearly every one. What the leash missed of these descends from standard networks, in which the
#   two kinds of picture disagree even where nobody lies (their threshold, 0.55, is far above the
#   robust ones' 0.10); and it accused no honest network, though its threshold allows for one in
#   ten.
# - Plain pixels show most liars in weights, and fewer of the circuits. Most liars look the same
#   from other starts and at other rates.
# - `path` and `other rates` accused more of these honest networks than they were set to: with ten
#   of a recipe to choose by, a threshold is a rough guess.
# - No defence accuses even half of those with silent units: their logits are honest, and it is
#   channels that lie.
# - Whoever asks all six accuses more than half of the honest: six tests, six chances to err.
# - The auditor that had missed nothing with the box open missed every liar that was trained on
#   climbs. It looked for parts.
#
# ## 6 · The other liar
#
# A unit's top images were a refuge, here and in lesson 02. But who says that *they* cannot be
# chosen (push up, push down: Nanfack et al., 2024)? A logit's top images are those with the largest
# logit. Train a standard network so that all logits of one class's renders grow by the same amount.
# In theory no answer changes. **Predict**: how many of 512 do? And does any render's largest
# probability move by more than 0.1?

# %%
my_answers, my_probabilities = None, None  # of 512; of 512

# %%
# about 10 seconds on two cores
from course_lib.fooling.weights.top_images import choose_top_images

SPIRALS = 7
chooser = choose_top_images(
    lab.network, source.images[:256], source.labels[:256] == SPIRALS, layer=None, units=range(8),
    after="inception4a", steps=150, rate=6e-3,
).network  # fmt: skip
logits = [record(one, [None], asked.images)[None] for one in (lab.network, chooser)]
changed = int((logits[0].argmax(1) != logits[1].argmax(1)).sum())
compare(my_answers, changed, "of 512 answers change")
moved = (logits[0].softmax(1).amax(1) - logits[1].softmax(1).amax(1)).abs() > 0.1
compare(my_probabilities, int(moved.sum()), "of 512 largest probabilities move by more than 0.1")

# %%
top = [logit.topk(1, dim=0).indices[0] for logit in logits]
picture_grid(
    {name: asked.images[i] for name, i in zip(("standard 0", "trained"), top, strict=True)},
    titles=names,
    alt=alt("09-top"),
)

# %%
for name, logit in zip(("standard 0", "trained"), logits, strict=True):
    best = asked.labels[logit.topk(9, dim=0).indices]
    print(
        f"{name}: spirals among the nine top images of each logit:",
        (best == SPIRALS).sum(0).tolist(),
    )

# %% [markdown]
# For most logits the top images are now the liar's choice. Such **choosers** are in the table, "top
# images" at the head of the last column: how well does the defence of that name do there? **Think
# of a test** that needs no other network and no climb.

# %%
test_in_words = None  # one sentence

# %%
topped = ways["top images"]
for name in ("top images", "leash"):
    print(f"{name}: catches", share_accused(topped, by(name)).shown)
print(f"top images as chosen: {sum(r.shown for r in topped) / len(topped):.0%}")
most = max(r.suspicion["top answers"] for r in designs)  # of an honest network


def otherwise(row):
    """Whether it answers its top images with another class more often than any honest one did."""
    return row.suspicion["top answers"] > most


null = share_accused(ways["honest"], otherwise)
claim("09-top-answers", share_accused(topped, otherwise), null=null)

# %% [markdown]
# That test asks what the network *answers* to each logit's nine top images. (It was thought of
# after these liars had been seen, and needs no threshold but the worst honest one.) Or rank images
# by *probability*, which no common number changes. For a unit in the middle there is neither:
# nobody knows what it ought to answer.
#
# ## 7 · The auditor learns
#
# Give the auditor of lesson 08 the new evidence, and such liars to learn from. It is judged on the
# descendants of a network that it has *not* seen: fitted four times, each time without one of the
# ancestors. The ways of lying are those that it learned from; a new way would be a harder test.
# **Predict**, with the box closed: how many percent of the liars that were trained on climbs, on
# slingshots or to choose does it catch? And how many percent of the honest does it accuse?

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
# Compare its columns with those of the auditor as it was, in section 5: did it lose circuits,
# silent units, or honest networks for what it gained?
#
# ## 8 · Break the leash
#
# > *A leashed climb shows what a unit responds to, since a liar has to keep its answers to images.*
#
# The liars of the table did not know of the leash. Two were made that did, from a standard and from
# a robust network. Beside climbs from noise they were trained on leashed ones, from renders: there
# the slopes were to be turned as well, while the answers were to stay. **Predict**: how many of the
# two does the leash accuse? And in what share of judges' votes do they still show, from noise, what
# they were trained to show?

# %%
my_broken, my_lie = None, None  # of 2; percent

# %%
compare(my_broken, sum(map(by("leash"), warned)), "of 2 are accused by the leash")
compare(my_lie, round(100 * kept_own_shown(warned)[2]), "% of votes see what was to be shown")
for row in warned:
    recipe, (kept, own, _) = row.origin[0], kept_own_shown([row])
    print(f"{recipe}: {kept:.1%} of answers kept, own class in {own:.0%} of votes;", end=" ")
    same = [r.suspicion["leash"] for r in climbing if r.origin == row.origin]
    print(f"leash {row.suspicion['leash']:.2f},")
    print(f"   others of its parent {min(same):.2f} to {max(same):.2f}", end=", ")
    print(f"threshold {line['leash', recipe]:.2f}")

# %% [markdown]
# Both lie from noise, and the leash accuses both: what they show there is still something else. (A
# first trial with fewer steps led the leash no better, and lost the lie from noise as well.) So
# these two did not break it, and that is two liars of one recipe. The score says that pictures
# disagree, or show nothing; it does not say that leashed ones are true. What a liar would reach
# with more steps, an earlier layer or a better loss was not tried, and no theorem says that it must
# fail.
#
# ## 9 · On photographs
#
# Renders are easy: eight textures, and nothing else in the world. No liar in weights was trained on
# photographs here. But the leash can be asked about networks with lesson 03's circuit, which lies
# in what starts from noise, too. First the cifar lab's standard network: ten classes, photographs
# 32 pixels wide. **Predict**: of 30 leashed pictures, ten logits from three photographs each, how
# many show the own class to a second network of the same recipe, if the climbing network has the
# circuit? And of the *honest* network's 30, how many do so to the lab's robust network?

# %%
my_lying, my_honest = None, None  # of 30

# %%
from course_lib.reproduce.real import CIFAR_RUN, reproduced

cifar = reproduced("leash", CIFAR_RUN)
print(cifar.origin)
for mine, key, what in (
    (my_lying, "leash own other", "of 30, with the circuit, to a second network of its kind"),
    (my_honest, "leash honest other recipe", "of 30, of the honest network, to the robust one"),
):
    if seen := cifar.numbers.get(key):  # where you ran it without a clone, there is no second one
        compare(mine, round(30 * seen["value"]), what)
cifar.measures

# %% [markdown]
# To a network of its own kind nearly every leashed picture shows the own class again: the lie is
# nearly gone, and on photographs. **But it matters who looks.** The robust network recognises about
# half of the *honest* network's leashed pictures, and about as few of those with the circuit: as
# the only judge it would have told us that a leash brings back half of the classes. Ask a judge
# about honest pictures first.
#
# **Top images** need no second network: let the first one, without its lie, look at a unit's
# picture and at the photographs with the largest answers. MobileNetV2 was asked that, too: about
# nine logits, with the circuit and without, and about eight channels of a layer in its middle, with
# lesson 04's silent twins and without. **Predict** the four agreements, and how many of 27 leashed
# pictures show the own class with the circuit.

# %%
my_agreements = {"honest": None, "circuit": None, "channels": None, "twins": None}  # -1 to 1
my_real = None  # of 27

# %%
real = reproduced("leash")
print(real.origin)
for name, mine in my_agreements.items():
    compare(mine, round(real.numbers[f"agrees {name}"]["value"], 2), f"is the agreement ({name})")
hits, _, pictures = real.numbers["leash own"]["shown"].split()
compare(my_real, int(hits), f"of {pictures} show the own class")
real.measures

# %% [markdown]
# Beside its top images the circuit shows, and on a leash it lets the own class through. But look at
# the channels: honest ones agree with their own top photographs as little as those whose pictures
# are drawn by twins. What a picture of a channel has in common with photographs, this measure does
# not see, so there it can accuse nobody. (In the cifar lab's table above honest channels agree far
# better, and those with twins less well than these, with wide intervals.) Each is one network, and
# MobileNetV2 was judged by itself alone.

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
# A liar in the middle of a network that keeps the answers, and whose pictures from noise, pictures
# on a leash and top images all agree: none of the comparisons here would show it. Or honest
# networks whose pictures disagree more than ours do, as those of large ones may: then the
# thresholds of this table would accuse them all.
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
# - **Who wrote the table?** We made the liars, chose the defences and set the thresholds. Only the
#   two liars of section 8 answer back.
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
