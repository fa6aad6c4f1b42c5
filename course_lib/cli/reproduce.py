"""`course reproduce`: the paper's experiments on its own networks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_lib.cli.lessons import CourseError
from course_lib.labs.imagenet import imagenette
from course_lib.reproduce.cache import NotKeptError, write_whole
from course_lib.reproduce.material import Settings
from course_lib.reproduce.real import real_photos_folder
from course_lib.reproduce.report import as_page, as_text, packed
from course_lib.reproduce.run import Run

PAGE, JSON = "report.html", "report.json"


def reproduce(
    photos: Path | None, to: Path | None, experiments: Sequence[str], **settings: Any
) -> int:
    """Run the experiments, write a page and a JSON file, and print the table.

    Args:
        photos: a folder with a folder a class; by default what the environment variable
            COURSE_PHOTOS names, or else Imagenette, downloaded on first use.
        to: by default "reproduced/" and the network's name. settings: those of `Settings`.

    Returns:
        The exit status: 130 after an interruption, 0 otherwise.

    Raises:
        CourseError: anything that cannot work, in a sentence.
    """
    run: Run | None = None
    try:
        asked = Settings(photos=photos or real_photos_folder() or imagenette(), **settings)
        default = asked.network if asked.weights == "imagenet" else f"{asked.network}-random"
        folder = to or Path("reproduced") / default
        run = Run(asked, folder, experiments)
        findings = run.finish()
        write_whole(folder / PAGE, as_page(findings).encode())
        write_whole(folder / JSON, packed(findings))
    except NotKeptError as error:
        raise CourseError(f"{error} {_how_to_go_on(run, 'make room, then')}") from error
    except (ValueError, KeyError, IndexError, RuntimeError) as error:
        raise CourseError(str(error)) from error
    except KeyboardInterrupt:
        print(f"course: interrupted. {_how_to_go_on(run)}", file=sys.stderr)
        return 130
    print(as_text(findings))
    if findings.found:
        print(f"{findings.computed} parts were computed, {findings.found} were kept from before.")
    print(f"wrote {folder / PAGE} and {folder / JSON}")
    return 0


def _how_to_go_on(run: Run | None, first: str = "") -> str:
    again = f"{first} give the same command again".strip()
    if run is None:
        return f"Nothing was computed yet: {again}."
    cache = run.cache
    return (
        f"{cache.done} of {cache.parts} parts are kept in {cache.folder}: {again}, and it goes on."
    )
