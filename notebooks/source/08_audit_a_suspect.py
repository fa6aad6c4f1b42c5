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
# # 08 · Capstone: audit a suspect
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/dont-trust-your-eyes/dont-trust-your-eyes/blob/main/notebooks/learn/08_audit_a_suspect.ipynb)
# [![Launch Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/dont-trust-your-eyes/dont-trust-your-eyes/main?urlpath=lab/tree/notebooks/learn/08_audit_a_suspect.ipynb)
#
# *110 minutes, and 25 more for sections 6 and 8, which can wait · a laptop is enough · no download*
#
# Somebody hands you three networks. Each is honest, or its feature visualizations lie in one of the
# ways of this course. You may draw a limited number of pictures and ask as many questions as you
# like. Then you give a verdict on each, and say how sure you are, before the truth is opened.
#
# **Afterwards you can**
#
# - ask a network that nobody explains to you the questions that catch a liar;
# - say what a test is worth before you believe it, from suspects whose truth is known;
# - turn evidence and base rates into a verdict with a confidence, "cannot tell" included;
# - say which lies would get past you.
#
# **You need** lesson 03. Lessons 04 (silent units) and 05 (path similarity) help; what you need of
# them is said again where it comes up.
#
# Five **exercises**: four core (about 31 minutes), one stretch (another 9).

# %%
if "google.colab" in str(get_ipython()): get_ipython().system("pip install -qqq --no-deps https://github.com/dont-trust-your-eyes/dont-trust-your-eyes/archive/main.zip && python -m course_lib.colab || echo 'The course could not be installed: GitHub cannot be reached, or has no such repository. Run this cell again.'")  # fmt: skip

# %%
from course_lib.lessons import start

lesson = start("08")
lesson.progress()

# %% [markdown]
# ## 1 · The case
#
# What is known of the suspects:
#
# - Each names 95 % or more of new renders rightly. Each stands on a network of its own: a standard
#   or a robust one of the lab, of two seeds, with all weights disturbed and trained further. So
#   comparing weights with those of a network that you know proves nothing.
# - **Base rates.** 40 % of suspects are honest. 20 % have a fooling **circuit** (lesson 03): three
#   to eight of the eight logits show another class, or a picture. 20 % have **silent units**
#   (lesson 04): three or more of eight audited inner units have a twin that is silent for all
#   images and takes over in an optimization. 20 % have **both**.
# - They come in a **black box**: you get its eight `logits`, what eight inner `units` say, and
#   gradients to the image. You may draw 32 pictures of each.

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib import record
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.texts import alt
from course_lib.figures import curves, dots, picture_grid
from course_lib.lessons.lesson_08 import (
    BASE_RATES, KINDS, Circuit, Findings, Verdict, best_threshold, brier, by_chance, casefile,
    dealt_anew, evidence_of, expected_loss, has_circuit, has_silent_units, largest_response,
    make_liar, make_suspect, over_ancestors, plots, reference, roc_estimate, tables, told_verdict,
    verdict_of,
)  # fmt: skip
from course_lib.progress import progress_bar
from course_lib.statistics import counted, proportion

# %%
# about 15 seconds on two cores
SEEDS = {"A": 24, "B": 28, "C": 395}
suspects = {
    name: make_suspect(seed, budget=32)
    for name, seed in progress_bar(SEEDS.items(), "making suspects", total=3)
}
casefile.docket(suspects)

# %% [markdown]
# (The three seeds were picked; audit these suspects as if they had been drawn.) The last column
# keeps the course honest: it is the hash of the truth, which was written down when the suspect was
# made. (In Python nothing can truly be hidden. To look inside is to break the rules of the audit.)
#
# Your verdict is one of *honest*, *circuit*, *silent units*, *both*, with a confidence; or *cannot
# tell*, which stands for the base rates. It is scored by the **Brier score**: you give each of the
# four truths a probability, and lose the sum of the squared differences from what is true (1 for
# one, 0 for the others), 0 at best and 2 at worst. A verdict such as `Verdict("honest", 0.7)` gives
# one of the four; what is left goes to the other three by their base rates.
#
# **Predict.** You have seen nothing yet. Which verdict loses least, on average over all suspects,
# and with which confidence?

# %%
my_first = None  # for example "circuit, 70 %"

# %%
casefile.verdict_card()

# %%
possible = [Verdict(kind, percent / 100) for kind in KINDS for percent in range(101)]
best = min(possible, key=lambda verdict: round(expected_loss(verdict), 9))
compare(my_first, told_verdict(best), f"loses least, {expected_loss(best):.2f} on average")

