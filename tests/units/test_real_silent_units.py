"""Silent units in a real ImageNet network, on real photographs."""

from __future__ import annotations

import torch

from course_lib.activations import record
from course_lib.fooling.silent.report import never_fire, resemblance, twin_responses, wakes
from course_lib.fooling.silent.twins import add_silent_units
from course_lib.labs import open_lab
from course_lib.reproduce.networks import MARGIN, NETWORK, RECIPES, RIDGE, TARGET
from course_lib.visualization.ascent import visualize

LAYER, BEHIND, RELUS = RECIPES[NETWORK].silent, RECIPES[NETWORK].read_at, RECIPES[NETWORK].relus
UNITS = [5, 10, 15, 20, 25, 30]


def test_mobilenet_has_silent_units(real_photos, report):
    """Channels 5, 10, ... of a pointwise convolution in the middle, chosen before any was drawn."""
    lab = open_lab("imagenet", network="mobilenet_v2", photos=real_photos)
    train, test = lab.photos("train").images, lab.photos("test").images
    drawing = {"size": 224, "steps": 40, "progress": False}
    target = visualize(lab.network, None, TARGET, **drawing).images
    fooled = add_silent_units(
        lab.network, LAYER, target, train, UNITS, margin=MARGIN, ridge=RIDGE, progress=False
    )
    for images in (train, test):
        old, new = (record(n, [None], images)[None] for n in (lab.network, fooled))
        if images is train:
            assert (old - new).abs().max() <= 1e-5 * old.abs().max()
    changed = int((old.argmax(1) != new.argmax(1)).sum())
    woken = wakes(fooled, LAYER, UNITS, at=BEHIND, **drawing)
    honest = torch.cat([visualize(lab.network, BEHIND, u, **drawing).images for u in UNITS])
    near = [
        resemblance(lab.network, train, pictures, target, RECIPES[NETWORK].judged_at)
        for pictures in (woken.drawn.images, honest)
    ]
    closer = int((near[0] > near[1]).sum())
    silent = (twin_responses(fooled, LAYER, test) <= 0).sum(0).tolist()
    dead = {
        layer: int(found.sum()) for layer, found in never_fire(lab.network, RELUS, test).items()
    }
    report(
        f"silent units, MobileNetV2: {int(woken.woke.sum())} of {len(UNITS)} wake, {closer} "
        f"nearer to the target (mean {near[1].mean():.2f} to {near[0].mean():.2f}); {changed} of "
        f"{len(test)} held-out photographs answered differently; silent for {silent} of them; "
        f"honest channels that answer to none: {dead}"
    )
    assert int(woken.woke.sum()) >= 4
    assert closer >= 4
    assert changed <= 1
