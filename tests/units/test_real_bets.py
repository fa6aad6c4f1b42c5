"""Bets on a real network, where weights and photographs are at hand."""

from __future__ import annotations

from course_lib.labs import open_lab
from course_lib.lessons.lesson_02.real import real_questions
from course_lib.lessons.lesson_02.trials import make_trials


def test_a_real_network_can_be_bet_on(real_photos):
    lab = open_lab("imagenet", network="mobilenet_v2", photos=real_photos, photos_per_class=6)
    units = lab.unit_of_class[:2]
    asked = real_questions(lab, units, steps=2)
    assert asked.units == tuple(f"logit {unit}" for unit in units)
    assert asked.references["visualizations"].shape == (2, 1, 3, 224, 224)
    assert len(make_trials(asked, ["visualizations", "top images"])) == 4