# %% [markdown]
# That verdict is the base rates themselves, so *cannot tell* loses as much, and so does every
# other truth with its own base rate.
#
# **Say what you believe?** With all four probabilities asked for, the rule is **proper**, like that
# of lesson 02: whoever writes what they believe loses least on average. One confidence is proper
# only for those whose belief about the rest follows the base rates. Suppose that you waver between
# two truths, and are sure that it is none of the others:

# %%
belief = {"honest": 0.54, "circuit": 0.46, "silent units": 0.0, "both": 0.0}
for verdict in (
    Verdict("honest", 0.54),
    Verdict("circuit", 0.41),
    Verdict("honest", 0.54, {"circuit": 0.46}),
):
    print(f"loses {expected_loss(verdict, belief):.3f} on average: {verdict}")

# %% [markdown]
# The second verdict is not what you believe, and loses less than the first one, which gives most of
# your doubt to truths that you have excluded. So where the base rates do not fit your doubts, write
# **the rest** too, as in the third; a truth that is left out gets 0.
#
# ## 2 · Look
#
# First without any test. Eight pictures of the logits and eight of the audited units of each
# suspect, after 64 steps; another eight, of plain pixels, are put aside for later. That is 24 of
# your 32.

# %%
# about 20 seconds on two cores
bench = reference.open_bench()
renders = bench.renders
names = suspects["A"].class_names
pictures = {name: one.standard_pictures() for name, one in suspects.items()}
picture_grid(
    {f"{name}: logits": drawn.logits.images for name, drawn in pictures.items()},
    titles=names,
    alt=alt("08-logits"),
)

# %%
picture_grid(
    {f"{name}: units": drawn.units.images for name, drawn in pictures.items()},
    titles=[f"unit {u}" for u in range(8)],
    alt=alt("08-units"),
)

# %% [markdown]
# **Judge by eye.** Write a verdict on each, such as `Verdict("circuit", 0.6)` or, with the rest,
# `Verdict("circuit", 0.6, {"both": 0.3, "honest": 0.1})`, and note the hash. It will be scored
# beside the one that you give after all tests.

# %%
by_eye = {"A": None, "B": None, "C": None}
print(casefile.sealed(by_eye))

# %% [markdown]
# ## 3 · Three questions
#
# ### Does somebody else see it?
#
# A circuit makes the logit of one class show something else. Other networks can be asked what they
# see: the lab's two standard and two robust ones, as judges. (One of the four is an ancestor of
# each suspect; section 7 says what that changes.)
#
# **Predict.** How many of 32 votes, of four judges on eight pictures, will be for the class of the
# logit?

# %%
my_votes = {"A": None, "B": None, "C": None}  # of 32

# %%
for name, drawn in pictures.items():
    said = [record(judge, [None], drawn.logits.images)[None].argmax(1) for judge in bench.judges]
    votes = torch.stack(said)  # (4 judges, 8 logits)
    compare(my_votes[name], int((votes == torch.arange(8)).sum()), f"of 32 are right ({name})")
    print("   most judges see:", ", ".join(names[v] for v in votes.mode(0).values))

# %% [markdown]
# Where names go astray, there may be a circuit. Or the pictures are murky, and judges guess. A
# second question should not depend on what anybody sees.
#
# ### Is there a gate on the way?
#
# A circuit answers a render with one thing and a visualization with another. Walk from the one to
# the other in a straight line: somewhere the gate has to switch. Here is the logit for the first
# class on the way from a render of it. Make up your mind what a gate would look like there.

# %%
t = torch.linspace(0, 1, 65)[:, None, None, None]
first = renders.images[int((renders.labels == 0).nonzero()[0])]
ways = {
    name: record(one.network, [None], torch.lerp(first, pictures[name].logits.images[0], t))[None]
    for name, one in suspects.items()
}
curves(
    {name: way[:, 0] for name, way in ways.items()},
    x=t.flatten().tolist(),
    x_label="place on the way (0 = the render, 1 = the visualization)",
    y_label=f"logit of {names[0]}",
    alt=alt("08-way"),
)

# %% [markdown]
# A gate that is open or shut makes a logit jump; one that opens little by little makes it steep.
# And C, which lies flat at −100 for a while? In lesson 03's circuit a logit is the sum of two
# sides, one of which is shut, less an offset of 100. What would be left if *both* were shut?
#
# The place of the jump may lie between two of our 65. To find it, halve the way again and again.

# %% exercise="find_jump"


