"""Texts are compared by runs of words, whatever their script."""

from __future__ import annotations

import pytest

from pipeline.duplicates.shingles import find_shingles


def test_shingles_are_the_runs_of_words() -> None:
    assert find_shingles("one two three four five six") == {b"one two three four five", b"two three four five six"}


def test_capitals_punctuation_and_line_breaks_do_not_count() -> None:
    assert find_shingles("«One», TWO\nthree - four: five!") == find_shingles("one two three four five")


def test_numbers_count() -> None:
    assert find_shingles("gold rose to 4012 dollars") != find_shingles("gold rose to 3998 dollars")


@pytest.mark.parametrize("text", ["word", "two words"])
def test_a_short_text_is_one_shingle(text: str) -> None:
    assert find_shingles(text) == {text.encode()}


@pytest.mark.parametrize("text", ["", " \n ", "!?… — «»", "😀"])
def test_a_text_without_words_has_none(text: str) -> None:
    assert find_shingles(text) == set()


@pytest.mark.parametrize("text", ["北京停售十四种不合格食品", "กรุงเทพมหานคร", "ប្រទេសកម្ពុជា"])
def test_where_no_spaces_part_words_letters_are_counted(text: str) -> None:
    assert len(find_shingles(text)) > 1


def test_marks_stay_with_their_letters() -> None:
    assert find_shingles("कि") == {"कि".encode()}
