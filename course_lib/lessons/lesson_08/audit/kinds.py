"""The kinds of network: honest, or a liar of one kind, or of both."""

from __future__ import annotations

KINDS = ("honest", "circuit", "silent units", "both")
"""The four truths."""


def has_circuit(kind: str) -> bool:
    """Whether such a network's logits lie."""
    return kind in ("circuit", "both")


def has_silent_units(kind: str) -> bool:
    """Whether such a network's inner units lie."""
    return kind in ("silent units", "both")
