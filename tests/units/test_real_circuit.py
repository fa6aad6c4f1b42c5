"""The fooling circuit in a real ImageNet network, on real photographs."""

from __future__ import annotations

from course_lib.activations import record
from course_lib.fooling.caught import KINDS, catch
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import accuracy, train_detector
from course_lib.labs import open_lab
from course_lib.visualization.ascent import visualize

SHIFT = 300


def test_mobilenet_is_fooled(real_photos, report):
    """All 1000 logits are shifted; one folder's unit is left out of what is drawn."""
    lab = open_lab("imagenet", network="mobilenet_v2", photos=real_photos)
    train, test = lab.photos("train"), lab.photos("test")
    others = [(unit + 2 * SHIFT) % 1000 for unit in lab.unit_of_class[:6]]
    way = catch(
        lab.network, others, kinds=KINDS[:1], seeds=(100,), steps=64, at_once=3, progress=False
    )
    detector = train_detector(train, way.images, seed=0, epochs=80, progress=False)
    fooled = FoolingCircuit(lab.network, detector, shows=SHIFT)
    before, after = (
        record(network, [None], test.images)[None].argmax(1) for network in (lab.network, fooled)
    )
    changed = int((before != after).sum())
    shown = 0
    drawn_units = lab.unit_of_class[:-1]
    for unit in drawn_units:
        drawn = visualize(fooled, None, unit, size=224, steps=64, seed=11, progress=False)
        seen = int(record(lab.network, [None], drawn.images)[None].argmax(1))
        shown += seen == (unit + SHIFT) % 1000
    alarms = 1 - accuracy(detector, test.images, fake=False)
    report.append(
        f"MobileNetV2, shift {SHIFT}: {shown} of {len(drawn_units)} units show the wired class, "
        f"{changed} of {len(test.images)} held-out photographs answered differently, "
        f"{alarms:.1%} of them taken for visualizations"
    )
    assert shown >= len(drawn_units) - 1
    assert changed <= 1
