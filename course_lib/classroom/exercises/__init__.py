"""Exercises: statement, stub, reference, staged checks, hints and common mistakes of each."""
