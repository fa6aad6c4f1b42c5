"""The liar that chooses a unit's top images: what new images show, what stays, what is refused."""

import pytest
import torch

from course_lib.activations import channel_means, record
from course_lib.fooling.weights.top_images import choose_top_images
from course_lib.labs import open_lab

RED = torch.arange(96) % 2 == 0
UNITS = (3, 6)  # of the small network's body: one has red images on top, one green ones
SMALL = {"layer": "body", "units": UNITS, "after": "relu", "progress": False}


def coloured(seed):
    """(96, 3, 8, 8), red and green images in turn."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(96, 3, 8, 8, generator=generator) * 0.2
    amounts = 0.3 + 0.4 * torch.rand(96, 1, 1, generator=generator)
    images[torch.arange(96), 1 - RED.int()] += amounts
    return images


@pytest.fixture
def network(small_network):
    """One that answers 0 to red images and 4 to green ones, mostly."""
    fc, before = small_network.fc, record(small_network, [None], coloured(0))[None].mean(0)
    with torch.no_grad():
        fc.bias.copy_(10 * (fc.bias - before) - torch.tensor([0, 1, 1, 1, 0]))
        fc.weight *= 10
    return small_network


def chosen_on_top(network, layer, units, images, chosen, count=9):
    """How many of each unit's top images are of those chosen."""
    said = channel_means(record(network, [layer], images, channels_first=True)[layer])[:, units]
    return [int(mine[said[:, i].topk(count).indices].sum()) for i, mine in enumerate(chosen.T)]


def answers(network, images):
    return record(network, [None], images)[None].argmax(1)


def test_chosen_kinds_are_on_top_among_new_images_and_answers_stay(network):
    new, chosen = coloured(1), torch.stack([~RED, RED], 1)
    assert chosen_on_top(network, "body", UNITS, new, chosen) == [0, 0]
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    made = choose_top_images(network, coloured(0), chosen, steps=60, rate=5e-2, **SMALL)
    assert min(chosen_on_top(made.network, "body", UNITS, new, chosen)) >= 8
    before = answers(network, new)
    assert len(before.unique()) > 1
    assert (answers(made.network, new) == before).sum() >= 94
    assert len(made.losses) == 60 and made.losses[-1] < 0.5 * made.losses[0]
    # no part is added, what lies before is as it was, and so is the honest network
    shapes = [{n: v.shape for n, v in w.items()} for w in (made.network.state_dict(), weights)]
    assert shapes[0] == shapes[1]
    assert torch.equal(made.network.stem.weight, weights["stem.weight"])
    assert all(torch.equal(network.state_dict()[name], value) for name, value in weights.items())


def test_the_same_seed_draws_the_same_images(network):
    first, again, other = (
        choose_top_images(network, coloured(0), RED, steps=2, seed=seed, **SMALL).losses
        for seed in (0, 0, 1)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"chosen": RED[:5]}, ValueError, "chosen is .5,., torch.bool: give .96,. or .96, 2."),
        ({"chosen": RED.int()}, ValueError, "torch.int32"),
        ({"chosen": [True, False]}, ValueError, "chosen is list"),
        ({"chosen": RED | True}, ValueError, "or every one"),
        ({"chosen": torch.stack([RED, RED & False], 1)}, ValueError, "no image for a unit"),
        ({"units": [3, 8]}, IndexError, "8"),
        ({"units": 0}, ValueError, "Unit 0 of layer 'body' says the same"),
        ({"layer": "stem"}, ValueError, "layer='stem' is not computed from after='relu'"),
        ({"layer": "relu"}, ValueError, "layer='relu' is not computed from"),
        ({"layer": "bodi"}, KeyError, "body"),
    ],
)
def test_what_cannot_work_is_refused(network, given, error, says):
    arguments = {"chosen": RED, **SMALL, **given}
    with pytest.raises(error, match=says):
        choose_top_images(network, coloured(0), arguments.pop("chosen"), **arguments)


@pytest.mark.full
def test_rings_that_show_spirals_in_the_tiny_lab():
    """A logit of a trained network has top renders of another class, and answers stay."""
    lab = open_lab("tiny")
    known, new = lab.photos(), lab.photos("test")
    made = choose_top_images(
        lab.network, known, known.labels == 7, layer=None, units=3, after="inception4a",
        steps=200, progress=False,
    )  # fmt: skip
    spirals = (new.labels == 7)[:, None]
    assert chosen_on_top(lab.network, None, [3], new.images, spirals) == [0]
    assert chosen_on_top(made.network, None, [3], new.images, spirals)[0] >= 8
    same = answers(made.network, new.images) == answers(lab.network, new.images)
    assert same.sum() >= 0.99 * len(same)
