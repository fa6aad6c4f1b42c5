"""What can be known: ranges, by random members and by linear programs; witnesses; the table."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from torch import nn

from course_lib.lessons import lesson_06 as room
from course_lib.lessons.lesson_06 import LINE, NAMES, Extremes, find_class, value_at
from course_lib.lessons.lesson_06.knowable.extremes import same_point
from course_lib.lessons.lesson_06.knowable.function_class import AnyFunction
from course_lib.lessons.lesson_06.knowable.lipschitz import Lipschitz, forced_slope
from course_lib.lessons.lesson_06.knowable.networks import ReLUNetworks, TrainedNetworks
from course_lib.lessons.lesson_06.knowable.shapes import Affine, AffineInOne, Convex, Monotone

GRID = 16
EACH = 10  # random members for each of the random extremes: with --full, 1,000 functions a class


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


@pytest.mark.parametrize("name", [*NAMES, "Lipschitz, L known"])
def test_members_fall_inside_the_range_and_witnesses_reach_its_ends(name):
    @given(problems(name))
    def inside(problem):
        kind, extremes, x, seed = problem
        lowest, highest, found = kind.witness(extremes, x)
        assert found == kind.value_range(extremes, x)
        assert extremes.f_min - 1e-9 <= found.low <= found.high <= extremes.f_max + 1e-9
        assert value_at(lowest, x) == pytest.approx(found.low, abs=1e-8)
        assert value_at(highest, x) == pytest.approx(found.high, abs=1e-8)
        generator = torch.Generator().manual_seed(seed)
        drawn = [kind.member(extremes, generator) for _ in range(EACH)]
        assert all(found.low - 1e-8 <= value_at(f, x) <= found.high + 1e-8 for f in drawn)
        for member in (lowest, highest, drawn[0]):
            assert kind.check_member(member, extremes, tried=600, seed=seed) < 1e-8

    inside()


def test_a_convex_member_has_a_value_where_all_its_planes_fall():
    members = [Convex().member(LINE, torch.Generator().manual_seed(seed)) for seed in range(20)]
    assert [value_at(member, LINE.x_min) for member in members] == [0] * 20


# the ranges again, from other mathematics: linear programs
def convex_by_program(extremes, x, corners):
    """The range of f(x) over convex functions, by values and slopes at finitely many points.

    A convex function has a supporting plane at each point; planes that support each other's values
    make one. At the cube's corners f is at most f_max, so it is so everywhere.
    """
    points = torch.cat([x[None], extremes.x_min[None], extremes.x_max[None], corners])
    n, d = points.shape
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


def affine_by_program(extremes, x, corners):
    """The range of f(x) over affine functions c + g y, from their values at the cube's corners."""
    rows, limits = [], []
    for corner in corners:  # variables: f(x), c, g
        rows += [[0.0, 1.0, *corner.tolist()], [0.0, -1.0, *(-corner).tolist()]]
        limits += [extremes.f_max, -extremes.f_min]
    equal = [[0.0, 1.0, *place.tolist()] for place in (extremes.x_min, extremes.x_max)]
    equal.append([-1.0, 1.0, *x.tolist()])
    bounds = [(None, None)] * (len(x) + 2)
    return programmed(rows, limits, bounds, equal, [extremes.f_min, extremes.f_max, 0.0])


def programmed(rows, limits, bounds, equal=None, to=None):
    ends = []
    for sign in (1, -1):
        goal = [sign] + [0.0] * (len(bounds) - 1)
        done = linprog(goal, rows, limits, equal, to, bounds=bounds)
        assert done.status == 0, done.message
        ends.append(sign * done.fun)
    return ends


@pytest.mark.parametrize(
    ("name", "program"),
    [("convex", convex_by_program), ("affine, many variables", affine_by_program)],
)
def test_closed_forms_agree_with_linear_programs(name, program):
    @given(problems(name))
    def agree(problem):
        kind, extremes, x, _ = problem
        if (d := extremes.dimension) > 3:
            return
        corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0]).double()] * d).reshape(-1, d)
        found = program(extremes, x, corners)
        assert kind.value_range(extremes, x) == pytest.approx(found, abs=1e-6)

    agree()


def data(value, target):
    return TrainedNetworks(torch.tensor([[value]]), torch.tensor([target]))


SQUARE = Extremes([0.0, 0.0], [1.0, 1.0], 0.2, 0.8)
INSIDE = Extremes([0.3, 0.3], [0.7, 0.6])


@pytest.mark.parametrize(
    ("kind", "extremes", "x", "wanted"),
    [
        (AnyFunction(), LINE, 0.0, (0, 0)),
        (AnyFunction(), LINE, 1.0, (1, 1)),
        (Lipschitz(1.5), LINE, 0.3, (0, 0.45)),
        (Lipschitz(1.0), LINE, 0.3, (0.3, 0.3)),
        (Lipschitz(1.2, 1), SQUARE, [1.0, 0.0], (0.2, 0.8)),
        (Lipschitz(0.3, 1), SQUARE, [1.0, 0.0], (0.5, 0.5)),
        (data(0.5, 0.25), LINE, 0.5, (0.25, 0.25)),
        (Monotone(), INSIDE, [0.8, 0.6], (1, 1)),
        (Monotone(), INSIDE, [0.3, 0.1], (0, 0)),
        (Monotone(), INSIDE, [0.8, 0.5], (0, 1)),
    ],
)
def test_known_values(kind, extremes, x, wanted):
    assert kind.value_range(extremes, x) == pytest.approx(wanted)


# networks


