"""Corpora of hand-made documents, stored as a run stores them; and rows of any Unicode."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from pipeline.corpus import (
    AlignedWords,
    BlockRow,
    Counts,
    DocumentRow,
    MetaRow,
    SetAside,
    TranslationUnit,
    document_row,
    units,
)
from pipeline.formats.parquet import ShardWriter
from pipeline.records import Attempt, Flag, Label, Score
from tests.documents import document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.records import Document

SHARD = "0123456789ab"
SIGNATURE = "mt:m|v:1"

OFFSETS = st.integers(0, 2**40)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SHARE = st.floats(0, 1)


def store(corpus: Path, documents: Iterable[Document] | None = None, shard: str = SHARD) -> Path:
    """Store documents, else two that are made by hand, as one shard; return the corpus."""
    with ShardWriter(corpus, shard) as writer:
        for one in documents if documents is not None else (document("a.txt"), document("b.txt")):
            writer.write(document_row(one), units(one, SIGNATURE))
    return corpus


def unit_rows(**fixed: st.SearchStrategy[object]) -> st.SearchStrategy[TranslationUnit]:
    """Return translation units of any values; a test may fix some."""
    word = st.builds(
        AlignedWords,
        source_start=OFFSETS,
        source_end=OFFSETS,
        target_start=OFFSETS,
        target_end=OFFSETS,
        probability=SHARE,
    )
    score = st.builds(Score, name=TEXT, value=st.floats(allow_nan=False))
    flags = st.lists(st.sampled_from(Flag), max_size=2).map(tuple)
    attempt = st.builds(
        Attempt,
        rung=TEXT,
        text=TEXT,
        log_prob=st.none() | st.floats(max_value=0, allow_nan=False),
        flags=flags,
        chosen=st.booleans(),
    )
    offsets = ("paragraph", "sentence", "source_start", "source_end", "target_start", "target_end")
    texts = ("unit_id", "document_id", "uri", "source_raw", "source", "target", "signature")
    fields: dict[str, st.SearchStrategy[object]] = {
        **dict.fromkeys(offsets, OFFSETS),
        **dict.fromkeys(texts, TEXT),
        "role": st.sampled_from(Label),
        "source_language": st.sampled_from([None, "ru", "ar", "fr", "zh-Hant"]),
        "language_probability": st.none() | SHARE,
        "word_alignment": st.lists(word, max_size=3).map(tuple),
        "model": st.none() | TEXT,
        "log_prob": st.none() | st.floats(max_value=0, allow_nan=False),
        "scores": st.lists(score, max_size=2).map(tuple),
        "flags": flags,
        "attempts": st.lists(attempt, max_size=2).map(tuple),
        "passthrough": st.booleans(),
    }
    return st.builds(TranslationUnit, **{**fields, **fixed})


def document_rows(number: int) -> st.SearchStrategy[DocumentRow]:
    """Return documents of any values, with an id made of `number`."""
    span = {"start": OFFSETS, "end": OFFSETS}
    block = st.builds(
        BlockRow,
        **span,
        label=st.sampled_from(Label),
        rule=TEXT,
        confidence=SHARE,
        kept=st.booleans(),
    )
    set_aside = st.builds(
        SetAside,
        **span,
        role=st.sampled_from(Label),
        stage=TEXT,
        reason=TEXT,
        source=TEXT,
        target=st.none() | TEXT,
    )
    meta = st.builds(MetaRow, name=TEXT, value=TEXT, start=st.none() | OFFSETS, end=st.none() | OFFSETS)
    return st.builds(
        DocumentRow,
        document_id=st.just(f"{number:016x}"),
        uri=TEXT,
        text=TEXT,
        english=TEXT,
        language=st.none() | TEXT,
        language_probability=st.none() | SHARE,
        blocks=st.lists(block, max_size=2).map(tuple),
        set_aside=st.lists(set_aside, max_size=2).map(tuple),
        meta=st.lists(meta, max_size=2).map(tuple),
        drop_stage=st.none() | TEXT,
        drop_reason=st.none() | TEXT,
        counts=st.builds(Counts, **dict.fromkeys(Counts.__dataclass_fields__, OFFSETS)),
    )


@st.composite
def shards(
    draw: st.DrawFn,
) -> list[tuple[DocumentRow, list[TranslationUnit]]]:
    """Draw the rows of a shard: documents of any values, each with its units in order."""
    rows = []
    for number in range(draw(st.integers(0, 3))):
        row = draw(document_rows(number))
        counter = itertools.count()
        own = unit_rows(
            document_id=st.just(row.document_id),
            uri=st.just(row.uri),
            unit_id=st.builds(lambda n=number, c=counter: f"{n:016x}-{next(c)}"),
        )
        drawn = draw(st.lists(own, max_size=4))
        rows.append((row, [_numbered(unit, index) for index, unit in enumerate(drawn)]))
    return rows


def _numbered(unit: TranslationUnit, sentence: int) -> TranslationUnit:
    return replace(unit, sentence=sentence)
