import io
import math
from itertools import combinations, product

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stnp
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from course_lib.activations import record
from course_lib.figures import Picture, draw
from course_lib.labs.lab import Photos
from course_lib.sanity.path_similarity import (
    METRICS,
    LayerSimilarity,
    _centred_ranks,
    _normalised,
    centred_ranks,
    compare,
    gather,
    path_similarity,
)
from course_lib.sanity.plots import Style, normalised_figure, normalised_panels, similarity_figure
from course_lib.statistics import student

LAYERS = ["stem", "relu", "body", "fc", None]
CORRELATION = {
    "spearman": lambda a, b: scipy.stats.spearmanr(a, b).statistic,
    "pearson": lambda a, b: scipy.stats.pearsonr(a, b).statistic,
    "cosine": lambda a, b: a @ b / np.linalg.norm(a) / np.linalg.norm(b),
}


def images_of_classes(labels: list[int], seed: int = 0, size: int = 12) -> Tensor:
    """Noise, tinted so that a class has something in common."""
    noise = torch.rand(len(labels), 3, size, size, generator=torch.Generator().manual_seed(seed))
    ramp = torch.linspace(0, 1, size)
    tints = torch.stack([ramp.roll(3 * label) for label in labels])[:, None, None, :]
    return 0.6 * noise + 0.4 * tints


PHOTO_LABELS = [0, 1, 2, 0, 1, 2, 2, 0, 1, 2]
VIS_LABELS = [0, 1, 2, 1]
PHOTOS = images_of_classes(PHOTO_LABELS)
VIS = images_of_classes(VIS_LABELS, seed=1)


def similarity(network: nn.Module, **changes) -> list[LayerSimilarity]:
    """Of the images above, with some arguments changed."""
    arguments = {
        "layers": LAYERS, "vis_images": VIS, "vis_labels": VIS_LABELS,
        "photo_images": PHOTOS, "photo_labels": PHOTO_LABELS,
    }  # fmt: skip
    return path_similarity(network, **(arguments | changes))


def by_pairs(
    network: nn.Module, layer: str | None, metric: str, positions: bool = True
) -> list[tuple[float, float, float]]:
    """The definition, pair by pair, for the images above: same, different, visualization."""
    photo, shown = (record(network, [layer], images)[layer] for images in (PHOTOS, VIS))
    if not positions and photo.dim() == 4:
        photo, shown = photo.mean((2, 3)), shown.mean((2, 3))
    photo, shown = photo.flatten(1).double().numpy(), shown.flatten(1).double().numpy()

    def mean(pairs) -> float:
        return np.mean([CORRELATION[metric](one, other) for one, other in pairs])

    rows = []
    for label in (0, 1, 2):
        is_mine = np.array(PHOTO_LABELS) == label
        mine, others, theirs = photo[is_mine], photo[~is_mine], shown[np.array(VIS_LABELS) == label]
        pairs = combinations(mine, 2), product(mine, others), product(theirs, mine)
        rows.append(tuple(mean(some) for some in pairs))
    return rows


def values_of(row: LayerSimilarity) -> list[float]:
    means = [row.same, row.different, row.visualization]
    return means + [value for one in row.by_class for value in one[1:]]


def assert_equal(first: list[LayerSimilarity], second: list[LayerSimilarity]) -> None:
    assert [row.layer for row in first] == [row.layer for row in second]
    for a, b in zip(first, second, strict=True):
        assert values_of(a) == pytest.approx(values_of(b), abs=1e-5)


@pytest.mark.parametrize("positions", [True, False])
@pytest.mark.parametrize("metric", METRICS)
def test_it_is_the_mean_over_all_pairs(small_network, metric, positions):
    rows = similarity(small_network, metric=metric, positions=positions)
    assert [row.layer for row in rows] == LAYERS
    assert (record(small_network, ["relu"], PHOTOS)["relu"] == 0).float().mean() > 0.2, "ties"
    for row in rows:
        expected = by_pairs(small_network, row.layer, metric, positions)
        assert [one.label for one in row.by_class] == [0, 1, 2]
        assert np.array(row.by_class)[:, 1:] == pytest.approx(np.array(expected), abs=1e-5)
        same, different, visualization = np.mean(expected, axis=0)
        assert row[1:4] == pytest.approx((same, different, visualization), abs=1e-5)
        if row.normalised is not None:
            normalised = (visualization - different) / (same - different)
            assert row.normalised == pytest.approx(normalised, abs=1e-4)
        assert row.classes == 3 and row.left_out == 0


