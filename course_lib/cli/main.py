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
    command.set_defaults(command=_test)

    command = commands.add_parser("build", help="build the notebooks from notebooks/source")
    command.add_argument("lessons", nargs="*", help="their numbers; all without")
    command.add_argument("--no-run", action="store_true", help="only those without outputs")
    command.set_defaults(command=_build)

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

    run(find_lessons(options.lessons), options.to)


def _test(options: argparse.Namespace) -> int:
    from course_lib.cli.verify import verify

    return 0 if verify(find_lessons(options.lessons)) else 1


def _build(options: argparse.Namespace) -> None:
    from course_lib.cli.build import build

    build(find_lessons(options.lessons), run=not options.no_run)


def _train(options: argparse.Namespace) -> None:
    from course_lib.cli.train import train_and_record
    from course_lib.labs.tiny.detector import retrain

    if options.recipe == "detector":
        print(f"wrote {retrain(options.to, options.seed)}, with its record beside it")
        return
    path = train_and_record(options.recipe, options.seed, options.to, options.attempt)
    print(f"wrote {path} and its record {path.with_suffix('.json').name}")


def _structures(options: argparse.Namespace) -> None:
    from course_lib.cli.structures import measure_all

    print(f"wrote {measure_all(options.work)}")


def _audit(options: argparse.Namespace) -> None:
    from course_lib.cli.audit import measure_auditor

    try:
        path = measure_auditor(options.work, each=options.each, workers=options.workers)
    except (ValueError, RuntimeError) as error:
        raise CourseError(str(error)) from error
    print(f"wrote {path}")


def _pictures(_options: argparse.Namespace) -> None:
    from course_lib.cli.pictures import draw_kept_pictures

    for path in draw_kept_pictures():
        print(f"wrote {path}")
