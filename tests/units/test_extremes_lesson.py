"""What lesson 06 shows: the game with its commitments, the explorer, the table, measured slopes."""

import json

import pytest
import torch
from torch import nn

from course_lib.classroom.exercises.bank import find
from course_lib.lessons import lesson_06 as room
from course_lib.lessons.lesson_06.knowable.extremes import Range


def test_the_house_shows_hashes_first_and_openings_that_fit_later():
    game = room.Game(0)
    shown = repr(game) + game._repr_html_()
    result = game.reveal([0.5] * len(game.rounds))
    for known, played, opening in zip(game.rounds, result.played, result.openings, strict=True):
        assert known.commitment in shown and room.commitment_of(opening) == known.commitment
        assert len(known.commitment) == 64
        assert opening not in shown and json.loads(opening)["random"] not in shown
        assert played.honest and played.error == pytest.approx(abs(0.5 - played.value))
        assert min(abs(played.value - end) for end in known.range) < 1e-9


def test_an_opening_rebuilds_a_member_of_the_class_and_a_forged_one_is_refused():
    game = room.Game(1)
    openings = game.reveal([None] * 5).openings
    opened = room.verify_opening(game.rounds[3].commitment, openings[3])
    kind, extremes = room.problem("convex")
    assert kind.check_member(opened.function, extremes) < 1e-9
    assert room.value_at(opened.function, room.point(game.rounds[3].x)) == opened.value
    end, other = sorted(("lowest", "highest"), key=lambda word: word not in openings[3])
    for forged in (openings[3].replace(end, other), openings[3].replace("0.7", "0.4")):
        assert room.verify_opening(game.rounds[3].commitment, forged) is None
    assert room.verify_opening(game.rounds[1].commitment, openings[3]) is None


@pytest.mark.parametrize(
    "text", ["", "3", '{"class": "convex"}', '{"class": "convex", "x": 1, "L": 1, "end": "?"}']
)
def test_texts_that_are_no_opening(text):
    with pytest.raises(ValueError, match="no opening of the game"):
        room.verify_opening(room.commitment_of(text), text)


def test_a_seed_repeats_the_game_and_none_does_not():
    first, again, other = ([r.commitment for r in room.Game(seed).rounds] for seed in (3, 3, 4))
    assert first == again != other
    assert room.Game().rounds[0].commitment != room.Game().rounds[0].commitment


@pytest.mark.full
def test_no_strategy_beats_half_of_the_width_on_average():
    games = [room.Game(seed) for seed in range(200)]
    bound = room.least_mean_error(games[0].rounds)
    for guess in (lambda r: r.range.middle, lambda r: 0.5, lambda r: r.range.high):
        results = [game.reveal([guess(r) for r in game.rounds]) for game in games]
        errors = [played.error for result in results for played in result.played]
        assert sum(errors) / len(errors) >= bound - 0.04  # chance of a fair coin, 200 times
    assert bound == pytest.approx((0.5 + 0.25 + 0.5 + 0.35 + 0) / 5)


def test_guesses_that_make_no_sense_or_are_not_made():
    for guesses, message in (
        ([0.1, 0.2], "2 guesses for 5 rounds"),
        ([1.5, None, None, None, None], "A guess lies outside"),
        (["high", None, None, None, None], "A guess='high': give numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            room.Game(0).reveal(guesses)
    page = room.Game(0).reveal([None] * 5)._repr_html_()
    assert page.count("–") == 10 and "NO" not in page


@pytest.mark.full
def test_the_explorer_works_at_the_ends_of_its_controls():
    explorer = room.extremes_explorer()
    for kind in room.FIVE:
        for x, slope in ((0, 100), (100, 400)):
            picture = explorer.draw(kind=kind, x=x, slope=slope, members=2)
            assert f"at x = {x / 100:g}: " in picture.alt
    assert "0.10 to 0.60" in explorer.draw(kind="Lipschitz, L known").alt
    assert explorer.contact_sheet().count("<img ") == len(explorer.sheet)


def test_the_table_says_yes_no_and_how_often():
    shown = room.class_table(room.class_rows(points=60), "reference")
    lines = {line.split("  ")[0]: line for line in shown.text.splitlines()}
    assert lines["constant"].count("yes") == 3 and lines["black box"].count(" no") == 3
    assert "% of points" in lines["affine, many variables"]
    assert "can't be compared" in lines["Lipschitz, L small"]
    assert shown.page.count("<tr>") == 13 and "answered with: reference" in shown.page


def test_references_agree_with_the_library():
    affine, convex = find("affine_range").reference, find("convex_ceiling").reference
    generator = torch.Generator().manual_seed(0)
    corner = room.Extremes([0.0, 1.0, 0.4], [1.0, 0.0, 0.4])
    inner = room.Extremes([0.3, 0.0, 1.0], [1.0, 1.0, 0.0])
    for x in torch.rand(50, 3, generator=generator, dtype=torch.float64):
        wanted = room.problem("affine, many variables", extremes=corner)[0].value_range(corner, x)
        assert affine(corner.x_min, corner.x_max, x, 0.0, 1.0) == pytest.approx(wanted)
        high = room.problem("convex", extremes=inner)[0].value_range(inner, x).high
        assert convex(inner.x_min, x, 0.0, 1.0) == pytest.approx(high)


def test_figures_tell_their_numbers():
    bands = room.band_figure({name: room.problem(name) for name in room.FIVE}, 0.4, members=2)
    assert "monotone 0.00 to 1.00" in bands.alt and "convex 0.00 to 0.40" in bands.alt
    maps = room.width_maps({"affine": room.example("affine, many variables")})
    assert "affine, 0.3" in maps.alt
    nested = room.nested_bands([0.0, 1.0], {"L = 2": [(0.0, 0.5), (0.1, 1.0)]}, code="reference")
    assert "L = 2, at most 0.90 wide" in nested.alt and "Drawn with: reference" in nested.alt
    spread = room.spread_figure({"convex": Range(0.0, 0.6)}, {"convex": torch.tensor([0.1, 0.3])})
    assert "convex 0.00 to 0.60, nine in ten members 0.11 to 0.29" in spread.alt


def test_slopes_of_an_affine_network_are_its_gradient():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 2)).eval()
    network.image_size = 8
    least, most, low, high = room.both_extremes(network, [0, 1], steps=8)
    assert least.shape == most.shape == (2, 3, 8, 8) and bool((low < high).all())
    weight = network[1].weight[1].detach()
    corners = [(end.reshape(3, 8, 8)).float() for end in (weight < 0, weight > 0)]
    values = [network(corner[None])[0, 1].item() for corner in corners]
    images = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    found = room.slopes(network, 1, images, (corners[0], values[0]), (corners[1], values[1]))
    assert found.steepest == pytest.approx(float(weight.norm()), rel=1e-4)
    apart = (3 * 8 * 8) ** 0.5
    assert found.forced == pytest.approx((values[1] - values[0]) / apart, rel=1e-4)
    assert bool((found.open_forced <= found.open_steepest + 1e-6).all())
    # with the smallest L, what is open is the detour over the image
    ways = sum((images - corner).flatten(1).norm(dim=1) for corner in corners)
    assert torch.allclose(found.open_forced, ways / apart - 1, atol=1e-4)