def test_a_loader_a_tensor_and_what_a_lab_returns_say_the_same(small_network):
    labels, vis_labels = torch.tensor(PHOTO_LABELS), torch.tensor(VIS_LABELS)
    expected = similarity(small_network, photo_labels=labels)
    loader = DataLoader(TensorDataset(PHOTOS, labels), batch_size=3)
    once = iter([(PHOTOS[:4], labels[:4]), (PHOTOS[4:], labels[4:])])
    photos, vis = Photos(PHOTOS, labels), Photos(VIS, vis_labels)
    for images, own, others in (
        (VIS, vis_labels, loader),
        (VIS, VIS_LABELS, once),
        (vis, np.array(VIS_LABELS), photos),
    ):
        assert_equal(path_similarity(small_network, LAYERS, images, own, others), expected)


@pytest.mark.parametrize("metric", METRICS)
def test_photographs_are_gathered_once_in_batches_of_any_size(small_network, metric):
    runs = []
    small_network.register_forward_hook(lambda _module, inputs, _out: runs.append(len(inputs[0])))
    expected = similarity(small_network, metric=metric)
    for size, batches in {1: [1] * 10, 5: [5, 5], 64: [10]}.items():
        runs.clear()
        paths = gather(small_network, LAYERS, PHOTOS, PHOTO_LABELS, metric, batch_size=size)
        assert runs == [
            2,
            3,
            *[min(2, size)] * 2,
            2,
            3,
            1,
            *batches,
        ]  # copies compared, then learned
        assert_equal(compare(paths, VIS, VIS_LABELS), expected)
    assert compare(paths, 1 - VIS, VIS_LABELS) != compare(paths, VIS, VIS_LABELS)


def test_classes_without_visualizations_count_as_different(small_network):
    vis = {"vis_images": VIS[[0, 1, 3]], "vis_labels": [0, 1, 1]}
    (row,) = similarity(small_network, layers=["stem"], **vis)
    expected = np.array(by_pairs(small_network, "stem", "spearman")[:2])
    assert np.array(row.by_class)[:, 1:] == pytest.approx(expected, abs=1e-5)
    assert row.classes == 2


def test_the_network_is_as_before(small_network):
    small_network.train()
    before = {name: value.clone() for name, value in small_network.state_dict().items()}
    similarity(small_network)
    assert small_network.training
    assert all(torch.equal(before[name], v) for name, v in small_network.state_dict().items())
    assert not any(module._forward_hooks for module in small_network.modules())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("metric", METRICS)
def test_a_gpu_says_the_same(small_network, metric):
    here, there = (similarity(small_network, metric=metric, device=d) for d in (None, "cuda"))
    for a, b in zip(here, there, strict=True):  # the network's own arithmetic differs a little
        assert values_of(a) == pytest.approx(values_of(b), abs=1e-3)


# Ranks


def expected_ranks(values: np.ndarray) -> np.ndarray:
    return scipy.stats.rankdata(values) - (len(values) + 1) / 2


@given(
    stnp.arrays(
        np.float32,
        st.integers(1, 40),
        elements=st.one_of(
            st.sampled_from([0.0, -0.0, 1.0, -1.0, 6.0]),
            st.floats(width=32, allow_nan=False, allow_infinity=False),
        ),
    )
)
def test_ranks_are_scipys(values):
    assert _centred_ranks(values) == pytest.approx(expected_ranks(values), abs=0)
    many = torch.from_numpy(np.stack([values, values[::-1].copy(), np.zeros_like(values)]))
    ranks = centred_ranks(many).numpy()
    assert ranks[0] == pytest.approx(expected_ranks(values), abs=0)
    assert ranks[1] == pytest.approx(expected_ranks(values)[::-1], abs=0)
    assert (ranks[2] == 0).all()


