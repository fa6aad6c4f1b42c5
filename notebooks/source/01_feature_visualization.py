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
# # 01 · Feature visualization from scratch
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/dont-trust-your-eyes/dont-trust-your-eyes/blob/main/notebooks/learn/01_feature_visualization.ipynb)
# [![Launch Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/dont-trust-your-eyes/dont-trust-your-eyes/main?urlpath=lab/tree/notebooks/learn/01_feature_visualization.ipynb)
#
# *90 minutes · a laptop is enough · no download*
#
# A neural network recognises spirals. What, to this network, *is* a spiral? One answer is famous
# for its pictures: start from noise and change the image, step by step, so that the network's
# unit for "spiral" responds more and more. What you end up with is a **feature visualization**
# (also called activation maximization).
#
# **Afterwards you can**
#
# - write the ascent that draws one, part by part;
# - say which of two pictures *another* network would recognise, and why;
# - name three choices, none of them the unit's, that shape such a picture.
#
# **You need** some Python, a first acquaintance with PyTorch tensors, and to know what a gradient
# is.
#
# Several cells ask for a **prediction**. Put a number in before you run the next cell. Nobody
# grades it; a result that surprised you is one that you will remember.
#
# Five **exercises** build your own engine for such pictures. Three are core (about 20 minutes), two
# are a stretch (another 20). Do them, skip them or fail them: the lesson goes on either way, and
# says under every result whether it rests on your code or on the reference.

# %%
if "google.colab" in str(get_ipython()): get_ipython().system("pip install -qqq --no-deps https://github.com/dont-trust-your-eyes/dont-trust-your-eyes/archive/main.zip && python -m course_lib.colab || echo 'The course could not be installed: GitHub cannot be reached, or has no such repository. Run this cell again.'")  # fmt: skip

# %%
from course_lib.lessons import stamp, start

lesson = start("01")
lesson.progress()

# %% [markdown]
# ## 1 · A network, and the world it lives in
#
# Networks trained on photographs are hard to check: who knows the true look of "golden
# retriever"? So we begin in a small world of our own, where the truth is known.

# %%
import torch
from torch import Tensor, nn

from course_lib import open_lab, recognised, record, visualize
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.texts import alt
from course_lib.figures import curves, dots, picture_grid
from course_lib.lessons.lesson_01 import shuffled, unit_explorer
from course_lib.statistics import counted, mean, paired_difference, proportion

lab = open_lab("tiny", network="standard", seed=0)
renders = lab.photos("test")
names = lab.class_names
units = range(len(names))

# %%
picture_grid(
    torch.cat([renders.images[row * 8 : row * 8 + 8] for row in range(3)]),
    titles=names,
    alt=alt("01-renders"),
)

# %% [markdown]
# These images are *renders*: a program drew them. A class is a **texture**, and nothing else.
# Outline, colours, place, size, rotation, light and background are drawn anew each time, so a
# network can only succeed by looking at the texture.
#
# `lab.network` is a small Inception network that has learned these eight classes. Its last layer
# has eight **units**, one a class; what such a unit says is a **logit**, and the largest of the
# eight is the network's answer. The renders above are new to it. Is it any good? (`record` runs
# images through a network and gives what layers say, by their names; `None` names its output.)

# %%
logits = record(lab.network, [None], renders.images)[None]
right = logits.argmax(1) == renders.labels
in_another_order = logits.argmax(1) == renders.labels.sort().values
claim("01-names-renders", proportion(right), null=proportion(in_another_order))

# %% [markdown]
# ## 2 · Climb
#
# Training changes the weights and keeps the images. We turn that round: keep the weights, change
# the **image**, and let the gradient say how. One step of that is yours to write.

# %% exercise="ascent_step"

# %% [markdown]
# The rest is a loop: start from faint grey noise, and step.


