"""The imagenet lab: torchvision's classifiers with their ImageNet weights, and real photographs."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError  # the error only: nothing is unpickled
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.checks import whole_number
from course_lib.errors import DamagedFileError, WeightsUnavailableError
from course_lib.labs.folders import find_files
from course_lib.labs.lab import Lab
from course_lib.labs.own import PhotoSource, open_own
from course_lib.system import home

_WITH_AUXILIARIES = ("googlenet", "inception_v3")


class Normalise:
    """A forward pre-hook that turns images in [0, 1] into what the weights were trained on."""

    def __init__(self, mean: list[float], std: list[float]) -> None:
        self._mean = torch.tensor(mean, dtype=torch.float32)[:, None, None]
        self._std = torch.tensor(std, dtype=torch.float32)[:, None, None]

    def __call__(self, _network: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor]:
        (images,) = inputs
        return ((images - self._mean.to(images)) / self._std.to(images),)


def open_imagenet(
    network: str = "mobilenet_v2", photos: PhotoSource | None = None, photos_per_class: int = 40
) -> Lab:
    """A torchvision classifier with its ImageNet weights, and photographs.

    Args:
        network: any of torchvision's classifiers with weights "IMAGENET1K_V1"; "googlenet" is the
            paper's Inception-V1, and "resnet50" has its silent units.
        photos: a folder with a folder per class, of any names; by default Imagenette, downloaded
            on first use (about 340 MB) into `data_folder()`.

    Raises:
        WeightsUnavailableError: (an OSError and a ValueError) nothing on disk and no network.
        ValueError: an unknown network, or photographs that cannot be used.
    """
    if isinstance(photos, (str, os.PathLike)):
        find_files(photos, photos_per_class)  # refuse a wrong folder before anything is downloaded
    module, transform = load_classifier(network)
    (size,), (resize,) = transform.crop_size, transform.resize_size
    return open_own(
        module,
        imagenette() if photos is None else photos,
        image_size=size,
        resize=resize,
        photos_per_class=photos_per_class,
        name="imagenet",
    )


def load_classifier(name: str) -> tuple[nn.Module, Any]:
    """A torchvision classifier in eval mode that takes images in [0, 1], and its transform.

    The weights are read with `weights_only=True`. Their hash is checked when they are downloaded,
    not when they are read again later.

    Raises:
        WeightsUnavailableError: (an OSError and a ValueError) nothing on disk and no network.
        DamagedFileError: (a ValueError) the file on disk, or what was downloaded, is damaged or
            another architecture's.
        ValueError: torchvision has no such classifier.
    """
    models = _torchvision().models
    known = models.list_models(module=models)
    if name not in known:
        raise ValueError(
            f"network={name!r}: torchvision has no such classifier. Try 'mobilenet_v2' (small), "
            f"'googlenet' or 'resnet50'; torchvision.models.list_models() names all {len(known)}."
        )
    weights = imagenet_weights(name)
    settings: dict[str, Any] = {}
    if name in _WITH_AUXILIARIES:  # these weights hold the auxiliary classifiers too
        settings = {"aux_logits": True, "transform_input": True, "init_weights": False}
    try:
        state = weights.get_state_dict(progress=True, check_hash=True, weights_only=True)
    except OSError as error:  # a failed download is one too
        raise WeightsUnavailableError(
            f"The weights of {name} are not in {torch.hub.get_dir()} and could not be downloaded "
            f"({error}). Connect once to fetch them, set TORCH_HOME to a folder that has them, or "
            "use open_lab('tiny'), which needs no download."
        ) from error
    except (RuntimeError, EOFError, UnpicklingError) as error:
        told = f"{weights_file(name)} is damaged, it cannot be read: delete it and try again."
        if not weights_file(name).exists():  # a download that arrives damaged is not kept
            told = (
                f"The download of {name}'s weights was interrupted or damaged, and nothing of it "
                f"is kept ({error}): try again."
            )
        raise DamagedFileError(told) from error
    network = models.get_model(name, weights=None, **settings)
    _load_into(network, state, name)
    if name in _WITH_AUXILIARIES:
        drop_auxiliaries(network)
    transform = weights.transforms()
    network.register_forward_pre_hook(Normalise(transform.mean, transform.std))
    return network.eval(), transform


def _load_into(network: nn.Module, state: Any, name: str) -> None:
    """Load weights, or say in one sentence that they are another architecture's."""
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:  # no mapping of names to tensors
        wanted = network.state_dict()
        known = state if isinstance(state, Mapping) else {}
        fit = sum(getattr(known.get(k), "shape", None) == part.shape for k, part in wanted.items())
        raise DamagedFileError(
            f"{weights_file(name)} holds the weights of another architecture: {fit} of the "
            f"{len(wanted)} parts of {name} are in it. Delete it, so that {name}'s own are "
            "downloaded, or set TORCH_HOME to a folder that has them."
        ) from error


