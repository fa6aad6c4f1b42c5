"""Predictions: written down before a result, looked at after it."""

from __future__ import annotations


def compare(prediction: object, measured: float | str, what: str) -> None:
    """Print what was predicted beside what was measured; nobody is graded.

    Args:
        prediction: the reader's number or word, or None if none was written down.
        what: what was counted or measured, such as "pictures of 8 recognised".
    """
    shown = measured if isinstance(measured, str) else f"{measured:g}"
    if prediction is None:
        print(f"Measured: {shown} {what}. (You wrote no prediction.)")
        return
    same = isinstance(prediction, (int, float, str)) and prediction == measured
    verdict = "exactly what you predicted" if same else f"you predicted {prediction}"
    print(f"Measured: {shown} {what}; {verdict}.")
