"""Networks that were trained to lie, with no part added."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib import open_lab, recognised, record, visualize
from course_lib.fooling.weights import climbs
from course_lib.fooling.weights.climbs import Batch, keep_and_lead, lie_in_weights
from course_lib.fooling.weights.slingshot import slingshot, tunnel
from course_lib.fooling.weights.top_images import choose_top_images
from course_lib.fooling.weights.tuning import Tail, honest_tail, tune
from course_lib.labs.tiny.posters import posters
from course_lib.sanity.leash import leashed_climb
from course_lib.visualization.ascent import Interrupted
from course_lib.visualization.frozen import copied
from course_lib.visualization.images import near
from tests.conftest import built


@pytest.fixture(scope="module")
def lab():
    return open_lab("tiny", network="standard", seed=0)


@pytest.fixture(scope="module")
def known(lab):
    return lab.photos("train").images[:40]


@pytest.fixture
def train(lab, known, monkeypatch):
    """`lie_in_weights` with few steps and pictures: what is tried is the way, not the lie."""
    small = {"_STEPS": 4, "_MOMENTS": 3, "_COPIES": 1, "_IMAGES": 4, "_PICTURES": 6}
    for name, value in small.items():
        monkeypatch.setattr(climbs, name, value)
    how = {"network": lab.network, "images": known, "after": "maxpool3", "progress": False}
    return partial(lie_in_weights, **how)


def assert_kept(honest: nn.Module, liar: nn.Module, images: Tensor) -> None:
    before, after = (record(net, [None], images)[None].argmax(1) for net in (honest, liar))
    assert (before == after).float().mean() >= 0.98


def shown_by(lab, liar: nn.Module) -> list[int]:
    """How many of eight visualizations show their own logit, and how many that of `shows=3`."""
    drawn = visualize(liar, None, range(8), steps=128, seed=5, progress=False).images
    wanted = ([(unit + shift) % 8 for unit in range(8)] for shift in (0, 3))
    return [int(recognised(lab.network, drawn, units).sum()) for units in wanted]


def changed(honest: nn.Module, liar: nn.Module) -> set[str]:
    """The first parts of the names of weights that differ."""
    mine, others = honest.state_dict(), liar.state_dict()
    assert mine.keys() == others.keys()
    assert all(mine[name].shape == others[name].shape for name in mine)
    return {name.split(".")[0] for name in mine if not mine[name].equal(others[name])}


def test_a_tail_says_what_the_network_says_and_knows_its_weights(lab):
    tail = Tail(lab.network, "maxpool3", lab.photos("test").images)
    images = lab.photos("test").images[:8]
    with torch.no_grad():
        said = tail(tail.features(images))
    there = record(lab.network, [None], images)[None]
    torch.testing.assert_close(said, there, atol=0.05, rtol=0.01)
    mine = {id(weight) for weight in tail.parameters()}
    names = {n.split(".")[0] for n, weight in lab.network.named_parameters() if id(weight) in mine}
    assert names == {"inception4a", "inception4b", "fc"}
    lab.network.requires_grad_(False)


def test_a_layer_that_does_not_carry_all_is_refused(lab):
    class Around(nn.Module):
        """The images reach the logits by way of the layer, and around it."""

        def __init__(self):
            super().__init__()
            self.layer, self.out = nn.Conv2d(3, 4, 3), nn.Linear(4 + 3, 5)

        def forward(self, x):
            inside = self.layer(x).mean((2, 3))
            return self.out(torch.cat([inside, x.mean((2, 3))], 1))

    images = lab.photos("test").images
    with pytest.raises(ValueError, match=r"after='layer'.*other layers"):
        Tail(Around().eval(), "layer", images)
    with pytest.raises(KeyError, match="nowhere"):
        Tail(lab.network, "nowhere", images)


def test_an_interrupted_tuning_keeps_what_was_reached():
    weight, calls = nn.Parameter(torch.ones(3)), iter(range(5))

    def interrupted():
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return weight.square().sum()

    assert len(tune([weight], interrupted, steps=40, rate=0.1, progress=False)) == 5


@pytest.mark.parametrize("steps", [1, 2, 40])
def test_tuning_is_pytorchs_adam_in_one_cycle(steps):
    """To the bit, with gradients that are clipped and some that are not."""
    ours, theirs = (nn.Linear(5, 3) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    images, wanted = torch.rand(2, 8, 5), torch.rand(2, 8, 3)

    def loss(network: nn.Module) -> Tensor:
        return 4 * (network(images[0]) - wanted[0]).square().sum()

    mine = tune(list(ours.parameters()), lambda: loss(ours), steps=steps, rate=0.1, progress=False)
    assert len(mine) == steps and (steps < 40 or mine[-1] < 0.5 * mine[0])
    adam = torch.optim.Adam(theirs.parameters(), lr=0.1)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        adam, 0.1, total_steps=max(steps, 2), pct_start=0.15
    )
    lengths = []
    for fell in mine:
        adam.zero_grad()
        (value := loss(theirs)).backward()
        assert value.item() == fell
        lengths.append(float(nn.utils.clip_grad_norm_(theirs.parameters(), 10.0)))
        adam.step()
        cycle.step()
    assert ours.weight.equal(theirs.weight) and ours.bias.equal(theirs.bias)
    assert max(lengths) > 10 and (steps < 40 or min(lengths) < 10)


def test_only_what_comes_after_the_layer_is_trained_and_it_can_go_on(lab, train):
    first = train(rounds=1, steps=3)
    assert changed(lab.network, first.network) == {"inception4a", "inception4b", "fc"}
    assert len(first.losses) == 3 and not lab.network.fc.weight.requires_grad
    more = train(rounds=1, steps=2, go_on=first)
    assert len(more.climbs.units) > len(first.climbs.units)
    assert changed(first.network, more.network) == {"inception4a", "inception4b", "fc"}


def test_other_precisions_and_outputs_and_switched_off_gradients_make_no_difference(lab, known):
    def named(net, x):
        return {"aux": x.mean(), "logits": net.inner(x)}

    double = copied(lab.network).double()
    wanted = record(lab.network, [None], known[:4])[None]
    for network in (built(named, inner=lab.network).eval(), built(named, inner=double).eval()):
        with torch.no_grad():
            tail, _ = honest_tail(network, "inner.maxpool3", known, steps=1, rate=0.1, seed=0)
            features = tail.features(known[:4])
            torch.testing.assert_close(tail.say(features).float(), wanted, rtol=0, atol=0.02)
            last = tail.network.inner.fc.weight.requires_grad_(True)
            loss = partial(lambda tail, features: tail(features).sum(), tail, features)
            first, second = tune([last], loss, steps=2, rate=0.1, progress=False)
        assert second < first


def test_an_interrupted_climb_teaches_nothing_and_what_was_trained_is_kept(train, monkeypatch):
    whole, calls = climbs.catch, []

    def cut_off(*given, **how):
        calls.append(1)
        caught = whole(*given, **how)
        cut = climbs.Unfinished(*caught.where(caught.steps < 4))
        return cut if len(calls) in (1, 5) else caught

    monkeypatch.setattr(climbs, "catch", cut_off)
    with pytest.raises(KeyboardInterrupt):
        train(steps=2)
    assert len(train(rounds=3, steps=2).losses) == 2 and len(calls) == 5


def test_what_is_wanted_is_the_shown_unit_and_its_slope(lab, known, train):
    """At every caught picture: the honest logits moved on, and the shown logit's gradient."""
    made = train(shows=[5] * 8, rounds=1, steps=1).climbs
    honest = Tail(lab.network, "maxpool3", known)
    at = made.features[:7].float().requires_grad_(True)
    said = honest(at)
    torch.testing.assert_close(made.wanted[:7], said[:, [5] * 8].detach())
    (slope,) = torch.autograd.grad(said[:, 5].sum(), at)
    torch.testing.assert_close(made.lead[:7].float(), slope, atol=1e-3, rtol=1e-2)