def test_ranks_of_long_answers_with_thousands_of_zeros():
    values = torch.randn(50_000, generator=torch.Generator().manual_seed(0)).clamp(-0.2, 1.5)
    for answer in (values, values.relu(), -values.relu(), values.round(decimals=2)):
        expected = expected_ranks(answer.numpy())
        assert np.array_equal(_centred_ranks(answer.numpy()), expected)
        assert np.array_equal(centred_ranks(answer[None])[0].numpy(), expected)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_an_answer_that_is_not_finite_has_no_ranks(bad):
    values = np.array([0.5, bad, 0.0], dtype=np.float32)
    assert np.isnan(_centred_ranks(values)).all()
    assert torch.isnan(centred_ranks(torch.from_numpy(values)[None])).all()


# Statistics


@given(st.integers(0, 10_000), st.integers(2, 12), st.floats(0.0, 0.5))
def test_normalised_is_none_by_the_rule_and_else_within_its_interval(seed, classes, gap):
    numbers = np.random.default_rng(seed)
    different = numbers.normal(0.2, 0.05, classes)
    same = different + numbers.normal(gap, 0.05, classes)
    visualization = different + numbers.normal(0.1, 0.05, classes)
    value, interval = _normalised(same, different, visualization)
    low, high = student(same - different)
    if low <= 0 <= high or (same - different).mean() < 0.01:
        assert value is None and interval is None
    else:
        assert interval[0] <= value <= interval[1]
        # Fieller's: its ends are the ratios that a paired t test just fails to reject
        for end in interval:
            contrast = visualization - different - end * (same - different)
            t = contrast.mean() / (contrast.std(ddof=1) / math.sqrt(classes))
            assert abs(t) == pytest.approx(scipy.stats.t.ppf(0.975, classes - 1), rel=1e-4)


def test_a_tiny_difference_counts_as_none():
    assert _normalised(np.full(4, 0.309), np.full(4, 0.3), np.full(4, 0.305)) == (None, None)
    value, _ = _normalised(np.full(4, 0.311), np.full(4, 0.3), np.full(4, 0.3055))
    assert value == pytest.approx(0.5)


# Images whose answer has no correlations


