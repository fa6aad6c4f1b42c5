"""The real network under its first address, for scripts from outside."""

from course_lib.reproduce.real import real_lab as real_lab
