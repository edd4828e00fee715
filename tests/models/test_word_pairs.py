"""How the tables of word pairs are learned from linked sentences."""

from __future__ import annotations

import pytest

from models.train.word_pairs import table
from tests.models.gold import links_of


def test_a_table_has_the_shares_of_linked_words() -> None:
    sentences = [(["новый", "закон"], ["new", "law"])] * 4 + [(["старый", "закон"], ["old", "act"])]
    links = [links_of("0-0 1-1")] * 5
    found = table(sentences, links, "ru")

    assert found["закон", "law"] == pytest.approx((3.5 / 5, 3.5 / 4))
    assert found["старый", "old"] == pytest.approx((0.5, 0.5))
    assert ("закон", "act") not in found
