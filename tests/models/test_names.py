"""What CLDR gives to train on: names, dates and amounts that say the same in two languages."""

from __future__ import annotations

import re

import pytest

from models.train.names import names
from models.train.recipe import Names

SETTINGS = Names(locales={"ru": ("ru_RU",), "ar": ("ar_EG", "ar_TN"), "fr": ("fr_FR",)}, examples=50)
KNOWN = {
    "ru": {("Франция", "France"), ("июль", "July"), ("арабский", "Arabic")},
    "ar": {("فرنسا", "France"), ("يوليو", "July"), ("جويلية", "July"), ("الروسية", "Russian")},
    "fr": {("Russie", "Russia"), ("juillet", "July"), ("arabe", "Arabic")},
}


@pytest.mark.parametrize("language", KNOWN)
def test_names_of_countries_months_and_languages_are_given(language: str) -> None:
    pairs = set(names(SETTINGS, language, seed=1))

    assert KNOWN[language] <= pairs


@pytest.mark.parametrize("language", KNOWN)
def test_the_years_of_dates_agree(language: str) -> None:
    years = [
        (re.findall(r"\b(?:19|20)\d\d\b", text), re.findall(r"\b(?:19|20)\d\d\b", english))
        for text, english in names(SETTINGS, language, seed=1)
        if re.search(r"\b[A-Z][a-z]+ (?:\d+, )?(?:19|20)\d\d\b", english)
    ]

    assert len(years) > SETTINGS.examples
    assert all(own == english for own, english in years)


def test_the_seed_decides_the_examples() -> None:
    first, again, other = (list(names(SETTINGS, "fr", seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other
