"""The fooling circuit in a real ImageNet network, on real photographs."""

from __future__ import annotations

from course_lib.labs import open_lab
from course_lib.reproduce.real import SHIFT, THOROUGH, fool_real_network


def test_mobilenet_is_fooled(real_photos, report):
    """All 1000 logits are shifted; one folder's unit is left out of what is drawn."""
    lab = open_lab("imagenet", network="mobilenet_v2", photos=real_photos)
    story = fool_real_network(lab, **THOROUGH)
    drawn = len(story.images)
    report(
        f"MobileNetV2, shift {SHIFT}: {story.seen} of {drawn} units show the wired class, "
        f"{story.changed} of {story.photographs} held-out photographs answered differently; the "
        f"detector is right about {story.accuracy:.0%} of what was held out of its training"
    )
    assert drawn == len(lab.unit_of_class) - 1
    assert story.seen >= drawn - 1
    assert story.changed <= 1
