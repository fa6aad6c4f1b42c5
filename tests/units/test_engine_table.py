"""What the README says of the engine's speed is what was measured."""

from __future__ import annotations

import json

from tests.benchmarks.engine.table import MEASURED, as_markdown
from tests.conftest import ROOT


def test_the_readme_shows_what_was_measured():
    record = json.loads(MEASURED.read_text(encoding="utf-8"))
    assert as_markdown(record) in (ROOT / "README.md").read_text(encoding="utf-8")
