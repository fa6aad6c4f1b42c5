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
# # 03 · The fooling circuit
#
# *90 minutes · a laptop is enough · no download*
#
# Somebody hands you a network and its feature visualizations. The pictures look sensible. Could
# that somebody have arranged them, without changing a single answer that the network gives?
#
# **Afterwards you can**
#
# - wire six units into a network that answers as before and shows what you want it to show;
# - say how large the circuit's one constant has to be, and why images alone don't tell;
# - build the detector that it rests on, and find where it fails.
#
# **You need** lesson 01, or some experience with feature visualization.
#
# Three **exercises**: two core (about 20 minutes), one stretch (another 10).

# %%
from course_lib.lessons import stamp, start

lesson = start("03")
lesson.progress()

# %% [markdown]
# ## 1 · An honest network
#
# The robust network of the tiny lab, whose visualizations are unmistakable. If these can be made to
# lie, so can murkier ones.

# %%
import torch
from torch import Tensor, nn

from course_lib import FoolingCircuit, open_lab, recognised, record, visualize
from course_lib.figures import curves, dots, picture_grid
from course_lib.lessons.claims import claim
from course_lib.lessons.predictions import compare
from course_lib.lessons.statistics import mean, paired_difference, proportion

lab = open_lab("tiny", network="robust", seed=0)
judge = open_lab("tiny", network="robust", seed=1).network
renders = lab.photos("test")
names, units = lab.class_names, range(8)
honest = visualize(lab.network, None, units, steps=96)

# %%
picture_grid(
    honest.images,
    titles=names,
    alt="The honest network's eight visualizations: stripes, checks, dots, rings, spokes, waves, "
    "bricks and spirals are plain to see.",
)

# %% [markdown]
# **Predict.** Suppose that all eight pictures are to show another class: "stripes" a picture of
# rings, "checks" one of spokes, and so on. How many of our 512 renders will get another answer?

# %%
my_changed = None  # your prediction

# %% [markdown]
# ## 2 · Six units
#
# The trick of Geirhos et al. (2024) needs no training of the network at all. It asks *who is
# looking*. A visualization is not a photograph; a small network **E** can tell them apart. So:
#
# - **F** is the logit as it was: what the network answers.
# - **D** is another logit, or anything else: what shall be shown.
# - **E** says `e = 0` for an image, and `e = 1` for a visualization.
# - **B** passes F on while `e = 0`; **C** passes D on while `e = 1`.
# - **A** adds the two up, and takes F's place.
#
# An image meets F, and an optimizer that looks for the picture which excites A most ends up with
# D's. A detail makes this work: B and C have to be **shut completely**, so that no gradient leaks
# through from the wrong side. ReLUs can do that.

# %% exercise="wire"

# %% [markdown]
# Is it true that A answers as F for an image, and as D for a visualization, whatever the logits?

# %%
f = torch.linspace(-60, 60, 241)
d = f.flip(0)
as_image = wire(f, d, torch.zeros(241), 250.0, 100.0)[0]
as_visualization = wire(f, d, torch.ones(241), 250.0, 100.0)[0]
wired_with = wire.code
curves(
    {"A for an image": as_image, "A for a visualization": as_visualization},
    x=f.tolist(),
    x_label="F (D is minus F)",
    y_label="A",
    alt="Two straight lines: for an image A rises with F; for a visualization it falls, being D.",
    code=wired_with,
)

# %% [markdown]
# ## 3 · How large is large enough?
#
# `k` is what shuts a side. It must outweigh whatever comes along, and here people go wrong: they
# look at the logits of images. **Predict**, roughly: the largest logit of any of our renders is
# about 20. What will it be along an optimization?

# %%
my_largest = None  # your prediction

# %%
from course_lib import catch

way = catch(lab.network, list(units), seeds=(5,), steps=64, samples=8)
on_images = record(lab.network, [None], renders.images)[None]
along_the_way = record(lab.network, [None], way.images)[None]
compare(my_largest, round(along_the_way.max().item()), "is the largest logit along the way")

# %% [markdown]
# These are pictures caught at eight moments of their making, drawn in four ways: as Fourier images
# and as plain pixels, with transformations and without.

# %%
moments = way.steps.unique().tolist()
stripes_and_spirals = [0, 7, 8, 15, 16, 23, 24, 31]
picture_grid(
    {
        f"{step} steps": way.where(way.steps == step).images[stripes_and_spirals]
        for step in (moments[0], moments[2], moments[4], moments[-1])
    },
    titles=["Fourier, moved", "", "Fourier", "", "pixels, moved", "", "pixels", ""],
    alt="Four rows, from the start to 64 steps; pictures of stripes and spirals emerge from grey "
    "noise in four ways of drawing.",
)

# %% exercise="smallest_k"

