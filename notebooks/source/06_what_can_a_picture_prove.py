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
# # 06 · What can a picture ever prove?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/dont-trust-your-eyes/dont-trust-your-eyes/blob/main/notebooks/learn/06_what_can_a_picture_prove.ipynb)
# [![Launch Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/dont-trust-your-eyes/dont-trust-your-eyes/main?urlpath=lab/tree/notebooks/learn/06_what_can_a_picture_prove.ipynb)
#
# *90 minutes · optional · a laptop is enough · no download*
#
# Earlier lessons looked at visualizations that lie, or that only look good. Suppose now that yours
# is perfect: this *is* the image that excites the unit most, no doubt about it. What would that
# prove about any other image?
#
# **Afterwards you can**
#
# - say, for five kinds of functions, which values of f(x) the extremes leave open, and prove it;
# - build two networks with the same extremes that disagree about a third image as far as they can;
# - name the assumption that would make a picture prove something, and test it on a network.
#
# **You need** some Python, and to know what a slope is. No lesson before this one; the networks
# come from the course's *tiny lab*, a world of textured objects drawn by a program (*renders*).
# They name the textures: a *standard* network, and a *robust* one, trained so that faint changes of
# an image do not mislead it. A *logit* is a network's number for a class, a *visualization* an
# image that was made to maximize one.
#
# Five **exercises**: three core (about 20 minutes), two stretch (another 20).

# %%
if "google.colab" in str(get_ipython()): get_ipython().system("pip install -qqq --no-deps https://github.com/dont-trust-your-eyes/dont-trust-your-eyes/archive/main.zip && python -m course_lib.colab || echo 'The course could not be installed: GitHub cannot be reached, or has no such repository. Run this cell again.'")  # fmt: skip

# %%
from course_lib.lessons import stamp, start

lesson = start("06")
lesson.progress()

# %% [markdown]
# ## 1 · A bet against the house
#
# A unit is a function: an image in, a number out. An image of d pixels, each between 0 and 1, is a
# point of a cube with d dimensions, `[0, 1]^d`, and we scale the number to lie between 0 and 1. A
# perfect visualization is a point `x_max` at which f is greatest. Let us be generous, and hand
# out more than anybody has: the point `x_min` where f is least as well, and both values.
#
# That is the setting of the theory of Geirhos et al. (2024). Their question: what is known of f(x),
# for some other x?
#
# We begin with a single pixel. f(0) = 0 is least, f(1) = 1 is greatest. In each round you are also
# told what kind of function f is. **The house has already chosen f**, and shows you the SHA-256
# hash of its choice. It cannot change its mind after your guess: no one knows how to find two texts
# with the same hash.

# %%
import torch
from torch import Tensor

from course_lib import open_lab, record
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.texts import alt
from course_lib.figures import curves, picture_grid
from course_lib.lessons.lesson_06 import (
    FIVE, LINE, NAMES, Extremes, Game, TrainedNetworks, band_figure, both_extremes,
    commitment_of, example, extremes_explorer, find_class, least_mean_error, nested_bands, point,
    points_between, problem, proofs, class_row, slopes, spread, spread_figure, class_table,
    typical_extremes, value_at, verify_opening, class_rows, width_maps, witnessed,
)  # fmt: skip
from course_lib.statistics import counted, mean, proportion

HOUSE = 6  # None: a seed that nobody can know, you included
game = Game(HOUSE)
game

# %% [markdown]
# *Lipschitz, L = 1.5* means that f changes by at most 1.5 a unit of x; *monotone* that it never
# falls as x grows; *convex* that it lies below its chords; *affine* that it is a straight line.
#
# **Guess** f(x) in each round. The house opens its choices in section 5.

# %%
my_guesses = [None, None, None, None, None]  # five numbers between 0 and 1

# %% [markdown]
# ## 2 · Two networks with the same extremes
#
# Start with what we care about: networks. If f is some network of affine layers and ReLUs, what do
# its extremes tell about f(x)?
#
# **Predict.** Two networks are least at the same `x_min`, greatest at the same `x_max`, and have
# the same values there. How far can their answers to a third image be apart, if both stay between 0
# and 1? (An image has 12,288 numbers.)

# %%
my_gap = None  # between 0 and 1


# %% exercise="hat"

# %% [markdown]
# In one dimension: one network is a hat at the maximum, and 0 at x. The other is 1 everywhere but
# for a hat, turned upside down, at the minimum. Same extremes, same values there.

