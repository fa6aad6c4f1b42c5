"""The trials of a forced-choice experiment: units, their references, and pairs of images.

After Borowski et al. (ICLR 2021) and Zimmermann et al. (NeurIPS 2021): a participant sees
references for a unit, and two images; which of the two excites the unit more?
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import HasImages, channel_means, record
from course_lib.checks import check_images, check_units, images_of, whole_number
from course_lib.figures import Picture, picture_grid
from course_lib.lessons.lesson_02.exercises.between_quantiles import reference as between_quantiles

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

NO_REFERENCE = "no reference"
CONDITIONS = ("visualizations", "top images", NO_REFERENCE, "fooled")
"""What a participant may be shown: visualizations of the unit as it is, the images that excite it
most, nothing, or visualizations of the same unit in a network that lies."""

HIGH, LOW = (0.75, 1.0), (0.25, 0.6)
"""Between which quantiles of a unit's activations the two images of a pair lie."""


class Questions(NamedTuple):
    """The material of trials, for U units and N images to ask about.

    units: their names, such as "fc 3". images: (N, 3, S, S) in [0, 1]. activations: (N, U), each
    unit's for each image. references: (U, R, 3, S, S), R pictures a unit, by condition.
    """

    units: tuple[str, ...]
    images: Tensor
    activations: Tensor
    references: dict[str, Tensor]


class Trial(NamedTuple):
    """One question: which of two images excites a unit more?

    unit: its name. condition: what is shown. left, right: numbers of the images.
    higher: the side of the image that excites the unit more.
    """

    unit: str
    condition: str
    left: int
    right: int
    higher: Side

    @property
    def key(self) -> str:
        """The name by which a kept answer is found again."""
        return f"{self.unit}, {self.condition}, {self.left}, {self.right}"


def unit_responses(
    network: nn.Module, layer: str | None, units: Sequence[int], images: Tensor | HasImages
) -> Tensor:
    """The responses of units of a layer to images, averaged over positions: (N, len(units)).

    Raises:
        KeyError: unknown layer. IndexError: a unit out of range.
    """
    pooled = channel_means(record(network, [layer], images, channels_first=True)[layer])
    check_units(units, layer, pooled.shape[1])
    return pooled[:, list(units)]


def top_images(activations: Tensor, images: Tensor, count: int) -> Tensor:
    """The images that excite each unit most, (U, count, 3, S, S), the best one first.

    Args:
        activations: (N, U) for these images (N, 3, S, S).

    Raises:
        ValueError: there are fewer images than that.
    """
    _check_activations(activations, len(images))
    if count > len(images):
        raise ValueError(f"{count} top images of {len(images)}: give at least {count} images.")
    return images[activations.topk(count, dim=0).indices.T]


def questions(
    units: Sequence[str],
    images: Tensor | HasImages,
    activations: Tensor,
    references: Mapping[str, Tensor],
) -> Questions:
    """The material of trials, checked; see `Questions`.

    Raises:
        ValueError: a shape that does not fit, NaN, two units of one name, or an unknown condition.
    """
    pool = check_images(images_of(images))
    _check_activations(activations, len(pool))
    if len(set(units)) != len(units) or len(units) != activations.shape[1]:
        raise ValueError(
            f"{len(set(units))} names for {activations.shape[1]} units: give each a name of its "
            "own."
        )
    for condition, pictures in references.items():
        _check_condition(condition)
        if pictures.dim() != 5 or len(pictures) != len(units) or not pictures.shape[1]:
            raise ValueError(
                f"The references for {condition!r} have shape {tuple(pictures.shape)}: give "
                f"(U, R, 3, S, S), at least one picture for each of {len(units)} units."
            )
        check_images(pictures.flatten(0, 1), f"references for {condition!r}")
    return Questions(tuple(units), pool, activations, dict(references))


def join_questions(*several: Questions) -> Questions:
    """One set of questions from several about the same images; references that all of them have.

    Raises:
        ValueError: they are about other images, or have units of one name.
    """
    first = several[0]
    if any(not torch.equal(asked.images, first.images) for asked in several[1:]):
        raise ValueError(
            "These questions are about different images: put together what shares them."
        )
    shared = [c for c in first.references if all(c in asked.references for asked in several)]
    return questions(
        [unit for asked in several for unit in asked.units],
        first.images,
        torch.cat([asked.activations for asked in several], 1),
        {c: torch.cat([asked.references[c] for asked in several]) for c in shared},
    )


def only(asked: Questions, units: Sequence[str]) -> Questions:
    """The questions about some units.

    Raises:
        ValueError: there is no such unit.
    """
    missing = [unit for unit in units if unit not in asked.units]
    if missing:
        raise ValueError(f"There is no unit {missing[0]!r}: there are {', '.join(asked.units)}.")
    rows = [asked.units.index(unit) for unit in units]
    references = {condition: shown[rows] for condition, shown in asked.references.items()}
    return Questions(tuple(units), asked.images, asked.activations[:, rows], references)