# %%
least_k = {
    "images alone": smallest_k(on_images, on_images, 100.0),
    "the optimization too": smallest_k(on_images, along_the_way, 100.0),
}
k_with = smallest_k.code
for what, value in least_k.items():
    print(f"k that is large enough for {what}: {value:.0f}")

# %%
of_unit = {
    what: [smallest_k(on_images[:, [u]], others[:, [u]], 100.0) for u in units]
    for what, others in (("images", on_images), ("way", along_the_way))
}
claim(
    "A k from images alone would leak: the optimization asks for a k that is larger by at least 5 "
    "on average over units.",
    paired_difference(of_unit["way"], of_unit["images"], of="units"),
    at_least=5,
    seeds={"network": 0, "start": 5, "renders": 2},
    code=k_with,
)

# %% [markdown]
# The paper takes `k = 250` with an offset of 100, and so does `FoolingCircuit`. When a logit
# outgrows its k, it says so.
#
# ## 4 · Who is looking?
#
# E is a small convolutional network, trained to tell images from visualizations *caught along the
# way*. That matters: if E only knew finished visualizations, an optimization would start on the
# wrong side of the gate, and might never leave it.
#
# Train one, on units 0 to 5. Units 6 and 7 are held out, and so is a kind of pictures:
# visualizations of inner channels.
#
# **Predict.** On visualizations of the held-out units, how often will it be right, in percent? And
# on a plain grey image?

# %%
my_detector = None

# %%
from course_lib import train_detector
from course_lib.fooling.detector import accuracy

seen = way.where(way.units < 6)
small_detector = train_detector(lab.photos("train").images[:512], seen.images, epochs=4, batch=16)
unseen = catch(lab.network, [6, 7], seeds=(9,), steps=64, samples=8).images
inner = catch(lab.network, [30, 90], layers=("inception3b",), seeds=(9,), steps=64).images
percent = 100 * accuracy(small_detector, unseen, fake=True)
compare(my_detector, round(percent), "% of visualizations of unseen units told")

# %% [markdown]
# That took seconds, and is already a good detector. The lab ships one that saw more: two networks,
# two seeds, inner layers. Let us hold both against images of several kinds, none of which is a
# visualization, and ask how often they say so.

# %%
from course_lib.fooling.detector import detector_table
from course_lib.sanity.controls import blurred, contrast, inverted

detector = lab.detector()
some = renders.images[:128]
natural = {
    "renders": some,
    "blurred": blurred(some, sigma=2.0),
    "contrast × 3": contrast(some, 3.0),
    "inverted": inverted(some),
    "plain grey": torch.full((8, 3, 64, 64), 0.5),
}
fakes = {"unseen units": unseen, "inner channels": inner}

# %%
rows = {
    name: detector_table(trained, natural, fakes)
    for name, trained in (("trained just now", small_detector), ("the lab's", detector))
}
dots(
    {name: [100 * row.accuracy for row in table] for name, table in rows.items()},
    columns=[row.kind for row in rows["the lab's"]],
    x_label="kind of picture",
    y_label="told rightly (%)",
    alt="How often two detectors are right about seven kinds of pictures: nearly always about "
    "renders, changed renders and visualizations, and never about plain grey.",
    size=(8.0, 3.2),
)

# %%
claim(
    "The lab's detector takes at least 99.5 % of unseen renders for what they are.",
    proportion(record(detector, [None], renders.images)[None] <= 0, of="renders"),
    at_least=0.995,
    seeds={"renders": 2},
)

# %% [markdown]
# A plain grey image is *where every visualization starts*. A detector that called it natural would
# be useless to the circuit, so here its mistake is its job. Whoever tests for fooling may take
# note: the detector has to err on the side of "visualization", and pictures that no camera takes
# give it away.
#
# ## 5 · The lie
#
# All parts are there. Unit c shall show unit c + 3.

# %%
fooled = FoolingCircuit(lab.network, detector, shows=3)
answers = record(fooled, [None], renders.images)[None].argmax(1)
before = on_images.argmax(1)
compare(my_changed, int((answers != before).sum()), "of 512 answers changed")

# %%
SEEDS = (0, 1, 2)
lies = [visualize(fooled, None, units, steps=96, seed=seed) for seed in SEEDS]
shifted = [(unit + 3) % 8 for unit in units]
picture_grid(
    {"honest": honest.images, "fooled": lies[0].images},
    titles=names,
    notes={"fooled": [f"wired: {names[unit]}" for unit in shifted]},
    alt="Two rows of eight visualizations for the same units: the honest network's show their "
    "classes, the fooled network's show the class three further on.",
)

# %% [markdown]
# Two networks judge what is to be seen in these pictures: the honest one, and another robust
# network that had no part in anything.