# %%
t = torch.linspace(0, 1, 201)
lowest, highest = hat(t, 1.0, 0.6), 1 - hat(t, 0.0, 0.4)
hat_with = hat.code
curves(
    {"one network": lowest, "another": highest},
    x=t.tolist(),
    x_label="x (least at 0, greatest at 1)",
    y_label="f(x)",
    alt=alt("06-hats"),
    code=hat_with,
)

# %% [markdown]
# Real images need nothing more. Project every image on **one random direction**: almost any will
# do, since all it has to do is to send x, `x_min` and `x_max` to three different places. A hat over
# that line is a network with three hidden units.
#
# As extremes we take two visualizations of the tiny lab's robust network: a picture that makes its
# logit "spirals" large, and one that makes it small. They are drawn in plain pixels, without any
# transformations. That is not how pictures become clear (lesson 01), but it gets furthest: the cell
# counts how often a render is more extreme. As x we take renders.

# %%
# about 8 seconds on two cores
labs = {kind: open_lab("tiny", network=kind) for kind in ("standard", "robust")}
photos = labs["robust"].photos("test")
renders = photos.images[:150].clone()
del photos
extremes = {kind: both_extremes(lab.network, range(8)) for kind, lab in labs.items()}
SPIRALS = 7
x_min, x_max = (pictures[SPIRALS] for pictures in extremes["robust"][:2])
logits = {kind: record(lab.network, [None], renders)[None] for kind, lab in labs.items()}
beyond = [(logits[k] < e[2]) | (logits[k] > e[3]) for k, e in extremes.items()]
print(f"{int(torch.stack(beyond).sum())} of 2 × 150 × 8 logits of renders are beyond the extremes")

# %%
picture_grid(
    torch.stack([x_min, x_max, *renders[:4]]),
    titles=["x_min", "x_max", *["a render x"] * 4],
    width=7.0,
    alt=alt("06-extremes"),
)

# %%
generator = torch.Generator().manual_seed(0)
direction = torch.randn(3 * 64 * 64, generator=generator, dtype=torch.float64)


def two_networks(x, images):
    """What two networks, built to disagree about x, say to images: (2, N)."""
    ends = torch.stack([x, x_min, x_max]).double().flatten(1) @ direction
    room_at_max = float((ends[2] - ends[:2]).abs().min())
    room_at_min = float((ends[1] - ends[[0, 2]]).abs().min())
    t = images.double().flatten(1) @ direction
    return torch.stack(
        [hat(t, float(ends[2]), room_at_max), 1 - hat(t, float(ends[1]), room_at_min)]
    )


# %%
answers = torch.stack([two_networks(x, torch.stack([x, x_min, x_max])) for x in renders[:100]])
same = (answers[:, :, 1:] - torch.tensor([0.0, 1.0])).abs().amax((1, 2)) < 1e-4
apart = answers[:, 1, 0] - answers[:, 0, 0]
compare(my_gap, round(float(apart.mean()), 2), "is how far they are apart")
perfect = Extremes(x_min.flatten(), x_max.flatten())
witness = find_class("ReLU networks").witness(perfect, renders[0].flatten().double())
print("hidden units:", witness.lowest.layers[0].out_features)

# %%
claim("06-three-units", counted(same & (apart > 0.999)), code=hat_with)

# %% [markdown]
# **The same extremes, said exactly.** `x_max` is *a* maximum of both networks, and not their only
# one: so is every image that the direction sends to the same place, and the second network is at
# its maximum at most renders. There it is flat, and an ascent from grey would stay grey. So these
# two have perfect visualizations in common, and not what an ascent would draw.
#
# Can they have no others? Mix in a thousandth of a function that is greatest at `x_max` alone and
# least at `x_min` alone: a network, too, with two hidden units for every number of an image. For an
# ascent this changes little, because far from both it is flat as well.


# %%
def pointed(images):
    """1 at x_max alone and 0 at x_min alone; an absolute value is two ReLUs."""
    to_max, to_min = ((images - end).abs().flatten(1).sum(1) for end in (x_max, x_min))
    reach = (x_max - x_min).abs().sum() / 2
    return ((1 - to_max / reach).clamp_min(0) + (to_min / reach).clamp_max(1)) / 2


alone = []
for x in renders[:100]:
    first, second = two_networks(x, renders)
    mixed = 0.999 * torch.stack([first, second]) + 0.001 * pointed(renders)
    inside = (mixed.min() > 1e-4) & (mixed.max() < 1 - 1e-4)
    alone.append(bool(inside) and float(mixed[1, len(alone)] - mixed[0, len(alone)]) > 0.998)
