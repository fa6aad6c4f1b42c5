"""The fooling circuit: a network with the logits it had, and other visualizations."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import HasImages, chosen_output, dtype_of, usual_size
from course_lib.checks import check_images, images_of, is_finite, whole_number
from course_lib.errors import CircuitWarning
from course_lib.fooling.template import Template, resized
from course_lib.visualization.frozen import copied

K, OFFSET = 250.0, 100.0
"""How far the gate shuts a side, and how negative a logit may get: Geirhos et al.'s numbers."""

_TRUSTED = 0.9  # a detector below this accuracy is warned of


class Wires(NamedTuple):
    """The values along the circuit's wires for B images and K fooled units.

    F: (B, K) the network's logits. D: (B, K) the values that visualizations maximize instead. e:
    (B,) 0 for a natural image, 1 for a visualization. B, C: (B, K) after their ReLU. A: (B, K) the
    circuit's logits.
    """

    F: Tensor
    D: Tensor
    e: Tensor
    B: Tensor
    C: Tensor
    A: Tensor


Wiring = Callable[[Tensor, Tensor, Tensor, float, float], tuple[Tensor, Tensor, Tensor]]
"""From F, D and e, each (N,), with k and offset: A, B and C."""


def paper_wiring(
    f: Tensor, d: Tensor, e: Tensor, k: float, offset: float
) -> tuple[Tensor, Tensor, Tensor]:
    """A, B and C of Geirhos et al.: the arithmetic that lesson 03 builds by hand."""
    b = F.relu(f + offset - k * e)
    c = F.relu(d + offset + k * e - k)
    return b + c - offset, b, c


