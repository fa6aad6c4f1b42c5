"""The command `course`."""

from course_lib.cli.main import main

__all__ = ["main"]
