"""Where a lesson's networks and images come from, and how they were trained."""

from inspect import signature
from typing import Any

from torch import nn

from course_lib.labs.lab import Lab


def open_lab(
    name: str | None = None, *, network: str | nn.Module | None = None, **options: Any
) -> Lab:
    """A lab: a network, images that it has never seen, and the order of its layers.

    - ``open_lab("tiny")``, the default, needs no download and no GPU. network="robust" or
      "standard", each with seed=0 or 1, "bcos" or "lipschitz".
    - ``open_lab("cifar", network="standard")``: as small, trained on CIFAR-10's photographs, which
      download=True fetches and COURSE_CIFAR may name. "standard" or "robust".
    - ``open_lab("imagenet", network="mobilenet_v2", photos="folder")``: a torchvision classifier
      with its ImageNet weights; without `photos`, Imagenette is downloaded.
    - ``open_lab(network=my_module, photos="folder", image_size=32)``: your own.

    The options of each are those of `open_tiny`, `open_cifar`, `open_imagenet` and `open_own`.

    Raises:
        ValueError: an unknown lab, network or seed, or photographs that cannot be used.
        OSError: something has to be downloaded, and cannot be.
    """
    opener: Any
    # each lab imports what it alone needs, so that a small machine pays only for what it uses
    if isinstance(network, nn.Module):
        if name not in (None, "own"):
            raise ValueError(
                f"open_lab({name!r}) takes a network by its name: leave {name!r} out for your own."
            )
        if "photos" not in options:
            raise ValueError(
                "open_lab(network=your_module): photos= is missing; give a folder of folders."
            )
        from course_lib.labs.own import open_own as opener
    elif name in (None, "tiny"):
        from course_lib.labs.tiny.lab import open_tiny as opener
    elif name == "cifar":
        from course_lib.labs.cifar.lab import open_cifar as opener
    elif name == "imagenet":
        from course_lib.labs.imagenet import open_imagenet as opener
    else:
        raise ValueError(
            f"open_lab({name!r}): the labs are 'tiny', 'cifar' and 'imagenet'; give "
            "network=a_module and photos=a_folder for your own."
        )
    given = {} if network is None else {"network": network}
    try:
        signature(opener).bind(**given, **options)
    except TypeError as error:
        accepted = ", ".join(signature(opener).parameters)
        raise ValueError(
            f"open_lab: {error}; this lab takes {accepted}. See help(course_lib.open_lab)."
        ) from None
    return opener(**given, **options)
