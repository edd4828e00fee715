from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.boilerplate.decoding import _cheapest, strip


def decide(odds: list[float], characters: list[int], turn: float = 0.0) -> list[bool]:
    nothing = np.zeros(len(odds), dtype=np.bool_)
    return strip(np.array(odds), np.array(characters, dtype=np.float64), nothing, turn)


def test_a_paragraph_needs_more_evidence_than_a_label() -> None:
    assert decide([1.0, 1.0, 3.0], [20, 400, 400]) == [True, False, True]


def test_what_is_spared_needs_more_evidence() -> None:
    odds, characters, spared = np.array([0.5, 0.5, 2.0]), np.full(3, 20.0), np.array([False, True, True])

    assert strip(odds, characters, spared, 0.0) == [True, False, True]


def test_weak_evidence_on_a_page_that_seems_clean_strips_nothing() -> None:
    assert decide([0.5, *[-6.0] * 5], [20, *[900] * 5]) == [False] * 6
    assert decide([0.5, *[6.0] * 3, *[-6.0] * 2], [20, *[900] * 5])[0]


def test_a_doubtful_block_among_stripped_ones_goes_with_them() -> None:
    odds, characters = [3.0, 3.0, -0.5, 3.0], [20] * 4

    assert decide(odds, characters)[2] is False
    assert decide(odds, characters, turn=0.5) == [True] * 4


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=7), st.floats(0, 3))
def test_the_path_is_the_best_of_all(gains: list[float], turn: float) -> None:
    def worth(states: tuple[bool, ...]) -> float:
        turns = sum(one != other for one, other in pairwise(states))
        return sum(gain for gain, state in zip(gains, states, strict=True) if state) - turn * turns

    best = max(map(worth, product((False, True), repeat=len(gains))))

    assert worth(tuple(_cheapest(gains, turn))) == pytest.approx(best)