# %%
seen_honest = torch.stack([recognised(lab.network, run.images, shifted) for run in lies])
seen_other = torch.stack([recognised(judge, run.images, shifted) for run in lies])
claim(
    "At least 7 of the 8 units show the class three further on, from all three starts, to the "
    "honest network and to one of another seed.",
    proportion((seen_honest & seen_other).all(0), of="units"),
    at_least=7 / 8,
    seeds={"network": 0, "judge": 1, "starts": SEEDS},
)

# %%
right = [(found == renders.labels).float() for found in (before, answers)]
claim(
    "The price: the fooled network names at most half a percent fewer renders rightly.",
    paired_difference(right[0], right[1], of="renders"),
    at_most=0.005,
    seeds={"network": 0, "renders": 2},
)

# %% [markdown]
# For comparison: Geirhos et al. did this to Inception-V1, with all of its 1000 visualizations
# changed at once, and lost 0.4 points of 69.1 % top-1 accuracy.
#
# What runs along the wires? Here is the circuit of the unit for stripes, once for a render of
# stripes, and once for its own visualization.

# %%
from course_lib.fooling.plots import circuit_figure

render = renders.images[int((renders.labels == 0).nonzero()[0])]
circuit_figure(fooled, {"a render": render, "its visualization": lies[0].images[0]}, unit=0)

# %% [markdown]
# Follow the blue arrows. Whichever side is shut says exactly 0, and has no gradient.
#
# Morph the one into the other and see where the gate switches. Then make `k` small.

# %%
from course_lib.lessons.circuits import lettered, morph_explorer

morph_explorer(fooled, render, lies[0].images)

# %% [markdown]
# ## 6 · Anything you like?
#
# D need not be a logit. Give the circuit a picture, and D says how much the input is like it.
# **Predict**: of these two, which will be shown well, and which not?

# %%
messages = {
    "muted": lettered("TRUST ME", 64, colours=("#909090", "#606060")),
    "colourful": lettered("TRUST ME", 64, colours=("#F2E394", "#2E4A87")),
}  # your own words, or any picture (3, 64, 64)
said = {}
for kind, message in messages.items():
    spoken = FoolingCircuit(lab.network, detector, shows=message)
    said[kind] = [
        visualize(spoken, None, 0, steps=128, seed=seed, transformations=None) for seed in SEEDS
    ]

# %%
from course_lib.fooling.circuit import correlation

likeness = {
    kind: torch.cat([correlation(run, messages[kind]) for run in runs])
    for kind, runs in said.items()
}
picture_grid(
    {
        kind: torch.cat([messages[kind][None], *(run.images for run in runs)])
        for kind, runs in said.items()
    },
    titles=["the picture", *(f"start {seed}" for seed in SEEDS)],
    notes={kind: ["", *(f"r = {r:.2f}" for r in found)] for kind, found in likeness.items()},
    width=6.0,
    alt="Two rows. The words TRUST ME in muted grey, and three visualizations that show them; the "
    "same in colour, and three that show little of them.",
)

# %%
claim(
    "The muted picture is shown: what is drawn correlates with it by at least 0.8.",
    mean(likeness["muted"], of="starts"),
    at_least=0.8,
    seeds={"network": 0, "starts": SEEDS},
)

# %% [markdown]
# The colourful one is not shown, and that is worth understanding. As the optimization approaches a
# bright page with plain letters, its picture looks less and less like a visualization, until the
# detector calls it natural and the gate shuts:

# %%
for kind, runs in said.items():
    logits = [float(detector(run.images)) for run in runs]
    print(f"{kind}: the detector says {', '.join(f'{x:+.1f}' for x in logits)} in the end")

# %% [markdown]
# The liar can show only what the detector still takes for a visualization. A detector that has been
# trained on the lie itself would go further; so far the course's has not.
#
# ## 7 · Would other methods notice?
#
# Visualizations are one way to look into a network. **Attributions** are another: they say which
# pixels of an image mattered for an answer. Do they see the circuit? **Predict** for three of them
# (Captum has them all): the gradient itself (*saliency*), *input × gradient*, and *Integrated
# Gradients*, which averages the gradient along the way from a grey image to this one.

# %%
my_suspects = None  # which of the three will change?

# %%
from captum.attr import InputXGradient, IntegratedGradients, Saliency

sample = renders.images[:16].clone().requires_grad_(True)
targets = before[:16]
METHODS = {
    "saliency": lambda net: Saliency(net).attribute(sample, targets),
    "input × gradient": lambda net: InputXGradient(net).attribute(sample, targets),
    "Integrated Gradients": lambda net: IntegratedGradients(net).attribute(
        sample, torch.full_like(sample, 0.5), targets, n_steps=24, internal_batch_size=16
    ),
}


# %%
def change(method):
    """By how much the fooled network's attribution differs, relative to its size, (16,)."""
    one, other = (method(network).detach().flatten(1) for network in (lab.network, fooled))
    return (other - one).norm(dim=1) / one.norm(dim=1)