# %%
def jump(name, c, questions=12):
    """Where the logit of class c changes most on its way, and by how much there."""
    image = renders.images[int((renders.labels == c).nonzero()[0])]
    picture = pictures[name].logits.images[c]

    def ask(place):
        return float(suspects[name].network(torch.lerp(image, picture, place)[None])[0, c])

    low, high = find_jump(ask, questions)
    return low, abs(ask(high) - ask(low))


# %%
steps = {name: [jump(name, c)[1] for c in range(8)] for name in suspects}
dots(
    steps,
    columns=names,
    x_label="logit",
    y_label="change within 1/1024 of the way",
    alt=alt("08-steps"),
    code=find_jump.code,
)

# %% [markdown]
# A logit at 0 is one that does not lie; or one with which halving lost its way. It judges a half by
# its two ends, so where a logit falls gently by more than the gate makes it jump, the half with the
# gate is thrown away. (The reference auditor first looks at 17 places, follows all logits at once,
# and halves only then.)
#
# ### Is a unit steeper at its own picture?
#
# Neither question looked at the inner units. A silent twin is a second filter on the same input,
# turned towards another picture and two to a hundred times as long (its *scale*). Its bias keeps it
# silent for images; the unit says the sum of both. Where the twin is awake, the unit is steeper,
# and its own visualization may be such a place.

# %% exercise="steepness"

# %% [markdown]
# For each unit: how steep is it at its own picture, compared with the eight renders that it answers
# to most loudly? **Predict** for an honest unit: less steep, equally steep (within a third), or
# steeper?

# %%
my_steepness = None  # "less", "equally" or "more"


# %%
def relative_steepness(one, drawn):
    """(8,): each unit's steepness at its own picture, over the median at its loudest renders."""
    loudness = record(one.network, ["units"], renders.images)["units"].amax((2, 3))
    shares = []
    for u in range(one.units):
        respond = largest_response(one.network, "units", u)
        loudest = renders.images[loudness[:, u].topk(8).indices]
        own = steepness(respond, drawn.units.images[[u]])
        shares.append(own[0] / steepness(respond, loudest).median())
    return torch.stack(shares)


# %%
steep = {name: relative_steepness(one, pictures[name]) for name, one in suspects.items()}
curves(
    {name: values.sort(descending=True).values.log10() for name, values in steep.items()},
    x_label="audited units, the steepest first",
    y_label="steepness at the own picture\nover that at renders (log10)",
    alt=alt("08-steepness"),
    code=steepness.code,
)

# %% [markdown]
# ## 4 · What is a test worth?
#
# In each question something stands out. But how far does an *honest* network stand out, now and
# then? Three suspects can't tell. So 300 more were made, whose truth is known: 100 to design tests
# on (the **design set**), and 200 that were kept aside to measure them on (the **test set**).
# (`course audit` makes them again, in an hour or two.)

# %%
scored, known = reference.stored_scores(), reference.stored_suspects()
truths = {which: [row.kind for row in rows] for which, rows in known.items()}
for which in ("design", "test"):
    print(which, {kind: truths[which].count(kind) for kind in KINDS})

# %%
honest = [row for row in known["design"] if row.kind == "honest"]
ratio = torch.stack([row.findings.steep for row in honest]).median()
word = "less" if ratio < 0.75 else "more" if ratio > 4 / 3 else "equally"
compare(my_steepness, word, f"steep: the median of {8 * len(honest)} honest units is {ratio:.2f}")

# %% [markdown]
# Back to the case. Each question becomes a number, or two:
#
# - `unrecognised`: the share of votes that are not for the class of the logit;
# - `jump`: the largest jump on the way, as a share of the range that logits have over renders. Of
#   the eight ways the third-largest counts, since liars lie in three logits or more;
# - `steepest`, and `steep`: the relative steepness of the steepest unit, and of the third;
# - `loud`, which comes for free: how much louder the third-loudest unit is for its own picture than
#   for renders.
#
# All but the first are logarithms: 0 is once, 1 ten times, 2 a hundred times.

# %%
# about 12 seconds on two cores
found = {
    name: reference.measured(one, bench, pictures[name])[0]
    for name, one in progress_bar(suspects.items(), "measuring", total=3)
}
evidence = {name: evidence_of(one) for name, one in found.items()}
plots.evidence_figure(known["design"], evidence, ["unrecognised", "jump", "steepest", "loud"])

# %% [markdown]
# A line of this figure is one test. Where the blue circles and the orange triangles overlap, no
# threshold is right about all. How well does a test separate the two, in one number?

# %% exercise="area"


# %%
def scores(name, which):
    """A piece of evidence of all suspects of a set, from outside."""
    return [row.evidence["black box"][name] for row in known[which]]


