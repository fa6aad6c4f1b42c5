"""What can be known: ranges, by random members and by linear programs; witnesses; the table."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from torch import nn

from course_lib.lessons.lesson_06.knowable import membership
from course_lib.lessons.lesson_06.knowable.affine import Affine, AffineInOne, Constant
from course_lib.lessons.lesson_06.knowable.black_box import BlackBox
from course_lib.lessons.lesson_06.knowable.catalogue import NAMES, find_class, typical_extremes
from course_lib.lessons.lesson_06.knowable.convex import Convex, share_of_ray
from course_lib.lessons.lesson_06.knowable.extremes import (
    Extremes,
    Range,
    point,
    same_point,
    value_at,
)
from course_lib.lessons.lesson_06.knowable.lipschitz import (
    Lipschitz,
    LipschitzUnknown,
    forced_slope,
)
from course_lib.lessons.lesson_06.knowable.monotone import Monotone
from course_lib.lessons.lesson_06.knowable.networks import (
    PiecewiseAffine,
    ReLUNetwork,
    ReLUNetworks,
    TrainedNetworks,
)
from course_lib.lessons.lesson_06.knowable.questions import (
    Answers,
    answers,
    example,
    row_of,
    spread,
    whole_table,
    witnessed,
)

GRID = 16
EXAMPLES, EACH = 50, 20  # random extremes, and random members for each: 1,000 functions a class
often = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
each_name = pytest.mark.parametrize("name", NAMES)


@st.composite
def problems(draw, name):
    """A class, extremes that it has members with, and a point."""
    d = 1 if name == "affine, one variable" else draw(st.integers(1, 5))
    places = st.lists(st.integers(0, GRID), min_size=d, max_size=d)
    x_min, x_max, x = (torch.tensor(draw(places)).double() / GRID for _ in range(3))
    which = draw(st.integers(0, d - 1))
    if name in ("convex", "affine, many variables", "affine, one variable"):
        x_max[which] = x_max[which].round()
        x_min[which] = 1 - x_max[which]
        if name == "convex" and draw(st.booleans()):
            x_min[which] = (x_min[which] + 0.5) / 2
    elif name == "monotone":
        x_min[which], x_max[which] = sorted((x_min[which], x_max[which]))
        if x_min[which] == x_max[which]:
            x_min[which], x_max[which] = 0.25, 0.75
    elif same_point(x_min, x_max):
        x_min[which] = (x_max[which] + 0.5) % 1
    low, high = sorted(draw(st.tuples(st.integers(0, GRID), st.integers(0, GRID))))
    if name == "constant":
        high = low
    extremes = Extremes(x_min, x_max, low / GRID, high / GRID)
    seed = draw(st.integers(0, 10**6))
    generator = torch.Generator().manual_seed(seed)
    if name == "Lipschitz, L known":
        norm = draw(st.sampled_from([1, 2, math.inf]))
        times = draw(st.sampled_from([1.0, 1.05, 2.0, 10.0]))
        return Lipschitz(times * forced_slope(extremes, norm) or 1.0, norm), extremes, x, seed
    inputs = torch.stack([torch.randperm(GRID, generator=generator)[:3] for _ in range(d)], 1)
    inputs = (inputs.double() + 0.3) / GRID  # never where the extremes are
    targets = torch.rand(3, generator=generator).double()
    targets = extremes.f_min + targets * extremes.rise
    return find_class(name, extremes, data=(inputs, targets)), extremes, x, seed


each_class = pytest.mark.parametrize("name", [*NAMES, "Lipschitz, L known"])


@each_class
def test_a_thousand_random_members_fall_inside_the_range(name):
    counted = 0

    @often
    @given(problems(name))
    def inside(problem):
        nonlocal counted
        kind, extremes, x, seed = problem
        found = kind.value_range(extremes, x)
        assert extremes.f_min - 1e-9 <= found.low <= found.high <= extremes.f_max + 1e-9
        generator = torch.Generator().manual_seed(seed)
        for _ in range(EACH):
            member = kind.member(extremes, generator)
            assert found.contains(value_at(member, x), 1e-8)
            counted += 1

    inside()
    assert counted >= 1000


@each_class
def test_random_members_are_members(name):
    """Or the test above would test nothing."""

    @settings(often, max_examples=20)
    @given(problems(name))
    def members(problem):
        kind, extremes, _, seed = problem
        member = kind.member(extremes, torch.Generator().manual_seed(seed))
        found = kind.check_member(member, extremes, tried=600, seed=seed)
        assert found.violation < 1e-8, found

    members()


@each_class
def test_witnesses_are_members_and_reach_both_ends(name):
    @settings(often, max_examples=80)
    @given(problems(name))
    def reached(problem):
        kind, extremes, x, seed = problem
        lowest, highest, found = kind.witness(extremes, x)
        assert found == kind.value_range(extremes, x)
        assert value_at(lowest, x) == pytest.approx(found.low, abs=1e-8)
        assert value_at(highest, x) == pytest.approx(found.high, abs=1e-8)
        for member in (lowest, highest):
            check = kind.check_member(member, extremes, tried=600, seed=seed)
            assert check.violation < 1e-8, check

    reached()


# the ranges again, from other mathematics: linear programs


def convex_by_program(extremes, x):
    """The range of f(x) over convex functions, by values and slopes at finitely many points.

    A convex function has a supporting plane at each point; planes that support each other's values
    make one. At the cube's corners f is at most f_max, so it is so everywhere.
    """
    d = extremes.dimension
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0]).double()] * d).reshape(-1, d)
    points = torch.cat([x[None], extremes.x_min[None], extremes.x_max[None], corners])
    n = len(points)
    rows, bounds = [], [(extremes.f_min, extremes.f_max)] * n + [(None, None)] * (n * d)
    for i in range(n):
        for j in range(n):
            if i != j:  # value i + slope i (p j - p i) <= value j
                row = [0.0] * (n + n * d)
                row[i], row[j] = 1.0, -1.0
                row[n + i * d : n + (i + 1) * d] = (points[j] - points[i]).tolist()
                rows.append(row)
    bounds[1], bounds[2] = (extremes.f_min,) * 2, (extremes.f_max,) * 2
    return programmed(rows, [0.0] * len(rows), bounds)


def affine_by_program(extremes, x):
    """The range of f(x) over affine functions c + g y, from their values at the cube's corners."""
    d = extremes.dimension
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0]).double()] * d).reshape(-1, d)
    rows, limits = [], []
    for corner in corners:  # variables: f(x), c, g
        rows += [[0.0, 1.0, *corner.tolist()], [0.0, -1.0, *(-corner).tolist()]]
        limits += [extremes.f_max, -extremes.f_min]
    equal = [
        [0.0, 1.0, *extremes.x_min.tolist()],
        [0.0, 1.0, *extremes.x_max.tolist()],
        [-1.0, 1.0, *x.tolist()],
    ]
    bounds = [(None, None)] * (d + 2)
    return programmed(rows, limits, bounds, equal, [extremes.f_min, extremes.f_max, 0.0])