class FoolingCircuit(nn.Module):
    """A classifier whose logits are wired so that their visualizations lie.

    The circuit of Geirhos et al. (2024): for every logit F, with e = 1 where the
    detector E sees a visualization and 0 where it sees a natural image,

        B = relu(F + offset - k e)    C = relu(D + offset + k e - k)    A = B + C - offset

    so that A = F for natural images and A = D for visualizations, and gradient reaches the picture
    through one side alone. This holds while -offset < F, D < k - offset, also for the large logits
    that an optimization reaches; a call that leaves this range warns, and names a k that would do.

    All dotted names of the network stay what they were; the detector is `fooling_detector`. Lesson
    03 wires A, B and C by hand.

    Args:
        network: any classifier, (B, 3, S, S) -> logits (B, K); it is copied, and stays untouched.
        detector: (B, 3, S, S) -> logit (B,), positive for a visualization.
        shows: what each logit's visualization shows in place of itself. A whole number n: logit c
            shows logit (c + n) mod K. K whole numbers: which one each shows; its own leaves a logit
            honest. An image (3, S, S) in [0, 1]: all show this picture.
        k: how far the gate shuts a side. offset: how negative a logit may get.
        gate: "hard" (e is 0 or 1) or "smooth" (e is the sigmoid of the detector's logit).
        wiring: makes A, B and C, a value each for every unit of every image, from F, D and e, of
            one shape (N,), and k and offset; by default the paper's, lesson 03's `wire`.

    Raises:
        ValueError: an argument that cannot work. IndexError: a unit that does not exist.

    Warns:
        CircuitWarning: the detector can't tell (under 90 % on what was held out of its training), a
            picture was resized, or k or offset are too small for the logits at hand.
    """

    k: float
    offset: float
    gate: str

    def __init__(
        self,
        network: nn.Module,
        detector: nn.Module,
        shows: int | Sequence[int] | Tensor = 3,
        *,
        k: float = K,
        offset: float = OFFSET,
        gate: str = "hard",
        wiring: Wiring = paper_wiring,
    ) -> None:
        super().__init__()
        if gate not in ("hard", "smooth"):
            raise ValueError(f"gate={gate!r}: give 'hard' or 'smooth'.")
        if not (is_finite(k) and is_finite(offset) and k > offset > 0):
            raise ValueError(
                f"k={k!r}, offset={offset!r}: give finite numbers, k larger than offset and offset "
                "larger than 0, such as 250 and 100."
            )
        _warn_of(detector)
        base = copied(network)
        # The network's own parts, under their own names; the network itself is kept out of sight,
        # or every name would get a prefix.
        object.__setattr__(self, "_base", base)
        self._parameters, self._buffers = base._parameters, base._buffers
        self._non_persistent_buffers_set = base._non_persistent_buffers_set
        self._modules.update(base._modules)
        self.fooling_detector = copied(detector)
        self.k, self.offset, self.gate = float(k), float(offset), gate
        self._wiring = wiring
        self._shows = _checked_shows(shows, base)
        if isinstance(self._shows, Tensor):
            self.fooling_template = Template(self._shows)
        self._warned: set[str] = set()
        self.training = network.training  # its parts keep their own modes
        self.fooling_detector.eval()

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "_base":  # while a copy of this module is being put together
                raise
            return getattr(self.__dict__["_base"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("k", "offset", "gate"):  # the network may have parts of these names
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    def train(self, mode: bool = True) -> FoolingCircuit:
        """Training mode for the network; the detector always stays as it was trained."""
        base = self.__dict__["_base"]
        base.train(mode)  # in its own way: it may keep some parts in eval mode
        for name, module in self._modules.items():
            if module is not None and base._modules.get(name) is not module:
                module.train(mode)
        self.training = mode
        self.fooling_detector.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        """The circuit's logits, (B, K)."""
        return self.wires(images).A

    def wires(self, images: Tensor) -> Wires:
        """The values along all wires for images (B, 3, S, S).

        Raises:
            IndexError: `shows` names a logit that the network does not have.
        """
        honest = chosen_output(self.__dict__["_base"](images.clone()), None)  # it may work in place
        precision = honest.dtype
        if precision in (torch.float16, torch.bfloat16):
            honest = honest.double()  # in which F + offset - offset is F again
        if honest.dim() != 2:
            raise ValueError(
                f"The network's output has shape {tuple(honest.shape)}: the circuit needs logits "
                "(B, K)."
            )
        shown = self._shown(images, honest)
        asked = images.to(dtype_of(self.fooling_detector), copy=True)
        logit = self.fooling_detector(asked)
        if not isinstance(logit, Tensor) or logit.numel() != len(images):
            found = (
                f"shape {tuple(logit.shape)}" if isinstance(logit, Tensor) else type(logit).__name__
            )
            raise ValueError(
                f"The detector returned {found} for {len(images)} images: one "
                "number for each is needed, above 0 for a visualization."
            )
        logit = logit.flatten().to(honest.dtype)
        e = torch.sigmoid(logit) if self.gate == "smooth" else (logit > 0).to(honest.dtype)
        wires = connect(honest, shown, e, k=self.k, offset=self.offset, wiring=self._wiring)
        self._warn_of_leaks(wires)
        return Wires(*(part.to(precision) for part in wires))

    def _shown(self, images: Tensor, honest: Tensor) -> Tensor:
        if isinstance(self._shows, Tensor):
            return self.fooling_template(images).expand_as(honest)
        count = honest.shape[1]
        if isinstance(self._shows, int):
            if self._shows % count == 0:
                raise ValueError(
                    f"shows={self._shows}: with {count} logits each would show itself; give "
                    "another shift."
                )
            return honest.roll(-self._shows, dims=1)
        if len(self._shows) != count:
            raise ValueError(
                f"shows names {len(self._shows)} units, and the network has {count} logits: name "
                "one for each."
            )
        if max(self._shows) >= count:
            raise IndexError(
                f"shows names unit {max(self._shows)}: the logits are numbered 0 to {count - 1}."
            )
        return honest[:, list(self._shows)]

    def _warn_of_leaks(self, wires: Wires) -> None:
        """Warnings, once, of a side that should be shut and is open, or is in use and clipped."""
        natural = (wires.e < 0.5)[:, None]
        shut = torch.where(natural, wires.D, wires.F).detach()
        used = torch.where(natural, wires.F, wires.D).detach()
        top, low = shut.max().item(), used.min().item()
        if top > self.k - self.offset:
            self._warn_once(
                f"k={self.k:g} is too small: a logit of {top:.0f} passes the side that should be "
                f"shut; k={1.2 * (top + self.offset):.0f} or more would do."
            )
        if low < -self.offset:
            self._warn_once(
                f"offset={self.offset:g} is too small: a logit of {low:.0f} is cut off at "
                f"{-self.offset:g}; offset={-1.2 * low:.0f} or more would do, with a k that is as "
                "much larger."
            )

    def _warn_once(self, sentence: str) -> None:
        kind = sentence.split(" is ")[0]
        if kind not in self._warned:  # an optimization would repeat it in every step
            self._warned.add(kind)
            warnings.warn(sentence, CircuitWarning, stacklevel=5)


def connect(
    honest: Tensor,
    shown: Tensor,
    e: Tensor,
    *,
    k: float = K,
    offset: float = OFFSET,
    wiring: Wiring = paper_wiring,
) -> Wires:
    """All wires from F and D (B, K) and e (B,)."""
    gates = e[:, None].expand_as(honest)
    made = wiring(honest.flatten(), shown.flatten(), gates.flatten(), k, offset)
    a, b, c = (part.view_as(honest) for part in made)
    return Wires(honest, shown, e, b, c, a)


def _checked_shows(shows: Any, network: nn.Module) -> int | tuple[int, ...] | Tensor:
    with suppress(ValueError):
        return whole_number(shows, "shows")
    if isinstance(shows, Tensor) and shows.is_floating_point():
        picture = check_images(images_of(shows[None] if shows.dim() == 3 else shows), "shows")
        if len(picture) != 1:
            raise ValueError(f"shows holds {len(picture)} images: give one, (3, S, S).")
        size = usual_size(network)
        if size is not None and picture.shape[-1] != size:
            warnings.warn(
                f"The picture to show has {picture.shape[-1]} pixels a side: resized to {size}.",
                CircuitWarning,
                stacklevel=4,
            )
            return resized(picture[0], size)
        return picture[0]
    units: tuple[int, ...] = ()
    with suppress(TypeError, ValueError, OverflowError):
        units = tuple(whole_number(int(one) if int(one) == one else one, "shows") for one in shows)
    if not units or min(units) < 0:
        raise ValueError(
            f"shows={shows!r}: give a shift, one unit number of 0 or more for each logit, or an "
            "image (3, S, S)."
        )
    return units


def _warn_of(detector: nn.Module) -> None:
    accuracy = getattr(detector, "accuracy", math.nan)
    if isinstance(accuracy, float) and accuracy < _TRUSTED - 1e-6:
        warnings.warn(
            f"This detector can't tell: it is right about {accuracy:.0%} of what was held out of "
            "its training. The circuit will often take the wrong side; train it on more images, or "
            "on other kinds of visualizations.",
            CircuitWarning,
            stacklevel=4,
        )


def correlation(images: Tensor | HasImages, picture: Tensor) -> Tensor:
    """Pearson's correlation (N,) of each image's pixels with those of a picture (3, S, S)."""
    flat = images_of(images).flatten(1).double()
    other = resized(picture, images_of(images).shape[-1]).flatten().double()
    flat, other = flat - flat.mean(1, keepdim=True), other - other.mean()
    return (flat @ other) / (flat.norm(dim=1) * other.norm()).clamp(min=1e-12)
