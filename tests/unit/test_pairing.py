from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import pairing
from pipeline.letters import key
from pipeline.pairing import WordPairs, pair_words, word_pairs, write_word_pairs

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {("новый", "new"): 0.6, ("закон", "law"): 0.8, ("суд", "court"): 0.7, ("и", "and"): 0.9, (".", "."): 0.9}


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WordPairs:
    """Return a table of a few Russian words."""
    rows = {(key(one, "ru"), key(other, "en")): (value, value) for (one, other), value in KNOWN.items()}
    write_word_pairs(tmp_path / "ru.npy", rows)
    monkeypatch.setattr(pairing, "FOLDER", tmp_path)
    word_pairs.cache_clear()
    found = word_pairs("ru")
    word_pairs.cache_clear()
    assert found is not None
    return found


def linked(table: WordPairs, source: str, target: str) -> list[tuple[str, str]]:
    sources, targets = source.split(), target.split()
    found = pair_words(table, sources, targets)
    return [(sources[column], targets[row]) for row, column in zip(*np.nonzero(found >= 0.5), strict=True)]


def test_known_pairs_are_linked_in_any_order(table: WordPairs) -> None:
    assert linked(table, "Новый закон и суд .", "The court and the new law .") == [
        ("суд", "court"),
        ("и", "and"),
        ("Новый", "new"),
        ("закон", "law"),
        (".", "."),
    ]


def test_of_two_equal_words_the_one_in_order_is_linked(table: WordPairs) -> None:
    found = pair_words(table, ["закон", "и", "закон"], ["law", "and", "law"])

    assert found.argmax(1).tolist() == [0, 1, 2]


def test_numbers_and_names_need_no_table(table: WordPairs) -> None:
    assert linked(table, "Кравец 12,5", "12.5 Kravets") == [("12,5", "12.5"), ("Кравец", "Kravets")]


def test_what_is_seen_elsewhere_helps_with_unknown_words(table: WordPairs) -> None:
    seen = np.array([[0.0, 0.01], [0.01, 0.0]])

    assert pair_words(table, ["дом", "лес"], ["forest", "house"], seen).argmax(1).tolist() == [1, 0]


def test_a_table_keeps_its_probabilities(table: WordPairs) -> None:
    forward, reverse = table.matches(["закон"], ["law"])

    assert forward[0, 0] == pytest.approx(0.8, rel=0.03)
    assert reverse[0, 0] == pytest.approx(0.8, rel=0.03)


def test_a_language_without_a_table_has_none() -> None:
    assert word_pairs("xx") is None
    assert word_pairs("../ru") is None


@pytest.mark.parametrize("language", ["ru", "ar", "fr"])
def test_the_shipped_tables_are_sorted_and_small(language: str) -> None:
    found = word_pairs(language)
    assert found is not None

    assert (np.diff(found.hashes.astype(np.int64)) >= 0).all()
    assert 20_000 < len(found.hashes) < 100_000


def test_no_words_have_no_pairs(table: WordPairs) -> None:
    assert pair_words(table, [], ["law"]).shape == (1, 0)
    assert pair_words(table, ["закон"], []).shape == (0, 1)


def test_half_a_character_is_a_word_like_any_other(table: WordPairs) -> None:
    assert pair_words(table, ["\ud800", "закон"], ["law", "\udc00"]).argmax(1)[0] == 1


WORDS = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=40)


@given(sources=WORDS, targets=WORDS)
def test_probabilities_of_any_words_are_probabilities(sources: list[str], targets: list[str]) -> None:
    table = word_pairs("ru")
    assert table is not None
    found = pair_words(table, sources, targets)

    assert found.shape == (len(targets), len(sources))
    assert ((found >= 0) & (found <= 1 + 1e-9)).all()
    assert (found == pair_words(table, sources, targets)).all()


def test_long_sentences_do_not_underflow() -> None:
    table = word_pairs("ru")
    assert table is not None
    found = pair_words(table, ["закон", "и", "неведомое"] * 200, ["law", "and", "unheard"] * 200)

    assert np.isfinite(found).all()
    assert (found.max(1) > 0).all()
