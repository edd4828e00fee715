from __future__ import annotations

from importlib.resources import files

import pytest
import yaml

from pipeline.boilerplate.folding import fold
from pipeline.boilerplate.phrasebook import load_phrasebook

FOLDER = files("pipeline.boilerplate") / "lexicon"
FILES = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".yaml"))
FACTS = {"agencies", "and", "author", "desks", "link", "not_places", "photo", "published", "tags", "updated"}


def content(name: str) -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("name", FILES)
def test_a_lexicon_has_the_words_of_facts_and_leftovers(name: str) -> None:
    assert content(name)["facts"].keys() >= FACTS
    assert content(name)["leftovers"].keys() == {"related", "more", "share", "advertisement"}


@pytest.mark.parametrize("name", FILES)
def test_a_series_of_months_has_all_twelve(name: str) -> None:
    series = {key: len(names) for key, names in content(name)["facts"].items() if key.endswith("_months")}

    assert set(series.values()) <= {12}


def test_no_name_of_a_month_means_two_months() -> None:
    numbers: dict[str, set[int]] = {}
    for name in FILES:
        for key, names in content(name)["facts"].items():
            if key.endswith("_months") and not key.startswith("jalali"):
                for number, month in enumerate(names, start=1):
                    numbers.setdefault(fold(month), set()).add(number)

    assert {month for month, found in numbers.items() if len(found) > 1} == set()


def test_an_opening_in_turkish_capitals_is_found_too() -> None:
    assert "İLGİLİ".lower() in load_phrasebook().openings