def random_classifier(name: str, seed: int = 0) -> nn.Module:
    """A torchvision classifier with random weights, of 1000 logits, for trying out how things run.

    Its batch norms are calibrated on noise, or its channels would mostly be silent. It takes
    images in [0, 1], as those of `load_classifier` do, and nothing is downloaded.

    Args:
        seed: the same one gives the same weights.
    """
    settings: dict[str, Any] = {}
    if name in _WITH_AUXILIARIES:  # their own way to start takes half a minute
        settings = {"aux_logits": False, "init_weights": False}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(whole_number(seed, "seed", at_least=0))
        network = _torchvision().models.get_model(name, weights=None, **settings)
        noise = torch.rand(8, 3, 96, 96)
        transform = imagenet_weights(name).transforms()
        network.register_forward_pre_hook(Normalise(transform.mean, transform.std))
        for part in network.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.reset_running_stats()
                part.momentum = None  # a plain mean over what is seen
        with torch.no_grad():
            network.train()(noise)
    return network.eval()


def classes_by_name(names: Sequence[str]) -> tuple[int, ...] | None:
    """The ImageNet class of each folder, where the folders' names tell: else None.

    They do if there are 1000 that are named by WordNet numbers (n01440764, ...), if they are
    Imagenette's, or if each is the name of a class, such as "goldfish" or "tiger_shark".
    """
    if len(names) == 1000 and all(re.fullmatch(r"n\d{8}", name) for name in names):
        order = sorted(names)  # ImageNet's own order
        return tuple(order.index(name) for name in names)
    categories = [c.lower() for c in imagenet_weights("mobilenet_v2").meta["categories"]]
    known = _torchvision().datasets.Imagenette._WNID_TO_CLASS
    plain = [known[n][0].lower() if n in known else n.lower().replace("_", " ") for n in names]
    if not set(plain) <= set(categories):
        return None
    return tuple(categories.index(name) for name in plain)


def imagenet_weights(name: str) -> Any:
    """torchvision's first ImageNet weights of a classifier, as in the paper, or its only ones."""
    choice = _torchvision().models.get_model_weights(name)
    return getattr(choice, "IMAGENET1K_V1", choice.DEFAULT)


def _torchvision() -> Any:
    """torchvision, which loads PyTorch's compiler: seconds, only where it is used."""
    import torchvision

    return torchvision


def weights_file(name: str) -> Path:
    """Where torchvision keeps, or would keep, a classifier's weights on this machine."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(imagenet_weights(name).url).name


def drop_auxiliaries(network: nn.Module) -> None:
    """Take GoogLeNet's or Inception-v3's auxiliary classifiers out, as torchvision does."""
    network.aux_logits = False  # type: ignore[assignment]
    for part in ("aux1", "aux2", "AuxLogits"):
        if hasattr(network, part):
            setattr(network, part, None)


def data_folder() -> Path:
    """Where downloads go: the environment variable COURSE_DATA, or a folder in the user's cache."""
    chosen = os.environ.get("COURSE_DATA")
    return Path(chosen).expanduser() if chosen else home() / ".cache" / "dont-trust-your-eyes"


def imagenette_folder() -> Path:
    """Where Imagenette is, or would be."""
    return data_folder() / "imagenette2-320"


def imagenette() -> Path:
    """The folder of Imagenette (ten ImageNet classes), downloaded on first use."""
    root, folder = data_folder(), imagenette_folder()
    if not folder.is_dir():
        root.mkdir(parents=True, exist_ok=True)
        try:
            _torchvision().datasets.Imagenette(str(root), size="320px", download=True)
        except (OSError, RuntimeError) as error:
            raise WeightsUnavailableError(
                f"Imagenette is not in {root} and could not be downloaded ({error}). Give "
                "photos='path/to/a/folder/with/a/folder/per/class', or use open_lab('tiny')."
            ) from error
    return folder