top = int((second > 1 - 1e-6).sum())
print(f"at its maximum, for the last x: {top} of {len(renders)} renders; "
      f"mixed: {int((mixed[1] > 1 - 1e-6).sum())}")  # fmt: skip
claim("06-no-others", counted(torch.tensor(alone)), code=hat_with)

# %% [markdown]
# "But real networks were *trained*." Does that rescue the pictures? Let both networks have zero
# error on 40 renders, with the robust network's own answers (scaled) for targets. For a new render
# there is still room between all those points: a hat more for each.

# %%
points = renders.double().flatten(1)
low, high = extremes["robust"][2][SPIRALS], extremes["robust"][3][SPIRALS]
targets = ((logits["robust"][:, SPIRALS] - low) / (high - low)).double()
trained = TrainedNetworks(points[:40], targets[:40])
trained.witness(perfect, points[40]).lowest

# %%
gaps, losses = [], []
for x in points[40:60]:
    first, second, _ = trained.witness(perfect, x)
    gaps.append(value_at(second, x) - value_at(first, x))
    losses.append(max(float((f(points[:40]) - targets[:40]).abs().max()) for f in (first, second)))
print(f"largest error on the 40 training renders: {max(losses):.1e}")
claim("06-trained", counted(torch.tensor(gaps) > 0.999))

# %% [markdown]
# These are witnesses, not accusations: we know of no training that would end at such a network.
# They show what the pictures *cannot exclude*. A proof would have to.
#
# ## 3 · What would rescue you?
#
# The hats are narrow and steep. So forbid steepness: let f be **Lipschitz**, with a bound L on its
# slope that you know. Distance is Euclidean here; another norm is another assumption.

# %% exercise="lipschitz_range"

# %%
grid = [i / 200 for i in range(201)]
ranges = {
    f"L = {L}": [lipschitz_range(x, 1 - x, L, 0.0, 1.0) for x in grid] for L in (1.1, 1.5, 3.0)
}
lipschitz_with = lipschitz_range.code
nested_bands(grid, ranges, code=lipschitz_with)

# %% [markdown]
# Do other functions with such a bound keep to that range? Here are 1,000 random ones in two
# dimensions.

# %%
corners = typical_extremes("Lipschitz, L known", 2)  # least at (0, 0), greatest at (1, 1)
x, generator = point([0.7, 0.4]), torch.Generator().manual_seed(1)
to_min, to_max = (float((x - end).norm()) for end in (corners.x_min, corners.x_max))
bound = lipschitz_range(to_min, to_max, 1.0, 0.0, 1.0)
steep = find_class("Lipschitz, L known", L=1.0)
values = [value_at(steep.member(corners, generator), x) for _ in range(1000)]
inside = torch.tensor([bound[0] - 1e-6 <= v <= bound[1] + 1e-6 for v in values])
claim("06-lipschitz", counted(inside), code=lipschitz_with)

# %% [markdown]
# Other assumptions are of shape. **Predict** for f(0.4): which of the five is known to within
# 0.05? Which at least as to its side, nearer to 0 or nearer to 1?

# %%
my_known = []  # for example ["monotone"]
my_side = []

# %%
band_figure({name: problem(name) for name in FIVE}, 0.4)

# %% [markdown]
# Blue: everything that is possible. The two lines are a **witness**: two functions of the class,
# with the same extremes, through both ends at x = 0.4. Monotone functions may do anything here.
# Convex ones have a ceiling, the chord. Only the straight line is known.

# %%
found = {name: problem(name)[0].value_range(LINE, 0.4) for name in FIVE}
known = [name for name, r in found.items() if r.width <= 0.1]
sided = [name for name, r in found.items() if r.high <= 0.5 or r.low >= 0.5]
compare(my_known or None, known, "(known to within 0.05)")
compare(my_side or None, sided, "(known as to their side)")

# %% [markdown]
# Why are the ranges what they are? Read one proof, and defend it to your neighbour.

# %%
proofs(FIVE[:4])

# %% [markdown]
# Drag x, and watch where the witnesses go. `slope` is L, in percent of the slope that the extremes
# force: nothing below 100 is possible.

# %%
extremes_explorer()

# %% [markdown]
# **Why the line is known.** On `[0, 1]` an affine function that is not constant is least at one end
# and greatest at the other. Those are two points of its graph, and a line has no more freedom than
# two points: `f(x) = f_min + (f_max - f_min) |x - x_min|`.
#
# **Why a constant is known.** `f(x) = f(x_min)`.
#
# ## 4 · Three questions
#
# The paper asks three questions. Can f(x) be told exactly? To within ε? Or at least whether it is
# nearer to the minimum or to the maximum? Each can be answered from the range alone.