def programmed(rows, limits, bounds, equal=None, to=None):
    ends = []
    for sign in (1, -1):
        goal = [sign] + [0.0] * (len(bounds) - 1)
        done = linprog(goal, rows, limits, equal, to, bounds=bounds)
        assert done.status == 0, done.message
        ends.append(sign * done.fun)
    return Range(*ends)


@pytest.mark.parametrize(
    ("name", "program"),
    [("convex", convex_by_program), ("affine, many variables", affine_by_program)],
)
def test_closed_forms_agree_with_linear_programs(name, program):
    @settings(often, max_examples=60)
    @given(problems(name))
    def agree(problem):
        kind, extremes, x, _ = problem
        if extremes.dimension > 3:
            return
        assert kind.value_range(extremes, x) == pytest.approx(program(extremes, x), abs=1e-6)

    agree()


def test_known_values():
    line = Extremes(0.0, 1.0)
    assert BlackBox().value_range(line, 0.3) == (0, 1)
    assert Convex().value_range(line, 0.3) == pytest.approx((0, 0.3))
    assert Monotone().value_range(line, 0.3) == (0, 1)
    assert AffineInOne().value_range(line, 0.3) == pytest.approx((0.3, 0.3))
    assert Lipschitz(1.5).value_range(line, 0.3) == pytest.approx((0, 0.45))
    assert Lipschitz(1.0).value_range(line, 0.3) == pytest.approx((0.3, 0.3))
    square = Extremes([0.0, 0.0], [1.0, 1.0], 0.2, 0.8)
    assert Affine().value_range(square, [0.25, 0.75]) == pytest.approx((0.35, 0.65))
    corner = [1.0, 0.0]
    assert Lipschitz(1.2, 1).value_range(square, corner) == pytest.approx((0.2, 0.8))
    assert Lipschitz(0.3, 1).value_range(square, corner) == pytest.approx((0.5, 0.5))
    assert Constant().value_range(Extremes([0.1], [0.4], 0.5, 0.5), 0.9) == (0.5, 0.5)