def test_witness_networks_are_modules_of_three_units():
    generator = torch.Generator().manual_seed(0)
    x_min, x_max, x = torch.rand(3, 3 * 64 * 64, generator=generator).double()
    low, high, found = ReLUNetworks().witness(Extremes(x_min, x_max), x)
    for network in (low, high):
        assert [type(m).__name__ for m in network.layers] == ["Linear", "ReLU", "Linear"]
        assert network.layers[0].out_features == 3
    assert found == (0, 1)
    assert (value_at(low, x), value_at(high, x)) == pytest.approx((0, 1), abs=1e-9)


def test_a_module_with_anything_else_is_no_relu_network():
    wrong = nn.Sequential(nn.Linear(1, 1).double(), nn.Tanh(), nn.Flatten(0))
    points = torch.rand(5, 1).double()
    assert ReLUNetworks().violation(wrong, points, points, points[:, 0]) == 1


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
    extremes = room.typical_extremes(name)
    assert find_class(name, extremes).check_member(WRONG[name], extremes) > 1e-3


def flat(points):
    return 0.5 + 0 * points[:, 0]


def test_the_extremes_are_checked():
    extremes = Extremes(0.2, 0.8, 0.1, 0.9)
    assert AnyFunction().check_member(flat, extremes) == pytest.approx(0.4)
    beyond = AnyFunction().check_member(
        lambda p: torch.where(p[:, 0] == 0.2, 0.1, torch.where(p[:, 0] == 0.8, 0.9, 1.0)), extremes
    )
    assert beyond == pytest.approx(0.1)


def test_two_of_twelve_classes_are_predictable():
    """As the paper has it; every other class has two witnesses."""
    table = {row.name: row for row in room.class_rows(points=120)}
    assert list(table) == list(NAMES) and len(table) == 12
    assert {name for name, row in table.items() if row.agrees is None} == {"Lipschitz, L small"}
    for name, row in table.items():
        assert row.agrees in (True, None), name
        if name in ("affine, one variable", "constant"):
            assert row[1:] == (1, 1, 1, 0)
        else:
            found = room.witnessed(*room.example(name), [0.2, 0.6])
            assert row.exact < 1 and found.holds and found.width > 0.1, found
    assert table["monotone"].widest > 0.7


def test_a_false_witness_does_not_hold():
    class Wrong(AnyFunction):
        def ends(self, extremes, x):
            return extremes.scaled(flat), super().ends(extremes, x)[1]

    assert not room.witnessed(Wrong(), LINE, 0.5).holds


def test_shares_are_what_geometry_says():
    """Nearer to minimum or maximum: for affine functions of two variables, half of the square; for
    convex functions with x_min in a corner, a quarter."""
    for name, share in (("affine, many variables", 0.5), ("convex", 0.25)):
        ends = room.typical_extremes(name)
        row = room.class_row(find_class(name), ends, points=2000)
        assert row.side == pytest.approx(share, abs=0.05)


def test_a_row_asks_the_function_that_it_is_given():
    def answer(low, high, *rest):
        assert rest == (0.2, 0.6, pytest.approx(0.05 * 0.4)) and 0.2 <= low == high <= 0.6
        return torch.tensor([True, False, low > 0.4])

    extremes = Extremes(0.0, 1.0, 0.2, 0.6)
    row = room.class_row(AffineInOne(), extremes, points=50, answer=answer)
    assert row[1:3] == (1, 0) and 0.3 < row.side < 0.7


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
        (lambda: Convex().value_range(LINE, 1.5), "x lies outside the unit cube"),
        (lambda: Convex().value_range(LINE, [0.1, 0.2]), "x has 2 coordinates"),
        (lambda: Lipschitz(0.0), "L=0.0: give a positive"),
        (lambda: Lipschitz(math.inf), "L=inf: give a positive"),
        (lambda: Lipschitz(1.0, 3), "norm=3: give 1, 2 or math.inf"),
        (lambda: find_class("convx"), "no class 'convx'. Did you mean 'convex'"),
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


@pytest.mark.parametrize(
    ("kind", "extremes", "message"),
    [
        (Lipschitz(0.9), LINE, "L=0.9 is smaller than the slope 1 that they force"),
        (Lipschitz(0.6, 1), Extremes([0.0, 0.0], [0.5, 1.0]), "smaller than the slope 0.6666"),
        (Monotone(), Extremes([0.6, 0.6], [0.6, 0.2]), "x_min is at least x_max in every"),
        (Convex(), Extremes([0.0, 0.0], [0.5, 0.5]), "x_max lies inside the cube"),
        (Convex(), Extremes([1.0, 0.2], [1.0, 0.5]), "x_min lies on the face of the cube"),
        (Affine(), Extremes([0.0, 0.2], [0.9, 1.0]), "in no coordinate is one of the points"),
        (AffineInOne(), Extremes([0.0, 0.0], [1.0, 1.0]), "they have 2 coordinates"),
        (find_class("constant"), LINE, "does not rise from 0 to 1"),
        (data(0.5, 0.9), Extremes(0.0, 1.0, 0.0, 0.8), "beyond 0 to 0.8"),
        (data(0.0, 0.4), LINE, "x_min is a training input with the target 0.4"),
        (data(0.5, 0.4), Extremes([0.0, 0.0], [1.0, 1.0]), "the data has 1 variables and they"),
    ],
)
def test_extremes_that_contradict_the_class(kind, extremes, message):
    for ask in (kind.value_range, kind.witness, kind.member):  # before they look at what follows
        with pytest.raises(ValueError, match=message) as caught:
            ask(extremes, None)
        assert str(caught.value).startswith(f"These extremes contradict the class “{kind.name}”")
        assert str(caught.value).endswith(".")