# %% exercise="three_answers"

# %% [markdown]
# Twelve classes, in two dimensions where the class allows it. The minimum is in one corner of the
# square, the maximum in the opposite one. We ask at 200 random points. *Trained* has five training
# points; L is 20 times (large) or 1.05 times (small) the slope that the extremes force.
#
# **Predict.** For how many of the twelve can f(x) be told exactly, at every point?

# %%
my_count = None  # 0 to 12

# %%
rows = class_rows(answer=three_answers)
answers_with = three_answers.code
class_table(rows, answers_with)

# %% [markdown]
# "Widest range" is the largest disagreement that was found, as a share of all that there is. Every
# "yes" has its proof: you have just read both.

# %%
YES = {"affine, one variable", "constant"}
told = [(row.exact == 1) == (row.name in YES) for row in rows]
compare(my_count, sum(row.exact == 1 for row in rows), "of 12 classes can be told exactly")
claim("06-twelve", counted(torch.tensor(told)), code=answers_with)

# %% [markdown]
# And every "no" has its witness. Here they are built at one point, for each of the ten classes, and
# 3,000 points and pairs of points are searched for anything that would give them away: values
# beyond the extremes, a slope above L, a fall of a monotone function, a chord below a convex one, a
# layer that is neither affine nor a ReLU, an error on the training data.

# %%
place = torch.tensor([0.35, 0.6], dtype=torch.float64)
evidence = [witnessed(*example(name), place) for name in NAMES if name not in YES]
for e in evidence:
    print(f"{e.name:22} apart by {e.apart:.2f}, largest violation {e.violation:.0e}")
claim("06-witnesses", counted(torch.tensor([e.holds for e in evidence])))

# %% [markdown]
# Computing ranges has led to the paper's verdict on these classes again: of twelve, these two. For
# one row there is nothing to compare. The paper's answer for Lipschitz functions depends on L being
# small; here 1.05 times the smallest possible L is not enough to tell f exactly, and is enough to
# tell it to within 0.05 at about half of the points, which is neither a "yes" nor a "no". And it is
# verdicts on classes that agree, not single cells: ours answer point by point. A monotone function
# *is* known beyond its maximum, a convex one is known to be small close to its minimum, an affine
# one is known on the diagonal of the square. "No" means: not everywhere.
#
# In one way our table says less. It has one choice of extremes, and points drawn evenly.
#
# ## 5 · The house opens

# %%
result = game.reveal(my_guesses)
result

# %% [markdown]
# In every round the house had tossed a coin between the two ends of the range. Whatever you guess,
# your distances to both ends sum to at least the width, so **on average you are off by at least
# half of the width**. Nobody can do better, and who guesses the middle does no worse.

# %%
middles = game.reveal([r.range.middle for r in game.rounds])
off = [played.error for played in middles.played]
print(f"guessing the middle of every range: off by {sum(off) / 5:.2f} on average")
print(f"nobody can expect less than:        {least_mean_error(game.rounds):.2f}")

# %% [markdown]
# Was the house honest? Hash the opening yourself, and rebuild the function from it.
# `verify_opening` does both, from the two texts alone, and returns nothing for an opening that was
# tampered with.

# %%
opening = result.openings[2]
print(opening)
print(commitment_of(opening) == game.rounds[2].commitment)
print("f(0.3) =", verify_opening(game.rounds[2].commitment, opening).value)
forged = opening.replace("highest", "lowest") if "highest" in opening else opening + " "
print("forged:", verify_opening(game.rounds[2].commitment, forged))

# %% [markdown]
# ## 6 · The worst case is not typical
#
# The house plays its witnesses. A unit that nobody built to deceive you might be a more ordinary
# function. **Predict**: of random monotone functions of two variables, each 0 at its least and 1 at
# its greatest, how wide a part of the range do nine in ten take at a typical place? (The whole
# range has width 1.)

# %%
my_typical = None  # between 0 and 1

# %%
band_figure({name: problem(name) for name in FIVE}, members=8)

# %% [markdown]
# Eight random members in each panel, all with the same extremes. At one point of the square,
# for all twelve classes (bars: what is possible; dots: 100 random members):