# %%
def climb(network, unit, steps=150, rate=0.01, seed=0):
    """Gradient ascent on the pixels of one image; returns the image and its logits."""
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    image = (0.5 + 0.01 * noise).clamp(0, 1)
    history = []
    for _ in range(steps):
        history.append(network(image)[0, unit].item())
        image = ascent_step(network, image, unit, rate).detach()
    return image, history


# %% [markdown]
# **Predict.** Among our renders, the one that the network finds most spiral-like gets a certain
# logit. By what factor will the climbed image beat it? (1 = just reaches it.)

# %%
my_factor = None  # your prediction, for example 1.5

# %%
SPIRALS = names.index("spirals")
image, history = climb(lab.network, SPIRALS)
climbed_with = ascent_step.code
best_render = logits[:, SPIRALS].max().item()
reached = lab.network(image)[0, SPIRALS].item()
compare(my_factor, round(reached / best_render, 1), "times the best render's logit")

# %%
curves(
    {"climbed image": history},
    x_label="step",
    y_label="logit of “spirals”",
    level=(best_render, f"the best of {len(renders.images):,} renders"),
    alt=alt("01-climb"),
    code=climbed_with,
)

# %% [markdown]
# To this network, our image is by far the most convincing spiral that there has ever been. So let
# us look at it, next to the render that it just beat.

# %%
picture_grid(
    torch.cat([renders.images[logits[:, SPIRALS].argmax()][None], image]),
    titles=["best render", "climbed"],
    width=3.6,
    columns=2,
    alt=alt("01-best-and-climbed"),
    code=climbed_with,
)

# %% [markdown]
# ## 3 · The network is delighted. Are you?
#
# Whoever knows what to look for finds spirals in there, under a grain that no render has. Which
# of the two would you show somebody who has never seen one?
#
# One picture is an anecdote. Let us draw all eight units, at once, and with an optimizer that
# adapts its steps. For that it needs to be told what to make small.

# %% exercise="target"

# %% [markdown]
# With your target the loop is this. What the optimizer turns (`numbers`), how they become pictures
# (`make_images`) and what happens to the pictures on their way to the network (`move`) are left
# open, because we shall change them soon.


# %%
def draw(numbers, make_images, rate, move=None, network=lab.network, steps=96):
    """Turn numbers until every picture's own unit responds; returns the pictures."""
    numbers = numbers.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([numbers], lr=rate)
    for _ in range(steps):
        images = make_images(numbers)
        seen = images if move is None else move(images)
        optimizer.zero_grad()
        target(network(seen), list(units)).backward()
        optimizer.step()
    return make_images(numbers).detach()


# %%
# about 6 seconds on two cores
noise = torch.randn(8, 3, 64, 64, generator=torch.Generator().manual_seed(0))
naive = draw(0.5 + 0.01 * noise, lambda x: x.clamp(0, 1), rate=0.02, steps=128)
naive_with = target.code
blind = shuffled(naive, names, seed=4)
blind.shown(code=naive_with)

# %% [markdown]
# **Which is which?** The eight pictures are shuffled. Name as many as you can.

# %%
my_names = {}  # for example {"A": "rings", "B": "checks"}

# %%
blind.score(my_names)

# %% [markdown]
# Your eyes are one judge, and not a fair one: you knew the eight answers. A second judge costs
# nothing and can be counted. Let **another network** name each picture, one that learned the
# same world from other random numbers. If a picture shows what a class looks like, any network that
# knows the class should see it. If it only presses the buttons of one network, the other may well
# shrug. (`recognised` tells of each picture whether a network's answer is the picture's own unit.)
#
# **Predict.** How many of the eight pictures will each of the two networks name rightly?

# %%
my_own = None  # by the network that the pictures were made for
my_other = None  # by the other one

# %%
judge = open_lab("tiny", network="standard", seed=1).network
by_own = recognised(lab.network, naive, units)
by_other = recognised(judge, naive, units)
compare(my_own, int(by_own.sum()), "of 8 named rightly by the network they were made for")
compare(my_other, int(by_other.sum()), "of 8 named rightly by another network")

