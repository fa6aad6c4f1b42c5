"""The commands and their arguments."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.cli.lessons import CourseError

MAINTENANCE = "course_lib.maintenance"
"""The package of what only maintainers run, which a clone has and the wheel has not."""

MAINTAINERS = ("audit", "build", "defences", "pictures", "site", "slides", "structures", "train")
"""The commands that are in it."""

Argument = tuple[tuple[str, ...], dict[str, Any]]


class Command(NamedTuple):
    """What a command is for, the function behind it, and its arguments.

    calls: such as "cli.run:run", in course_lib. It is imported when the command is given, so that
    help comes at once and `course doctor` needs no PyTorch; it gets the arguments by their names,
    and returns the exit status, or None for 0.
    """

    purpose: str
    calls: str
    arguments: tuple[Argument, ...] = ()


def argument(*names: str, **settings: Any) -> Argument:
    """What argparse's `add_argument` takes."""
    return names, settings


def flag(name: str, purpose: str, **settings: Any) -> Argument:
    """An option without a value."""
    return argument(name, action="store_true", help=purpose, **settings)


def folder(name: str, purpose: str, default: str | None = None) -> Argument:
    """A folder or file that is named."""
    return argument(name, type=Path, default=default and Path(default), help=purpose)


def number(name: str, purpose: str, **settings: Any) -> Argument:
    """An option that is a whole number."""
    return argument(name, type=int, help=purpose, **settings)


def repeated(name: str, purpose: str) -> Argument:
    """An option that may be given several times."""
    return argument(name, action="append", default=[], help=purpose)


LESSONS = argument("lessons", nargs="*", help="their numbers; all without")
_TO_UV = "handed on to uv and pip"

COMMANDS = {
    "open": Command("open the lessons in JupyterLab", "cli.open:open_lesson", (
        argument("lesson", nargs="?", help="its number, such as 01"),
        flag("--no-browser", "only print the address"),
    )),
    "run": Command("run a lesson without a browser, write an HTML page", "cli.run:run", (
        LESSONS, folder("--to", "folder for the pages", "pages"),
    )),
    "test": Command("run the lessons under nbval", "cli.verify:verify", (
        LESSONS, flag("--offline", "without a network but loopback (Linux)"),
    )),
    "stamp": Command("make every badge and link lead to a fork", "cli.stamp:stamp_address", (
        argument("address", metavar="OWNER/REPO", help="the fork's address on GitHub"),
    )),
    "doctor": Command("look at this machine: will the lessons run?", "cli.doctor:doctor", (
        argument("folder", nargs="?", type=Path,
                 help="of what others' --json printed, a file each: who is ready?"),
        flag("--json", "print the findings as JSON", dest="as_json"),
    )),
    "solutions": Command(
        "write notebooks with every exercise done", "cli.solutions:write_solutions", (
            LESSONS, folder("--to", "folder for them", "solutions"),
            flag("--run", "with their results, which takes long"),
        ),
    ),
    "class": Command(
        "a page of a class's bets and exercises, from the codes that it sent",
        "cli.class_page:write_class_page", (
            argument("codes", help="a text file, a code a line, or - to read what is piped in"),
            folder("--to", "the page to write", "class.html"),
        ),
    ),
    "collect": Command(
        "mark a class's answers again, each shut in, and write a table", "cli.collect:collect", (
            folder("folder", "with a folder for each person's my_answers"),
            folder("--to", "the table to write", "marks.csv"),
            argument("--seconds", type=float, default=20, help="for an answer; 20 without"),
        ),
    ),
    "workshop": Command(
        "make a folder that installs the course without internet", "cli.workshop.stick:workshop", (
            argument("--to", type=Path, required=True, help="the folder, new or begun before"),
            repeated("--python", "3.11, 3.12 or 3.13"),
            repeated("--platform", "linux, linux-arm64, macos or windows"),
            flag("--real", "with the real network and photographs"),
            repeated("--extra-index-url", _TO_UV), repeated("--find-links", _TO_UV),
            argument("--index-url", help=_TO_UV), flag("--no-index", _TO_UV),
        ),
    ),
    "reproduce": Command(
        "the paper's experiments on its own networks, or in a lab, as a page and a JSON file",
        "cli.reproduce:reproduce", (
            argument("--lab", help="imagenet, cifar or tiny; imagenet without"),
            folder("--photos", "imagenet: a folder with a folder per class; Imagenette without"),
            argument("--network", help="imagenet: mobilenet_v2 (without), googlenet or resnet50; "
                     "cifar and tiny: standard (without) or robust"),
            number("--seed-of-network", "cifar and tiny: 0 without", dest="network_seed"),
            argument("--weights", help="imagenet: imagenet, or random to try it out"),
            folder("--to", "folder for all of it; reproduced/NETWORK without"),
            argument("--experiment", dest="experiments", nargs="+", metavar="NAME", default=[],
                     help="some of pictures, circuit, chosen (not in imagenet), silent, "
                     "similarity and bets; all without"),
            number("--steps", "of each optimization; 96 without, or 256 for cifar and tiny"),
            number("--seed", "0 without"),
            number("--size", "imagenet: of the images; the weights' own without"),
            number("--classes",
                   "imagenet: how many folders' units are drawn, at most; 12 without"),
            number("--measured", "how many held-out photographs, at most; 2000 without, or 2500"),
        ),
    ),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `course` with these arguments; returns the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if words and words[0] in MAINTAINERS and find_spec(MAINTENANCE) is None:
            raise CourseError(
                f"'{words[0]}' is for whoever works on the course, and was not installed with it: "
                "go to a clone of the course and try again."
            )
        options = vars(_parser().parse_args(words))
        return int(_function(options.pop("calls"))(**options) or 0)
    except CourseError as error:
        why = str(error)
    except ModuleNotFoundError as error:
        why = (
            f"The package {error.name} is missing: install the course again, with 'uv sync' or "
            "'pip install -e .'; 'course doctor' tells what else is."
        )
    except OSError as error:
        why = (f"{error.filename}: " if error.filename else "") + (error.strerror or str(error))
    except KeyboardInterrupt:
        print("course: interrupted", file=sys.stderr)
        return 130
    print(f"course: {why}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course", description="The course Don't Trust Your Eyes.")
    added = parser.add_subparsers(required=True, metavar="COMMAND")
    commands = dict(COMMANDS)
    if find_spec(MAINTENANCE):
        commands |= import_module(f"{MAINTENANCE}.commands").COMMANDS
    for name, command in commands.items():
        one = added.add_parser(name, help=command.purpose)
        one.set_defaults(calls=command.calls)
        for names, settings in command.arguments:
            one.add_argument(*names, **settings)
    return parser


def _function(calls: str) -> Any:
    module, _, name = calls.partition(":")
    return getattr(import_module(f"course_lib.{module}"), name)
