from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.translators.casing import is_all_caps, is_title_case, restore

if TYPE_CHECKING:
    from collections.abc import Sequence

KNOWN = {"президент", "Путин", "США", "подписал", "закон", "le", "président", "loi", "signe", "la", "Paris"}


class Vocabulary:
    """Counts one piece for a word that it knows, and one a letter for others."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [1 if text in KNOWN else len(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["ПРЕЗИДЕНТ ПОДПИСАЛ ЗАКОН", "LE PRÉSIDENT SIGNE LA LOI, DIT-IL", "ГЛАВНАЯ НОВОСТИ СПОРТ"]
)
def test_lines_in_capitals_are_seen(text: str) -> None:
    assert is_all_caps(text)


@pytest.mark.parametrize(
    "text", ["США", "РИА НОВОСТИ", "МИД РФ и США", "أعلن رئيس BBC CNN NATO WHO UNESCO", "1 2 3", ""]
)
def test_acronyms_names_and_other_scripts_are_no_lines_in_capitals(text: str) -> None:
    assert not is_all_caps(text)


@pytest.mark.parametrize(
    "text", ["Президент Страны Подписал Закон о Бюджете", "Le Président Signe Enfin la Grande Loi"]
)
def test_lines_in_title_case_are_seen(text: str) -> None:
    assert is_title_case(text)


@pytest.mark.parametrize(
    "text",
    [
        "Владимир Путин, Дмитрий Медведев, Сергей Лавров",
        "Президент подписал закон о бюджете",
        "Paris Match",
        "Он и Она",
    ],
)
def test_names_and_sentences_are_no_title_case(text: str) -> None:
    assert not is_title_case(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ПРЕЗИДЕНТ США ПУТИН ПОДПИСАЛ ЗАКОН", "Президент США Путин подписал закон"),
        ("ПУТИН: «ЗАКОН»", "Путин: «закон»"),
        ("ПУТИН ПОДПИСАЛ ЗАКОН, СМ. @LE_PARIS", "Путин подписал закон, см. @LE_PARIS"),
        ("LE PRÉSIDENT. LA LOI", "Le président. La loi"),
        ("Le Président Signe La Loi À Paris", "Le président signe la loi à Paris"),
    ],
)
def test_each_word_gets_the_capitals_that_the_vocabulary_knows(text: str, expected: str) -> None:
    assert restore([text], Vocabulary()) == [expected]  # type: ignore[arg-type] # enough of a translator


@pytest.mark.parametrize("text", ["İSTANBUL ĞÜŞ", "STRAẞE ŉA", "ǅUNGLA"])
def test_no_text_changes_its_length(text: str) -> None:
    assert [len(one) for one in restore([text], Vocabulary())] == [len(text)]  # type: ignore[arg-type] # enough of one
