"""Lesson 01."""

from __future__ import annotations

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
    """With rate=0.01 your step takes the logit of unit 7 .*is it image"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (image + slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_its_own_rate(network, image, unit, rate):
    """With rate=0.05"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (image + 0.01 * slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_always_unit_7(network, image, unit, rate):
    """the logit of unit 2 .*network\\(image\\)\\[0, unit\\]"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, 7], x)
    return (image + rate * slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_loudest_unit(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0].max(), x)
    return (image + rate * slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_log_softmax(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    F.cross_entropy(network(x), torch.tensor([unit])).backward()
    return (image - rate * x.grad / x.grad.std()).clamp(0, 1)


def ascent_step__wrong_mean_size(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (image + rate * slope / slope.abs().mean()).clamp(0, 1)


def ascent_step__wrong_largest_slope(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (image + rate * slope / slope.abs().max()).clamp(0, 1)


def ascent_step__wrong_standard_deviation_of_the_image(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (image + rate * slope / image.std()).clamp(0, 1)


def ascent_step__wrong_trains_the_network(network, image, unit, rate):
    """Your function changes network"""
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    (-network(image)[0, unit]).backward()
    optimizer.step()
    return image


def ascent_step__wrong_in_place(network, image, unit, rate):
    """Your function changes image, which it was given"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return image.add_(rate * slope / slope.std()).clamp_(0, 1)


def ascent_step__wrong_asks_the_given_image(network, image, unit, rate):
    """Your function changes image, which it was given"""
    image.requires_grad_(True)
    (slope,) = torch.autograd.grad(network(image)[0, unit], image)
    return (image + rate * slope / slope.std()).clamp(0, 1).detach()


def ascent_step__wrong_stretches(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    x = image + rate * slope / slope.std()
    return (x - x.min()) / (x.max() - x.min())


def ascent_step__wrong_folds_back(network, image, unit, rate):
    """becomes 0 or 1"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    x = image + rate * slope / slope.std()
    return torch.where((x < 0) | (x > 1), image, x).detach()


def ascent_step__wrong_cuts_the_step(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return image + rate * (slope / slope.std()).clamp(0, 1)


def ascent_step__wrong_grad_after_grad(network, image, unit, rate):
    """\\.grad is None until backward\\(\\) has been called"""
    x = image.clone().requires_grad_(True)
    torch.autograd.grad(network(x)[0, unit], x)
    return (x + rate * x.grad / x.grad.std()).clamp(0, 1)


def ascent_step__wrong_keeps_the_tuple(network, image, unit, rate):
    """That is a tuple"""
    x = image.clone().requires_grad_(True)
    slope = torch.autograd.grad(network(x)[0, unit], x)
    return (x + rate * slope).clamp(0, 1)


def ascent_step__wrong_without_the_batch(network, image, unit, rate):
    """shape \\(3, 41, 41\\), where the moved image should have shape \\(1, 3, 41, 41\\)"""
    x = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, unit], x)
    return (x + rate * slope / slope.std()).clamp(0, 1)[0]


def ascent_step__wrong_two_steps(network, image, unit, rate):
    for _ in range(2):
        x = image.clone().requires_grad_(True)
        (slope,) = torch.autograd.grad(network(x)[0, unit], x)
        image = (x + rate * slope / slope.std()).clamp(0, 1).detach()
    return image


def ascent_step__wrong_only_if_it_rises(network, image, unit, rate):
    x = image.clone().requires_grad_(True)
    logit = network(x)[0, unit]
    (slope,) = torch.autograd.grad(logit, x)
    moved = (x + rate * slope / slope.std()).clamp(0, 1).detach()
    return moved if network(moved)[0, unit] > logit else image