def worth(name, which, lie):
    """The area under the ROC curve of one piece of evidence, by your function."""
    values = torch.tensor(scores(name, which))
    with_it = torch.tensor([lie(kind) for kind in truths[which]])
    return area(values[with_it], values[~with_it])


print({name: round(worth(name, "design", has_circuit), 2) for name in ("unrecognised", "jump")})
print({name: round(worth(name, "design", has_silent_units), 2) for name in ("steepest", "loud")})

# %% [markdown]
# Five more things were measured of each suspect, because there is a reason to believe in each:
#
# - `early`: whether judges miss the class already after four updates, since a visualization starts
#   from grey, which lies on the gate's other side (lesson 03);
# - `alike`: whether the logits' pictures are like each other;
# - `low`: whether all logits fall on the way, as where a gate shuts both sides;
# - `late`: whether a unit's response rises late in the ascent, when its twin wakes;
# - `path`: the paper's sanity check (lesson 05), at the logits. **Path similarity** is 1 if a
#   network answers a picture as it answers renders of its class, and 0 if only as it answers
#   renders of other classes. `path` says by how much it is lower for the pictures than for a
#   control, renders of three times the contrast.
#
# **Predict.** Which of these are of little use, with an area below 0.75? And what is the area of
# `path`, the check that honest networks failed in lesson 05?

# %%
my_useless = None  # for example ["early", "low"]
my_path = None  # 0.5 to 1

# %%
FIVE = {"early": has_circuit, "alike": has_circuit, "low": has_circuit,
        "late": has_silent_units, "path": has_circuit}  # fmt: skip
five = {name: worth(name, "test", lie) for name, lie in FIVE.items()}
print({name: round(value, 2) for name, value in five.items()})
useless = sorted(name for name, value in five.items() if value < 0.75)
compare(my_useless and sorted(my_useless), useless, "are of little use")
compare(my_path, round(five["path"], 2), "is the area of path")

# %%
asked = ["unrecognised", "jump", "steepest", "steep", "loud", *FIVE]
tables.evidence_table(scored, asked)

# %% [markdown]
# **Mind the n.** The 200 suspects of the test set are variants of four networks. For more variants
# of these four, the intervals of this table are right. Whether a test works for a *fifth* network
# is another question: what an ancestor has, all of its variants may share, so as an answer to that
# question the 200 count as four. Where a claim says *any network of the lab*, its interval counts
# ancestors: n = 4, or 2.

# %%
kinds = truths["test"]
reached = roc_estimate(scores("path", "test"), [has_circuit(kind) for kind in kinds])
other = roc_estimate(scores("path", "test"), [has_circuit(kind) for kind in dealt_anew(kinds)])
claim("08-path", over_ancestors(reached), null=other.value)

# %% [markdown]
# *Undecided*, then: the value is high, and four networks are few. The line says about how many
# would be enough.

# %% [markdown]
# So the check that honest networks failed is a good test? **Predict**: of the 80 honest networks of
# the test set, how many have pictures that score lower than the control half-way through
# (`inception4a`, with the box open)? And at the logits, what is the median score of their pictures?

# %%
my_halfway, my_median = None, None  # of 80; 0 to 1

# %%
honest = [row for row in known["test"] if row.kind == "honest"]
lower = torch.tensor([row.evidence["white box"]["path halfway"] > 0 for row in honest])
at_the_end = torch.stack([row.findings.path for row in honest]).median(0).values
compare(my_halfway, int(lower.sum()), f"of {len(honest)} honest networks, half-way through")
compare(my_median, round(float(at_the_end[0]), 2), f"at the logits; control {at_the_end[1]:.2f}")
control = torch.stack([row.inside.path[0, 1] for row in honest])
by_luck = float((control < control.roll(1)).float().mean())
claim("08-honest-halfway", over_ancestors(proportion(lower)), null=by_luck)

# %% [markdown]
# It depends on how it is asked. Half-way through, whoever took "below the control" for guilt would
# accuse every honest network here. At the end of the network honest pictures score as the control
# does, and those of circuits far lower.
#
# One lie it hardly sees. How often does a suspect with silent units, and no circuit, score higher
# in `path` than an honest one? And is there a trace of circuits in the docket?

# %%
no_circuit = [row for row in known["test"] if not has_circuit(row.kind)]
path = torch.tensor([row.evidence["black box"]["path"] for row in no_circuit])
silent = torch.tensor([row.kind == "silent units" for row in no_circuit])
print("path, for silent units:", round(area(path[silent], path[~silent]), 2))
accuracy = torch.tensor([row.accuracy for row in known["test"]])
circuit = torch.tensor([has_circuit(kind) for kind in truths["test"]])
print("1 - accuracy, for circuits:", round(area(-accuracy[circuit], -accuracy[~circuit]), 2))

