"""Ways of climbing uphill, each of which tells when each of its steps ended.

frozen: forward up to the layer, and backward, with the weights' gradients switched off.
bare: the same as one writes it at first: weights get gradients, too.
engine: `course_lib.visualize` with its defaults.
lucent: torch-lucent 0.1.8 with its defaults, told to draw a picture as large as the engine's.
lucent_128: the same with its default size, 128 pixels, which it enlarges to 224.

The first two have no picture to turn, no transformation and no optimizer.
"""

import copy
import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from course_lib import visualize
from course_lib.activations import recording
from course_lib.visualization.images import Fourier
from tests.benchmarks.engine.networks import Subject

Contender = Callable[[Subject, int, int], list[float]]
"""(subject, pictures at once, steps) -> seconds of each step; the first has the set-up in it."""


def frozen(subject: Subject, batch: int, steps: int) -> list[float]:
    subject.network.requires_grad_(False)
    return _loop(subject, batch, steps)


def bare(subject: Subject, batch: int, steps: int) -> list[float]:
    subject.network.requires_grad_(True)
    return _loop(subject, batch, steps)


def engine(subject: Subject, batch: int, steps: int) -> list[float]:
    ends: list[float] = []

    class Timed(Fourier):
        def after_step(self) -> None:
            ends.append(time.perf_counter())

    started = time.perf_counter()
    visualize(
        subject.network, subject.layer, _channels(subject, batch),
        size=subject.size, steps=steps, image=Timed, progress=False,
    )  # fmt: skip
    return _differences([started, *ends])


def lucent(subject: Subject, batch: int, steps: int, size: int | None = None) -> list[float]:
    ends: list[float] = []

    class Timed(torch.optim.Adam):
        def step(self, *args: Any, **kwargs: Any) -> Any:
            result = super().step(*args, **kwargs)
            ends.append(time.perf_counter())
            return result

    started = time.perf_counter()
    render(subject, batch, steps, size or subject.size, lambda found: Timed(found, lr=5e-2))
    return _differences([started, *ends])


def render(subject: Subject, batch: int, steps: int, size: int, optimizer: Any = None) -> Tensor:
    """Lucent's pictures for the subject's first channels, (batch, 3, size, size), by its defaults.

    The tiny lab's network normalises by itself and is made for 64 pixels, so Lucent is told to
    enlarge nothing.
    """
    from lucent.optvis import objectives, param
    from lucent.optvis.render import render_vis

    small = subject.size < 224
    network = copy.deepcopy(subject.network).requires_grad_(True)  # it leaves its hooks behind
    layer, channels = subject.layer.replace(".", "_"), _channels(subject, batch)
    objective = sum(objectives.channel(layer, one, batch=i) for i, one in enumerate(channels))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pictures = render_vis(
            network, objective, lambda: param.image(size, batch=batch), optimizer,
            thresholds=(steps,), preprocess=not small, show_image=False, progress=False,
            fixed_image_size=subject.size if small else None,
        )[-1]  # fmt: skip
    return torch.as_tensor(pictures).permute(0, 3, 1, 2).float()


def contenders() -> dict[str, Contender]:
    """All that can be had here: Lucent is in the dependency group `bench`."""
    found: dict[str, Contender] = {"frozen": frozen, "bare": bare, "engine": engine}
    lucents = {"lucent": lucent, "lucent_128": partial(lucent, size=128)}
    return {**found, **lucents} if has_lucent() else found


def has_lucent() -> bool:
    try:
        return version("torch-lucent") == "0.1.8"
    except PackageNotFoundError:
        return False


def in_turns(
    subject: Subject, several: dict[str, Contender], batch: int, steps: int, rounds: int
) -> dict[str, list[float]]:
    """Seconds an image and step of each contender, a round after the other, in one process.

    A round's figure is the median of its steps without the first, which has the set-up in it. The
    first round warms up and is left out.
    """
    seconds: dict[str, list[float]] = {name: [] for name in several}
    for measured in range(rounds + 1):
        for name, contender in several.items():
            spent = statistics.median(contender(subject, batch, steps + 1)[1:]) / batch
            if measured:
                seconds[name].append(spent)
    return seconds


def _loop(subject: Subject, batch: int, steps: int) -> list[float]:
    images = torch.rand(batch, 3, subject.size, subject.size, requires_grad=True)
    ends = [time.perf_counter()]
    with recording(subject.network, [subject.layer]) as run:
        with torch.no_grad():
            run.learn_where_to_stop(images[:1])
        for _ in range(steps):
            output = run(images)[subject.layer]
            loss = -sum(
                output[picture, channel].mean()
                for picture, channel in enumerate(_channels(subject, batch))
            )
            loss.backward()
            images.grad = None
            subject.network.zero_grad(set_to_none=True)
            ends.append(time.perf_counter())
    return _differences(ends)


def _channels(subject: Subject, batch: int) -> list[int]:
    return [subject.channels[n % len(subject.channels)] for n in range(batch)]


def _differences(moments: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(moments)]
