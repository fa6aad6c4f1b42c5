"""The network that every suspect is made of, and the black box around it.

All suspects have the same modules; an honest one and a liar differ in numbers only.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from course_lib.activations import find_layer
from course_lib.fooling.circuit import OFFSET, Wires, connect
from course_lib.fooling.template import Template
from course_lib.visualization.frozen import frozen_copy


class SuspectNetwork(nn.Module):
    """A white box: a network, twins beside a convolution, a detector and a gate.

    The wiring is that of `FoolingCircuit`. F is what the network says; D is F `table` plus
    `likeness` times T, where T is how much an image is like the picture in `template`; e is 1 where
    the detector's logit is above 0 (`sharpness` infinite), or the sigmoid of `sharpness` times it.

    Layers: `logits` gives the answers (B, K); `units` gives what the audited channels of the
    convolution say (B, n, H, W), their twins included.

    Args:
        network: a classifier, (B, 3, S, S) -> (B, K), with twins in `layer` (`attach_twins`).
        layer: dotted name of the convolution inside `network`. channels: the audited ones.
        detector: (B, 3, S, S) -> logit (B,). picture: (3, S, S) for the template.
        table: (K, K). likeness: (K,). sharpness, k: numbers.
    """

    table: Tensor
    likeness: Tensor
    sharpness: Tensor
    k: Tensor
    offset: Tensor

    def __init__(
        self,
        network: nn.Module,
        layer: str,
        channels: Sequence[int],
        detector: nn.Module,
        picture: Tensor,
        table: Tensor,
        likeness: Tensor,
        sharpness: float,
        k: float,
    ) -> None:
        super().__init__()
        self.network, self.detector, self.template = network, detector, Template(picture)
        self.logits, self.units = nn.Identity(), nn.Identity()
        self.layer, self.channels = layer, tuple(channels)
        self.image_size = int(picture.shape[-1])
        self.register_buffer("table", table)
        self.register_buffer("likeness", likeness)
        for name, value in (("sharpness", sharpness), ("k", k), ("offset", OFFSET)):
            self.register_buffer(name, torch.tensor(float(value)))
        self.eval().requires_grad_(False)

    @property
    def conv(self) -> str:
        """The dotted name, in this module, of the convolution that has the audited units."""
        return f"network.{self.layer}"

    def forward(self, images: Tensor) -> Tensor:
        """The answers, (B, K)."""
        logits: Tensor = self.logits(self.wires(images).A)
        return logits

    def wires(self, images: Tensor, tell: Callable[[Tensor], object] | None = None) -> Wires:
        """The values on all wires for images (B, 3, S, S) in [0, 1].

        tell: is called with what the audited units say; by default the module `units`.
        """
        tell = self.units if tell is None else tell

        def listen(_module: nn.Module, _args: object, output: Tensor) -> None:
            tell(output[:, list(self.channels)])

        # the units come before the logits, so that whoever wants them alone can stop there
        handle = find_layer(self.network, self.layer).register_forward_hook(listen)
        try:
            honest = self.network(images)
        finally:
            handle.remove()
        shown = honest @ self.table + self.template(images) * self.likeness
        logit = self.detector(images)
        hard = math.isinf(float(self.sharpness))
        e = (logit > 0).to(honest) if hard else torch.sigmoid(self.sharpness * logit)
        return connect(honest, shown, e, k=float(self.k), offset=float(self.offset))


class BlackBoxNetwork(nn.Module):
    """A suspect that gives its answers, what its audited units say, and gradients to the images.

    (B, 3, S, S) in [0, 1] -> logits (B, K). Its layers are `logits` (B, K) and `units`
    (B, n, H, W), and there are no other modules, weights or names. Whoever takes the closure apart
    finds the network: nothing can truly be hidden in Python. The box keeps it from being found by
    accident, and to look inside is to break the rules of the audit.
    """

    def __init__(self, network: SuspectNetwork) -> None:
        super().__init__()
        self.logits, self.units = nn.Identity(), nn.Identity()
        self.image_size = network.image_size
        inside = frozen_copy(network, "cpu", share=True)
        assert isinstance(inside, SuspectNetwork)
        # a closure, which neither named_modules nor a copy of this module goes into
        self._answer = lambda images, tell: inside.wires(images, tell).A
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        """The answers, (B, K)."""
        logits: Tensor = self.logits(self._answer(images, self.units))
        return logits