def test_known_beyond_and_on_the_face():
    inside = Extremes([0.3, 0.3], [0.7, 0.6])
    assert Monotone().value_range(inside, [0.8, 0.6]) == (1, 1)
    assert Monotone().value_range(inside, [0.3, 0.1]) == (0, 0)
    assert Monotone().value_range(inside, [0.8, 0.5]) == (0, 1)
    edge = Extremes([0.5, 0.5], [1.0, 0.4])
    assert Convex().value_range(edge, [1.0, 0.9]) == (1, 1)
    assert Convex().value_range(edge, [0.75, 0.5]) == pytest.approx((0, 0.5))


def test_extremes_are_what_they_are_at_themselves():
    for name in NAMES:
        extremes = typical_extremes(name)
        kind = find_class(name, extremes, data=(torch.full((1, 2), 0.5), torch.tensor([0.5])))
        assert kind.value_range(extremes, extremes.x_min) == (extremes.f_min,) * 2
        assert kind.value_range(extremes, extremes.x_max) == (extremes.f_max,) * 2


def test_uniqueness_changes_no_range():
    """A little of a member with unique extremes, mixed in, keeps the class and nearly the value."""
    extremes = Extremes([0.2, 0.3], [0.8, 1.0])
    bound = 2 * forced_slope(extremes)
    kind, x = Lipschitz(bound), point([0.6, 0.1])
    slope = forced_slope(extremes)
    # two cones of half the slope that fall away from the extremes: unique, and within the bound

    def unique(points):
        up = (points - extremes.x_min).norm(dim=1) * slope / 2
        down = (points - extremes.x_max).norm(dim=1) * slope / 2
        return 0.5 + up.clamp_max(0.5) - down.clamp_max(0.5)

    lowest = kind.witness(extremes, x).lowest

    def mixed(points):
        return torch.lerp(lowest(points), unique(points), 1e-3)

    assert kind.check_member(mixed, extremes).holds
    assert value_at(mixed, x) == pytest.approx(value_at(lowest, x), abs=2e-3)
    points = torch.rand(500, 2, generator=torch.Generator().manual_seed(0)).double()
    assert float(mixed(points).min()) > 0 and float(mixed(points).max()) < 1


# networks


def test_witness_networks_are_modules_of_three_units():
    d = 3 * 64 * 64
    generator = torch.Generator().manual_seed(0)
    x_min, x_max, x = torch.rand(3, d, generator=generator).double()
    extremes = Extremes(x_min, x_max)
    for network in ReLUNetworks().witness(extremes, x)[:2]:
        assert isinstance(network, nn.Module)
        assert [type(m).__name__ for m in network.layers] == ["Linear", "ReLU", "Linear"]
        assert network.layers[0].out_features == 3
    low, high, found = ReLUNetworks().witness(extremes, x)
    assert found == (0, 1)
    assert (value_at(low, x), value_at(high, x)) == pytest.approx((0, 1), abs=1e-9)


