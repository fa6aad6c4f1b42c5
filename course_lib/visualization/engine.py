"""The network that is run in each step of an optimization: as the caller's, but faster.

What is changed to be faster (batch norms folded into convolutions, the first convolution's
gradient, the memory layout) is the same for nearly every network. Whether it is for this one is
tried before it is used, on outputs and gradients; where it is not, the plain copy is run.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import FAILURES, Recording, find_layer, recording
from course_lib.visualization.folding import fold_batch_norms
from course_lib.visualization.frozen import frozen_copy
from course_lib.visualization.input_gradient import quicken_input_gradients
from course_lib.visualization.relu import WithoutKinks

_OUTPUTS, _GRADIENTS = 2e-4, 5e-3  # by how much of the largest the two copies may differ
_AT_KINKS = 0.1  # by how much of their length gradients may, that are the same without kinks


class Engine(NamedTuple):
    """A frozen copy of a network, with a recording of the layers that are read.

    layout: of the pictures that it takes.
    """

    run: Recording
    layout: torch.memory_format

    def __call__(self, images: Tensor) -> dict[str | None, Tensor]:
        """The outputs of the layers for pictures (N, 3, S, S), in float32."""
        outputs = self.run(images.contiguous(memory_format=self.layout))
        return {layer: output.float() for layer, output in outputs.items()}


@contextmanager
def plain_engine(
    network: nn.Module, layers: Sequence[str | None], device: torch.device, seed: int
) -> Iterator[Engine]:
    """A copy that computes what the network does, step by step."""
    frozen = frozen_copy(network, device)
    with recording(frozen, layers, channels_first=True, seed=seed) as run:
        yield Engine(run, torch.contiguous_format)


@contextmanager
def quick_engine(
    network: nn.Module, plain: Engine, start: Tensor, device: torch.device, seed: int
) -> Iterator[Engine]:
    """A faster copy, or the plain one where a faster one is not the same.

    Args:
        plain: knows where to stop. start: pictures (N, 3, S, S) to begin with.
    """
    with ExitStack() as stack:
        for folds in (True, False):  # where folding does not do, channels last alone
            try:
                frozen = frozen_copy(network, device, channels_last=True)
                if folds:
                    quicken_input_gradients(frozen)
                run = stack.enter_context(
                    recording(frozen, plain.run.layers, channels_first=True, seed=seed)
                )
                run.stop_like(plain.run)
                quick = Engine(run, torch.channels_last)
                if folds:
                    wanted = [find_layer(frozen, name) for name in run.layers if name is not None]
                    fold_batch_norms(frozen, partial(quick.__call__, start[:2]), wanted)
                if agree(plain, quick, start):
                    break
            except FAILURES:  # it cannot be run in the quick way
                continue
        else:
            quick = plain
        yield quick


def agree(plain: Engine, quick: Engine, start: Tensor) -> bool:
    """Whether two copies give the same outputs and gradients, for pictures that are not grey.

    They are tried on as many pictures as there are, up to three, and on one less; where the network
    draws random numbers, both draw the same.
    """
    noise = torch.rand(start[:3].shape, generator=torch.Generator().manual_seed(0))
    strength = torch.tensor([0.2, 0.6, 1.0])[: len(noise), None, None, None]
    pictures = (0.5 + strength * (noise - 0.5)).to(start) * 0.7 + 0.3 * start[:3].detach()
    for some in (pictures, pictures[1:]):
        if len(some) and not _agree_on(plain, quick, some):
            return False
    return True


def _agree_on(plain: Engine, quick: Engine, pictures: Tensor) -> bool:
    (a, slopes_a), (b, slopes_b) = (_outputs_and_gradient(e, pictures) for e in (plain, quick))
    if not all(near(a[layer], b[layer], _OUTPUTS) for layer in a):
        return False
    if near(slopes_a, slopes_b, _GRADIENTS):
        return True
    # in large networks there is always a ReLU at its kink, from where rounding leads either way
    if not (slopes_a - slopes_b).norm() <= _AT_KINKS * slopes_a.norm():
        return False
    with WithoutKinks():
        (a, slopes_a), (b, slopes_b) = (_outputs_and_gradient(e, pictures) for e in (plain, quick))
    return near(slopes_a, slopes_b, _GRADIENTS) and all(near(a[k], b[k], _OUTPUTS) for k in a)


def _outputs_and_gradient(
    engine: Engine, pictures: Tensor
) -> tuple[dict[str | None, Tensor], Tensor]:
    images = pictures.clone().requires_grad_(True)
    torch.manual_seed(0)
    outputs = engine(images)
    # each number has a weight of its own, or a permutation would not be seen
    total = torch.stack(
        [(o * torch.linspace(1, 2, o.numel()).view(o.shape).to(o)).mean() for o in outputs.values()]
    ).sum()
    (gradient,) = torch.autograd.grad(total, images)
    return {layer: output.detach() for layer, output in outputs.items()}, gradient


def near(a: Tensor, b: Tensor, share: float) -> bool:
    """Whether two tensors differ nowhere by more than a share of the largest number."""
    return a.shape == b.shape and bool((a - b).abs().max() <= share * a.abs().max() + 1e-12)


def readable_copy(
    network: nn.Module, layers: Sequence[str | None], images: Tensor, device: torch.device
) -> nn.Module:
    """A frozen copy to read layers of, for itself alone: channels last where that is the same."""
    plain = frozen_copy(network, device, share=False)
    quick = frozen_copy(network, device, share=False, channels_last=True)
    with torch.no_grad(), recording(plain, layers) as run, recording(quick, layers) as quick_run:
        wanted = run.learn_where_to_stop(images)
        quick_run.stop_like(run)
        try:
            found = quick_run(images.contiguous(memory_format=torch.channels_last))
        except FAILURES:  # it cannot be run in the quick way
            return plain
        same = all(near(wanted[layer], found[layer], _OUTPUTS) for layer in wanted)
    return quick if same else plain


def laid_out_for(network: nn.Module, images: Tensor) -> Tensor:
    """Images (B, 3, S, S) in the memory layout that a network's weights have."""
    last = any(weight.dim() == 4 and not weight.is_contiguous() for weight in network.parameters())
    return images.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
