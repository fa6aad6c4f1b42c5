"""Silent units in a real ImageNet network, on real photographs."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from course_lib.activations import record
from course_lib.fooling.silent.report import never_fire, twin_responses, wakes
from course_lib.fooling.silent.twins import add_silent_units
from course_lib.labs import open_lab
from course_lib.lessons.lesson_04.real import BEHIND, LAYER, MARGIN, RELUS, RIDGE, TARGET
from course_lib.visualization.ascent import visualize

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
    near = [resemblance(lab.network, train, p, target) for p in (woken.drawn.images, honest)]
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


def resemblance(network, photos, images, target):
    """(N,) cosine of mean features (features.18) to those of the target, from the mean photo."""

    def features(pictures):
        return record(network, ["features.18"], pictures)["features.18"].mean((2, 3))

    known = features(photos)
    centre, spread = known.mean(0), known.std(0) + 1e-6
    return F.cosine_similarity(
        (features(images) - centre) / spread, (features(target) - centre) / spread
    )