def test_trained_networks_have_zero_loss_and_know_their_data():
    generator = torch.Generator().manual_seed(1)
    inputs = torch.rand(30, 4, generator=generator).double()
    targets = torch.rand(30, generator=generator).double()
    kind, extremes = TrainedNetworks(inputs, targets), Extremes([0.0] * 4, [1.0] * 4)
    for member in kind.witness(extremes, [0.5] * 4)[:2]:
        assert float((member(inputs) - targets).abs().max()) < 1e-9
    assert kind.value_range(extremes, inputs[3]) == (float(targets[3]),) * 2
    assert kind.value_range(extremes, [0.5] * 4) == (0, 1)


def test_a_module_with_anything_else_is_no_relu_network():
    wrong = nn.Sequential(nn.Linear(1, 1).double(), nn.Tanh(), nn.Flatten(0))
    points = torch.rand(5, 1).double()
    assert ReLUNetworks().violation(wrong, points, points, points[:, 0]) == 1
    assert ReLUNetworks().violation(lambda p: p[:, 0], points, points, points[:, 0]) == 1


def test_the_piecewise_affine_witness_has_few_bends():
    extremes = Extremes([0.1] * 3, [0.9] * 3)
    low = PiecewiseAffine().witness(extremes, [0.4, 0.2, 0.7]).lowest
    line = torch.linspace(0, 1, 2001, dtype=torch.float64)[:, None]
    way = low(torch.lerp(torch.zeros(1, 3).double(), torch.ones(1, 3).double(), line))
    bends = way.diff().diff().abs() > 1e-9
    starts = bends & ~torch.cat([torch.zeros(1, dtype=torch.bool), bends[:-1]])
    assert int(starts.sum()) <= 3


# the checks of membership can fail

