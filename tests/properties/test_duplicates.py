"""Which articles are marked depends on the articles alone: not on their order, nor on how they are sketched."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Meta
from pipeline.stages import sketching
from tests.labelled import article
from tests.unit.stages.test_find_duplicates import informed

if TYPE_CHECKING:
    from pipeline.records import Document

BASES = [[f"w{base}x{number}" for number in range(30)] for base in range(3)]


@st.composite
def stories(draw: st.DrawFn) -> list[Document]:
    """Draw a few stories, each posted several times, with words changed, cut or added, and with or without dates."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        words = list(draw(st.sampled_from(BASES)))
        for _ in range(draw(st.integers(0, 3))):
            words[draw(st.integers(0, 29))] = draw(st.sampled_from(["new", "words", "!"]))
        day = draw(st.sampled_from(["", "2024-03-01", "2024-03-02T08:00", "tomorrow"]))
        text = " ".join(words[: draw(st.integers(0, 30))])
        found.append(replace(article(text, f"{number}.txt"), meta=(Meta(name="published", value=day),)))
    return found


def known(documents: list[Document], at_once: int) -> list[str]:
    """Return the marks, by the names of what is marked."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(sketching, "ARTICLES_AT_ONCE", at_once):
        stage = informed(documents, Path(folder))
    return sorted(filter(None, (stage.knowledge([document.uri]) for document in documents)))


@given(documents=stories(), seed=st.integers(0, 9), at_once=st.integers(1, 5))
@settings(max_examples=60)
def test_marks_do_not_depend_on_the_order_nor_on_the_pieces(documents: list[Document], seed: int, at_once: int) -> None:
    shuffled = documents.copy()
    random.Random(seed).shuffle(shuffled)  # noqa: S311 # any order will do

    assert known(documents, 64) == known(shuffled, at_once)


@given(documents=stories())
@settings(max_examples=60)
def test_what_is_repeated_is_itself_kept(documents: list[Document]) -> None:
    marks = [mark.split("\0") for mark in known(documents, 64)]
    ids = {document.uri: document.id for document in documents}

    assert {kept for _, _, kept, _ in marks}.isdisjoint(uri for uri, _, _, _ in marks)
    assert all(ids[kept] == document_id for _, document_id, kept, _ in marks)