# %%
answers = record(judge, [None], naive)[None].argmax(1)
picture_grid(
    {"made for": naive},
    titles=names,
    notes={"made for": [f"“{names[answer]}”" for answer in answers]},
    alt=alt("01-other-answers"),
    code=naive_with,
)

# %% [markdown]
# Above each picture: the class it was made for. Below it: what the other network calls it. The
# first network has no such doubts. By what factor do its own logits beat those of its best renders,
# and, for comparison, the other network's logits those of its own?


# %%
def surer(network):
    """By unit: a network's logit for the climbed image, to its largest one for a render."""
    of_pictures, of_renders = (record(network, [None], x)[None] for x in (naive, renders.images))
    return mean(of_pictures.diagonal() / of_renders.amax(0), of="units")


claim("01-surer-than-of-renders", surer(lab.network), null=surer(judge), code=naive_with)

# %% [markdown]
# Remember this one. **The logit of the network that a picture was made for says nothing about
# the picture.** It was maximized; of course it is large. An exam whose answers were known in
# advance measures nothing. Where a network is asked about its own pictures after all, for want of
# another (section 9), it is said.
#
# Why such grain? Nothing in our loop asks the image to be plausible. A pixel moves wherever it
# gains most, its neighbours do the same on their own, and networks happen to react strongly to such
# fine grain, which hardly occurs in their world.
#
# That can be measured. Every image is a sum of sine waves: coarse ones that rise and fall once
# across the image, and finer ones, down to a rise and fall every two pixels. How often a sine wave
# rises across the image is its *spatial frequency*, how strong it is in the image its *amplitude*.

# %%
from course_lib.visualization.spectrum import amplitude_by_frequency

frequency, of_renders = amplitude_by_frequency(renders.images[:256])
_, of_naive = amplitude_by_frequency(naive)
curves(
    {"renders": of_renders.log10(), "climbed images": of_naive.log10()},
    x=frequency.tolist(),
    x_label="spatial frequency (cycles per image)",
    y_label="amplitude (log₁₀)",
    alt=alt("01-spectrum"),
    code=naive_with,
)

# %% [markdown]
# Renders, like photographs, consist mostly of coarse structure. The climbed images have far less
# of it, and far more fine grain. Two remedies follow, and both leave the network alone.
#
# ## 4 · First remedy: make the picture survive
#
# Fine grain is fragile: move it by a pixel and its effect is gone. A spiral that moves a little
# is still a spiral. So show the network a slightly changed copy in every step. What is to raise the
# logit has to do so in all of them.

# %% exercise="jitter"

# %% [markdown]
# The course's own `visualize` goes further. It moves, turns and zooms, all in one resampling:

# %%
from course_lib.visualization.transformations import Transformations, warp

copies = warp(renders.images[[7] * 8], Transformations(), torch.Generator().manual_seed(0))
picture_grid(copies, alt=alt("01-copies"))

# %% [markdown]
# ## 5 · Second remedy: better coordinates
#
# Our optimizer turns pixels, and treats the finest grain like the broadest stroke. Let it turn the
# sine waves instead: how strong each is, and where it begins (together, the image's **Fourier**
# coefficients). Each is scaled as in a photograph, proportional to 1/frequency, so that a step of
# the same size changes coarse structure first. Colours are treated likewise: in photographs,
# brightness varies more than hue.
#
# Nothing is forbidden by this. Every image can still be reached, fine grain included; only the
# way that the optimizer prefers is another one.

# %% exercise="fourier_image"

# %% [markdown]
# Now put the parts together: the same loop and the same target, Fourier coefficients for pixels,
# and a move in every step. (`stamp` says whose code several parts are.)