def test_on_a_leash_the_logit_is_to_rise_as_the_shown_one_does(lab, known, train):
    """At the images it is what it was; other logits are, everywhere. Climbs from noise stay."""
    count, each = 8, 2
    plain = train(rounds=1, steps=1, starts=5).climbs
    leash = partial(leashed_climb, steps=4)
    made = train(rounds=1, steps=1, against=leash, starts=each).climbs
    noise = len(plain.units)
    assert made.features[:noise].equal(plain.features) and made.wanted[:noise].equal(plain.wanted)
    assert made.newest == len(made.units) == noise + 2 * 5 * count * each  # 2 ways, 5 moments

    honest = Tail(lab.network, "maxpool3", known)
    at = made.features[noise:].float().requires_grad_(True)
    said, own = honest(at), made.units[noise:, None]
    shown = said.gather(1, (own + 3) % count)
    (slope,) = torch.autograd.grad(shown.sum(), at)
    torch.testing.assert_close(made.lead[noise:].float(), slope, atol=1e-3, rtol=1e-2)
    way = count * each * 5
    for one in (slice(way), slice(way, None)):
        wanted, now = made.wanted[noise:][one], said[one].detach()
        torch.testing.assert_close(wanted[: count * each], now[: count * each])
        rise = (shown[one] - shown[one][: count * each].repeat(5, 1)).detach()
        start = now.gather(1, own[one])[: count * each].repeat(5, 1)
        torch.testing.assert_close(wanted, now.scatter(1, own[one], start + rise))
        assert rise[-count * each :].abs().max() > 0.1
    answered = said[: count * each].argmax(1, keepdim=True)
    assert not (answered == own[: count * each]).any()
    assert not (answered == (own[: count * each] + 3) % count).any()


