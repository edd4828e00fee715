"""Marks are found by the place of an article in the input."""

from __future__ import annotations

import pickle

import pytest

from pipeline.duplicates.marks import PERMUTATIONS, Mark, gather

MARKS = gather(
    [("b.txt", 0, PERMUTATIONS), ("ж#3", 1, PERMUTATIONS // 2), ("a.txt", 0, 96)],
    (("00000000000000ff", "o.txt"), ("00000000000000ee", "p.txt")),
)


@pytest.mark.parametrize(
    ("place", "document_id", "uri", "similarity"),
    [
        ("a.txt", "00000000000000ff", "o.txt", 0.75),
        ("b.txt", "00000000000000ff", "o.txt", 1.0),
        ("ж#3", "00000000000000ee", "p.txt", 0.5),
    ],
)
def test_an_article_has_its_mark(place: str, document_id: str, uri: str, similarity: float) -> None:
    assert MARKS.find(place) == Mark(document_id=document_id, uri=uri, similarity=similarity)


@pytest.mark.parametrize("place", ["c.txt", "", "o.txt"])
def test_another_has_none(place: str) -> None:
    assert MARKS.find(place) is None


def test_marks_are_small_to_send_to_a_worker() -> None:
    marks = gather(((str(number), 0, 100) for number in range(10_000)), (("0", "o.txt"),))

    assert len(marks) == 10_000
    assert len(pickle.dumps(marks)) < 140_000
