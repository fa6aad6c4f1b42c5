"""Which kind of image other networks recognise more often: Fourier coefficients, pixels, or MACO.

    COURSE_STARTS=3 uv run pytest tests/benchmarks/test_image_kinds.py

All eight logits of each of the tiny lab's networks, judged by the other networks. COURSE_STARTS
says from how many starts; without it nothing is drawn, because each takes minutes.
"""

import os

import pytest

from course_lib import maco, open_lab, recognised, visualize

NETWORKS = [(kind, seed) for kind in ("robust", "standard") for seed in (0, 1)]
STARTS = int(os.environ.get("COURSE_STARTS", "0"))
STEPS = 256


@pytest.fixture(scope="module")
def labs():
    return [open_lab("tiny", network=kind, seed=seed) for kind, seed in NETWORKS]


@pytest.mark.skipif(not STARTS, reason="COURSE_STARTS is not set: each start takes minutes")
@pytest.mark.parametrize("kind", ["fourier", "pixels", "maco"])
def test_pictures_are_recognised(labs, kind, report):
    seen = asked = 0
    for lab in labs:
        classes = range(len(lab.class_names))
        image = maco(lab.photos("train")) if kind == "maco" else kind
        for seed in range(STARTS):
            drawn = visualize(
                lab.network, None, classes, steps=STEPS, seed=seed, image=image, progress=False
            )
            for judge in labs:
                if judge is not lab:
                    seen += int(recognised(judge.network, drawn.images, classes).sum())
                    asked += len(classes)
    report(f"image={kind}: {seen} of {asked} recognised ({STEPS} steps, {STARTS} starts)")
    assert seen > 0.9 * asked
