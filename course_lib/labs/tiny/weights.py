"""The tiny lab's trained networks: safetensors files, each with a record of its making."""

import hashlib
import json
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn

from course_lib.checks import whole_number
from course_lib.errors import DamagedFileError
from course_lib.labs.tiny.structures import STRUCTURES
from course_lib.labs.tiny.world import CLASS_NAMES
from course_lib.stored import write_whole

Network = TypeVar("Network", bound=nn.Module)

FOLDER = Path(__file__).parent / "weights"
_SCALE = ".scale"  # after the name of a weight that is stored in bytes
_LEAST_SCALE = 1e-6  # which half precision can hold


def available(folder: Path = FOLDER) -> dict[str, list[int]]:
    """The seeds for which weights are there, by the name of the recipe."""
    found: dict[str, list[int]] = {}
    for path in sorted(folder.glob("*-*.json")):
        recipe, seed = path.stem.rsplit("-", 1)
        found.setdefault(recipe, []).append(int(seed))
    return found


def record_of(recipe: str, seed: int, folder: Path = FOLDER, lab: str = "tiny") -> dict[str, Any]:
    """The record of a network: its training, its scores, and the SHA-256 of its weights.

    Args:
        lab: what the lab is called in errors.

    Raises:
        ValueError: there is no such network; the message lists those that are.
    """
    found = available(folder)
    seed = whole_number(seed, "seed")
    if not found:
        raise ValueError(
            f"network={recipe!r}: the {lab} lab has no network here; `course train`, in a clone of "
            "the course, trains one in some hours."
        )
    if recipe not in found:
        raise ValueError(f"network={recipe!r}: the {lab} lab has {', '.join(sorted(found))}.")
    if seed not in found[recipe]:
        seeds = ", ".join(map(str, found[recipe]))
        raise ValueError(
            f"seed={seed}: the {lab} lab's {recipe!r} networks have the seeds {seeds}."
        )
    return json.loads((folder / f"{recipe}-{seed}.json").read_text(encoding="utf-8"))


def load(recipe: str, seed: int, folder: Path = FOLDER) -> nn.Module:
    """A trained network in eval mode, on the CPU, without weight gradients.

    Raises:
        DamagedFileError: (a ValueError) the file is not the one that was recorded.
        ValueError: there is no such network.
    """
    record = record_of(recipe, seed, folder)
    network = STRUCTURES[record["recipe"].get("structure", "inception")](len(CLASS_NAMES))
    return filled(network, folder / f"{recipe}-{seed}.safetensors", record["sha256"])


def filled(network: Network, path: Path, expected: str) -> Network:
    """A network with the weights of a file, in eval mode and without weight gradients.

    Errors as `read`.
    """
    tensors = read(path, expected)
    network.load_state_dict(tensors, strict=False)  # only BatchNorm's batch counters are left out
    return network.eval().requires_grad_(False)


def read(path: Path, expected: str) -> dict[str, Tensor]:
    """The tensors of a weights file, in single precision.

    Args:
        expected: the file's SHA-256.

    Raises:
        DamagedFileError: (a ValueError) the file is another one, or missing.
    """
    data = path.read_bytes() if path.exists() else b""
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise DamagedFileError(
            f"The weights file {path.name} is {'damaged' if data else 'missing'} (SHA-256 "
            f"{found[:12]}..., recorded {expected[:12]}...): install the course again, or get the "
            f"file back with 'git checkout'."
        )
    stored = safetensors.torch.load(data)
    return {
        name: w.float() * stored[name + _SCALE].float() if w.dtype == torch.int8 else w.float()
        for name, w in stored.items()
        if not name.endswith(_SCALE)
    }


def save(network: nn.Module, path: Path, *, in_bytes: bool = False) -> str:
    """Write a network's weights in half precision; returns the file's SHA-256.

    Args:
        in_bytes: filters in bytes, each with a scale of its own: half the size.
    """
    weights = {
        name: tensor.detach().cpu().to(torch.float16).contiguous()
        for name, tensor in network.state_dict().items()
        if tensor.is_floating_point()
    }
    for name, tensor in [*weights.items()] if in_bytes else []:
        if tensor.dim() > 1:
            most = tensor.float().abs().amax(tuple(range(1, tensor.dim())), keepdim=True)
            scale = (most / 127).clamp(min=_LEAST_SCALE).half()
            whole = (tensor.float() / scale.float()).round().clamp(-127, 127)
            weights |= {name: whole.to(torch.int8), name + _SCALE: scale}
    data = safetensors.torch.save(weights)
    write_whole(path, data)
    return hashlib.sha256(data).hexdigest()
