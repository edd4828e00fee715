from __future__ import annotations

import re

import numpy as np
import pytest

from pipeline.records import Attention, Span, Translation
from pipeline.translators.repair import english_number, with_numbers


def translation(source: str, target: str, looks: dict[str, str]) -> Translation:
    """Return a translation whose words look at words of the source, as `looks` tells."""
    ours, theirs = words(source), words(target)
    weights = np.zeros((len(theirs), len(ours)), dtype=np.float32)
    for row, (_, word) in enumerate(theirs):
        for column, (_, other) in enumerate(ours):
            weights[row, column] = 0.8 if looks.get(word) == other else 0.0
    attention = Attention(
        source=tuple(span for span, _ in ours), target=tuple(span for span, _ in theirs), weights=weights
    )
    return Translation(text=target, model="m", attention=(attention,))


def words(text: str) -> list[tuple[Span, str]]:
    return [(Span(start=match.start(), end=match.end()), match.group()) for match in re.finditer(r"\S+", text)]


def test_a_wrong_number_becomes_the_one_it_looks_at() -> None:
    source, target = "из 1 234,5 тонн осталось 77", "of 300 tonnes 88 remained"
    found = with_numbers(source, translation(source, target, {"300": "234,5", "88": "77"}))

    assert found is not None
    assert found.text == "of 1,234.5 tonnes 77 remained"
    assert [found.text[span.start : span.end] for span in found.attention[0].target] == [
        "of",
        "1,234.5",
        "tonnes",
        "77",
        "remained",
    ]


@pytest.mark.parametrize(
    ("source", "target", "looks"),
    [
        ("было 77", "there were 77", {"77": "77"}),
        ("было 77", "there were 880", {}),
        ("было", "there were 880", {"880": "было"}),
        ("было 77", "there were", {}),
    ],
)
def test_a_number_that_is_right_or_looks_nowhere_is_left(source: str, target: str, looks: dict[str, str]) -> None:
    assert with_numbers(source, translation(source, target, looks)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1 234,5", "1,234.5"), ("12,5", "12.5"), ("1.234.567", "1,234,567"), ("١٬٢٣٤٫٥", "1,234.5"), ("2014", "2014")],
)
def test_numbers_are_written_the_english_way(text: str, expected: str) -> None:
    assert english_number(text) == expected