# %%
possible, drawn = {}, {}
for name in NAMES:
    kind, ends = example(name)
    x = place[: ends.dimension]
    possible[name] = kind.value_range(ends, x)
    drawn[name] = spread(kind, ends, x, members=100, seed=0)
spread_figure(possible, drawn)

# %%
square = typical_extremes("monotone")


def taken(kind, batch):
    """The width that nine in ten of 100 random functions take, on average over 40 places."""
    numbers = range(100 * batch, 100 * batch + 100)
    members = [kind.member(square, torch.Generator().manual_seed(i)) for i in numbers]
    seen = torch.stack([member(points_between(square, 40, seed=batch)) for member in members])
    return float((seen.quantile(0.95, dim=0) - seen.quantile(0.05, dim=0)).mean())


typical = mean([taken(find_class("monotone"), batch) for batch in range(10)])
compare(my_typical, round(typical.value, 2), "is the width that nine in ten take")
claim("06-monotone", typical, null=taken(find_class("black box"), 0))

# %% [markdown]
# So pictures may well *suggest* something. But mind what has happened: "random" was our choice of
# how to draw, and another choice moves the dots at will, anywhere within the bars. A prediction
# from the dots is a prediction from that choice. Whoever says "in practice, f(x) will be near ..."
# has brought an assumption along, and has to defend it: by measuring real networks, as lesson 02
# does.
#
# ## 7 · Many variables
#
# A straight line was known. What if f is affine in *many* variables?

# %% exercise="affine_range"

# %% exercise="convex_ceiling"

# %% [markdown]
# Here is the width of the range over the square; dark is known. The minimum is at ▽, the maximum at
# △.

# %%
inner = Extremes([0.3, 0.2], [1.0, 1.0])
maps = {name: problem(name, extremes=inner) for name in FIVE[:4]}
width_maps({**maps, "affine": problem("affine, many variables", extremes=square)})

# %%
affine, convex = find_class("affine, many variables"), find_class("convex")
where, draws, inside = points_between(square, 1000, seed=5), torch.Generator().manual_seed(7), []
for x in where:
    least, most = affine_range(square.x_min, square.x_max, x, 0.0, 1.0)
    ceiling = convex_ceiling(inner.x_min, x, 0.0, 1.0)
    f, g = value_at(affine.member(square, draws), x), value_at(convex.member(inner, draws), x)
    inside.append(least - 1e-6 <= f <= most + 1e-6 and g <= ceiling + 1e-6)
whose = stamp(affine_range, convex_ceiling)
claim("06-affine-and-convex", counted(torch.tensor(inside)), code=whose)

# %% [markdown]
# In the square an affine function is at least known on the diagonal, and nearly known beside it. An
# image has more than two variables. **Predict.** With 10 variables, at how many percent of points
# is the *side* of an affine function known, nearer to the minimum or nearer to the maximum?

# %%
my_percent = None

# %%
dimensions = (1, 2, 3, 4, 5, 6, 8, 10)
shares = {
    name: [
        class_row(find_class(name, ends), ends, points=500).side
        for ends in (typical_extremes(name, d) for d in dimensions)
    ]
    for name in ("affine, many variables", "convex", "Lipschitz, L small")
}
curves(
    {name: [100 * share for share in found] for name, found in shares.items()},
    x=list(dimensions),
    x_label="number of variables",
    y_label="points where the side is known (%)",
    alt=alt("06-sides"),
)

# %%
at_one, *_, at_ten = shares["affine, many variables"]
compare(my_percent, round(100 * at_ten, 1), "% of points, with 10 variables")
unknown, with_one = (proportion(round(500 * (1 - share)), 500) for share in (at_ten, at_one))
claim("06-many-variables", unknown, null=with_one)

# %% [markdown]
# All variables have to agree: the side is known only where each of them is past the middle, or each
# is short of it. The share halves with every variable. Images have thousands.
#
# ## 8 · How steep is a real network?
#
# Of all assumptions, the bound on the slope is the one that people try to build into networks. Do
# ours have one that helps? A slope that we *find* is at least a lower bound on L: the true L is
# that or larger. We take the gradient of each logit at renders, and on the straight ways from the
# renders to the visualization.
#
# **Predict.** The extremes force some slope: the rise of the logit, over the distance between the
# two visualizations. How many times as steep is the steepest place that we meet?

# %%
my_times = None  # 1 or more

# %%
some = renders[:12]
measured = {}
for kind, lab in labs.items():
    least, most, lows, highs = extremes[kind]
    for unit in range(8):
        ends = (least[unit], float(lows[unit])), (most[unit], float(highs[unit]))
        measured[kind, unit] = slopes(lab.network, unit, some, *ends, places=4)
