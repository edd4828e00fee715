"""What an article costs grows with its length, not with the square of it, whatever it is made of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from pipeline.config import load
from pipeline.corpus import document_id, document_row, units
from pipeline.formats.moses import token_links
from pipeline.formats.sentence_links import sentence_links, sides
from pipeline.identification import Identifier
from pipeline.plan import make_plan
from pipeline.records import Document, Span
from pipeline.settings import Settings
from pipeline.translators.protected import without
from pipeline.translators.wholes import MOST_ATOMS, NOTHING, join
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.corpus import TranslationUnit
    from pipeline.plan import OpenPlan

LENGTH = 2_500
"""Characters: long enough that the square shows, short enough for a test."""

STEP = 4
"""How much longer the second article is; the square of it would be 16."""

MOST_GROWTH = 10

PUMPS = ("-", "a-", "a--", "A.", "1-", "a.b-", "中", "🇫🇷", "ﷺ", "щ", "\u0301", "....", "a\n")


@pytest.fixture(scope="module")
def plan() -> Iterator[OpenPlan]:
    """Open all stages with the fake translator."""
    with make_plan(load(ROOT / "configs" / "minimal.yaml", Settings, [])).open() as opened:
        list(opened([document("Слово и дело. Hello.")]))
        yield opened


def document(text: str) -> Document:
    return Document(id=document_id("a.txt", text), uri="a.txt", text=text)


def rows(plan: OpenPlan, text: str) -> tuple[TranslationUnit, ...]:
    (done,) = plan([document(text)])
    document_row(done)
    return units(done, "v:1")


def seconds(plan: OpenPlan, text: str) -> float:
    """Return the processor time of all that a run and its exports do with an article."""
    start = time.process_time()
    for unit in rows(plan, text):
        token_links(unit)
        sentence_links(unit, *sides(unit))
    return time.process_time() - start


@pytest.mark.parametrize("pump", PUMPS)
def test_no_repeated_text_costs_square_time(plan: OpenPlan, pump: str) -> None:
    short, long = ("Слово " + pump * (length // len(pump)) + " конец." for length in (LENGTH, STEP * LENGTH))
    once = max(seconds(plan, short), 0.02)  # below that it is noise

    assert any(seconds(plan, long) < MOST_GROWTH * once for _ in range(3))  # a busy machine may slow one down


def test_dashes_after_a_place_are_read_at_once(plan: OpenPlan) -> None:
    start = time.process_time()
    rows(plan, "Слово " + "-" * 5000)

    assert time.process_time() - start < 5  # it was not done after minutes


def test_words_of_one_long_sign_are_linked_in_order(plan: OpenPlan) -> None:
    (unit,) = rows(plan, "\ufdfa" * 500)
    tokens = len(unit.source.split())
    links = token_links(unit)

    assert tokens > 1000
    assert links[0] == (0, 0)
    assert links[-1] == (tokens - 1, tokens - 1)
    assert len(links) == tokens


def test_a_stretch_of_many_marks_fits_the_memory() -> None:
    text = "..... " + ". " * 20_000
    whole = join(text, [Span(start=0, end=len(text))], [NOTHING])

    assert max(len(one.source) for one in whole.translation.attention) <= MOST_ATOMS
    assert sum(len(one.source) for one in whole.translation.attention) == len(text.split())


def test_blanked_stretches_keep_the_length() -> None:
    assert without("ab#c d#e", [Span(start=2, end=4), Span(start=6, end=8)]) == "ab   d  "


@pytest.mark.parametrize(
    "text",
    [
        "https://a.b/c слово",
        "см. a-b.example.org/x слово",
        "..a.org/x слово",
        "-a.org/x слово",
        "a@b.org слово",
        "@кто слово",
    ],
)
def test_addresses_tell_no_language(text: str) -> None:
    identify = Identifier().identify

    assert identify(text).language == identify("слово").language
