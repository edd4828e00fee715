"""The figures that tests hold: floors of quality, and the highest error rates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_floors(part: str) -> dict[str, Any]:
    """Return what `floors.json` says of `translation`, `boilerplate` or `alignment_error_rate`."""
    floors: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return floors[part]
