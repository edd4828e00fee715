"""The ledger finds every character that is lost or counted twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.ledger import Entry, account, balance, count_characters
from pipeline.records import Drop, Span
from tests.documents import TEXT, document


def test_a_whole_document_balances() -> None:
    ledger = account(document())

    assert ledger.balances
    assert ledger.translated == len("ТитулПервое.")
    assert ledger.passed_through == len("Second.")
    assert ledger.set_aside == {"strip_boilerplate:related_news": len("Читайтетакже")}
    assert ledger.total == count_characters(TEXT)


def test_a_lost_segment_is_missing() -> None:
    source = document()
    ledger = account(replace(source, segments=source.segments[1:]))

    assert not ledger.balances
    assert ledger.missing == (Span(start=0, end=5),)


def test_an_overlap_is_doubled() -> None:
    source = document()
    wide = replace(source.segments[1], span=Span(start=7, end=17))
    ledger = account(replace(source, segments=(source.segments[0], wide, source.segments[2])))

    assert ledger.doubled == (Span(start=15, end=17),)


def test_a_segment_without_translation_is_not_called_translated() -> None:
    source = document()
    bare = replace(source.segments[0], translation=None)
    ledger = account(replace(source, segments=(bare, *source.segments[1:])))

    assert ledger.set_aside["untranslated"] == 5


def test_a_reason_is_counted_by_its_machine_word() -> None:
    source = document()
    dropped = replace(source.segments[0], drop=Drop(stage="filter", reason="length_ratio: 9.1 (limit 3)"))
    ledger = account(replace(source, segments=(dropped, *source.segments[1:])))

    assert ledger.set_aside["filter:length_ratio"] == 5


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b\u200f\ufeff\u00ad\u061c", "\u00a0\u2028"])
def test_blank_text_needs_no_account(blank: str) -> None:
    assert balance(blank, []).balances
    assert count_characters(blank) == 0


def test_marks_inside_a_word_are_not_characters() -> None:
    assert count_characters("a\u200bb\u0301 \u0640") == len("ab\u0301\u0640")


def test_entries_inside_each_other_are_found_once() -> None:
    entries = [Entry(span=Span(start=0, end=8), account="x"), Entry(span=Span(start=2, end=4), account="y")]
    ledger = balance("abcdefgh", entries)

    assert ledger.doubled == (Span(start=2, end=4),)
    assert ledger.total == 8
    assert sum(ledger.set_aside.values()) == 8