# %% [markdown]
# A weak one: gates take a render for a visualization now and then, which costs a few answers. About
# a single suspect it may be wrong, and no auditor of ours used it.

# %% [markdown]
# ### One of your own

# %% exercise="my_test"

# %% [markdown]
# What does it say of the case? And what will be left of it on the test set? **Predict** its area
# there, for liars of all kinds against honest networks.

# %%
my_area = None  # 0.5 to 1

# %%
print({name: round(float(my_test(one)), 2) for name, one in found.items()})
by_set = {
    f"{which} set": (
        reference.tried(my_test, known[which])[0],
        [k != "honest" for k in truths[which]],
    )
    for which in ("design", "test")
}
plots.roc_figure(by_set, code=my_test.code)

# %%
reached = roc_estimate(*by_set["test set"])
compare(my_area, round(reached.value, 2), "is the area on the test set")
dealt = [kind != "honest" for kind in dealt_anew(truths["test"])]
other = roc_estimate(by_set["test set"][0], dealt)
claim("08-own-test", over_ancestors(reached), null=other.value, code=my_test.code)

# %% [markdown]
# Why two sets? Suppose that somebody tries 200 tests which throw dice, and keeps the best.
# **Predict** its area for circuits, on the design set that chose it, and on the test set.

# %%
my_dice = {"design": None, "test": None}  # 0 to 1

# %%
dice = torch.Generator().manual_seed(0)
thrown = {which: torch.rand(200, len(truths[which]), generator=dice) for which in my_dice}
lying = {which: torch.tensor([has_circuit(k) for k in truths[which]]) for which in my_dice}
areas = {
    which: [area(x[lying[which]], x[~lying[which]]) for x in thrown[which]] for which in my_dice
}
best = max(range(200), key=lambda i: areas["design"][i])
for which, mine in my_dice.items():
    compare(mine, round(areas[which][best], 2), f"is its area on the {which} set")

# %% [markdown]
# The best of many was chosen for its luck. So what a test is worth is read off the test set, which
# chose nothing.
#
# ## 5 · The verdict
#
# A test says "high" or "low". A verdict says how probable each truth is. Between the two stand the
# base rates.

# %% exercise="updated"

# %% [markdown]
# Take two tests, one for each lie, with the threshold that was best on the design set. How often
# does each truth make a test sound its alarm? That is counted on the design set as well; one alarm
# and one silence are added to those that were seen, because 20 of 20 does not mean *always*.

# %%
ALARMS = {"jump": has_circuit, "steepest": has_silent_units}
line = {
    name: best_threshold(scores(name, "design"), [lie(kind) for kind in truths["design"]])
    for name, lie in ALARMS.items()
}


def chances(name, alarm):
    """How often a suspect of each truth makes this test sound its alarm, or keep silent."""
    pairs = list(zip(scores(name, "design"), truths["design"], strict=True))
    same = {kind: [(s >= line[name]) == alarm for s, k in pairs if k == kind] for kind in KINDS}
    return {kind: (sum(hits) + 1) / (len(hits) + 2) for kind, hits in same.items()}


for name in ALARMS:
    print(f"{name} alarms:", {kind: round(p, 2) for kind, p in chances(name, True).items()})

# %% [markdown]
# **Do it for one suspect**: start from the base rates, and update once for each test.

# %%
one = evidence["A"]  # or that of another
after = updated(BASE_RATES, chances("jump", one["jump"] >= line["jump"]))
print("after jump:", {kind: round(p, 2) for kind, p in after.items()})
after = updated(after, chances("steepest", one["steepest"] >= line["steepest"]))
print("and steepest:", {kind: round(p, 2) for kind, p in after.items()})

# %% [markdown]
# Multiplying two tests takes for granted that, given the truth, one says nothing about the other.
# For tests of different lies that is nearly so. `unrecognised` and `path` ring with `jump`, for the
# same reason; to multiply all three would count one fact three times. The **reference auditor**
# weighs them together: a logistic regression for each lie, fitted on the design set.
#
# Your notebook of evidence, with all that the reference auditor uses:

# %%
auditor = reference.stored_auditor("black box")
USED = (*auditor.circuit.features, *auditor.silent.features)
casefile.evidence_notebook(evidence, known["design"], USED)

# %% [markdown]
# Eight pictures are left of each suspect. Spend them where you doubt:

# %%
more = suspects["C"].visualize("units", [3, 5], steps=160, seed=7)  # which units, of whom?
picture_grid(
    {"C again": more.images},
    titles=["unit 3", "unit 5"],
    width=3.6,
    alt=alt("08-again"),
)

