"""The labelled pages of held sites, which no rule was written from and no weight was learned from, against floors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.boilerplate.evaluate import judged_pages
from models.boilerplate.pages import USUAL
from models.boilerplate.score import score
from tests.models.floors import read_floors

if TYPE_CHECKING:
    from pathlib import Path

    from models.boilerplate.evaluate import Judged

pytestmark = pytest.mark.models

FLOORS: dict[str, dict[str, float]] = read_floors("boilerplate")
"""By set: F1 of boilerplate, F1 of body and characters of body kept, in percent; and those that clean articles keep."""


@pytest.fixture(scope="module")
def judged(shared: Path) -> Judged:
    return judged_pages(shared / "boilerplate" / "open", "both")


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_no_figure_of_a_held_set_falls(judged: Judged, name: str) -> None:
    pages = score([pair for variant in USUAL for pair in judged[name, variant]])
    alone = score(judged[name, "clean"])
    found = {"boilerplate": pages.boilerplate, "body": pages.body, "kept": pages.kept, "clean": alone.kept}

    assert [figure for figure, floor in FLOORS[name].items() if found[figure] < floor] == []
