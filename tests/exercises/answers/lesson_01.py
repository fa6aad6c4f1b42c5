"""Lesson 01."""

# ruff: noqa: B905, N806 - as learners type

from __future__ import annotations

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


def ascent_step__wrong_without_rate(network, image, unit, rate):
    """deviation of 0.01; yours .* with 0.4: where is rate"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (image + slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_its_own_rate(network, image, unit, rate):
    """deviation of 0.05; yours goes along the slope of logit 2 .* with 0.01:"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (image + 0.01 * slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_loudest_unit(network, image, unit, rate):
    """slope of logit 2,.*yours goes along the slope of logit 1"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0].max(), x)
    return (image + rate * slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_log_softmax(network, image, unit, rate):
    """you climb a share"""
    x = image.clone().requires_grad_(True)
    F.cross_entropy(network(x), torch.tensor([unit])).backward()
    return (image - rate * x.grad / x.grad.std()).clamp(0, 1)


def ascent_step__wrong_in_place(network, image, unit, rate):
    """Your function changes image, which it was given"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return image.add_(rate * slope / slope.std()).clamp_(0, 1)


def ascent_step__wrong_stretches(network, image, unit, rate):
    """you stretch: use clamp"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    x = image + rate * slope / slope.std()
    return (x - x.min()) / (x.max() - x.min())


def ascent_step__wrong_folds_back(network, image, unit, rate):
    """moved to 1.102, should become 1.000; yours becomes 0.625: .* becomes 0 or 1"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    x = image + rate * slope / slope.std()
    return torch.where((x < 0) | (x > 1), image, x).detach()


def ascent_step__wrong_cuts_the_step(network, image, unit, rate):
    """cut off the moved image, not the step"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return image + rate * (slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_keeps_the_tuple(network, image, unit, rate):
    """That is a tuple"""
    x = image.clone().requires_grad_(True)
    slope = torch.autograd.grad(network(x)[0, unit], x)
    return (x + rate * slope).clamp(0, 1)


def ascent_step__wrong_without_the_batch(network, image, unit, rate):
    """have shape \\(1, 3, 41, 41\\): an axis of size 1 has gone"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (x + rate * slope / slope.std()).clamp(0, 1)[0]


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


def target__wrong_one_over(responses, units):
    """0.044 times as hard where units respond with 3.8"""
    return 1 / responses[torch.arange(len(units)), units].mean()


def target__wrong_exponential(responses, units):
    """49 times as hard at a response of -1.34 as at 2.55: that should not depend"""
    return torch.exp(-responses[torch.arange(len(units)), units]).mean()


def target__wrong_square(responses, units):
    """lowers picture 3's response, -1.34, as a square"""
    return -responses[torch.arange(len(units)), units].square().mean()


def target__wrong_relu(responses, units):
    """responses below 0, as after a ReLU"""
    return -responses[torch.arange(len(units)), units].relu().mean()


def target__wrong_first_row_of_positions(responses, units):
    """Of 36 positions 30 do not count"""
    own = responses[torch.arange(len(units)), units]
    return -(own[:, 0] if own.dim() == 3 else own).mean()


def target__wrong_centre_first(responses, units):
    """Some positions count more"""
    own = responses[torch.arange(len(units)), units]
    if own.dim() == 3:
        own = own * torch.linspace(1, 2, own.shape[2])
    return -own.mean()


def target__wrong_eight_units(responses, units):
    """equally long: .* shapes .8., .4. .*arange\\(8\\)"""
    return -responses[torch.arange(8), units].mean()


def target__wrong_each_unit_once(responses, units):
    """picture 1, .*another of units=.4, 4, 1. has its unit"""
    own = [responses[i, u].mean() for i, u in enumerate(units) if u not in units[:i]]
    return -torch.stack(own).mean()


def target__wrong_against_the_others(responses, units):
    """as with a softmax or less a mean"""
    own = responses[torch.arange(len(units)), units]
    return responses.mean() - own.mean()


def target__wrong_sign_of_inner_layers(responses, units):
    """makes an inner layer's channels respond less: mind the sign"""
    own = responses[torch.arange(len(units)), units]
    return own.mean() if own.dim() == 3 else -own.mean()


def target__wrong_chooses_pictures(responses, units):
    """Of picture 0 other channels count: .0, 1, .* from the second"""
    return -responses[[unit % len(responses) for unit in units]].mean()


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


