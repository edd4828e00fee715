"""Sentences of a unit's two sides are linked m to n, in order, each exactly once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import given, settings

from pipeline.corpus import AlignedWords, TranslationUnit, units
from pipeline.formats import xces
from pipeline.formats.sentence_links import SentenceLink, sentence_links, sides
from tests.corpora import SHARD, SIGNATURE, store, unit_rows
from tests.documents import document

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "Суд закрыт. Судья болен. Дело отложено."
TARGET = "The court is closed, as the judge is ill. The case is adjourned."
CLOSED, ILL, CASE = (0, 3), (12, 17), (25, 29)
"""Words of the three source sentences."""


def unit(source: str, target: str, *links: tuple[tuple[int, int], int]) -> TranslationUnit:
    """Return a unit whose words are linked: source range, start of the target word."""
    first = units(document(), SIGNATURE)[0]
    words = tuple(
        AlignedWords(source_start=a, source_end=b, target_start=c, target_end=c + 1, probability=1.0)
        for (a, b), c in links
    )
    return replace(
        first,
        source=source,
        source_raw=source,
        source_end=len(source),
        target=target,
        target_end=len(target),
        word_alignment=words,
    )


def linked(one: TranslationUnit) -> list[SentenceLink]:
    return sentence_links(one, *sides(one))


def test_one_sentence_may_become_two() -> None:
    one = unit("Суд закрыт, судья болен.", "The court is closed. The judge is ill.")

    assert linked(one) == [SentenceLink(sources=range(1), targets=range(2), certainty=1.0)]


def test_word_links_tell_which_sentences_belong_together() -> None:
    one = unit(SOURCE, TARGET, (CLOSED, 4), (ILL, 28), (CASE, 47))

    assert linked(one) == [
        SentenceLink(sources=range(2), targets=range(1), certainty=1.0),
        SentenceLink(sources=range(2, 3), targets=range(1, 2), certainty=1.0),
    ]


def test_a_word_link_that_leaves_the_link_lowers_its_certainty() -> None:
    inside = [(CLOSED, 4), (CLOSED, 10), (CLOSED, 13), (ILL, 28), (ILL, 34), (ILL, 37), (CASE, 47), (CASE, 52)]
    one = unit(SOURCE, TARGET, *inside, *[(CASE, 57), (CASE, 60), (CLOSED, 47)])

    assert [link.certainty for link in linked(one)] == [0.8571, 0.8]


def test_without_word_links_several_sentences_are_one_link() -> None:
    assert linked(unit(SOURCE, TARGET)) == [SentenceLink(sources=range(3), targets=range(2), certainty=1.0)]


def test_xces_names_every_sentence_and_links_them(tmp_path: Path) -> None:
    whole = document()
    first = whole.segments[0]
    assert first.translation is not None
    translation = replace(first.translation, text="Title. And more.")
    corpus = store(tmp_path / "corpus", [replace(whole, segments=(replace(first, translation=translation),))])
    xces.export(corpus, [SHARD], corpus / "exports")
    root = corpus / "exports" / "xces"
    (link,) = ET.parse(root / "ru-en.xml").iter("link")  # noqa: S314 # our own file
    english = {one.get("id"): one.text for one in ET.parse(root / "en" / f"{SHARD}.xml").iter("s")}  # noqa: S314 # likewise
    name = f"{whole.id}-0-5"

    assert english == {f"{name}.1": "Title.", f"{name}.2": "And more."}
    assert (link.get("xtargets"), link.get("certainty")) == (f"{name};{name}.1 {name}.2", "1.0")


@given(one=unit_rows())
@settings(max_examples=60)
def test_every_sentence_is_in_one_link_and_links_are_in_order(one: TranslationUnit) -> None:
    sources, targets = sides(one)
    found = sentence_links(one, sources, targets)

    assert [number for link in found for number in link.sources] == list(range(len(sources)))
    assert [number for link in found for number in link.targets] == list(range(len(targets)))
    assert all(link.sources and link.targets and 0 <= link.certainty <= 1 for link in found)
