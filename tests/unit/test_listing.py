"""What is held of an input does not grow with it, and is what was listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import listing as listings
from pipeline.formats.readers import ArticleRef
from pipeline.listing import Chosen, Listing
from pipeline.shards import cut

REFS = [
    ArticleRef(uri=f"{number // 100}/{number:04}.txt", path=Path("/in") / f"{number:04}.txt", format="text")
    for number in range(500)
]


def rows(count: int) -> list[ArticleRef]:
    """Return the rows of a file whose name no UTF-8 can write."""
    return [
        ArticleRef(uri=f"x#{row}", path=Path("/in/\udcff.jsonl"), format="jsonl", row=row, offset=row * 9, length=8)
        for row in range(count)
    ]


@given(st.integers(1, 60), st.integers(1, 9))
def test_the_shards_are_those_that_were_cut(count: int, size: int) -> None:
    assert list(Listing(rows(count), size)) == list(cut(rows(count), size))


def test_shards_can_be_asked_for_in_any_order() -> None:
    found = Listing(REFS, 8)
    expected = list(cut(REFS, 8))

    assert [found[place] for place in (7, 0, -1, 3)] == [expected[place] for place in (7, 0, -1, 3)]
    assert list(found[2:5]) == expected[2:5]
    with pytest.raises(IndexError):
        found[len(expected)]


def test_articles_can_be_asked_for_by_their_places() -> None:
    found = Listing(REFS, 8).each(lambda ref: ref.uri)

    assert len(found) == 500
    assert [found[place] for place in (0, 499, 77, 78, -1)] == [REFS[place].uri for place in (0, 499, 77, 78, -1)]
    assert list(found) == [ref.uri for ref in REFS]


def test_some_shards_are_a_sequence_too() -> None:
    found = Listing(REFS, 8)

    assert list(Chosen(found, [4, 1])) == [found[4], found[1]]
    assert not Chosen(found, [])


def test_a_long_list_goes_to_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "HELD_BYTES", 100)
    found = Listing(REFS, 8)

    assert list(found) == list(cut(REFS, 8))
    assert [article for shard in found for article in shard.articles] == REFS