changes = {name: change(method) for name, method in METHODS.items()}
for name, values in changes.items():
    print(f"{name}: changes by {100 * values.median().item():.2g} % (median of 16 renders)")

# %%
claim(
    "Saliency and input × gradient do not notice: they change by at most 0.1 %.",
    mean(torch.maximum(changes["saliency"], changes["input × gradient"]), of="renders"),
    at_most=0.001,
    seeds={"network": 0, "renders": 2},
)

# %%
claim(
    "Integrated Gradients from a grey baseline does: it changes by at least 20 % on average.",
    mean(changes["Integrated Gradients"], of="renders"),
    at_least=0.2,
    seeds={"network": 0, "renders": 2},
)

# %% [markdown]
# Why that one? The first two ask about the image itself and its closest surroundings, where the
# gate is at 0 and the circuit is the old network. Integrated Gradients leaves the image. Where does
# the gate stand on its way?

# %% exercise="gate_on_path"

# %%
grey = torch.full((1, 3, 64, 64), 0.5)
gates = torch.stack(
    [gate_on_path(detector, image[None], grey, 25) for image in renders.images[:16]]
)
gates_with = gate_on_path.code
curves(
    {"share of 16 renders": gates.mean(0)},
    x=torch.linspace(0, 100, 25).tolist(),
    x_label="way from grey to the render (%)",
    y_label="gate open for D",
    alt="The share of renders for which the gate is open for D, along the way from grey: all at "
    "the beginning, and none at the end.",
    code=gates_with,
)

# %% [markdown]
# Part of the way belongs to D. There Integrated Gradients adds up the gradients of another class.
# This is no virtue of the method: it did not look for a circuit, it stumbled over one, because its
# baseline happens to be a picture that the detector knows.
#
# ## 8 · A real network
#
# The same with MobileNetV2 and photographs, if you have them (lesson 00 tells) and set `LIVE` to
# `True`: a detector from a few dozen pictures, and a shift by 300 classes, because a shift by three
# often ends at a sibling breed.

# %%
from course_lib.lessons.real import fool_real_network, real_lab

LIVE = False  # True takes half a minute more, and 150 MB
real = real_lab(photos_per_class=4) if LIVE else None
real_story = fool_real_network(real) if real else None
real_story.shown if real_story else None

# %%
print(real_story.sentence if real_story else "Set LIVE to True to fool a real network.")

# %% [markdown]
# ## 9 · Break this claim
#
# > *At least 7 of the 8 units show the class three further on, from all three starts.*
#
# Look from another side until the honest picture comes back. Other steps, other image kinds, other
# starts? A start from a render instead of noise? Whatever works against this circuit is a clue for
# lesson 08, where you will not know whether there is one.

# %%
attempt = visualize(fooled, None, units, steps=96, image="pixels", transformations=None, seed=7)
lying = recognised(lab.network, attempt.images, shifted)
telling = recognised(lab.network, attempt.images, units)
print(f"{int(lying.sum())} of 8 still show the wired class; {int(telling.sum())} their own.")

# %% [markdown]
# ## Exit ticket

# %%
lesson.ticket()

# %%
lesson.progress()

# %% [markdown]
# ## What would change this conclusion
#
# The circuit needs a detector that is right along the whole optimization. A way of visualizing
# whose pictures no detector can tell from photographs, from the first step to the last, would leave
# it nothing to switch on. Starting from a photograph and staying near photographs goes in this
# direction.
#
# ## What does not carry over
#
# - A circuit of six units a class is easy to find for whoever reads the network's graph: here it is
#   called `fooling_detector`. In a network of another's making it can be spread out and hidden; and
#   the lie of lesson 04 needs no detector at all.
# - In the tiny world images are renders of one program, and telling visualizations from them is
#   easy. Photographs vary more; the paper's detector was right about 99.49 % of held-out images.
# - Nobody has found such a circuit in a network that grew by itself. What it shows is that pictures
#   and answers *can* come apart entirely; lesson 05 asks whether they do.
#
# ## References
#
# - Geirhos, Zimmermann, Bilodeau, Brendel & Kim (2024). *Don't trust your eyes: on the
#   (un)reliability of feature visualizations.* ICML, arXiv 2306.04719. Section 2: the fooling
#   circuit.
# - Sundararajan, Taly & Yan (2017). *Axiomatic attribution for deep networks.* ICML. Integrated
#   Gradients, and the choice of a baseline.
# - Bareeva, Höhne, Warnecke, Pirch, Müller, Rieck & Bykov (2024). *Manipulating feature
#   visualizations with gradient slingshots.* arXiv 2401.06122. Another way to the same end, by
#   training.
#
# **Next:** lesson 04 tells a lie that needs no detector; lesson 05 asks how honest the honest are.