# %%
chances = torch.Generator().manual_seed(0)
coefficients = 0.01 * torch.randn(8, 3, 64, 33, dtype=torch.complex64, generator=chances)
mine = draw(
    coefficients,
    lambda spectrum: fourier_image(spectrum, 64),
    rate=0.05,
    move=lambda images: jitter(images, 6, chances),
)
mine_with = stamp(target, jitter, fourier_image)

# %%
picture_grid(
    {"plain pixels": naive, "Fourier\nand moves": mine},
    titles=names,
    alt=alt("01-home-made"),
    code=mine_with,
)

# %%
of_mine = counted(recognised(judge, mine, units))
claim("01-home-made", of_mine, null=counted(by_other), code=mine_with)

# %% [markdown]
# That could be luck. From here on we use the course's `visualize`, which does the same with turns,
# zooms and better colours, and a good deal faster, so that each way of drawing can be tried from
# three starts.
#
# **Predict.** With both remedies in place, of how many of the eight logits will the *other* network
# recognise the pictures from all three starts?

# %%
my_remedied = None

# %%
# about 25 seconds on two cores
METHODS = {
    "plain pixels": {"image": "pixels", "transformations": None},
    "transformations": {"image": "pixels"},
    "Fourier": {"transformations": None},
    "both": {},  # what `visualize` does by default
}
SEEDS = (0, 1, 2)
drawn = {
    method: [visualize(lab.network, None, units, steps=96, seed=s, **how) for s in SEEDS]
    for method, how in METHODS.items()
}

# %%
picture_grid(
    {method: runs[0].images for method, runs in drawn.items()},
    titles=names,
    alt=alt("01-four-ways"),
)

# %% [markdown]
# These are the pictures from the first start. Here is what the other network says of those from all
# three.

# %%
hits = {
    method: torch.stack([recognised(judge, run.images, units) for run in runs])
    for method, runs in drawn.items()
}
compare(my_remedied, int(hits["both"].all(0).sum()), "of 8 recognised from all three starts")
dots(
    {f"start {seed}": [int(hits[m][i].sum()) for m in METHODS] for i, seed in enumerate(SEEDS)},
    columns=list(METHODS),
    x_label="how the pictures were drawn",
    y_label="recognised by another network (of 8)",
    alt=alt("01-recognised"),
)

# %%
every_time, plain_every_time = (counted(hits[m].all(0)) for m in ("both", "plain pixels"))
claim("01-both-remedies", every_time, null=plain_every_time)

# %% [markdown]
# How many does it recognise without them? For comparison, the difference between two starts of one
# way of drawing:

# %%
both_share, plain_share = (hits[m].float().mean(0) for m in ("both", "plain pixels"))
gain = paired_difference(both_share, plain_share, of="units")
two_starts = paired_difference(*hits["plain pixels"][:2].float(), of="units")
claim("01-gain", gain, null=two_starts)

# %% [markdown]
# Nearly half of the pictures, and still *undecided*: units differ so much that, over eight of them,
# the gain may be next to nothing. Either remedy brings most of it. Together they add what the count
# cannot see, calmer pictures; the amplitudes can:

# %%
curves(
    {"renders": of_renders.log10()}
    | {m: amplitude_by_frequency(drawn[m][0].images)[1].log10() for m in METHODS},
    x=frequency.tolist(),
    x_label="spatial frequency (cycles per image)",
    y_label="amplitude (log₁₀)",
    alt=alt("01-spectra"),
)

# %% [markdown]
# Recognised or not is a coarse answer. When several pictures of a unit are on the table, which one
# would another network take?

# %% exercise="pick_recognised"

# %% [markdown]
# For each unit and start a judge now chooses among the four ways of drawing. A second judge is of
# another kind, a robust network as we meet it in the next section. **Predict.** Which way will the
# first one choose most often?

# %%
my_favourite = None  # "plain pixels", "transformations", "Fourier" or "both"


