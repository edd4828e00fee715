"""Sentences end where the hand-made gold sets say."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from pipeline.records import Document
from pipeline.sentences import load_abbreviations, sentence_starts
from pipeline.stages.normalize import NormalizeConfig

if TYPE_CHECKING:
    from pathlib import Path

FLOORS = {"ru": 0.98, "ar": 0.99, "fr": 1.0, "en": 1.0}
"""Boundary F1 on tests/data/sentences, measured; they only go up."""


def normalized(text: str) -> str:
    """Return the text as the normalize stage leaves it."""
    (document,) = NormalizeConfig().build()([Document(id="0", uri="a.txt", text=text)])
    assert document.normalized is not None
    return document.normalized.text


def boundary_f1(path: Path, language: str) -> float:
    """Return the F1 of the places at which sentences begin."""
    found = expected = shared = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        pieces = [normalized(piece.strip()) for piece in line.split("¦")]
        gold = {len(" ".join(pieces[:index])) + 1 for index in range(1, len(pieces))}
        starts = set(sentence_starts(" ".join(pieces), language))
        found, expected, shared = (
            found + len(starts),
            expected + len(gold),
            shared + len(starts & gold),
        )
    return 2 * shared / (found + expected)


@pytest.mark.parametrize("language", FLOORS)
def test_the_gold_set_of_a_language_keeps_its_floor(root: Path, language: str) -> None:
    f1 = boundary_f1(root / "tests" / "data" / "sentences" / f"{language}.txt", language)

    assert f1 >= FLOORS[language]


@pytest.mark.parametrize("language", ["de", "uk", "zh", "und", "tlh", "fa"])
def test_a_language_without_a_list_is_split_all_the_same(language: str) -> None:
    assert sentence_starts("Abc defg. Hij klm.", language) == [10]
    assert load_abbreviations(language).never == frozenset()


def test_a_closing_quote_stays_with_the_sentence_that_it_closes() -> None:
    text = 'He said, "It is over. We won." Then he left.'

    starts = [0, *sentence_starts(text, "en"), len(text)]
    pieces = [text[a:b].strip() for a, b in pairwise(starts)]

    assert pieces == ['He said, "It is over.', 'We won."', "Then he left."]


def test_an_empty_text_has_no_second_sentence() -> None:
    assert sentence_starts("", "en") == []


@pytest.mark.parametrize("language", ["it", "ru"])
def test_a_text_longer_than_the_library_sees_at_once_is_split_to_its_end(language: str) -> None:
    sentence = "Abcde fghij. "

    assert sentence_starts(sentence * 5_000, language) == list(range(13, 65_000, 13))
