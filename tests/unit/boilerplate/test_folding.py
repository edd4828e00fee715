from __future__ import annotations

import pytest

from pipeline.boilerplate.folding import count_words, fold, tokens, tokens_of_lines


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ЧИТАЙТЕ", "читайте"),
        ("ещё", "еще"),
        ("À lire", "a lire"),
        ("İLGİLİ HABER", "ilgili haber"),
        ("IĞDIR", "ığdır"),
        ("إقرأ أيضاً", "اقرا ايضا"),
        ("ص\u200eفحة", "صفحه"),
        ("عربـــي", "عربي"),
        ("ｓｈａｒｅ", "share"),
    ],
)
def test_case_diacritics_and_variants_of_letters_do_not_matter(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_short_i_stays_a_letter_of_its_own() -> None:
    assert fold("комментарий") != fold("комментарии")


def test_characters_of_scripts_without_spaces_are_words() -> None:
    assert tokens("更多新闻 AP") == ["更", "多", "新", "闻", "ap"]


def test_two_characters_without_spaces_count_as_one_word() -> None:
    text = "相关新闻推荐"

    assert count_words(text, tokens(text)) == 3


def test_of_a_very_long_line_only_the_first_words_are_read() -> None:
    text = "word " * 100_000
    (words,) = tokens_of_lines([text])

    assert len(words) < 100
    assert count_words(text, words) >= 100_000


def test_lines_folded_together_have_the_words_that_each_has_alone() -> None:
    lines = ["Straße", "", "Cafe\u0301 № 5", "إقرأ أيضاً", "相关新闻"]

    assert tokens_of_lines(lines) == [tokens(line) for line in lines]
    assert tokens_of_lines([]) == []
