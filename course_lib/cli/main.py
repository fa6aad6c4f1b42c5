"""The commands and their arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from course_lib.cli.lessons import CourseError, find_lessons, notebooks_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `course` with these arguments; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options) or 0)
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"course: The package {error.name} is missing: install the course again, with "
            "'uv sync' or 'pip install -e .'; 'course doctor' tells what else is.",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"course: {place}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("course: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course", description="The course Don't Trust Your Eyes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("open", help="open the lessons in JupyterLab")
    command.add_argument("lesson", nargs="?", help="its number, such as 01")
    command.add_argument("--no-browser", action="store_true", help="only print the address")
    command.set_defaults(command=_open)

    command = commands.add_parser("run", help="run a lesson without a browser, write an HTML page")
    command.add_argument("lessons", nargs="*", help="their numbers; all without")
    command.add_argument("--to", type=Path, default=Path("pages"), help="folder for the pages")
    command.set_defaults(command=_run)

    command = commands.add_parser("test", help="run the lessons under nbval")
    command.add_argument("lessons", nargs="*", help="their numbers; all without")
    command.add_argument(
        "--offline", action="store_true", help="without a network but loopback (Linux)"
    )
    command.set_defaults(command=_test)

    command = commands.add_parser("build", help="build the notebooks from notebooks/source")
    command.add_argument("lessons", nargs="*", help="their numbers; all without")
    command.add_argument("--no-run", action="store_true", help="only those without outputs")
    command.set_defaults(command=_build)

    command = commands.add_parser("stamp", help="make every badge and link lead to a fork")
    command.add_argument("address", metavar="OWNER/REPO", help="the fork's address on GitHub")
    command.set_defaults(command=_stamp)

    command = commands.add_parser("train", help="train a part of the tiny lab again")
    command.add_argument(
        "recipe", choices=["standard", "robust", "bcos", "lipschitz", "smooth", "detector"]
    )
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--to", type=Path, default=Path("trained"), help="folder for the weights")
    command.add_argument(
        "--attempt", default="retrained", help="what the record says of its origin"
    )
    command.set_defaults(command=_train)

    command = commands.add_parser(
        "structures", help="measure the structures of lesson 07 again, training what is missing"
    )
    command.add_argument(
        "--work", type=Path, default=Path("trained"), help="folder for what is trained and measured"
    )
    command.set_defaults(command=_structures)

    command = commands.add_parser(
        "audit", help="measure the reference auditor of suspects on many of them"
    )
    command.add_argument(
        "--work", type=Path, default=Path("audited"), help="folder for what is measured"
    )
    command.add_argument(
        "--each", type=int, default=40, help="suspects of each lie in the test set"
    )
    command.add_argument("--workers", type=int, default=1, help="processes, of one thread each")
    command.set_defaults(command=_audit)

    command = commands.add_parser("doctor", help="look at this machine: will the lessons run?")
    command.add_argument("--json", action="store_true", help="print the findings as JSON")
    command.set_defaults(command=_doctor)

    command = commands.add_parser("solutions", help="write notebooks with every exercise done")
    command.add_argument("lessons", nargs="*", help="their numbers; all without")
    command.add_argument("--to", type=Path, default=Path("solutions"), help="folder for them")
    command.add_argument("--run", action="store_true", help="with their results, which takes long")
    command.set_defaults(command=_solutions)

    command = commands.add_parser("class", help="a page of a class's bets, from its result codes")
    command.add_argument("codes", help="a text file, a code a line, or - to read what is piped in")
    command.add_argument("--to", type=Path, default=Path("class.html"), help="the page to write")
    command.set_defaults(command=_class)

    command = commands.add_parser(
        "workshop", help="make a folder that installs the course without internet"
    )
    command.add_argument("--to", type=Path, required=True, help="the folder, new or begun before")
    command.add_argument("--python", action="append", default=[], help="3.11, 3.12 or 3.13")
    command.add_argument(
        "--platform", action="append", default=[], help="linux, linux-arm64, macos or windows"
    )
    command.add_argument(
        "--real", action="store_true", help="with the real network and photographs"
    )
    for name in ("--extra-index-url", "--find-links"):
        command.add_argument(name, action="append", default=[], help="handed on to uv and pip")
    command.add_argument("--index-url", help="handed on to uv and pip")
    command.add_argument("--no-index", action="store_true", help="handed on to uv and pip")
    command.set_defaults(command=_workshop)

    command = commands.add_parser(
        "reproduce", help="the paper's experiments on its own networks, as a page and a JSON file"
    )
    command.add_argument(
        "--photos", type=Path, help="a folder with a folder per class; Imagenette without"
    )
    command.add_argument(
        "--network", default="mobilenet_v2", help="mobilenet_v2, googlenet or resnet50"
    )
    command.add_argument("--weights", default="imagenet", help="imagenet, or random to try it out")
    command.add_argument("--to", type=Path, help="folder for all of it; reproduced/NETWORK without")
    command.add_argument(
        "--experiment", nargs="+", default=[], metavar="NAME",
        help="some of pictures, circuit, silent, similarity and bets; all without",
    )  # fmt: skip
    command.add_argument("--steps", type=int, default=96, help="of each optimization")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--size", type=int, help="of the images; the weights' own without")
    command.add_argument(
        "--classes", type=int, default=12, help="how many folders' units are drawn, at most"
    )
    command.add_argument(
        "--measured", type=int, default=2000, help="how many held-out photographs, at most"
    )
    command.set_defaults(command=_reproduce)

    command = commands.add_parser("pictures", help="draw the kept pictures again")
    command.set_defaults(command=_pictures)
    return parser


def _open(options: argparse.Namespace) -> int:
    from course_lib.cli.open import open_page

    folder = notebooks_folder()
    lesson = find_lessons([options.lesson] if options.lesson else [])[0]
    if not lesson.learn.exists():
        raise CourseError(f"{lesson.learn} is not built yet: run 'course build {lesson.number}'.")
    # rooted one level up, so that the course's other files can be seen too
    root = folder.parent
    page = lesson.learn.relative_to(root).as_posix()
    return open_page(root, page, with_browser=not options.no_browser)


def _run(options: argparse.Namespace) -> None:
    from course_lib.cli.run import run

    run(find_lessons(options.lessons, source_only=True), options.to)


def _test(options: argparse.Namespace) -> int:
    from course_lib.cli.verify import verify

    lessons = find_lessons(options.lessons, source_only=True)
    return 0 if verify(lessons, without_network=options.offline) else 1


def _build(options: argparse.Namespace) -> None:
    from course_lib.maintenance.build import build

    build(find_lessons(options.lessons), run=not options.no_run)


def _stamp(options: argparse.Namespace) -> None:
    from course_lib.cli.stamp import stamp

    stamp(options.address)


def _train(options: argparse.Namespace) -> None:
    from course_lib.labs.tiny.detector import retrain
    from course_lib.maintenance.train import train_and_record

    if options.recipe == "detector":
        print(f"wrote {retrain(options.to, options.seed)}, with its record beside it")
        return
    path = train_and_record(options.recipe, options.seed, options.to, options.attempt)
    print(f"wrote {path} and its record {path.with_suffix('.json').name}")


def _structures(options: argparse.Namespace) -> None:
    from course_lib.maintenance.structures import measure_all

    print(f"wrote {measure_all(options.work)}")


def _audit(options: argparse.Namespace) -> None:
    from course_lib.maintenance.audit import measure_auditor

    try:
        path = measure_auditor(options.work, each=options.each, workers=options.workers)
    except (ValueError, RuntimeError) as error:
        raise CourseError(str(error)) from error
    print(f"wrote {path}")


def _workshop(options: argparse.Namespace) -> None:
    from course_lib.cli.workshop import Sources, make_stick, real_material, targets_of

    links = tuple(options.find_links)
    sources = Sources(options.index_url, tuple(options.extra_index_url), links, options.no_index)
    targets = targets_of(options.platform, options.python)
    weights, photos = real_material() if options.real else (None, None)
    project = notebooks_folder().parent
    made = make_stick(options.to, project, targets, sources, weights=weights, photos=photos)
    print(f"{options.to} is complete, for {', '.join(made)}")


def _reproduce(options: argparse.Namespace) -> int:
    from course_lib.cli.reproduce import reproduce

    return reproduce(
        options.photos, options.to, options.experiment, network=options.network,
        weights=options.weights, steps=options.steps, seed=options.seed, size=options.size,
        classes=options.classes, measured=options.measured,
    )  # fmt: skip


def _pictures(_options: argparse.Namespace) -> None:
    from course_lib.maintenance.pictures import draw_kept_pictures

    for path in draw_kept_pictures():
        print(f"wrote {path}")


def _doctor(options: argparse.Namespace) -> int:
    from course_lib.cli.doctor import doctor

    return 0 if doctor(as_json=options.json) else 1


def _solutions(options: argparse.Namespace) -> None:
    from course_lib.cli.solutions import write_solutions

    write_solutions(find_lessons(options.lessons), options.to, run=options.run)


def _class(options: argparse.Namespace) -> None:
    from course_lib.cli.class_page import write_class_page

    write_class_page(options.codes, options.to)
