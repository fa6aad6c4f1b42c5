"""Predictions: written down before a result, looked at after it."""

from __future__ import annotations


def compare(prediction: object, measured: float | str | list[str], what: str) -> None:
    """Print what was predicted beside what was measured; nobody is graded.

    Args:
        prediction: the reader's number, word or list of words, or None if none was written down.
        what: what was counted or measured, such as "pictures of 8 recognised".
    """
    shown = _told(measured)
    if prediction is None:
        print(f"Measured: {shown} {what}. (You wrote no prediction.)")
        return
    same = isinstance(prediction, (int, float, str, list)) and prediction == measured
    verdict = "exactly what you predicted" if same else f"you predicted {_told(prediction)}"
    print(f"Measured: {shown} {what}; {verdict}.")


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