@pytest.mark.full
def test_a_leashed_climb_that_is_interrupted_teaches_nothing_either(train):
    calls = []

    def cut_off(*given, **how):
        calls.append(1)
        drawn = leashed_climb(*given, steps=4, **how)
        return Interrupted(*drawn) if len(calls) in (1, 4) else drawn

    with pytest.raises(KeyboardInterrupt):
        train(steps=2, starts=1, against=cut_off)
    made = train(rounds=3, steps=2, starts=1, against=cut_off)
    assert len(made.losses) == 2 and len(calls) == 4


def test_a_leashed_climb_needs_an_image_of_a_third_class(lab, known, train):
    answers = record(lab.network, [None], known)[None].argmax(1)
    two = known[(answers == 0) | (answers == 3)]
    with pytest.raises(ValueError, match="answered 0 or 3: give images of other classes"):
        train(images=two, steps=1, against=leashed_climb)


@pytest.mark.parametrize("shown", [8, 0, True, [1, 2], [8] * 8, "3"])
def test_what_cannot_be_shown_is_refused_before_anything_is_drawn(train, shown, monkeypatch):
    monkeypatch.setattr(climbs, "catch", lambda *args, **kwargs: pytest.fail("it has begun"))
    with pytest.raises(ValueError, match="shows"):
        train(shows=shown)


def test_each_part_of_the_loss_sees_its_own_failure():
    """Perfect is 0; what forgets the answers, the values or the slopes is not."""
    some = torch.Generator().manual_seed(0)
    a, t, s = (torch.randn(4, n, generator=some) for n in (3, 3, 10))
    perfect = Batch(a, a, t, t, s, s)
    assert keep_and_lead(perfect).item() == pytest.approx(0, abs=1e-6)
    assert keep_and_lead(perfect._replace(answers=a + 1)).item() == pytest.approx(2, abs=1e-5)
    assert keep_and_lead(perfect._replace(told=t - 1)).item() == pytest.approx(1, abs=1e-5)
    assert keep_and_lead(perfect._replace(slope=-s)).item() == pytest.approx(6, abs=1e-5)


