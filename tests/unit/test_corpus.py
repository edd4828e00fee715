"""Rows are made from documents with every offset in its right text."""

from __future__ import annotations

from dataclasses import replace

from pipeline.corpus import document_id, document_row, english_text, row_counts, units
from pipeline.records import Drop
from tests.documents import document


def test_the_english_document_keeps_paragraphs() -> None:
    text, spans = english_text(document())

    assert text == "Title\n\nFirst. Second."
    assert [text[span.start : span.end] for span in spans] == ["Title", "First.", "Second."]


def test_units_slice_the_raw_and_the_english_text() -> None:
    source = document()
    english, _ = english_text(source)

    for unit in units(source, "v:1"):
        assert unit.source_raw == source.text[unit.source_start : unit.source_end]
        assert unit.target == english[unit.target_start : unit.target_end]


def test_word_links_point_into_the_english_document() -> None:
    source = document()
    english, _ = english_text(source)
    first = units(source, "v:1")[1].word_alignment[0]

    assert english[first.target_start : first.target_end] == "First"
    assert source.text[first.source_start : first.source_end] == "Первое"


def test_a_dropped_segment_is_set_aside_and_leaves_no_gap_in_the_english() -> None:
    source = document()
    first = replace(source.segments[1], drop=Drop(stage="filter", reason="length_ratio: 9.1 (limit 3)"))
    source = replace(source, segments=(source.segments[0], first, source.segments[2]))
    row = document_row(source)

    assert row.english == "Title\n\nSecond."
    assert [(one.stage, one.source, one.target) for one in row.set_aside] == [("filter", "Первое.", "First.")]
    assert len(units(source, "v:1")) == row.counts.units == 2


def test_a_dropped_document_has_no_units_and_all_its_characters_set_aside() -> None:
    source = replace(document(), drop=Drop(stage="read", reason="binary"))
    row = document_row(source)

    assert units(source, "v:1") == ()
    assert row.counts.set_aside_characters == row.counts.characters > 0
    assert (row.drop_stage, row.drop_reason) == ("read", "binary")


def test_counts_add_up() -> None:
    counts = document_row(document()).counts

    assert counts.characters == (
        counts.translated_characters + counts.passthrough_characters + counts.set_aside_characters
    )


def test_what_is_set_aside_is_counted_by_stage_and_the_first_word_of_the_reason() -> None:
    source = document()
    first, second = (Drop(stage="filter", reason=reason) for reason in ("length_ratio: 9.1 (limit 3)", "Über \n"))
    segments = (source.segments[0], replace(source.segments[1], drop=first), replace(source.segments[2], drop=second))
    counts = row_counts(document_row(replace(source, segments=segments, drop=Drop(stage="read", reason="binary"))))

    assert (counts["articles"], counts["dropped"], counts["dropped:read:binary"]) == (1, 1, 1)
    assert (counts["set_aside:filter:length_ratio"], counts["set_aside:filter:other"]) == (1, 1)


def test_the_document_id_depends_on_name_and_text() -> None:
    ids = {document_id("a", "b"), document_id("a", "c"), document_id("b", "b"), document_id("ab", "")}

    assert len(ids) == 4
