"""The training of the tiny lab's networks.

`course train` calls this. Every epoch sees renders that no epoch has seen before, so there is
nothing to overfit, and the learning rate falls to zero towards the end. The robust recipe trains
on adversarial examples only (Madry et al., 2018): each image is first moved, within an L2 ball, to
where the network is most wrong about it.
"""

from __future__ import annotations

import dataclasses
import io
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from course_lib.labs.tiny.structures import STRUCTURES
from course_lib.labs.tiny.world import CLASS_NAMES, render
from course_lib.stored import write_whole

_TRAINING_WORLDS = 1_000_000
"""First world seed of the training renders; the lab's own photos start far below it."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The settings of a training run, besides its seed.

    radius: radius of the L2 ball of the adversarial examples, in units of pixel values in [0, 1];
        0 trains plainly. It grows from 0 to its full size over the first fifth of the training.
    attack_steps: gradient steps to an adversarial example.
    renders: fresh renders per epoch.
    structure: of the network, one of `STRUCTURES`.
    """

    name: str
    radius: float = 0.0
    attack_steps: int = 2
    epochs: int = 12
    renders: int = 12_288
    batch: int = 64
    peak_rate: float = 4e-3
    weight_decay: float = 0.02
    size: int = 64
    structure: str = "inception"


RECIPES = {
    "standard": Recipe("standard", epochs=12),
    "robust": Recipe("robust", radius=2.5, epochs=28),
    "bcos": Recipe("bcos", structure="bcos"),
    "lipschitz": Recipe("lipschitz", structure="lipschitz", peak_rate=6e-3, weight_decay=0.0),
    "smooth": Recipe("smooth", structure="smooth"),
}


def train(
    recipe: Recipe,
    seed: int,
    *,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[nn.Module, float]:
    """A trained network; the same recipe and seed give the same network on the same machine.

    With a `checkpoint` path the state is saved after every epoch, and a call that finds the file
    goes on from there, so an interrupted training loses at most an epoch.

    Returns:
        The network in eval mode, and the seconds spent, also before an interruption.
    """
    started = time.perf_counter()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = STRUCTURES[recipe.structure](len(CLASS_NAMES))
    network = network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.peak_rate, weight_decay=recipe.weight_decay
    )
    steps = recipe.renders // recipe.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.peak_rate, total_steps=recipe.epochs * steps, pct_start=0.2
    )
    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    first_epoch, spent = _load(checkpoint, parts, recipe)
    for epoch in range(first_epoch, recipe.epochs):
        world = _TRAINING_WORLDS + 1000 * seed + epoch
        photos = render(recipe.renders, seed=world, size=recipe.size)
        order = torch.randperm(
            recipe.renders, generator=torch.Generator().manual_seed(world)
        ).split(recipe.batch)[:steps]
        bar = tqdm(order, desc=f"epoch {epoch + 1}/{recipe.epochs}", disable=not progress)
        right = seen = 0
        for step, batch in enumerate(bar):
            images = photos.images[batch].contiguous(memory_format=torch.channels_last)
            labels = photos.labels[batch]
            done = (epoch * steps + step) / (recipe.epochs * steps)
            radius = recipe.radius * min(1.0, 5 * done)
            if radius > 0:
                images = attack(
                    network, images, labels, radius, recipe.attack_steps, seed=world + step
                )
            network.train()
            optimizer.zero_grad(set_to_none=True)
            logits = _logits(network, images)
            F.cross_entropy(logits, labels).backward()
            optimizer.step()
            schedule.step()
            right += int((logits.argmax(1) == labels).sum())
            seen += len(labels)
            bar.set_postfix_str(f"{right / seen:.1%} right on training images", refresh=False)
        _save(checkpoint, parts, recipe, epoch + 1, spent + time.perf_counter() - started)
    return network.eval(), spent + time.perf_counter() - started


def attack(
    network: nn.Module, images: Tensor, labels: Tensor, radius: float, steps: int, *, seed: int
) -> Tensor:
    """Adversarial examples by projected gradient ascent in an L2 ball, kept within [0, 1].

    Args:
        images: (B, 3, S, S) in [0, 1].
        labels: (B,) the true classes.
        radius: of the ball, in units of pixel values; the start is random inside it.

    Returns:
        (B, 3, S, S), detached. The network is left in eval mode.
    """
    network.eval()
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(images.shape, generator=generator).to(images)
    moved = _project(
        start * (radius / 2 / start.flatten(1).norm(dim=1)[:, None, None, None]), images, radius
    )
    for _ in range(steps):
        moved.requires_grad_(True)
        loss = F.cross_entropy(_logits(network, images + moved), labels, reduction="sum")
        (slope,) = torch.autograd.grad(loss, moved)
        length = slope.flatten(1).norm(dim=1).clamp(min=1e-12)[:, None, None, None]
        moved = _project(moved.detach() + (1.5 * radius / steps) * slope / length, images, radius)
    return (images + moved).detach()


def _project(moved: Tensor, images: Tensor, radius: float) -> Tensor:
    length = moved.flatten(1).norm(dim=1).clamp(min=1e-12)[:, None, None, None]
    return (images + moved * (radius / length).clamp(max=1)).clamp(0, 1) - images


def _logits(network: nn.Module, images: Tensor) -> Tensor:
    # bfloat16 halves the time of a step on a recent CPU or GPU, and costs no accuracy here
    with torch.autocast(images.device.type, torch.bfloat16):
        logits: Tensor = network(images)
    return logits.float()


def _save(
    path: Path | None, parts: dict[str, Any], recipe: Recipe, epoch: int, seconds: float
) -> None:
    if path is None:
        return
    states = {name: part.state_dict() for name, part in parts.items()}
    # older PyTorch keeps a method in a schedule's state, which a safe reader refuses
    plain = (int, float, bool, str, list)
    states["schedule"] = {k: v for k, v in states["schedule"].items() if isinstance(v, plain)}
    made = {"recipe": dataclasses.asdict(recipe), "epoch": epoch, "seconds": seconds}
    file = io.BytesIO()
    torch.save(made | states, file)
    write_whole(path, file.getvalue())


def _load(path: Path | None, parts: dict[str, Any], recipe: Recipe) -> tuple[int, float]:
    if path is None or not path.exists():
        return 0, 0.0
    saved = torch.load(path, weights_only=True)
    if saved["recipe"] != dataclasses.asdict(recipe):
        raise ValueError(
            f"{path} is of another recipe, {saved['recipe']}: delete it to start anew."
        )
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    return int(saved["epoch"]), float(saved["seconds"])