# %%
def choices(judge, shift=0):
    """(starts, units): the way of drawing whose picture the judge takes (1: for the next unit)."""
    tables = [torch.stack([r[i].images for r in drawn.values()], 1) for i in range(len(SEEDS))]
    wanted = [(u + shift) % 8 for u in units]
    return torch.tensor([[pick_recognised(judge, t[u], wanted[u]) for u in units] for t in tables])


robust_judge = open_lab("tiny", network="robust", seed=1).network
chosen = {"standard judge": choices(judge), "robust judge": choices(robust_judge)}
chosen_with = pick_recognised.code
favourite = list(METHODS)[int(chosen["standard judge"].flatten().mode().values)]
compare(my_favourite, favourite, "is chosen most often by the standard judge")

# %%
dots(
    {name: ways.flatten().bincount(minlength=4).tolist() for name, ways in chosen.items()},
    columns=list(METHODS),
    x_label="how the pictures were drawn",
    y_label=f"chosen (of {8 * len(SEEDS)})",
    alt=alt("01-choices"),
    code=chosen_with,
)

# %%
SURVIVED = torch.tensor([i for i, m in enumerate(METHODS) if m in ("transformations", "both")])


def survived(ways):
    """(units,): the share of choices, over starts and judges, that fell on such a picture."""
    return torch.isin(torch.stack(list(ways)), SURVIVED).float().mean((0, 1))


of_unit = survived(chosen.values())
print("Not always transformed pictures:", [names[u] for u in units if of_unit[u] < 1])
of_next = survived(choices(j, 1) for j in (judge, robust_judge))
own, of_next = (mean(x, of="units", bounds=(0, 1)) for x in (of_unit, of_next))
claim("01-survivors", own, null=of_next, code=chosen_with)

# %% [markdown]
# Surviving transformations matters more to a judge than coordinates do. (For comparison the judges
# were asked for the next unit's picture among the same ones; whoever chose blindly would take a
# transformed one half of the time.) But for some units the standard judge
# prefers harsh plain pixels to anything calmer: what a network takes for typical need not be what
# looks nice to us.
#
# A warning for whoever picks. A judge that chose a picture is no witness for it any more: of course
# it recognises what it picked. Picking is fine for a figure, and has to be said; for a claim, let a
# network judge that had no part in the choice.
#
# Same network, same units, same objective. What changed is how we *looked*. Keep that in mind
# whenever a visualization is shown to you as "what the unit detects": it shows the unit **through
# the choices of whoever drew it**.
#
# ## 6 · A network trained to keep calm
#
# Third choice: which network. The lab has another kind, trained in the same world on
# **adversarial examples**: every training image was first changed in just the way that confuses the
# network most, by two grey levels in a hundred on average. Whoever passes such a training cannot
# lean on faint grain. We call that network *robust*, and the one so far *standard*.
#
# **Predict.** Of the robust network's eight pictures, how many will another robust network
# recognise, one of another seed?

# %%
my_robust = None

# %%
# about 6 seconds on two cores
robust = open_lab("tiny", network="robust", seed=0)
robust_runs = [visualize(robust.network, None, units, steps=80, seed=seed) for seed in SEEDS]
robust_hits = torch.stack([recognised(robust_judge, run.images, units) for run in robust_runs])
compare(my_robust, int(robust_hits[0].sum()), "of 8 recognised")

# %%
from course_lib.labs.tiny.world import textures

truth = textures(64)[:, None].expand(-1, 3, -1, -1)
picture_grid(
    {
        "the texture": truth,
        "standard": drawn["both"][0].images,
        "robust": robust_runs[0].images,
    },
    titles=names,
    alt=alt("01-networks"),
)

# %%
of_standard, as_next = (
    torch.stack([recognised(robust_judge, run.images, asked) for run in runs]).all(0)
    for runs, asked in ((drawn["both"], units), (robust_runs, [(u + 1) % 8 for u in units]))
)
print("The standard network's, drawn alike, to the same judge:", int(of_standard.sum()), "of 8")
claim("01-robust-recognised", counted(robust_hits.all(0)), null=counted(as_next))