class Thresholded(nn.Module):
    """Dark images leave its first layer silent."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        return self.relu(images - 0.1).flatten(1)


@pytest.mark.parametrize("metric", METRICS)
def test_images_without_an_answer_are_left_out_and_counted(metric):
    dark = torch.full((1, 3, 12, 12), 0.05)
    darker = {
        "photo_images": torch.cat([dark, PHOTOS, dark]), "photo_labels": [1, *PHOTO_LABELS, 2],
        "vis_images": torch.cat([VIS, dark]), "vis_labels": [*VIS_LABELS, 0],
    }  # fmt: skip
    (row,), (expected,) = (
        similarity(Thresholded(), layers=["relu"], metric=metric, **given) for given in (darker, {})
    )
    assert values_of(row) == pytest.approx(values_of(expected))
    assert row.left_out == 3 and expected.left_out == 0


def test_a_class_without_any_defined_correlation_is_left_out_of_the_means():
    dark = torch.full((1, 3, 12, 12), 0.05)
    vis = torch.cat([VIS[:2], dark])
    (row,) = similarity(Thresholded(), layers=["relu"], vis_images=vis, vis_labels=[0, 1, 2])
    assert row.classes == 2
    assert math.isnan(row.by_class[2].visualization)
    assert row.same == pytest.approx(np.mean([one.same for one in row.by_class[:2]]))


# Bad input


def check(network, message, **changes):
    with pytest.raises(ValueError, match=message):
        similarity(network, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vis_images": VIS * math.nan}, "vis_images has values from nan"),
        ({"photo_images": PHOTOS * 255}, "photo_images has values from .* in \\[0, 1\\]"),
        ({"vis_labels": [0, 1, 2]}, "vis_labels has 3 labels for 4 images"),
        ({"vis_labels": [0, 1, 2, -1]}, "vis_labels=-1: give a whole number of 0 or more"),
        ({"vis_labels": torch.rand(4)}, "vis_labels is a tensor \\(4,\\) of torch.float32"),
        ({"vis_labels": 3}, "vis_labels is 3: give one whole number for each of 4 images"),
        ({"vis_labels": [0, 1, 2, 7]}, "no photographs of class 7.*classes 0, 1, 2"),
        ({"vis_labels": [1, 1, 1, 1]}, "All visualizations are of class 1"),
        ({"photo_labels": [4] * 10}, "no photographs of class 0"),
        ({"photo_labels": [0, 1, 2] + [0, 2] * 3 + [0]}, "Class 1 has one photograph"),
        ({"photo_labels": None}, "photo_labels is missing"),
        ({"metric": "kendall"}, "metric='kendall': give one of spearman, cosine, pearson"),
        ({"layers": []}, "layers=\\[\\]: give a list of at least one"),
        ({"layers": "stem"}, "layers='stem': give a list"),
        ({"vis_images": images_of_classes(VIS_LABELS, size=16)}, "16 pixels .* photographs 12"),
        ({"photo_images": 3}, "photo_images is a int"),
        ({"photo_images": [(PHOTOS, PHOTO_LABELS)]}, "leave photo_labels out"),
    ],
)
def test_bad_input_is_one_clear_sentence(small_network, changes, message):
    ran = []
    small_network.register_forward_hook(lambda *_: ran.append(1))
    check(small_network, message, **changes)
    assert not ran, "refused before any work"


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([], "The loader gave no photographs"),
        ([PHOTOS], "The loader gave a Tensor"),
        ([(PHOTOS, torch.tensor([1, 2]))], "The loader's labels has 2 labels for 10 images"),
        ([(PHOTOS * 2, PHOTO_LABELS)], "The loader's images has values from"),
        ([(PHOTOS, [0] * 10)], "All photographs are of class 0"),
        ([(PHOTOS, PHOTO_LABELS), (PHOTOS[..., :8, :8], PHOTO_LABELS)], "12 and 8 pixels an edge"),
    ],
)
def test_a_loader_that_cannot_be_used(small_network, batches, message):
    check(small_network, message, photo_images=batches, photo_labels=None)


def test_an_error_closes_the_loader_before_it_arrives(small_network):
    """A loader's workers would live on for as long as a notebook keeps the last error."""
    closed = []

    def loader():
        try:
            yield PHOTOS, PHOTO_LABELS
            yield PHOTOS[..., :8, :8], PHOTO_LABELS
        finally:
            closed.append(True)

    with pytest.raises(ValueError, match="12 and 8 pixels an edge") as kept:
        gather(small_network, ["stem"], loader(), progress=False)
    assert closed and kept.value


@pytest.mark.parametrize("metric", METRICS)
def test_nan_in_a_layer_names_the_layer(small_network, metric):
    with torch.no_grad():
        small_network.stem.bias[2] = math.nan
    check(small_network, "Layer 'stem' gives NaN or infinite values", metric=metric)


@pytest.mark.parametrize("metric", METRICS)
def test_a_layer_that_answers_the_same_for_every_image_is_named(small_network, metric):
    """Once with its biases, once with zeros, which would have no correlations either."""
    message = "Layer 'body.0' answers the same for every image"
    for part in (small_network.body[0].weight, small_network.body[0].bias):
        nn.init.zeros_(part)
        check(small_network, message, metric=metric, layers=["stem", "body.0"])


def test_a_layer_of_one_unit_is_named():
    head = nn.Sequential(nn.Flatten(), nn.Linear(432, 1))
    check(head, "Layer '1' has one and the same value everywhere", layers=["1"])


