"""Measured numbers as the package keeps them: JSON, compressed, so that it stays small."""

from __future__ import annotations

import bz2
import json
from typing import Any


def pack(value: Any) -> bytes:
    """JSON without a needless blank, compressed; the same value gives the same bytes.

    Raises:
        ValueError: a number that JSON does not know, such as NaN.
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return bz2.compress(text.encode("utf-8"))


def unpack(data: bytes) -> Any:
    """What `pack` was given.

    Raises:
        OSError or ValueError: the data is damaged.
    """
    return json.loads(bz2.decompress(data))
