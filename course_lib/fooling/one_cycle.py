"""The rate and the momentum of a training in one cycle (Smith & Topin, 2017)."""

import math


def one_cycle(step: int, steps: int, highest: float, warm: float) -> tuple[float, float]:
    """The rate of a step, which rises for the share `warm` of them and falls to nearly zero, and
    the momentum, which falls from 0.95 to 0.85 and rises again.

    To the bit `torch.optim.lr_scheduler.OneCycleLR`, which wants an optimizer, and to make one
    loads PyTorch's compiler.
    """
    top = warm * steps - 1  # the step with the highest rate
    falls = step > top
    done = (step - top) / (steps - 1 - top) if falls else step / top
    rates, momenta = (highest / 25, highest, highest / 25e4), (0.95, 0.85, 0.95)
    (a, b), (c, d) = (values[falls : falls + 2] for values in (rates, momenta))
    left = (1 + math.cos(math.pi * done)) / 2  # of the way, 1 at a phase's begin and 0 at its end
    return b + (a - b) * left, d + (c - d) * left