def test_a_layer_that_does_not_keep_the_images_apart_is_named():
    class Patches(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.unflatten(3, (2, -1)).movedim(3, 1).flatten(0, 1)

    message = "The network returned .* for 2 pictures, which does not tell what belongs to which"
    check(Patches(), message, layers=[None])


def test_answers_in_the_same_order_are_not_the_same_answers():
    """Ranks of few units may be alike for all images; then there is only nothing to tell apart."""

    class Growing(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.mean((1, 2, 3))[:, None] * torch.tensor([[1.0, 2.0, 3.0]])

    (row,) = similarity(Growing(), layers=[None])
    assert row.same == pytest.approx(1) and row.different == pytest.approx(1)
    assert row.normalised is None and row.normalised_interval is None


# Figures


@pytest.fixture
def rows(small_network) -> list[LayerSimilarity]:
    """With a gap at the first layer."""
    first, *others = similarity(small_network)
    first = first._replace(normalised=None, normalised_interval=None, same=0.25)
    return [first] + [r._replace(normalised=0.5, normalised_interval=(0.1, 90.0)) for r in others]


def test_figures_say_what_they_show_and_stay_small(rows):
    raw = similarity_figure(rows, photos="renders")
    assert "renders of a class, 0.25 at stem" in raw.alt
    assert "told apart at all but stem." in raw.alt
    lost = [row._replace(normalised=None, normalised_interval=None) for row in rows]
    panels = {str(i): {"a": rows, "grey": lost, "c": rows} for i in range(4)}
    for picture in (
        normalised_figure({"a": rows, "grey": lost}),
        normalised_panels(panels, styles={"c": Style(3, 1)}),
    ):
        assert "a lowest at body (0.50), 0.50 at output, undefined at stem" in picture.alt
        assert "grey undefined at every layer" in picture.alt
        assert len(picture.data) < 100_000
        with Image.open(io.BytesIO(picture.data)) as pixels:
            assert pixels.format == "PNG" and pixels.width == round(picture.width * 1.5)
            assert len(pixels.convert("RGB").getcolors(512)) > 8


@pytest.fixture
def figures(monkeypatch) -> list[Figure]:
    """The figures that are drawn from here on."""
    figures: list[Figure] = []

    def kept(figure: Figure, alt: str, **options: str) -> Picture:
        figures.append(figure)
        return draw(figure, alt, **options)

    monkeypatch.setattr("course_lib.sanity.plots.draw", kept)
    return figures


def test_a_band_that_goes_on_beyond_the_frame_is_marked(rows, figures):
    tame = [row._replace(normalised_interval=(0.3, 0.7)) for row in rows]
    for curves, bands in (({"a": rows}, None), ({"a": tame}, None), ({"a": rows}, False)):
        normalised_figure(curves, bands=bands)
    cut, whole, bare = (figure.get_supxlabel() for figure in figures)
    assert "▲▼ where one goes on" in cut
    assert "bands: 95 %" in whole and "▲" not in whole
    assert "intervals not drawn" in bare


def test_names_stand_in_the_frame_beside_their_own_curves(rows, figures):
    low = [row._replace(normalised=row.normalised and -1.0) for row in rows]
    normalised_figure({"high": rows, "low": low}, bands=False)
    (axes,) = figures[0].axes
    frame = axes.bbox
    places = {text.get_text(): text for text in axes.texts if text.get_text() in ("high", "low")}
    assert list(places) == ["high", "low"]
    for name, level in (("high", 0.5), ("low", -1.0)):
        box = places[name].get_window_extent()
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1
        middle = axes.transData.inverted().transform(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2))
        assert abs(middle[1] - level) < 0.4


def test_figures_refuse_what_they_cannot_show(rows):
    for figure, shown, message in (
        (normalised_figure, {}, "no curves to show"),
        (normalised_panels, {"one": {"all": rows}, "none": {}}, "no curves to show"),
        (normalised_figure, {"none": []}, r"curves\['none'\] holds no layers"),
        (normalised_figure, {"all": rows, "some": rows[1:]}, "over different layers"),
        (similarity_figure, [], "rows holds no layers"),
    ):
        with pytest.raises(ValueError, match=message):
            figure(shown)
