"""The networks of lesson 07: each keeps to its structure, and the table says what was measured."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_lib import open_lab, record
from course_lib.labs.lab import Photos
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.lab import open_tiny
from course_lib.labs.tiny.network import LAYERS
from course_lib.labs.tiny.structures import STRUCTURES
from course_lib.labs.tiny.structures.bcos import BcosConv, summary_of
from course_lib.labs.tiny.structures.lipschitz import BOUND, Residual
from course_lib.labs.tiny.structures.smooth import SmoothInception
from course_lib.lessons.lesson_07 import measures as ms
from course_lib.lessons.lesson_07 import table
from course_lib.lessons.lesson_07.plots import table_figure, ways_figure
from course_lib.lessons.lesson_07.ranking import hidden, sealed_ranking
from course_lib.maintenance import structures as command
from course_lib.statistics import Estimate
from course_lib.stored import note, unpack


def drawn_from(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uniform(seed: int, count: int, size: int = 64, **kind) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=drawn_from(seed), **kind)


def slope(values, images):
    return torch.autograd.grad(values.sum(), images)[0]


def untrained(name: str, seed: int = 0) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = STRUCTURES[name](8).eval().requires_grad_(False)
        for buffer_name, buffer in network.named_buffers():
            if buffer_name.endswith(("running_var", "running_square")):
                buffer.uniform_(0.5, 2.0)  # or batch norms do nothing
    return network


@pytest.mark.parametrize("name", STRUCTURES)
def test_every_structure_has_the_labs_layers(name):
    network = untrained(name)
    images = uniform(0, 2)
    found = record(network, [*LAYERS, None], images)
    assert found[None].shape == (2, 8) and torch.equal(found["fc"], found[None])
    shapes = {layer: found[layer].shape[2:] for layer in LAYERS[:-1]}
    plain = record(untrained("inception"), LAYERS[:-1], images)
    assert shapes == {layer: plain[layer].shape[2:] for layer in LAYERS[:-1]}
    size = sum(p.numel() for p in network.parameters())
    assert size == pytest.approx(268_704, rel=0.15)


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 9), st.floats(0.01, 50))
def test_a_residual_layer_never_lengthens_a_difference(seed, inputs, units, gain):
    chances = drawn_from(seed)
    layer = Residual(inputs, 6, units).requires_grad_(False).double()
    for parameter in layer.parameters():
        parameter.copy_(gain * torch.randn(parameter.shape, generator=chances))
    first = torch.randn(4, inputs, 7, 7, generator=chances, dtype=torch.float64)
    for step in (1e-4, 1.0, 30.0):
        second = first + step * torch.randn(first.shape, generator=chances, dtype=torch.float64)
        before = (first - second).flatten(1).norm(dim=1)
        after = (layer(first) - layer(second)).flatten(1).norm(dim=1)
        assert (after <= before * (1 + 1e-9)).all()


@pytest.mark.parametrize("network", ["untrained", "shipped"])
def test_no_logit_is_steeper_than_its_bound(network):
    shipped = network == "shipped"
    network = open_tiny("lipschitz").network if shipped else untrained("lipschitz", 1)
    renders = open_lab("tiny").photos("test").images[:16]
    images = renders.clone().requires_grad_(True)
    for unit in range(8):  # where a gradient is, it must be within the bound ...
        steepest = slope(network(images)[:, unit], images).flatten(1).norm(dim=1).max()
        assert steepest <= BOUND * (1 + 1e-4)
    first, second = renders[:8], renders[8:]  # ... and so must any two images
    apart = (first - second).flatten(1).norm(dim=1)
    assert ((network(first) - network(second)).abs().amax(1) <= BOUND * apart).all()
    if shipped:  # which does not keep to it by being flat: it uses a good part of it
        gradient = slope(network(images).max(1).values, images)
        assert gradient.flatten(1).norm(dim=1).max() > BOUND / 50


def test_a_bcos_unit_is_its_weights_times_the_input_times_the_cosine():
    chances = drawn_from(0)
    conv = BcosConv(3, 5, 3, 1, 1).requires_grad_(False)
    x = torch.randn(2, 3, 6, 6, generator=chances)
    patches = nn.functional.unfold(x, 3, padding=1)  # (2, 27, 36)
    rows = nn.functional.normalize(conv.linear.weight.flatten(1), dim=1)
    said = torch.einsum("od,bdp->bop", rows, patches)
    cosine = said / patches.norm(dim=1, keepdim=True)
    assert torch.allclose(conv(x).flatten(2), said * cosine.abs(), atol=1e-5)


@pytest.mark.parametrize("which", ["untrained", "shipped"])
def test_what_the_pixels_contribute_is_all_of_the_logit(which):
    network = untrained("bcos", 2) if which == "untrained" else open_tiny("bcos").network
    images = open_lab("tiny").photos("test").images[:8]
    for unit in (0, 5):
        found = summary_of(network, images, torch.full((8,), unit))
        total = found.contributions.sum((1, 2))
        assert torch.allclose(total, found.logits, atol=2e-4, rtol=1e-3)
        assert torch.allclose(found.logits, network(images)[:, unit], atol=1e-5)
        pictures = found.pictures()
        assert pictures.shape == images.shape
        assert pictures.min() >= 0 and pictures.max() <= 1


def test_a_summary_leaves_the_network_as_it_was():
    network = untrained("bcos")
    images = uniform(1, 2).requires_grad_(True)
    before = slope(network(images)[:, 0], images)
    summary_of(network, images.detach(), torch.zeros(2).long())
    assert torch.equal(slope(network(images)[:, 0], images), before)
    assert not network.conv1._forward_pre_hooks
    with pytest.raises(ValueError, match=r"no B-cos units: give a network .*network='bcos'"):
        summary_of(untrained("inception"), images.detach(), torch.zeros(2).long())


@pytest.mark.full
def test_the_smooth_network_has_no_corners():
    """Along a line, the slope of a smooth function changes ever less as the step shrinks."""
    images = uniform(3, 4, dtype=torch.float64)
    way = torch.randn(images.shape, generator=drawn_from(4), dtype=torch.float64)

    def largest_change(network, step):
        slopes = []
        for t in torch.arange(24) * step:
            x = (images + t * way).requires_grad_(True)
            slopes.append((slope(network(x)[:, 0], x) * way).flatten(1).sum(1))
        values = torch.stack(slopes)
        return float((values.diff(dim=0).abs() / values.abs().mean()).max())

    smooth, corners = untrained("smooth").double(), untrained("inception").double()
    assert isinstance(smooth, SmoothInception)
    assert largest_change(smooth, 1e-8) < 1e-4
    assert largest_change(smooth, 1e-8) < largest_change(smooth, 1e-3) / 100
    assert largest_change(corners, 1e-4) > 1e-3  # the same for ReLUs and maxima: there are jumps


class Squared(nn.Sequential):
    def forward(self, images):
        return super().forward(images).square()


def test_a_linear_network_does_not_bend_and_another_one_does():
    photos, ends = Photos(uniform(6, 8), torch.arange(8)), uniform(7, 8)
    torch.manual_seed(0)
    layers = nn.Flatten(), nn.Linear(3 * 64 * 64, 8)
    assert ms.bend(nn.Sequential(*layers), ends, photos).max() < 1e-2
    assert ms.bend(Squared(*layers), ends, photos).max() > 0.05


def test_pictures_are_judged_by_their_class_or_the_one_they_are_to_show():
    class Reads(nn.Module):
        def forward(self, images):
            return nn.functional.one_hot((images[:, 0, 0, 0] * 100).round().long(), 8).float()

    pictures = (torch.arange(16) % 8)[:, None, None, None].expand(16, 3, 8, 8) / 100
    assert ms.seen_by(Reads(), pictures).value == 1
    assert ms.seen_by(Reads(), pictures, 3).value == 0
    assert ms.seen_by(Reads(), pictures.roll(-3, 0), 3).shown == "16 of 16"


def test_the_last_convolution_of_a_block():
    for name, last in (("inception", "branch4.1.conv"), ("lipschitz", "conv")):
        assert ms.last_convolution(untrained(name), "inception4a") == f"inception4a.{last}"


def measured(name: str, seed: int, sha256: str = "", *_others) -> table.MeasuredNetwork:
    value = Estimate(0.5 + seed / 100, math.nan, math.nan, 1)
    return table.MeasuredNetwork(name, seed, sha256, dict.fromkeys(table.MEASURES, value))


def test_the_table_shows_every_value_and_its_interval():
    rows = [measured(name, seed) for name in table.NAMES for seed in range(3)]
    found = table.over_seeds(rows, "standard", "bend")
    assert found.value == pytest.approx(0.51) and found.n == 3
    assert found.high - found.value == pytest.approx(4.303 * 0.01 / math.sqrt(3), rel=1e-3)
    with pytest.raises(ValueError, match="0 networks named 'guess'"):
        table.over_seeds(rows, "guess", "bend")
    shown = table.structures_table(rows, ["accuracy", "bend"])
    assert "51 [48.5, 53.5] (50, 51, 52)" in repr(shown)
    assert shown._repr_html_().count("0.51") >= 5
    assert "lipschitz 51" in table_figure(rows, ["accuracy", "bend"]).alt
    ways = ways_figure({"one": torch.linspace(0, 1, 9).expand(3, 9)}, code="reference")
    assert "one has a median of 0.50 half-way" in ways.alt and "reference" in ways.alt


def test_the_shipped_table_is_whole_and_of_the_shipped_networks():
    rows = table.stored()
    assert [(r.name, r.seed) for r in rows] == [(n, s) for n in table.NAMES for s in table.SEEDS]
    assert all(set(row.found) == set(table.MEASURES) for row in rows)
    for row in rows:
        if row.seed in weights.available().get(row.name, []):
            record = weights.record_of(row.name, row.seed)
            assert record["sha256"] == row.sha256
            assert row.found["accuracy"].value == record["accuracy"]["value"]
    assert len({row.sha256 for row in rows}) == 15


@pytest.mark.full
def test_a_measurement_of_a_shipped_network_comes_out_as_stored():
    """What the table says of a few measures holds here, within what machines differ by."""
    lab = open_lab("tiny", network="bcos")
    stored = {(r.name, r.seed): r.found for r in table.stored()}["bcos", 0]
    pictures = ms.drawn(lab.network)
    seen = ms.seen_by(weights.load("standard", 1), pictures)
    assert seen.value == pytest.approx(stored["recognised"].value, abs=0.15)
    asked = lab.photos("test")
    bent = ms.bend(lab.network, pictures[:8], Photos(asked.images[:64], asked.labels[:64]))
    assert float(bent.mean()) == pytest.approx(stored["bend"].value, rel=0.25)


@pytest.mark.full
def test_measuring_goes_on_where_it_was(tmp_path, monkeypatch):
    calls = []

    def fake(*given):
        calls.append(given[:2])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measured(*given)

    monkeypatch.setattr(table, "NAMES", ("standard", "robust"))
    monkeypatch.setattr(table, "SEEDS", (0, 1))
    monkeypatch.setattr(table, "measure", fake)
    work, to = tmp_path / "work", tmp_path / "table.json"
    with pytest.raises(KeyboardInterrupt):
        command.measure_all(work, to)
    assert not to.exists()
    command.measure_all(work, to)
    assert len(calls) == 5  # the third again, and the fourth
    names = [(name, seed) for name in ("standard", "robust") for seed in (0, 1)]
    assert [(r["name"], r["seed"]) for r in unpack(to.read_bytes())] == names
    # what was measured of other weights is measured again
    kept = work / "measured" / "standard-0.json.bz2"
    table.store([measured("standard", 5)], kept)
    note(kept, command.table_rests_on())
    command.measure_all(work, to)
    found = table.stored(to)[0]
    assert len(calls) == 6
    assert found.sha256 == weights.record_of("standard", 0)["sha256"]
    assert found.found["bend"].value == 0.5


def test_rows_are_hidden_and_named_again(capsys):
    rows = {name: uniform(8, 2, size=8) for name in ("a", "b", "c")}
    blind = hidden(rows, seed=1)
    assert set(blind.truth) == {"A", "B", "C"} and set(blind.truth.values()) == {"a", "b", "c"}
    assert all(torch.equal(blind.rows[x], rows[name]) for x, name in blind.truth.items())
    assert "A, B, C" in blind.shown().alt
    assert blind.named("bca") == [blind.truth[x] for x in "BCA"]
    for ranking in ("AB", "AABC", "ABX", ""):
        assert blind.named(ranking) is None
        assert "write each of ABC once, the best first" in capsys.readouterr().out
    assert sealed_ranking("ABC") == sealed_ranking("ABC") != sealed_ranking("ACB")
    assert sealed_ranking(None) == "No ranking, nothing to seal."
    named = hidden(dict.fromkeys(("standard", "robust", "lipschitz", "bcos"), rows["a"]), seed=7)
    assert " ".join(named.truth.values()) == "bcos robust standard lipschitz"  # as the lesson says


def test_whose_picture_is_shown_is_told():
    lab = open_tiny("standard", 0)
    renders = lab.photos("test")
    pictures = torch.stack([renders.images[renders.labels == c][0] for c in range(8)])
    lies = pictures.roll(-ms.SHOWS, 0)
    for shown, share in ((lies, 1.0), (pictures, 0.0), (torch.cat([lies[:4], pictures[4:]]), 0.5)):
        assert ms.replaced(lab.network, pictures, shown, renders.images[:64]).value == share