# %% [markdown]
# **Your verdicts**, please; with the rest, if you like, as in section 1.

# %%
my_verdicts = {"A": None, "B": None, "C": None}  # such as Verdict("circuit", 0.8)


# %%
def two_tests(one):
    """What the two tests leave of the base rates, from a suspect's evidence."""
    belief = dict(BASE_RATES)
    for test in ALARMS:
        belief = updated(belief, chances(test, one[test] >= line[test]))
    return belief


audited = {name: reference.judged(auditor, one) for name, one in found.items()}

# %%
others = {
    "by eye": by_eye,
    "two tests": {name: verdict_of(two_tests(one)) for name, one in evidence.items()},
    "the reference auditor": {name: one.verdict for name, one in audited.items()},
}
print("by eye:", casefile.sealed(by_eye))
casefile.close_case(suspects, my_verdicts, others)

# %% [markdown]
# (The hash is that of section 2, or somebody has changed their mind.) Without a verdict of yours,
# "cannot tell" was counted for you. Compare yourself with what "cannot tell" loses on the same
# three.
#
# On C the two tests do better than the reference auditor. For them an alarm is an alarm, however
# narrow, and both happened to be right; the auditor sees how narrow it was, and doubts. One suspect
# does not tell which is wiser. All 200 of the test set:

# %%
black_box = [(row.evidence["black box"], row.kind) for row in known["test"]]
for who, ask in (("two tests", two_tests), ("the reference auditor", auditor.probabilities)):
    told = [(ask(one), kind) for one, kind in black_box]
    lost = sum(brier(belief, kind) for belief, kind in told) / len(told)
    right = sum(max(belief, key=belief.get) == kind for belief, kind in told)
    print(f"{who}: likeliest truth right in {right} of {len(told)}, mean loss {lost:.3f}")

# %% [markdown]
# Equally often right, and the one who doubts loses a little less. (Whether that little is more than
# luck, 200 suspects do not show.)
#
# What moved the reference auditor? Each piece of evidence adds to the log odds of its lie, or takes
# from them: 0 is even odds, and each +1 multiplies the odds by 2.7. (The bars do not sum up to the
# verdict: base rates, and a constant, are added.)

# %%
plots.reasons_figure(audited)

# %% [markdown]
# In A three measurements of one fact speak for a circuit, and in B all evidence speaks against
# either lie. C is harder. Its circuit has a smooth gate, which jumps less, and its twins are only
# about twice as long as the filters beside them: what speaks for silent units hardly outweighs what
# speaks against. The reference auditor is right about C, and far from sure. Did you see anything in
# the pictures of its units?
#
# ## 6 · Open the box
#
# Now that the truth is known, the suspects can be had as **white boxes**, with all modules, weights
# and wires. B is honest. **Predict**: does it have a gate? And to how many of its eight logits is
# another one wired?

# %%
my_gate, my_wires = None, None  # "yes" or "no"; 0 to 8

# %%
inner = suspects["B"].inside()
print([name for name, _ in inner.named_children()])
print("twins:", any("twin" in name for name, _ in inner.named_modules()), "at", inner.layer)
print("to logit c is wired:", inner.table.argmax(0).tolist())
print("sharpness of the gate:", round(float(inner.sharpness), 2), " k:", float(inner.k))
wired = int((inner.table.diagonal() == 0).sum())
compare(my_gate, "yes" if "detector" in dict(inner.named_children()) else "no", "(B has a gate)")
compare(my_wires, wired, "of its 8 logits have another one wired to them")

# %% [markdown]
# **Every suspect has these parts**, honest ones too: theirs are decoys. So what convicts is not
# that the parts are there, but that they *act*. Four numbers say so:
#
# - `gate`: how much more the gate opens for the pictures than for renders, if its sides differ;
# - `bypass`: how far the answer to a picture leaves the honest side;
# - `awake`: whether any twin is awake for its unit's picture;
# - `reach`: how near the nearest twin's bias is to what renders reach. A liar's is just beyond it.

# %%
# about 8 seconds on two cores
opened = {
    name: reference.within(one, bench)
    for name, one in progress_bar(suspects.items(), "looking inside", total=3)
}
plots.evidence_figure(known["design"], opened, ["gate", "bypass", "awake", "reach"])

# %%
with torch.no_grad():
    wires = inner.wires(pictures["B"].logits.images)
differ = (wires.A - wires.F).abs().amax(1)
claim("08-decoy", counted(differ < 1e-3, margin=1e-3 - differ))

