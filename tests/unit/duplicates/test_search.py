"""What resembles an earlier article is found, whatever the order; what resembles a copy only is not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.duplicates import search
from pipeline.duplicates.marks import PERMUTATIONS
from pipeline.duplicates.search import FOUND, bands_and_rows, find_twins
from pipeline.duplicates.sketches import RECORD, UNDATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RANDOM = np.random.default_rng(1)
BASE = RANDOM.integers(0, 2**32, PERMUTATIONS, np.uint32)


def record(
    number: int, signature: NDArray[np.uint32], *, text: int | None = None, date: int = UNDATED
) -> NDArray[np.void]:
    """Return a sketch; `number` is its id and, unless `text` says otherwise, its text."""
    one = np.zeros((), RECORD)
    one["id"], one["date"], one["signature"], one["words"] = number, date, signature, True
    one["text"] = f"t{number if text is None else text}".encode()
    return one


def changed(values: int, seed: int = 1, base: NDArray[np.uint32] = BASE) -> NDArray[np.uint32]:
    """Return a signature that shares all but so many values with another."""
    generator = np.random.default_rng(seed)
    signature = base.copy()
    places = generator.permutation(PERMUTATIONS)[:values]
    signature[places] = generator.integers(0, 2**32, values, np.uint32)
    return signature


def found(records: Sequence[NDArray[np.void]], threshold: float = 0.7) -> dict[int, tuple[int, int]]:
    """Return the ids of what has an earlier twin, with the twin's and the values shared."""
    table = np.array(records, RECORD)
    twins = find_twins(table, threshold)
    ids = table["id"]
    return {
        int(ids[row]): (int(ids[kept]), int(shared))
        for row, kept, shared in zip(twins.rows, twins.kept, twins.shared, strict=True)
    }


def test_the_one_with_the_smaller_id_is_kept() -> None:
    assert found([record(9, BASE), record(2, changed(20)), record(5, changed(100, 2))]) == {9: (2, 108)}


def test_the_one_that_was_published_first_is_kept() -> None:
    records = [record(1, BASE), record(2, BASE, date=20240302), record(3, changed(10), date=20240301)]

    assert found(records) == {1: (3, 118), 2: (3, 118)}


def test_equal_texts_are_twins_without_any_signature() -> None:
    records = [record(number, np.zeros(PERMUTATIONS, np.uint32), text=7) for number in (3, 1, 2)]
    for one in records:
        one["words"] = False

    assert found(records) == {2: (1, PERMUTATIONS), 3: (1, PERMUTATIONS)}


def test_copies_of_a_near_duplicate_point_at_what_is_kept() -> None:
    records = [record(1, BASE), record(2, changed(30), text=5), record(3, changed(30), text=5)]

    assert found(records) == {2: (1, 98), 3: (1, 98)}


def test_what_has_nothing_to_compare_is_no_twin() -> None:
    records = [np.zeros((), RECORD), np.zeros((), RECORD)]

    assert found(records) == {}


def test_a_chain_of_small_changes_does_not_lead_to_another_story() -> None:
    second = changed(30, 2)
    third = changed(30, 3, second)

    assert found([record(1, BASE), record(2, second), record(3, third)]) == {2: (1, 98)}


def test_an_article_joins_the_one_that_it_resembles_most() -> None:
    first, second = changed(38, 2), changed(38, 3)

    assert found([record(1, first), record(2, second), record(3, BASE)], threshold=0.7)[3][0] in {1, 2}
    assert found([record(1, changed(30)), record(2, changed(125, 9)), record(3, changed(120, 9))])[3][0] == 2


def test_the_order_of_the_input_does_not_matter() -> None:
    generator = random.Random(3)  # noqa: S311 # the same order every time
    records = [
        record(number, changed(generator.randrange(60), generator.randrange(9)), date=20240301 + number % 3)
        for number in range(60)
    ]
    expected = found(records)
    for _ in range(5):
        generator.shuffle(records)

        assert found(records) == expected
    assert expected


def test_a_crowded_bucket_is_searched_as_far_as_its_first_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_KEPT", 2)
    alike = [record(number, changed(60, number)) for number in range(1, 30)]

    assert set(found([*alike, record(99, changed(60, 1), text=1)])) >= {99}


def test_an_article_that_comes_changes_the_marks_of_its_twins_only() -> None:
    others = [
        record(10 * number, changed(20, number, RANDOM.integers(0, 2**32, PERMUTATIONS, np.uint32)))
        for number in range(1, 20)
    ]
    pairs = [record(10 * number + 1, changed(9, number, one["signature"])) for number, one in enumerate(others, 1)]
    before = found([*others, *pairs])
    after = found([*others, *pairs, record(3, others[4]["signature"])])

    assert {key for key in before | after if before.get(key) != after.get(key)} == {50, 51}


def test_nothing_is_found_among_nothing() -> None:
    assert found([]) == {}


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.9, 1.0])
def test_bands_find_what_is_as_alike_as_the_threshold(threshold: float) -> None:
    bands, rows = bands_and_rows(threshold)

    assert bands * rows <= PERMUTATIONS
    assert 1 - (1 - threshold**rows) ** bands >= FOUND