def fourier_image__wrong_forgets_the_size(spectrum, size):
    """33 by 32 pixels: irfft2 cannot know"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)).clamp(1 / size)
    return torch.sigmoid(torch.fft.irfft2(spectrum / f, norm="ortho") / 4)


def fourier_image__wrong_larger_frequency(spectrum, size):
    """row 28 .* -0.125, column 3 0.09375, both together .* 0.1562; yours .* 0.125"""
    f = torch.maximum(torch.fft.fftfreq(size).abs()[:, None], torch.fft.rfftfreq(size))
    planes = torch.fft.irfft2(spectrum / f.clamp(1 / size), s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def fourier_image__wrong_divides_the_sigmoid(spectrum, size):
    """divide by 4 before the sigmoid"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size))
    f[0, 0] = 1 / size
    return torch.fft.irfft2(spectrum / f, s=(size, size), norm="ortho").sigmoid() / 4


def fourier_image__wrong_grey_clamped(spectrum, size):
    """cut off, without a sigmoid"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)).clamp(1 / size)
    planes = torch.fft.irfft2(spectrum / f, s=(size, size), norm="ortho")
    return (0.5 + planes / 16).clamp(0, 1)


def fourier_image__wrong_constant_left_out(spectrum, size):
    """you leave it out"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size))
    scale = torch.where(f > 0, 1 / f, torch.zeros(()))
    planes = torch.fft.irfft2(spectrum * scale, s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def fourier_image__wrong_cycles_an_image(spectrum, size):
    """as if it were 2: .* Are these cycles an image"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)) * size
    f[0, 0] = 1
    planes = torch.fft.irfft2(spectrum / f, s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def fourier_image__wrong_columns_only(spectrum, size):
    """row 4 .* 0.1212, column 0 0, .* as if it were 0.0303"""
    f = torch.fft.rfftfreq(size).clamp(min=1 / size)
    planes = torch.fft.irfft2(spectrum / f, s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def fourier_image__wrong_rows_do_not_turn_round(spectrum, size):
    """row 28 .* -0.125, .* as if it were 0.88: rows past the middle"""
    rows = torch.arange(size) / size
    f = torch.hypot(rows[:, None], torch.fft.rfftfreq(size)).clamp(min=1 / size)
    planes = torch.fft.irfft2(spectrum / f, s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def fourier_image__wrong_size_64(spectrum, size):
    """tensor a \\(17\\) must match the size of tensor b \\(33\\)"""
    f = torch.hypot(torch.fft.fftfreq(64)[:, None], torch.fft.rfftfreq(64)).clamp(min=1 / 64)
    planes = torch.fft.irfft2(spectrum / f, s=(64, 64), norm="ortho")
    return torch.sigmoid(planes / 4)


def fourier_image__wrong_real_part(spectrum, size):
    """drop the imaginary part"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)).clamp(1 / size)
    planes = torch.fft.irfft2(spectrum.real / f + 0j, s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def fourier_image__wrong_stretched(spectrum, size):
    """yours run from 0 to 1: you stretch each colour"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)).clamp(1 / size)
    x = torch.fft.irfft2(spectrum / f, s=(size, size), norm="ortho") / 4
    low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    return (x - low) / (high - low + 1e-6)


def fourier_image__wrong_gradient_of_a_copy(spectrum, size):
    """gradient is not|No gradient reaches"""
    f = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)).clamp(1 / size)
    waves = torch.complex(spectrum.real, spectrum.imag.detach())
    return torch.sigmoid(torch.fft.irfft2(waves / f, s=(size, size), norm="ortho") / 4)


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


def jitter__wrong_one_way_of_two(images, pixels, generator):
    """down by .-2, -1, 0, 1, 2. and right by .0.,"""
    moves = torch.randint(-pixels, pixels + 1, (len(images),), generator=generator)
    return torch.stack([torch.roll(x, int(m), dims=1) for x, m in zip(images, moves)])


def jitter__wrong_one_move_for_all(images, pixels, generator):
    """All images of a call move alike"""
    d, r = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
    return torch.roll(images, (d, r), dims=(2, 3))


def jitter__wrong_black_behind(images, pixels, generator):
    """Some of an image's pixels are gone"""
    out = []
    for image in images:
        d, r = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        padded, (_, h, w) = F.pad(image, (pixels,) * 4), image.shape
        out.append(padded[:, pixels - d : pixels - d + h, pixels - r : pixels - r + w])
    return torch.stack(out)


def jitter__wrong_only_one_way(images, pixels, generator):
    """down by .0, 1, 2. and right by .0, 1, 2.,"""
    moves = torch.randint(0, pixels + 1, (len(images), 2), generator=generator).tolist()
    return torch.stack([torch.roll(x, m, dims=(1, 2)) for x, m in zip(images, moves)])


def jitter__wrong_one_too_far(images, pixels, generator):
    """An image moved too far: by 3, with pixels=2"""
    moves = torch.randint(-pixels - 1, pixels + 2, (len(images), 2), generator=generator).tolist()
    return torch.stack([torch.roll(x, m, dims=(1, 2)) for x, m in zip(images, moves)])


def jitter__wrong_the_generators_seed(images, pixels, generator):
    """draw from it, and not from a new one"""
    again = torch.Generator().manual_seed(generator.initial_seed())
    moves = torch.randint(-pixels, pixels + 1, (len(images), 2), generator=again).tolist()
    return torch.stack([torch.roll(x, m, dims=(1, 2)) for x, m in zip(images, moves)])


def jitter__wrong_flattened(images, pixels, generator):
    """without dims takes pixels to other rows and colours"""
    moves = torch.randint(-pixels, pixels + 1, (len(images),), generator=generator)
    return torch.stack([torch.roll(x, int(m)) for x, m in zip(images, moves)])


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


def jitter__wrong_a_list(images, pixels, generator):
    """returned a list, where the batch of moved images is due"""
    moves = torch.randint(-pixels, pixels + 1, (len(images), 2), generator=generator).tolist()
    return [torch.roll(x, m, dims=(1, 2)) for x, m in zip(images, moves)]


def jitter__wrong_first_image_stays(images, pixels, generator):
    """image 0 moved down by .0. and right by .0.,"""
    moves = torch.randint(-pixels, pixels + 1, (len(images), 2), generator=generator)
    moves[0] = 0
    return torch.stack([torch.roll(x, m, dims=(1, 2)) for x, m in zip(images, moves.tolist())])


def jitter__wrong_one_number(images, pixels, generator):
    """to 5 of 25 places: .* another one for right"""
    moves = torch.randint(-pixels, pixels + 1, (len(images),), generator=generator).tolist()
    return torch.stack([torch.roll(x, (m, m), dims=(1, 2)) for x, m in zip(images, moves)])


def jitter__wrong_never_the_last(images, pixels, generator):
    """None of 512 moves with pixels=2 was 2"""
    moves = torch.randint(-pixels, pixels or 1, (len(images), 2), generator=generator).tolist()
    return torch.stack([torch.roll(x, m, dims=(1, 2)) for x, m in zip(images, moves)])


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


def pick_recognised__wrong_the_share(judge, images, unit):
    """Your function returned 0.7\\d*, where the number of a picture is due, a whole number"""
    return float(judge(images).softmax(1)[:, unit].max())


def pick_recognised__wrong_softmax_over_pictures(judge, images, unit):
    """softmax\\(0\\), or sigmoid"""
    return int(judge(images).softmax(0)[:, unit].argmax())


def pick_recognised__wrong_share_of_the_sum(judge, images, unit):
    """logits over their sum: that is no softmax"""
    logits = judge(images)
    return int((logits / logits.sum(1, keepdim=True))[:, unit].argmax())


def pick_recognised__wrong_its_class(judge, images, unit):
    """that is a class, and a picture is due"""
    return int(judge(images).softmax(1).mean(0).argmax())


def pick_recognised__wrong_recognised_or_first(judge, images, unit):
    """where no picture is recognised"""
    shares = judge(images).softmax(1)
    named = shares.argmax(1) == unit
    return int((shares[:, unit] * named).argmax())


def pick_recognised__wrong_counts_from_one(judge, images, unit):
    """you count from 1"""
    return int(judge(images).softmax(1)[:, unit].argmax()) + 1


def pick_recognised__wrong_unit_2(judge, images, unit):
    """you look at unit 2, whatever"""
    return int(judge(images).softmax(1)[:, 2].argmax())


def pick_recognised__wrong_five_pictures(judge, images, unit):
    """five pictures only"""
    return int(judge(images[:5]).softmax(1)[:, unit].argmax())


def pick_recognised__wrong_rounded_shares(judge, images, unit):
    """do not round"""
    return int(judge(images).softmax(1)[:, unit].round(decimals=1).argmax())


def pick_recognised__wrong_standard_scores(judge, images, unit):
    """a standard score is no share"""
    logits = judge(images)
    scores = (logits - logits.mean(1, keepdim=True)) / logits.std(1, keepdim=True)
    return int(scores[:, unit].argmax())


def pick_recognised__wrong_above_the_mean(judge, images, unit):
    """less its row's mean is no softmax"""
    logits = judge(images)
    return int((logits[:, unit] - logits.mean(1)).argmax())


def jitter__right_in_waves(images, pixels, generator):
    S = images.shape[-1]
    moves = torch.empty(len(images), 2).random_(0, 2 * pixels + 1, generator=generator) - pixels
    fy, fx = torch.fft.fftfreq(S)[:, None], torch.fft.rfftfreq(S)
    turn = moves[:, 0, None, None] * fy + moves[:, 1, None, None] * fx
    waves = torch.fft.rfft2(images) * torch.exp(-2j * math.pi * turn)[:, None]
    return torch.fft.irfft2(waves, s=(S, S))