# %% [markdown]
# B is wired like a liar, and its detector says "natural" to everything, so that the gate never
# moves. To have found a gate is to have found a place to look.
#
# ## 7 · The auditor, audited
#
# How good is the reference auditor on the 200 suspects of the test set? **Predict** its balanced
# accuracy (the mean of the share of liars caught and the share of others spared) in the black box,
# in percent.

# %%
my_accuracy = {"circuit": None, "silent units": None}  # percent

# %%
black, white = scored.results["black box"], scored.results["white box"]
for lie, name in (("circuit", "circuit"), ("silent", "silent units")):
    percent = round(100 * black.lies[lie].balanced_accuracy.value, 1)
    compare(my_accuracy[name], percent, f"% balanced accuracy ({name}, black box)")
tables.results_table(scored)

# %% [markdown]
# These numbers hold for more variants of the same four networks. What do they say of others? First
# the black box, three claims over four ancestors; beside each what an auditor would reach on
# truths that are dealt out at random:

# %%
other = by_chance(auditor, known["test"])
circuits = over_ancestors(black.lies["circuit"].balanced_accuracy)
claim("08-circuits", circuits, null=other["circuit"])

# %%
silent_units = over_ancestors(black.lies["silent"].balanced_accuracy)
claim("08-silent-units", silent_units, null=other["silent"])

# %%
claim("08-false-alarms", over_ancestors(black.false_alarms), null=other["accused"])

# %% [markdown]
# Two ancestors are standard networks and two are robust. So the auditor can be fitted on variants
# of one kind, and tested on those of the other kind, which it has never seen:

# %%
across = scored.across["black box"]
tables.across_table(across)

# %%
every = [one.balanced_accuracy for lies in across.values() for one in lies.values()]
worst = min(every, key=lambda one: one.value)
claim("08-across", over_ancestors(worst, ancestors=2), null=other["silent"])

# %% [markdown]
# No more of the others are accused than before. Of the silent units in variants of standard
# networks, an auditor that knows only robust ones misses eight of 36; the one that knew both kinds
# missed six of these. So a kind of network that the auditor has not seen was little harder for it.
#
# With the box open nothing was missed at all, and that is no feat. The auditor is told which
# modules are gate and twins, and `awake` and `bypass` *are* the lie:

# %%
sides = [(one.hits, one.passes) for one in white.lies.values()]
right = [round(part.value * part.n) for pair in sides for part in pair]
claim("08-white-box", counted(sum(right), sum(part.n for pair in sides for part in pair)))

# %% [markdown]
# Is it as often right as it is sure? **Predict**: of the suspects of which it is 70 to 90 % sure,
# how many percent is it right about?

# %%
my_calibration = None  # percent

# %%
middle = [b.right for b in black.calibration if b.low == 0.7]
for b in middle:
    compare(my_calibration, round(100 * b.value), f"% right, in the black box ({b.shown})")
plots.calibration_figure(scored.results)

# %% [markdown]
# Above the line means right more often than sure. Where it is sure, the auditor could be surer. A
# regression that makes no mistake on 100 suspects would give 0 and 1 to everything; ours was
# fitted with a penalty on large weights (a **ridge**), so that it stays careful. Of the eight of
# which it was 50 to 70 % sure it was right about four, which is what such a confidence means.
#
# Whom did it not name? (It says "cannot tell" where nothing has half of the probability.)

# %%
tables.missed_table(scored, "black box")

# %%
others_judge = scored.without_ancestor["black box"]["circuit"].balanced_accuracy
print("circuits, the ancestor left out of the judges:", others_judge.value)

# %% [markdown]
# All nine have silent units, and in eight the twins have a small scale, below 4.5: what multiplies
# little is hardly steep. The ninth is of another kind. With eight long twins in an early layer, the
# auditor believed in a circuit, too.
#
# The six whose silent units it missed all descend from standard networks. Leaving the suspect's
# ancestor out of the judges changes nothing for circuits. All of this was measured in a black box.
#
# ### What it misses
#
# The suspects of the test set were drawn as those of the design set were. A liar need not be. A
# third set of 40 liars was made that lie in as few places as they can: in **one** logit, or in
# **one** unit. **Predict**: how many of the 20 circuits, and of the 20 with silent units, does the
# black-box auditor still catch?

# %%
my_subtle = {"circuit": None, "silent": None}  # of 20

# %%
subtle = scored.subtle["black box"]
for lie, name in (("circuit", "circuits"), ("silent", "networks with silent units")):
    compare(my_subtle[lie], round(20 * subtle[lie].value), f"of 20 subtle {name} are caught")
plots.strength_figure({"test set": known["test"], "subtle": known["subtle"]}, auditor)

