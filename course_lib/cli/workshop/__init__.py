"""`course workshop`: a folder from which a machine without internet installs the course."""

from course_lib.cli.workshop.stick import Sources, make_stick, own_target, real_material, targets_of

__all__ = ["Sources", "make_stick", "own_target", "real_material", "targets_of"]