WRONG = {
    "Lipschitz, L small": lambda p: (p[:, 0] * 4).clamp_max(1.0),
    "Lipschitz, L unknown": lambda p: (p.mean(1) > 0.5).double(),
    "piecewise affine": lambda p: p.mean(1) ** 2,
    "monotone": lambda p: (p[:, 0] - 2 * p[:, 1] * (1 - p[:, 1])).clamp(0, 1),
    "convex": lambda p: p.mean(1) ** 0.5,
    "affine, many variables": lambda p: p.mean(1) ** 2,
    "ReLU networks": lambda p: p.mean(1),
    "black box": lambda p: 1.5 * p.mean(1),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_function_outside_the_class_is_found_out(name):
    extremes = typical_extremes(name)
    found = find_class(name, extremes).check_member(WRONG[name], extremes)
    assert not found.holds and found.tried == 3000


def test_the_extremes_are_checked():
    extremes = Extremes(0.2, 0.8, 0.1, 0.9)
    points = membership.random_points(extremes, 300, torch.Generator().manual_seed(0))
    flat = membership.extremes_violation(lambda p: 0.5 + 0 * p[:, 0], extremes, points)
    assert flat == pytest.approx(0.4)
    beyond = membership.extremes_violation(
        lambda p: torch.where(p[:, 0] == 0.2, 0.1, torch.where(p[:, 0] == 0.8, 0.9, 1.0)),
        extremes, points,
    )  # fmt: skip
    assert beyond == pytest.approx(0.1)


# the table


@pytest.fixture(scope="module")
def table():
    return {row.name: row for row in whole_table(points=120, members=20)}


def test_two_of_twelve_classes_are_predictable(table):
    assert list(table) == list(NAMES) and len(table) == 12
    predictable = {name for name, row in table.items() if row.predictable}
    assert predictable == {"affine, one variable", "constant"}
    for name in predictable:
        assert table[name][1:6] == (1, 1, 1, 0, pytest.approx(0, abs=1e-9))


def test_the_table_agrees_with_the_paper_where_it_can_be_compared(table):
    unknown = {name for name, row in table.items() if row.agrees is None}
    assert unknown == {"Lipschitz, L small"}
    assert all(row.agrees for name, row in table.items() if name not in unknown)


def test_every_no_has_its_witness_and_every_yes_its_proof(table):
    for name, row in table.items():
        kind, extremes = example(name)
        if row.predictable:
            assert kind.proof
            continue
        found = witnessed(kind, extremes, [0.2, 0.6])
        assert found.holds and found.width > 0.1, found


def test_a_false_witness_does_not_hold():
    class Wrong(BlackBox):
        def lowest(self, extremes, x):
            return extremes.scaled(lambda points: 0.5 + 0 * points[:, 0])

    assert not witnessed(Wrong(), Extremes(0.0, 1.0), 0.5).holds


def test_shares_are_what_geometry_says(table):
    """Nearer to minimum or maximum: for affine functions of two variables, half of the square; for
    convex functions with x_min in a corner, a quarter."""
    rows = {
        name: row_of(find_class(name), typical_extremes(name), points=2000, members=2)
        for name in ("affine, many variables", "convex")
    }
    assert rows["affine, many variables"].side == pytest.approx(0.5, abs=0.05)
    assert rows["convex"].side == pytest.approx(0.25, abs=0.05)


def test_typical_members_differ_less_than_the_worst(table):
    for name, row in table.items():
        assert row.typical <= row.widest + 1e-9, name
    assert table["monotone"].typical < 0.7 < table["monotone"].widest


def test_answers():
    extremes = Extremes(0.0, 1.0, 0.2, 0.8)
    assert answers(Range(0.3, 0.3), extremes, 0.05) == Answers(True, True, True)
    assert answers(Range(0.45, 0.55), extremes, 0.05) == Answers(False, True, False)
    assert answers(Range(0.2, 0.5), extremes, 0.05) == Answers(False, False, True)
    assert answers(Range(0.2, 0.8), extremes, 0.05) == Answers(False, False, False)


def test_spread_is_reproducible():
    extremes = Extremes(0.0, 1.0)
    first, again = (spread(Monotone(), extremes, point(0.4), members=9, seed=3) for _ in range(2))
    assert torch.equal(first, again) and float(first.std()) > 0


# bad input


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Extremes([0.0, 1.2], [1.0, 1.0]), r"x_min lies outside .* \(coordinate 1 "),
        (lambda: Extremes([0.0], [math.nan]), "x_max lies outside the unit cube"),
        (lambda: Extremes([0.0], [1.0, 1.0]), "x_min has 1 coordinates and x_max 2"),
        (lambda: Extremes(0.0, 1.0, 0.6, 0.4), "give 0 <= f_min <= f_max <= 1"),
        (lambda: Extremes(0.5, 0.5), "x_min and x_max are the same point"),
        (lambda: Extremes("left", 1.0), "x_min='left': give numbers"),
        (lambda: Extremes([[0.0]], [1.0]), r"x_min has shape \(1, 1\): give one point"),
        (lambda: Convex().value_range(Extremes(0.0, 1.0), 1.5), "x lies outside the unit cube"),
        (lambda: Convex().value_range(Extremes(0.0, 1.0), [0.1, 0.2]), "x has 2 coordinates"),
        (lambda: Lipschitz(0.0), "L=0.0: give a positive"),
        (lambda: Lipschitz(-1), "L=-1: give a positive"),
        (lambda: Lipschitz(math.inf), "L=inf: give a positive"),
        (lambda: Lipschitz(1.0, 3), "norm=3: give 1, 2 or math.inf"),
        (lambda: find_class("convx"), "no class 'convx'. Did you mean 'convex'"),
        (lambda: find_class("monotonic"), "Did you mean 'monotone'"),
        (lambda: find_class("xyz"), "There is no class 'xyz'. The classes are: black box;"),
        (lambda: find_class("trained to zero loss"), "needs its training data"),
        (lambda: find_class("Lipschitz, L known"), "needs its bound: give L="),
        (lambda: find_class("Lipschitz, L small"), "needs the extremes"),
        (lambda: TrainedNetworks(torch.rand(2, 3), torch.rand(3)), "give .* points and .* targets"),
        (lambda: TrainedNetworks(torch.ones(2, 1), torch.tensor([0.1, 0.2])), "One point is to"),
        (lambda: TrainedNetworks(2 * torch.ones(1, 1), torch.tensor([0.1])), r"inputs\[0\] lies"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(make, message):
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def data(value, target):
    return TrainedNetworks(torch.tensor([[value]]), torch.tensor([target]))


@pytest.mark.parametrize(
    ("kind", "extremes", "message"),
    [
        (Lipschitz(0.9), Extremes(0.0, 1.0), "L=0.9 is smaller than the slope 1 that they force"),
        (Lipschitz(0.6, 1), Extremes([0.0, 0.0], [0.5, 1.0]), "smaller than the slope 0.6666"),
        (Monotone(), Extremes([0.6, 0.6], [0.6, 0.2]), "x_min is at least x_max in every"),
        (Convex(), Extremes([0.0, 0.0], [0.5, 0.5]), "x_max lies inside the cube"),
        (Convex(), Extremes([1.0, 0.2], [1.0, 0.5]), "x_min lies on the face of the cube"),
        (Affine(), Extremes([0.0, 0.2], [0.9, 1.0]), "in no coordinate is one of the points"),
        (AffineInOne(), Extremes([0.0, 0.0], [1.0, 1.0]), "they have 2 coordinates"),
        (AffineInOne(), Extremes(0.1, 1.0), "in no coordinate"),
        (Constant(), Extremes(0.0, 1.0), "does not rise from 0 to 1"),
        (data(0.5, 0.9), Extremes(0.0, 1.0, 0.0, 0.8), "beyond 0 to 0.8"),
        (data(0.0, 0.4), Extremes(0.0, 1.0), "x_min is a training input with the target 0.4"),
        (data(1.0, 0.4), Extremes(0.0, 1.0), "x_max is a training input with the target 0.4"),
        (data(0.5, 0.4), Extremes([0.0, 0.0], [1.0, 1.0]), "the data has 1 variables and they"),
    ],
)
def test_extremes_that_contradict_the_class(kind, extremes, message):
    for ask in (kind.value_range, kind.witness):
        with pytest.raises(ValueError, match=message) as caught:
            ask(extremes, [0.3] * extremes.dimension)
        assert str(caught.value).startswith(f"These extremes contradict the class “{kind.name}”")
        assert str(caught.value).endswith(".")
    with pytest.raises(ValueError, match=message):
        kind.member(extremes, torch.Generator())


def test_a_slope_of_exactly_the_bound_is_allowed():
    for seed in range(50):
        generator = torch.Generator().manual_seed(seed)
        extremes = Extremes(*torch.rand(2, 7, generator=generator))
        Lipschitz(forced_slope(extremes)).check(extremes)


def test_the_gauge_is_one_on_the_surface_and_zero_at_its_centre():
    x_min = point([0.3, 0.0, 1.0])
    assert float(share_of_ray(x_min[None], x_min)) == 0
    surface = torch.rand(50, 3, generator=torch.Generator().manual_seed(0)).double()
    surface[:, 0] = 1.0
    assert torch.allclose(share_of_ray(surface, x_min), torch.ones(50).double())


def test_lipschitz_unknown_names_an_l_that_is_large_enough():
    extremes, x = Extremes([0.1, 0.1], [0.9, 0.8]), point([0.2, 0.1])
    enough = LipschitzUnknown().large_enough(extremes, x)
    assert Lipschitz(enough).value_range(extremes, x) == pytest.approx((0, 1))
    assert Lipschitz(0.9 * enough).value_range(extremes, x).width < 1


def test_a_network_is_float64_and_frozen():
    network = ReLUNetworks().member(Extremes(0.0, 1.0), torch.Generator().manual_seed(0))
    assert isinstance(network, ReLUNetwork)
    assert not any(p.requires_grad or p.dtype != torch.float64 for p in network.parameters())