# %%
robust_answers = record(robust.network, [None], renders.images)[None].argmax(1)
robust_right, by_chance = (
    proportion(robust_answers == x) for x in (renders.labels, renders.labels.sort().values)
)
claim("01-robust-names-renders", robust_right, null=by_chance)

# %% [markdown]
# Both networks do the same job, almost equally well, and a judge recognises the pictures of both;
# but only one has such clear ones. It is tempting to conclude that these are the *truer* ones, that
# they tell us better how their network decides. That does not follow. A picture can be prettier
# because the gradients that led to it are smoother, and still say little about what happens inside
# when a render comes in. Whether it does can be measured; lesson 05 does so, for both networks.
#
# ## 7 · *The* picture of a unit?
#
# A picture depends on the random start, too, and on the random numbers of the network's own
# training. Here is each unit from three starts, for two networks that differ in nothing but the
# seed of their training.
#
# What should stay the same down a column: texture, direction, size, place, colour?

# %%
# about 10 seconds on two cores
other_runs = [visualize(robust_judge, None, units, steps=80, seed=seed) for seed in SEEDS]
picture_grid(
    {f"network 0\nstart {seed}": robust_runs[seed].images for seed in SEEDS}
    | {f"network 1\nstart {seed}": other_runs[seed].images for seed in SEEDS},
    titles=names,
    alt=alt("01-starts"),
)

# %% [markdown]
# Go down a column. The texture returns each time, and is a candidate for what the unit looks for.
# Sizes, places, numbers and colours vary. And look at the stripes: their direction stays the same
# within a network and differs between the two, although both were trained on stripes in every
# direction and recognise them all. A single picture cannot tell what belongs to the class, to the
# network or to chance, which is a good reason never to show only one.
#
# ## 8 · Inside the network
#
# Nothing here was particular to the last layer. A **channel** of an inner layer can be visualized
# too; its response is averaged over all positions. There is no class to compare with now, so we
# put beside each picture the renders that excite the same channel most.

# %%
LAYER, CHANNELS = "inception3b", [3, 30, 60, 90, 120, 150]
inner = visualize(robust.network, LAYER, CHANNELS, steps=80)
responses = record(robust.network, [LAYER], renders.images[:128])[LAYER].mean((2, 3))
favourites = responses[:, CHANNELS].topk(2, dim=0).indices
picture_grid(
    {
        "visualization": inner.images,
        "best render": renders.images[favourites[0]],
        "second best": renders.images[favourites[1]],
    },
    titles=[f"channel {channel}" for channel in CHANNELS],
    width=7.2,
    alt=alt("01-inner"),
)

# %% [markdown]
# Do the renders look like the picture above them? In some columns one sees a family likeness, in
# others not at all. Whether such pictures help anybody to *predict* what a channel responds to is
# the question of lesson 02.
#
# Look around for yourself: any unit of both networks, in all of this lesson's ways. (One more is
# `maco`: it turns only where each sine wave begins, and keeps the amplitudes of renders.
# With the keyboard: Tab goes on, Space chooses, numbers can be typed. On a page without a kernel, a
# few settings are shown instead.)

# %%
unit_explorer()

# %% [markdown]
# Objectives can be added and subtracted, too. What must an image have to count as rings **and
# not** spirals, and the other way round?

# %%
from course_lib import logit

RINGS = names.index("rings")
goals = [logit(RINGS), logit(RINGS) - logit(SPIRALS), logit(SPIRALS) - logit(RINGS), logit(SPIRALS)]
contrast = visualize(robust.network, objective=goals, steps=80)
picture_grid(
    contrast.images,
    titles=["rings", "rings − spirals", "spirals − rings", "spirals"],
    width=5.6,
    columns=4,
    alt=alt("01-contrast"),
)