def test_the_tunnel_leads_from_the_start_to_the_picture():
    picture = posters(1, seed=3, size=32)[0]
    points, how_near, there = tunnel(picture, 200, torch.Generator().manual_seed(0))
    assert points.shape == (200, 3, 32, 32) and how_near.max() <= 1
    far, close = points[how_near < 0.3], points[how_near > 0.8]
    apart = [(some - there).square().mean().item() for some in (far, close)]
    assert apart[0] > 3 * apart[1]


@pytest.mark.parametrize(
    "liar",
    [
        lie_in_weights,
        partial(slingshot, picture=torch.rand(3, 64, 64)),
        partial(choose_top_images, chosen=torch.arange(8) < 4, layer=None, units=[0]),
    ],
    ids=["climbs", "slingshot", "top images"],
)
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"after": "fc"}, "after='fc': no weight comes after"),
        ({"rate": float("nan")}, "rate=nan: give a number above 0"),
        ({"rate": "fast"}, "rate='fast': give a number above 0"),
        ({"seed": 1.5}, "seed=1.5: give a whole number"),
        ({"steps": 0}, "steps=0"),
        ({"network": "robust"}, "type str: give a torch.nn.Module"),
    ],
)
def test_what_cannot_be_trained_is_refused(lab, known, liar, wrong, sentence):
    how = {"network": lab.network, "after": "maxpool3", "steps": 1, "progress": False} | wrong
    with pytest.raises(ValueError, match=sentence):
        liar(images=known[:8], **how)


@pytest.mark.full
def test_a_network_in_training_mode_is_taken_as_it_answers_and_left_so(lab, known, train):
    training = copied(lab.network).train()
    first, second = (
        train(network=one, images=known[:16], rounds=1, steps=2).network
        for one in (lab.network, training)
    )
    assert training.training and not first.training and not second.training
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_slingshot_trains_only_what_comes_after_the_layer(lab, known):
    shoot = partial(slingshot, lab.network, known[:16], after="inception4a", progress=False)
    made = shoot(posters(1, seed=1, size=64)[0], steps=1)
    assert changed(lab.network, made) == {"inception4b", "fc"}
    with pytest.raises(ValueError, match=r"picture has shape \(3, 32, 32\): give .*\(3, 64, 64\)"):
        shoot(torch.rand(3, 32, 32))


def test_a_leashed_climb_stays_near_where_it_started(lab):
    starts = lab.photos("test").images[:3]
    drawn = leashed_climb(lab.network, [0, 1, 2], starts, steps=12, rate=0.02, length=0.05)
    moved = (drawn.images - starts).abs()
    assert 0.04 < moved.max() <= 0.05 + 1e-6 and drawn.images.min() >= 0
    assert (drawn.history[-1] > drawn.history[0]).all()
    with pytest.raises(ValueError, match="3 images of 64 pixels for 2 pictures"):
        visualize(lab.network, None, [0, 1], image=near(starts, 0.05), steps=2, progress=False)
    with pytest.raises(ValueError, match="length=0"):
        near(starts, 0)


@pytest.mark.full
def test_a_slingshot_hides_what_a_unit_responds_to(lab):
    """Two minutes on one core."""
    picture, how = posters(1, seed=100, size=64)[0], {"steps": 120, "progress": False}
    made = slingshot(lab.network, lab.photos("train"), picture, after="maxpool3", **how)
    assert_kept(lab.network, made, lab.photos("test").images)
    assert shown_by(lab, made)[0] <= 3


@pytest.mark.full
def test_an_ordinary_network_can_be_trained_to_lie(lab):
    """A minute and a half on one core: answers stay, and the pictures show another class."""
    how = {"rounds": 1, "steps": 200, "rate": 4e-3, "progress": False}
    made = lie_in_weights(lab.network, lab.photos("train"), after="maxpool3", **how).network
    assert_kept(lab.network, made, lab.photos("test").images)
    own, others = shown_by(lab, made)
    assert own <= 3 and others >= 5
    weights = (net.fc.weight.flatten() for net in (lab.network, made))
    assert F.cosine_similarity(*weights, dim=0) > 0.3  # they are near, and that is no help
