"""Any Unicode text is normalised and split without losing a character."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import given, settings

from pipeline.languages import is_blank
from pipeline.records import Block, Document, Label, Span
from pipeline.stages.normalize import NormalizeConfig
from pipeline.stages.split_sentences import SplitSentencesConfig
from tests.strategies import articles

NORMALIZE = NormalizeConfig().build()
SPLIT = SplitSentencesConfig().build()


@given(articles())
@settings(deadline=None, max_examples=80)
def test_normalised_characters_map_to_ordered_raw_ranges(text: str) -> None:
    (document,) = NORMALIZE([Document(id="0", uri="a.txt", text=text)])
    assert document.normalized is not None
    spans = [document.normalized.to_raw(i, i + 1) for i in range(len(document.normalized.text))]

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert "\r" not in document.normalized.text
    assert unicodedata.is_normalized("NFC", document.normalized.text)


@given(articles())
@settings(deadline=None, max_examples=80)
def test_segments_cover_each_non_blank_character_of_a_block_once(text: str) -> None:
    (document,) = NORMALIZE([Document(id="0", uri="a.txt", text=text)])
    whole = Span(start=0, end=len(text))
    block = Block(span=whole, label=Label.BODY, rule="r", confidence=1.0, kept=True)
    (document,) = SPLIT([replace(document, blocks=(block,))])
    covered = [i for one in document.segments for i in range(one.span.start, one.span.end)]

    assert len(covered) == len(set(covered))
    assert {i for i, c in enumerate(text) if not is_blank(c)} <= set(covered)