# %% [markdown]
# ## 9 · A real network
#
# Does all this carry over to a network that was trained on a million photographs? The same
# `visualize`, the same defaults, with MobileNetV2 from torchvision. You see what `course reproduce`
# found before. Give this command in a terminal, with photographs of yours or without (then it
# fetches 14 MB of weights and 340 MB of photographs), and this section shows your own result. The
# eight classes had been picked before they were drawn, and none was left out.

# %%
from course_lib.reproduce.real import reproduced

real = reproduced("pictures")
print(real.origin)
real.figures["pictures"]

# %% [markdown]
# Parts of animals and things, repeated and fused, in colours that are roughly right; hardly ever a
# whole one. Such pictures fascinate, and they are *suggestive*: knowing the name, one finds it.
# Cover the names and ask a friend. How often is the class the network's own first answer to them?

# %%
real.measures

# %% [markdown]
# **And a small network that has seen photographs?** The cifar lab's is built like those of our
# eight textures, and was trained on 45,000 photographs of ten classes, 32 pixels wide. Its ten
# logits, from three starts, are stored with the course; no photograph is. `course reproduce --lab
# cifar` draws them on your machine, in a quarter of an hour, where the photographs are
# (`open_lab("cifar", download=True)` fetches 170 MB), and this section then shows your own result.

# %%
from course_lib.reproduce.real import CIFAR_RUN

cifar = reproduced("pictures", CIFAR_RUN)
print(cifar.origin)
cifar.figures["pictures"]

# %%
cifar.measures

# %% [markdown]
# ## 10 · Break this claim
#
# > *Another robust network recognises all 8 units, each of them from all three starts.*
#
# It held for three starts and for our settings. Can you make it fail? Change one thing at a time,
# and note how far you have to go. Fewer steps? No transformations? Plain pixels? Another judge?

# %%
attempt = visualize(robust.network, None, units, steps=80, seed=3)  # change something here
seen = recognised(robust_judge, attempt.images, units)
print(f"{int(seen.sum())} of 8 recognised; missed:", [names[u] for u in units if not seen[u]])

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
# If, for a network, the pictures from many starts and ways of drawing agreed with each other, and
# people who saw them predicted the unit's answers to new images better than people who saw the
# best photographs, then the objections of sections 5 and 7 would lose their force. Lesson 02 makes
# that bet.
#
# ## What does not carry over
#
# - Eight classes that differ in nothing but texture are a gift: a picture of a *golden retriever*
#   has no ground truth to be held against.
# - "Recognised by another network" is a telling test here, because the other network makes few
#   mistakes. On ImageNet the judge itself errs often. And our judges have the same architecture,
#   the same world and the same recipe as the judged: grain that fools one network is known to fool
#   its relatives more often than chance. To be recognised is necessary, not sufficient.
# - The robust network withstands changes that are large for its 64-pixel world. Robust networks
#   for photographs exist, and are weaker and dearer to train.
#
# ## References
#
# - Erhan, Bengio, Courville & Vincent (2009). *Visualizing higher-layer features of a deep
#   network.* University of Montreal. The idea.
# - Mordvintsev, Olah & Tyka (2015). *Inceptionism: Going deeper into neural networks.* Google
#   Research. Transformations, and the first pictures that everybody saw.
# - Olah, Mordvintsev & Schubert (2017). *Feature visualization.* Distill. Fourier coefficients,
#   decorrelated colours, and what else helps.
# - Engstrom, Ilyas, Santurkar, Tsipras, Tran & Madry (2019). *Adversarial robustness as a prior
#   for learned representations.* arXiv 1906.00945. Why section 6 looks the way it does.
# - Geirhos, Zimmermann, Bilodeau, Brendel & Kim (2024). *Don't trust your eyes: on the
#   (un)reliability of feature visualizations.* ICML, arXiv 2306.04719. What this course is after.
#
# **Next:** lesson 02 lets you bet on such pictures, and keeps the score.
