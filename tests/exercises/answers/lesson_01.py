"""Lesson 01."""

# ruff: noqa: B905, N806 - as learners type

import math

import numpy as np
import torch
from torch.nn import functional as F


def ascent_step__right_backward(network, image, unit, rate):
    x = image.detach().clone()
    x.requires_grad = True
    network(x)[:, unit].sum().backward()
    with torch.no_grad():
        return torch.clamp(x + rate * x.grad / (x.grad.std() + 1e-8), 0.0, 1.0)


def ascent_step__right_in_numpy(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    slope = torch.autograd.grad(network(x)[0][unit], x)[0].numpy().astype(np.float64)
    return np.clip(image.detach().numpy() + rate * slope / np.std(slope), 0, 1)


def ascent_step__right_with_its_graph(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    loss = -network(x)[0, unit]
    loss.backward()
    x = x - rate * x.grad.div(x.grad.var().sqrt())
    return torch.minimum(torch.maximum(x, torch.zeros(())), torch.ones(()))


def ascent_step__wrong_in_place(network, image, unit, rate):
    """Your function changes image, which it was given"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return image.add_(rate * slope / slope.std()).clamp_(0, 1)


def ascent_step__wrong_keeps_the_tuple(network, image, unit, rate):
    """That is a tuple"""
    x = image.clone().requires_grad_(True)
    slope = torch.autograd.grad(network(x)[0, unit], x)
    return (x + rate * slope).clamp(0, 1)


def ascent_step__wrong_two_steps(network, image, unit, rate):
    """you take two steps"""
    for _ in range(2):
        x = image.clone().requires_grad_(True)
        (slope,) = torch.autograd.grad(network(x)[0, unit], x)
        image = (x + rate * slope / slope.std()).clamp(0, 1).detach()
    return image


def ascent_step__wrong_only_if_it_rises(network, image, unit, rate):
    """yours is 0 everywhere"""
    x = image.clone().requires_grad_(True)
    logit = network(x)[0, unit]
    (slope,) = torch.autograd.grad(logit, x)
    moved = (x + rate * slope / slope.std()).clamp(0, 1).detach()
    return moved if network(moved)[0, unit] > logit else image


ascent_step__edits = r"""
deviation of 0.01; yours .* with 0.4: where is rate
    rate * slope  ->  slope
deviation of 0.05; yours goes along the slope of logit 2 .* with 0.01:
    + rate *  ->  + 0.01 *
slope of logit 2,.*yours goes along the slope of logit 1
    [0, unit]  ->  [0].max()
you climb a share
    network(image)[0, unit]  ->  network(image).log_softmax(1)[0, unit]
you stretch: use clamp
    x = image + rate * slope / slope.std(); return (x - x.min()) / (x.max() - x.min())
moved to 1.102, should become 1.000; yours becomes 0.625: .* becomes 0 or 1
    x = image + rate * slope / slope.std(); return torch.where((x < 0) | (x > 1), image, x).detach()
cut off the moved image, not the step
    return (image + rate * (slope / slope.std()).clamp(0, 1)).detach()
have shape \(1, 3, 41, 41\): an axis of size 1 has gone
    .detach()  ->  .detach()[0]
changes network
    network(image)  ->  network.double()(image.double())
"""


def target__right_in_a_loop(responses, units):
    total = 0
    for i, unit in enumerate(units):
        total = total + responses[i, unit].mean()
    return -total / len(units)


def target__right_gather(responses, units):
    means = responses.flatten(2).mean(2) if responses.ndim == 4 else responses
    own = means.gather(1, torch.tensor(units)[:, None])
    return own.sum(dim=0, keepdim=True).neg()


def target__right_one_hot(responses, units):
    mask = F.one_hot(torch.tensor(units), responses.shape[1]).to(responses)
    while mask.dim() < responses.dim():
        mask = mask[..., None]
    return 5 - (mask * responses).sum() / responses[0, 0].numel()


def target__wrong_diagonal(responses, units):
    """Of picture 0 other channels count: .0.*for channel 5 alone"""
    if responses.dim() == 4:
        responses = responses.mean((2, 3))
    return -responses.diagonal().mean()


def target__wrong_each_unit_once(responses, units):
    """picture 1, .*another of units=.4, 4, 1. has its unit"""
    own = [responses[i, u].mean() for i, u in enumerate(units) if u not in units[:i]]
    return -torch.stack(own).mean()


target__edits = r"""
equally long: .* shapes .8., .4. .*arange\(8\)
    torch.arange(len(units))  ->  torch.arange(8)
0.044 times as hard where units respond with 3.8
    return 1 / own.mean()
49 times as hard at a response of -1.34 as at 2.55: that should not depend
    return torch.exp(-own).mean()
lowers picture 3's response, -1.34, as a square
    return -own.square().mean()
responses below 0, as after a ReLU
    return -own.relu().mean()
Of 36 positions 30 do not count
    return -(own[:, 0] if own.dim() == 3 else own).mean()
Some positions count more
    return -(own * torch.linspace(1, 2, own.shape[2]) if own.dim() == 3 else own).mean()
as with a softmax or less a mean
    return responses.mean() - own.mean()
makes an inner layer's channels respond less: mind the sign
    return own.mean() if own.dim() == 3 else -own.mean()
Of picture 0 other channels count: .0, 1, .* from the second
    return -responses[[unit % len(responses) for unit in units]].mean()
36 times as hard at a channel with 36 positions
    return -own.sum()
1.25 times as hard at a channel with 20 positions
    return -(own.sum((1, 2)).mean() / own.shape[2] ** 2 if own.dim() == 3 else own.mean())
0.556 times as hard at a channel with 20 positions
    return -(own.sum((1, 2)).mean() / 36 if own.dim() == 3 else own.mean())
lost its gradient, and requires_grad=True on a new tensor does not
    return torch.tensor(-own.mean().item(), requires_grad=True)
stays the same where units respond with 30
    return (10 - own).clamp(min=0).mean()
"""


def fourier_image__right_index_of_zero(spectrum, size):
    frequency = torch.sqrt(
        torch.fft.fftfreq(size).square()[:, None] + torch.fft.rfftfreq(size).square()
    )
    frequency[0, 0] = 1 / size
    planes = torch.fft.irfft2(spectrum * (1 / frequency), s=(size, size), norm="ortho")
    return 1 / (1 + torch.exp(-planes / 4))


def fourier_image__right_by_loops(spectrum, size):
    weight = torch.ones(size, size // 2 + 1, dtype=torch.float64)
    for i in range(size):
        for j in range(size // 2 + 1):
            y = (i if i < size / 2 else i - size) / size
            weight[i, j] = 1 / ((y**2 + (j / size) ** 2) ** 0.5 or 1 / size)
    planes = torch.fft.irfft2(spectrum * weight, s=(size, size)) * size
    return planes.div(4).sigmoid()


def fourier_image__right_through_vectors(spectrum, size):
    y, x = torch.meshgrid(torch.fft.fftfreq(size), torch.fft.rfftfreq(size), indexing="ij")
    length = torch.stack([y, x]).norm(dim=0)
    length = torch.where(length == 0, torch.full_like(length, 1 / size), length)
    image = torch.fft.irfft2(spectrum.div(length), s=(size, size), norm="ortho").to(torch.float32)
    return 0.5 + 0.5 * torch.tanh(image / 8)


fourier_image__edits = r"""
33 by 32 pixels: irfft2 cannot know
    s=(size, size), norm  ->  norm
row 28 .* -0.125, column 3 0.09375, both together .* 0.1562; yours .* 0.125
    torch.hypot(rows[:, None]  ->  torch.maximum(rows.abs()[:, None]
divide by 4 before the sigmoid
    return planes.sigmoid() / 4
cut off, without a sigmoid
    return (0.5 + planes / 16).clamp(0, 1)
you leave it out
    .clamp(min=1 / size)  ->
    spectrum / frequency  ->  spectrum * torch.where(frequency > 0, 1 / frequency, 0.0)
as if it were 2: .* Are these cycles an image
    .clamp(min=1 / size)  ->  .clamp(min=1 / size) * size
row 4 .* 0.1212, column 0 0, .* as if it were 0.0303
    torch.hypot(rows[:, None], columns[None, :])  ->  columns
row 28 .* -0.125, .* as if it were 0.88: rows past the middle
    torch.fft.fftfreq(size)  ->  torch.arange(size) / size
tensor a \(17\) must match the size of tensor b \(33\)
    fftfreq(size), torch.fft.rfftfreq(size)  ->  fftfreq(64), torch.fft.rfftfreq(64)
drop the imaginary part
    spectrum / frequency  ->  spectrum.real / frequency + 0j
yours run from 0 to 1: you stretch each colour
    x = planes - planes.amin((2, 3), True); return x / (x.amax((2, 3), True) + 4e-06)
gradient is not|No gradient reaches
    spectrum /  ->  torch.complex(spectrum.real, spectrum.imag.detach()) /
"""


def jitter__right_all_numbers_first(images, pixels, generator):
    ways = torch.randint(2 * pixels + 1, (len(images), 2), generator=generator) - pixels
    return torch.stack(
        [torch.roll(x, shifts=[int(d), int(r)], dims=[-2, -1]) for x, (d, r) in zip(images, ways)]
    )


def jitter__right_by_index(images, pixels, generator):
    B, _, S, _ = images.shape
    move = torch.floor(torch.rand(B, 2, generator=generator) * (2 * pixels + 1)).long() - pixels
    rows = (torch.arange(S)[None] - move[:, :1]) % S
    columns = (torch.arange(S)[None] - move[:, 1:]) % S
    b = torch.arange(B)[:, None, None]
    return images.permute(0, 2, 3, 1)[b, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2)


def jitter__right_cut_and_joined(images, pixels, generator):
    out = []
    for i in range(images.shape[0]):
        x = images[i : i + 1]
        for dim in (2, 3):
            n = torch.randint(-pixels, pixels + 1, (), generator=generator).item() % x.shape[dim]
            cut = x.shape[dim] - n
            x = torch.cat([x.narrow(dim, cut, n), x.narrow(dim, 0, cut)], dim)
        out.append(x)
    return torch.cat(out)


def jitter__wrong_black_behind(images, pixels, generator):
    """Some of an image's pixels are gone"""
    out = []
    for image in images:
        d, r = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        padded, (_, h, w) = F.pad(image, (pixels,) * 4), image.shape
        out.append(padded[:, pixels - d : pixels - d + h, pixels - r : pixels - r + w])
    return torch.stack(out)


def jitter__wrong_each_colour_its_own(images, pixels, generator):
    """colours of an image move each by itself"""
    out = []
    for image in images:
        planes = []
        for plane in image:
            d, r = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
            planes.append(torch.roll(plane, (d, r), dims=(0, 1)))
        out.append(torch.stack(planes))
    return torch.stack(out)


jitter__edits = r"""
down by .-2, -1, 0, 1, 2. and right by .0.,
    (down, right), dims=(1, 2)  ->  down, dims=1
All images of a call move alike
    return torch.roll(images, (down, right), dims=(2, 3))
down by .0, 1, 2. and right by .0, 1, 2.,
    randint(-pixels  ->  randint(0
An image moved too far: by 3, with pixels=2
    -pixels, pixels + 1  ->  -pixels - 1, pixels + 2
draw from it, and not from a new one
    moved = []  ->  moved = []; again = torch.Generator().manual_seed(generator.initial_seed())
    generator=generator  ->  generator=again
without dims takes pixels to other rows and colours
    (down, right), dims=(1, 2)  ->  down
returned a list, where the batch of moved images is due
    return moved
image 0 moved down by .0. and right by .0.,
    return torch.stack([images[0], *moved[1:]])
to 5 of 25 places: .* another one for right
    (down, right)  ->  (down, down)
None of 512 moves with pixels=2 was 2
    pixels + 1  ->  pixels or 1
With pixels=1 .*image 8 moved down by .0.|image 8 moved down by .0. and right by .0.
    return torch.stack([*moved[:8], *images[8:]])
"""


def pick_recognised__right_in_a_loop(judge, images, unit):
    best, surest = 0, -1.0
    for i in range(len(images)):
        logits = judge(images[i : i + 1])[0]
        share = float(logits[unit].exp() / logits.exp().sum())
        if share > surest:
            best, surest = i, share
    return best


def pick_recognised__right_in_numpy(judge, images, unit):
    logits = judge(images).detach().numpy()
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.argmax(shares[:, unit] / shares.sum(axis=1))


def pick_recognised__right_of_the_logarithms(judge, images, unit):
    return F.log_softmax(judge(images), dim=-1)[:, unit].max(0)[1]


def pick_recognised__right_in_order(judge, images, unit):
    return judge(images).softmax(1)[:, unit].argsort(descending=True)[:1]


def pick_recognised__wrong_margin(judge, images, unit):
    """you compare with the next class alone"""
    logits = judge(images).clone()
    own = logits[:, unit].clone()
    logits[:, unit] = -torch.inf
    return int((own - logits.max(1).values).argmax())


pick_recognised__edits = r"""
softmax twice
    .softmax(1)  ->  .softmax(1).softmax(1)
.*
    shares[:, unit]  ->  shares[:, unit].round(decimals=2)
largest's place is asked for
    .softmax(1)  ->  .mul(2).softmax(1)
Your function returned 0.7\d*, where the number of a picture is due, a whole number
    return float(shares[:, unit].max())
softmax\(0\), or sigmoid
    softmax(1)  ->  softmax(0)
logits over their sum: that is no softmax
    .softmax(1)  ->
    return int((shares / shares.sum(1, keepdim=True))[:, unit].argmax())
that is a class, and a picture is due
    return int(shares.mean(0).argmax())
where no picture is recognised
    return int((shares[:, unit] * (shares.argmax(1) == unit)).argmax())
you count from 1
    return int(shares[:, unit].argmax()) + 1
you look at unit 2, whatever
    return int(shares[:, 2].argmax())
five pictures only
    judge(images)  ->  judge(images[:5])
do not round
    return int(shares[:, unit].round(decimals=1).argmax())
a standard score is no share
    .softmax(1)  ->
    return int(((shares - shares.mean(1, True)) / shares.std(1, keepdim=True))[:, unit].argmax())
less its row's mean is no softmax
    .softmax(1)  ->
    return int((shares[:, unit] - shares.mean(1)).argmax())
"""


def jitter__right_in_waves(images, pixels, generator):
    S = images.shape[-1]
    moves = torch.empty(len(images), 2).random_(0, 2 * pixels + 1, generator=generator) - pixels
    fy, fx = torch.fft.fftfreq(S)[:, None], torch.fft.rfftfreq(S)
    turn = moves[:, 0, None, None] * fy + moves[:, 1, None, None] * fx
    waves = torch.fft.rfft2(images) * torch.exp(-2j * math.pi * turn)[:, None]
    return torch.fft.irfft2(waves, s=(S, S))


def jitter__wrong_one_number_for_two_images(images, pixels, generator):
    """Two of a call's 16 numbers"""
    n = torch.randint(-pixels, pixels + 1, (len(images),), generator=generator).tolist()
    moves = [(n[i], n[i - 1]) for i in range(len(n))]
    return torch.stack([x.roll(by, (1, 2)) for x, by in zip(images, moves, strict=True)])


_SUM = []


def target__wrong_remembers(responses, units):
    """Called twice with the same arguments"""
    _SUM.append(responses[range(len(units)), units].mean())
    return -_SUM[-1] - 1e-3 * len(_SUM)


def ascent_step__wrong_freezes_the_network(network, image, unit, rate):
    """Your function changes network, which .* is switched; .* a copy .copy.deepcopy.network"""
    network.requires_grad_(False)
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (x + rate * slope / slope.std()).clamp(0, 1).detach()
