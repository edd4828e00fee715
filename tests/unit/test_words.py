from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.words import find_words


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "L'homme d’aujourd'hui, dit-il.", ["L'", "homme", "d’", "aujourd'hui", ",", "dit", "-il", "."]),
        ("fr", "Y a-t-elle un week-end ?", ["Y", "a", "-t-elle", "un", "week-end", "?"]),
        ("ru", "Касым-Жомарт, т.е. 10 000 руб.", ["Касым-Жомарт", ",", "т.е.", "10 000", "руб", "."]),
        ("ru", "06.01.2022 в 09:03", ["06.01.2022", "в", "09:03"]),
        ("ar", "وَقَالَ: «قاسم»، ٢٠٢٢؟", ["وَقَالَ", ":", "«", "قاسم", "»", "،", "٢٠٢٢", "؟"]),
        (
            "en",
            "Don't go to U.S. https://a.b/c?d @me ...",
            ["Don't", "go", "to", "U.S.", "https://a.b/c?d", "@me", "..."],
        ),
        ("hi", "हिन्दी में", ["हिन्दी", "में"]),
        (None, "5th $1,234.50", ["5th", "$", "1,234.50"]),
    ],
)
def test_words_numbers_and_signs_are_told_apart(language: str | None, text: str, expected: list[str]) -> None:
    assert [text[word.span.start : word.span.end] for word in find_words(text, language)] == expected


@given(st.text(max_size=80), st.sampled_from(["fr", "en", "ar", None]))
def test_words_cover_all_that_is_no_white_space(text: str, language: str | None) -> None:
    words = find_words(text, language)
    covered = {place for word in words for place in range(word.span.start, word.span.end)}

    assert all(place in covered for place, character in enumerate(text) if not character.isspace())
    assert all(one.span.end <= other.span.start for one, other in itertools.pairwise(words))