def make_trials(
    asked: Questions,
    conditions: Sequence[str],
    *,
    each: int = 1,
    seed: int = 0,
    same_pairs: bool = False,
    high: tuple[float, float] = HIGH,
    low: tuple[float, float] = LOW,
    between: Callable[[Tensor, float, float], Tensor] = between_quantiles,
) -> tuple[Trial, ...]:
    """Trials in a random order, with the better image as often on the left as on the right.

    No image is used twice for one unit, on the same side of a pair.

    Args:
        each: trials for every unit and condition. seed: the same one draws the same trials.
        same_pairs: ask about the same pairs in every condition. For machines, which do not
            remember; people get other pairs in each.
        high, low: the quantiles between which the better and the worse image lie.
        between: the numbers of the images that lie between two quantiles; lesson 02 builds
            `between_quantiles` by hand.

    Raises:
        ValueError: an unknown condition or one without references, quantiles that overlap, too
            few images, or a unit with the same response to the better and the worse images.
    """
    each, seed = whole_number(each, "each", at_least=1), whole_number(seed, "seed", at_least=0)
    for condition in conditions:
        _check_condition(condition)
        if condition not in (NO_REFERENCE, *asked.references):
            raise ValueError(
                f"There are no references for {condition!r}: there are those for "
                f"{', '.join(asked.references) or 'nothing'}."
            )
    if not 0 <= low[0] <= low[1] <= high[0] <= high[1] <= 1:
        raise ValueError(f"low={low}, high={high}: give quantiles from 0 to 1, low below high.")
    generator = torch.Generator().manual_seed(seed)
    count = each if same_pairs else each * len(conditions)
    drawn: dict[str, list[tuple[str, int, int]]] = {condition: [] for condition in conditions}
    for column, unit in enumerate(asked.units):
        values = asked.activations[:, column]
        better = _draw(between(values, *high), count, generator, unit)
        worse = _draw(between(values, *low), count, generator, unit)
        if values[better].min() <= values[worse].max():
            raise ValueError(
                f"Unit {unit} says the same to many images, also to some that a pair should tell "
                "apart: choose another unit."
            )
        pairs = list(zip(better.tolist(), worse.tolist(), strict=True))
        for place, condition in enumerate(conditions):
            mine = pairs if same_pairs else pairs[place * each : (place + 1) * each]
            drawn[condition] += [(unit, *pair) for pair in mine]
    trials = []
    for condition, asked_pairs in drawn.items():
        # in half of them, rounded at random, the better image is left
        mixed = torch.randperm(len(asked_pairs), generator=generator)
        left = mixed % 2 == int(torch.randint(2, (), generator=generator))
        trials += [
            Trial(unit, condition, better, worse, "left")
            if on_left
            else Trial(unit, condition, worse, better, "right")
            for (unit, better, worse), on_left in zip(asked_pairs, left.tolist(), strict=True)
        ]
    return tuple(trials[i] for i in torch.randperm(len(trials), generator=generator).tolist())


def trial_picture(asked: Questions, trial: Trial) -> Picture:
    """The picture of a trial that a participant sees: the references, under them two images."""
    pair = asked.images[[trial.left, trial.right]]
    rows, text = {"which one more?": pair}, "no references"
    if trial.condition != NO_REFERENCE:
        pictures = asked.references[trial.condition][asked.units.index(trial.unit)]
        rows = {"these excite it": pictures, **rows}
        text = f"{len(pictures)} references that excite a unit"
    return picture_grid(
        rows,
        notes={"which one more?": ["left", "right"]},
        width=1.3 + 1.45 * max(2, *(len(pictures) for pictures in rows.values())),
        alt=f"A trial: {text}, and two images, left and right, one of which excites the unit more.",
    )


def _draw(found: Tensor, count: int, generator: torch.Generator, unit: str) -> Tensor:
    if len(found) < count:
        raise ValueError(
            f"Between these quantiles of unit {unit} there are {len(found)} images, and {count} "
            "are needed: give more images, or ask for fewer trials."
        )
    # in order, so that the seed draws the same pairs in whatever order they were found
    return found.sort().values[torch.randperm(len(found), generator=generator)[:count]]


def _check_condition(condition: str) -> None:
    if condition not in CONDITIONS:
        raise ValueError(f"condition={condition!r}: give one of {', '.join(CONDITIONS)}.")


def _check_activations(activations: Tensor, count: int) -> None:
    if activations.dim() != 2 or len(activations) != count:
        raise ValueError(
            f"Activations have shape {tuple(activations.shape)}: give (N, U), a row for each of "
            f"{count} images."
        )
    broken = int((~torch.isfinite(activations)).sum())
    if broken:
        raise ValueError(
            f"{broken} of {activations.numel()} activations are NaN or infinite: check the "
            "network for divisions of zero."
        )
    for column, said in enumerate(activations.T):
        if count < 2 or said.min() == said.max():
            response = float(said[0]) if count else math.nan
            raise ValueError(
                f"Unit number {column} of these says {response:.3g} to every image, so there is "
                "nothing to bet on: choose another."
            )