times = {key: s.steepest / s.forced for key, s in measured.items()}
for kind in labs:
    top = max(measured[kind, unit].steepest for unit in range(8))
    found = [times[kind, unit] for unit in range(8)]
    print(f"{kind}: up to {top:.0f} logits a unit of distance,", end=" ")
    print(f"{min(found):.0f} to {max(found):.0f} times the slope that the extremes force")
compare(my_times, f"{min(times.values()):.0f} to {max(times.values()):.0f}", "times as steep")

# %%
least_open = torch.stack([s.open_steepest.min() for s in measured.values()])
claim("06-steepest", counted(least_open > 0.999, margin=least_open - 0.999))

# %% [markdown]
# In logits the robust network is the flatter one, as one would hope. But its logits rise less, too,
# and what counts is the ratio.
#
# And the slope is not the only reason. Suppose that L were as small as it can possibly be: the
# slope that the extremes force, and not a bit more. How much of the rise would be left open then?

# %%
by_render = torch.stack([s.open_forced for s in measured.values()]).mean(0)
between = torch.stack([torch.lerp(x_min, x_max, share) for share in (0.25, 0.5, 0.75)])
ends = (x_min, float(low)), (x_max, float(high))
on_the_way = slopes(labs["robust"].network, SPIRALS, between, *ends, places=2).open_forced.mean()
claim("06-least-steep", mean(by_render), null=round(float(on_the_way), 3) + 0.0)

# %% [markdown]
# `lipschitz_range` says why. With that L the share that is left open is the detour: how much
# longer the way from one visualization to the other becomes if it has to go over x (and never more
# than all). Renders are no intermediate stage between two visualizations. A bound on the slope lets
# a picture speak about images close to it, or between it and its opposite, and images of the world
# are neither.
#
# So what *would* rescue the picture? Not a better picture; ours was perfect from section 1 on. It
# takes an assumption about the **network**: few directions in which it can vary, a bound in a
# distance in which natural images are close, a structure that ties its answers together. Then the
# assumption has to be enforced or tested, and the picture only reports. Lesson 07 builds such
# networks.
#
# ## 9 · Break this claim
#
# > *Affine functions of one variable and constant functions can be told exactly, and no other class
# > can.*
#
# The table answers for one choice of extremes, of L and of the norm. Find a choice with which
# another class has an "exact" of 1. (One of them: the norm need not be Euclidean.)

# %%
attempt = find_class("Lipschitz, L known", L=0.8, norm=2)  # change something
row = class_row(attempt, typical_extremes("Lipschitz, L known", 2))
print(f"exact at {100 * row.exact:.0f} % of points; widest range {row.widest:.2f}")

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
# The ranges are proved, so within their assumptions nothing will. What can change is the
# assumptions. If networks of some kind were shown to have a small L, in a distance that is small
# between visualizations and natural images, section 8 would come out otherwise. So it would with
# more to go on than two extremes: many pictures per unit, values at known images, the gradient.
#
# ## What does not carry over
#
# - Real visualizations are not the true extremes. An ascent ends somewhere high, and a picture is
#   looked at by people, who bring much knowledge along. Theory here gave the picture every
#   advantage.
# - These are ranges, not probabilities. What pictures are worth *in practice* is a matter of
#   measuring (lesson 02).
# - The slopes of section 8 are those of two small networks, at a few places. Larger networks may be
#   steeper or flatter; a slope that was found is only a lower bound on L.
# - "Nearer to the maximum" is about values. That x *looks* like `x_max` is another matter.
#
# ## References
#
# - Geirhos, Zimmermann, Bilodeau, Brendel & Kim (2024). *Don't trust your eyes: on the
#   (un)reliability of feature visualizations.* ICML, arXiv 2306.04719. The theoretical part: the
#   setting, the three questions, the twelve classes.
# - McShane (1934). *Extension of range of functions.* Bulletin of the American Mathematical Society
#   40. Why the ends of a Lipschitz range are reached.
# - Arora, Basu, Mianjy & Mukherjee (2018). *Understanding deep neural networks with rectified
#   linear units.* ICLR. ReLU networks are the continuous piecewise affine functions.
# - Bilodeau, Jaques, Koh & Kim (2024). *Impossibility theorems for feature attribution.* PNAS 121.
#   The same kind of question, for attributions.
#
# **Next:** lesson 07 builds networks that are meant to be read; lesson 08 hands you suspects.
