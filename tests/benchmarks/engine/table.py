"""What was measured, as one record, and as the README's table."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).with_name("measured.json")


def ratio(seconds: dict[str, list[float]], name: str, to: str) -> tuple[float, float, float]:
    """The median, least and greatest ratio of two contenders, paired by rounds."""
    pairs = [a / b for a, b in zip(seconds[name], seconds[to], strict=True)]
    return statistics.median(pairs), min(pairs), max(pairs)


def keep(path: Path, part: str, value: Any) -> None:
    """Put one part of the record into its file, in place of the part that was there."""
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps({**record, part: value}, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
