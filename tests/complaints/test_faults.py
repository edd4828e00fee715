"""What becomes of translations that a model gets wrong: each model here has one fault that real ones have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pipeline.records import Flag
from tests.complaints.making import FRENCH, RUSSIAN, Faulty, english

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.corpus import TranslationUnit
    from pipeline.translators.base import Search
    from tests.complaints.making import Maker

    Made = Callable[[type[Faulty], str], TranslationUnit]

HEADLINES = ("Президент страны подписал новый закон о выборах", "Le président du pays signe la nouvelle loi électorale")
BAD = {Flag.REPETITIVE, Flag.COPIED, Flag.LENGTH_MISMATCH, Flag.UNFINISHED, Flag.EMPTY}


class LoopsOnCapitals(Faulty):
    """Runs in a circle when it reads capitals."""

    def write(self, text: str, search: Search | None) -> str:
        return "the " * 40 if text.isupper() else super().write(text, search)


class CopiesCapitals(Faulty):
    """Gives capitals back."""

    def write(self, text: str, search: Search | None) -> str:
        return text if text.isupper() else super().write(text, search)


class CopiesTitles(Faulty):
    """Gives lines back of which each long word begins with a capital."""

    def write(self, text: str, search: Search | None) -> str:
        words = [word for word in text.split() if len(word) > 3]
        return text if all(word[0].isupper() for word in words) else super().write(text, search)


class LoopsUnlessForbidden(Faulty):
    """Writes one word again and again where the search lets it."""

    def write(self, text: str, search: Search | None) -> str:
        free = search is None or (not search.no_repeat_ngram_size and search.repetition_penalty == 1)
        return "president " * 30 if free else super().write(text, search)


class Loops(Faulty):
    """Writes one word again and again whatever one does."""

    def write(self, text: str, search: Search | None) -> str:  # noqa: ARG002 # that is its fault
        return "president " * 30


class Localises(Faulty):
    """Writes prices and times the French way."""

    def write(self, text: str, search: Search | None) -> str:
        return re.sub(r"€(\d+)\.(\d+)", r"\1h\2", super().write(text, search))


class Mangles(Faulty):
    """Translates what looks like words inside addresses, handles, hashtags and placeholders."""

    def write(self, text: str, search: Search | None) -> str:
        words = (re.sub(r"[^\w.,:;!?]+", " ", word) for word in text.split())
        return super().write(" ".join(word for word in words if word.strip()), search)


class Miscounts(Faulty):
    """Writes other numbers."""

    def write(self, text: str, search: Search | None) -> str:
        return re.sub(r"\d+", lambda match: str(int(match.group()) + 7), super().write(text, search))


class ForgetsNumbers(Faulty):
    """Leaves numbers out."""

    def write(self, text: str, search: Search | None) -> str:
        return re.sub(r"\d+ ?", "", super().write(text, search))


@pytest.mark.parametrize("headline", HEADLINES)
@pytest.mark.parametrize("fault", [LoopsOnCapitals, CopiesCapitals])
def test_01_a_headline_in_capitals_is_translated_like_its_twin_in_small_letters(
    made_by: Made, fault: type[Faulty], headline: str
) -> None:
    unit = made_by(fault, f"{headline.upper()}\n")

    assert unit.source_raw == headline.upper()
    assert unit.target.casefold() == english(headline).casefold()
    assert not BAD & set(unit.flags)


@pytest.mark.parametrize("headline", HEADLINES)
def test_02_a_headline_in_title_case_is_translated(made_by: Made, headline: str) -> None:
    title = " ".join(word[0].upper() + word[1:] for word in headline.split())
    unit = made_by(CopiesTitles, f"{title}\n")

    assert unit.source_raw == title
    assert unit.target.casefold() == english(headline).casefold()
    assert not BAD & set(unit.flags)


def test_03_a_loop_is_broken(made_by: Made) -> None:
    unit = made_by(LoopsUnlessForbidden, f"{RUSSIAN}\n")

    assert unit.target == english(RUSSIAN)
    assert Flag.REPETITIVE not in unit.flags


def test_03_a_loop_that_nothing_breaks_is_kept_and_flagged(made_by: Made) -> None:
    unit = made_by(Loops, f"{RUSSIAN}\n")

    assert unit.target.startswith("president president")
    assert Flag.REPETITIVE in unit.flags


def test_15_a_price_comes_out_as_it_is(made_by: Made) -> None:
    unit = made_by(Localises, "Министр сообщил, что билет на концерт теперь стоит €18.10 для всех жителей страны.\n")

    assert "€18.10" in unit.target
    assert "18h10" not in unit.target


PROTECTED = (
    "https://example.org/a_b?c=d#e",
    "www.example.org/news",
    "someone@example.org",
    "@some_one",
    "#Казахстан",
    "{{name}}",
    "%(count)s",
)


@pytest.mark.parametrize("kept", PROTECTED)
def test_24_what_is_no_language_comes_out_as_it_is_and_aligned(made_by: Made, kept: str) -> None:
    unit = made_by(Mangles, f"Министр финансов сообщил об этом {kept} вчера вечером всем жителям страны.\n")
    start, target = unit.source_raw.index(kept), unit.target.find(kept)
    links = [one for one in unit.word_alignment if one.source_start < start + unit.source_start + len(kept)]
    links = [one for one in links if one.source_end > start + unit.source_start]

    assert target >= 0
    assert links
    for one in links:
        assert target <= one.target_start - unit.target_start < one.target_end - unit.target_start <= target + len(kept)


def test_24_entities_are_characters_before_a_model_sees_them(make: Maker, sent: list[str]) -> None:
    make(FRENCH.replace("a annoncé", "n&apos;a pas annoncé &amp;laquo;rien&amp;raquo;&#32;et") + "\n")

    assert sent == [FRENCH.replace("a annoncé", 'n\'a pas annoncé "rien" et')]


def test_25_numbers_that_differ_are_put_right(made_by: Made) -> None:
    unit = made_by(Miscounts, "Министр сообщил, что 125 человек и 4380 машин приехали в город утром.\n")

    assert re.findall(r"\d+", unit.target) == ["125", "4380"]


def test_25_numbers_that_are_lost_are_flagged(made_by: Made) -> None:
    unit = made_by(ForgetsNumbers, "Министр сообщил, что 125 человек и 4380 машин приехали в город утром.\n")

    assert Flag.NUMBER_MISMATCH in unit.flags
