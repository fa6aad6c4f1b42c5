"""The maintainers' commands, which `course` has in a clone; the wheel leaves this package out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course_lib.cli.lessons import CourseError
from course_lib.cli.main import LESSONS, Command, argument, flag, folder, number


def train_again(recipe: str, seed: int, to: Path, attempt: str) -> None:
    """A network of a lab, or the tiny lab's detector, trained and written with its record; a
    CourseError where the photographs to train on are not here, or another lab's network is."""
    from course_lib.labs.tiny.detector import retrain
    from course_lib.maintenance.cifar import train_and_record_cifar
    from course_lib.maintenance.liar import train_and_record_liar
    from course_lib.maintenance.train import train_and_record

    if recipe in ("detector", "liar"):
        made = retrain(to, seed) if recipe == "detector" else train_and_record_liar(seed, to)
        print(f"wrote {made}, with its record beside it")
        return
    name = recipe.removeprefix("cifar-")
    train = train_and_record if name == recipe else train_and_record_cifar
    try:
        path = train(name, seed, to, attempt)
    except ValueError as error:
        raise CourseError(str(error)) from error
    print(f"wrote {path} and its record {path.with_suffix('.json').name}")


def measure_reference_auditor(work: Path, each: int, workers: int) -> None:
    """The reference auditor's results, written."""
    from course_lib.maintenance.audit import measure_auditor

    with _plainly():
        print(f"wrote {measure_auditor(work, each=each, workers=workers)}")


def measure_the_defences(work: Path, each: int, workers: int) -> None:
    """Lesson 09's table of defences, written."""
    from course_lib.maintenance.defences import measure_defences

    with _plainly():
        print(f"wrote {measure_defences(work, each=each, workers=workers)}")


@contextmanager
def _plainly() -> Iterator[None]:
    """Make a CourseError of what a package or a lab refuses."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise CourseError(str(error)) from error


_WORKERS = number("--workers", "processes, of one thread each", default=1)

COMMANDS = {
    "build": Command("build the notebooks from notebooks/source", "maintenance.results:build", (
        LESSONS, flag("--no-run", "only those without outputs"),
    )),
    "train": Command("train a part of a lab again", "maintenance.commands:train_again", (
        argument("recipe",
                 choices=["standard", "robust", "bcos", "lipschitz", "smooth", "detector", "liar",
                          "cifar-standard", "cifar-robust"]),
        argument("--seed", type=int, default=0),
        folder("--to", "folder for the weights", "trained"),
        argument("--attempt", default="retrained", help="what the record says of its origin"),
    )),
    "structures": Command(
        "measure the structures of lesson 07 again, training what is missing",
        "maintenance.structures:measure_all",
        (folder("--work", "folder for what is trained and measured", "trained"),),
    ),
    "audit": Command(
        "measure the reference auditor of suspects on many of them",
        "maintenance.commands:measure_reference_auditor", (
            folder("--work", "folder for what is measured", "audited"),
            number("--each", "suspects of each lie in the test set", default=40), _WORKERS,
        ),
    ),
    "defences": Command(
        "measure lesson 09's defences on liars and honest networks",
        "maintenance.commands:measure_the_defences", (
            folder("--work", "folder for what is trained and measured", "defended"),
            number("--each", "honest networks, and liars of each way", default=20), _WORKERS,
        ),
    ),
    "site": Command("build the web edition, without running anything",
                    "maintenance.site:build_site", (folder("--to", "folder for it", "site"),)),
    "slides": Command("write slides of a lesson as it was built", "maintenance.slides:write_slides",
                      (LESSONS, folder("--to", "folder for them", "slides"))),
    "pictures": Command("draw the kept pictures again", "maintenance.pictures:draw_kept_pictures"),
}  # fmt: skip