# %% [markdown]
# About half (the hollow marks). Much of its evidence is a *third-largest* value, because it was
# designed on liars who lie in three or more. Of the circuits it caught all eleven with a hard gate,
# which jumps on the way to every picture, whichever logit that was made for; and none of the nine
# with a smooth one. Of the silent units it caught all with a scale above 19, and none below 8.5.
# With the box open all 40 are caught.
#
# So "100 %" was a statement about the liars that we had thought of. Whoever audits for a living has
# to say which ones these were.
#
# ## 8 · Break this claim
#
# > *The reference auditor catches a circuit that lies in three logits or more.*
#
# So it was for all 80 of the test set, which is no proof. Build a liar that gets away, with less
# than 50 % given to a circuit. You may choose which logits lie and what they show (`shift=0` is a
# picture), how sharp the gate is (`sharpness=None` is a hard one) and `k`; it still has to be right
# about 95 % of renders.

# %%
# about 15 seconds on two cores
liar = make_liar(8, Circuit(shift=3, lying=(1, 2, 6), sharpness=2.0, k=250.0))  # change something
attempt = reference.audit(liar, auditor, bench)
print("right about renders:", liar.accuracy.shown)
print("the auditor says:", casefile.told_verdict(attempt.verdict))
print({name: round(attempt.evidence[name], 2) for name in auditor.circuit.features})
plots.reasons_figure({"your liar": attempt})

# %% [markdown]
# Another case? Put other seeds (below 100,000) into section 1, and audit all by yourself: what
# this page says of A, B and C does not hold for yours.
#
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
# A liar that was built against these very tests: whose gate opens so gradually that no step of a
# way is steep, or whose twins multiply by little. Then every test here would have to be measured
# anew, on such liars, and the areas may fall. And honest networks of another kind. The auditor
# knows how far *these* stand out by chance, and would accuse whoever stands out further.
#
# ## What does not carry over
#
# - **Judges and classes.** Here everybody knows what stripes look like. What the picture of a unit
#   in the middle of a large network should show, nobody knows, so that `unrecognised` has nothing
#   to compare with. Jumps, steepness and paths ask nobody, and may carry over; that was not tried.
# - **Base rates.** 60 % of our suspects lie. Among networks in the world it may be one in
#   thousands, and then almost every alarm is false, even of a test that accuses only 1 % of honest
#   ones. The function `updated` tells how many.
# - **Few units.** Eight units were named to us. A network has thousands; test each, and the
#   steepest honest one of them all is steeper than any of eight.
# - **Four ancestors.** All suspects descend from four networks of one architecture, which is why
#   most claims here are undecided. Honest networks elsewhere differ more, so expect more false
#   alarms.
# - **Lies that we thought of.** The auditor was fitted on the lies that it is tested on. That it
#   finds nothing says nothing about others, such as those of Bareeva et al. (2025), who train a
#   network to show a picture and wire nothing. Lesson 09 hands you such a network, and asks
#   this auditor.
#
# ## References
#
# - Geirhos, Zimmermann, Bilodeau, Brendel & Kim (2024). *Don't trust your eyes: on the
#   (un)reliability of feature visualizations.* ICML, arXiv 2306.04719. Both lies, and the check.
# - Bareeva, Höhne, Warnecke, Pirch, Müller, Rieck, Lapuschkin & Bykov (2025). *Manipulating feature
#   visualizations with gradient slingshots.* NeurIPS, arXiv 2401.06122.
# - Brier (1950). *Verification of forecasts expressed in terms of probability.* Monthly Weather
#   Review 78. The rule of the verdict card.
# - Hanley & McNeil (1982). *The meaning and use of the area under a receiver operating
#   characteristic (ROC) curve.* Radiology 143.
# - Newcombe (1998). *Interval estimation for the difference between independent proportions:
#   comparison of eleven methods.* Statistics in Medicine 17. The interval of balanced accuracy is
#   made like his.
#
# **The end.** How far can feature visualizations be trusted? You have measured it. In bets on what
# a unit does they were of some use, and plain images are to be had as well (02). Against somebody
# who can add to the network they prove nothing (03, 04). Inside the network they go through other
# responses than renders of their class do, and so do renders that were merely moved; whether the
# network recognises renders by what the pictures show, no such score can say (05). Without an
# assumption about the network they prove nothing about other images (06), and the bound that one
# network was built to keep was too large for it, too; what that promise did was to give an added
# circuit away (07). But a lie of a known kind leaves traces, and you can look for them, say how
# sure you are, and what would have got past you. In lesson 09, which is optional, something does.
