"""The training of the labs' small networks: what their recipes, batches and attacks share.

The learning rate falls to zero towards the end. A robust recipe trains on adversarial examples only
(Madry et al., 2018): each image is first moved, within an L2 ball, to where the network is most
wrong about it.
"""

import dataclasses
import io
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from course_lib.stored import write_whole


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The settings of a training run, besides its seed.

    radius: radius of the L2 ball of the adversarial examples, in units of pixel values in [0, 1];
        0 trains plainly. It grows from 0 to its full size over the first fifth of the training.
    attack_steps: gradient steps to an adversarial example.
    """

    name: str
    _: dataclasses.KW_ONLY
    radius: float = 0.0
    attack_steps: int = 2
    epochs: int
    batch: int
    peak_rate: float
    weight_decay: float


def fit(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    batches: Callable[[int], Iterable[tuple[Tensor, Tensor]]],
    steps: int,
    *,
    first_seed: int,
    half: bool,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> float:
    """The seconds that a training took, also before an interruption; the network is then trained.

    With a `checkpoint` path the state is saved after every epoch, and a call that finds the file
    goes on from there, so an interrupted training loses at most an epoch.

    Args:
        network: left in eval mode.
        batches: from an epoch, 0, 1, ..., to its `steps` batches of images (B, 3, S, S) in [0, 1]
            and labels (B,).
        first_seed: of the attacks of the first epoch; the next epoch has the next one.
        half: whether to compute in bfloat16.

    Raises:
        ValueError: the checkpoint is of another recipe.
    """
    started = time.perf_counter()
    network.to(memory_format=torch.channels_last)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.peak_rate, total_steps=recipe.epochs * steps, pct_start=0.2
    )
    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    first_epoch, spent = _load(checkpoint, parts, recipe)
    for epoch in range(first_epoch, recipe.epochs):
        told = f"epoch {epoch + 1}/{recipe.epochs}"
        bar = tqdm(batches(epoch), desc=told, total=steps, disable=not progress)
        right = seen = 0
        for step, (images, labels) in enumerate(bar):
            images = images.contiguous(memory_format=torch.channels_last)
            done = (epoch * steps + step) / (recipe.epochs * steps)
            radius = recipe.radius * min(1.0, 5 * done)
            if radius > 0:
                seed = first_seed + epoch + step
                images = attack(
                    network, images, labels, radius, recipe.attack_steps, seed=seed, half=half
                )
            network.train()
            optimizer.zero_grad(set_to_none=True)
            logits = _logits(network, images, half)
            F.cross_entropy(logits, labels).backward()
            optimizer.step()
            schedule.step()
            right += int((logits.argmax(1) == labels).sum())
            seen += len(labels)
            bar.set_postfix_str(f"{right / seen:.1%} right on training images", refresh=False)
        _save(checkpoint, parts, recipe, epoch + 1, spent + time.perf_counter() - started)
    network.eval()
    return spent + time.perf_counter() - started


def attack(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    radius: float,
    steps: int,
    *,
    seed: int,
    half: bool = True,
) -> Tensor:
    """Adversarial examples by projected gradient ascent in an L2 ball, kept within [0, 1].

    They are detached, (B, 3, S, S) as the images are; the network is left in eval mode.

    Args:
        labels: (B,) the true classes. half: whether to compute in bfloat16.
        radius: of the ball, in units of pixel values; the start is random inside it.
    """
    network.eval()
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(images.shape, generator=generator).to(images)
    start = start * (radius / 2 / start.flatten(1).norm(dim=1)[:, None, None, None])
    moved = _project(start, images, radius)
    for _ in range(steps):
        moved.requires_grad_(True)
        loss = F.cross_entropy(_logits(network, images + moved, half), labels, reduction="sum")
        (slope,) = torch.autograd.grad(loss, moved)
        length = slope.flatten(1).norm(dim=1).clamp(min=1e-12)[:, None, None, None]
        moved = _project(moved.detach() + (1.5 * radius / steps) * slope / length, images, radius)
    return (images + moved).detach()


def _project(moved: Tensor, images: Tensor, radius: float) -> Tensor:
    length = moved.flatten(1).norm(dim=1).clamp(min=1e-12)[:, None, None, None]
    return (images + moved * (radius / length).clamp(max=1)).clamp(0, 1) - images


def _logits(network: nn.Module, images: Tensor, half: bool) -> Tensor:
    with torch.autocast(images.device.type, torch.bfloat16, enabled=half):
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
