"""An article as the pages of the report hold it: all of it, and the line of it in their index."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING

from pipeline.corpus import TranslationUnit
from pipeline.languages import UNDETERMINED
from pipeline.report.doubt import doubt, reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.corpus import DocumentRow

LONGEST_REJECT = 20_000
"""Characters shown of an article that was set aside whole; the page says how many there are."""

LONGEST_TITLE = 200

_SHOWN = frozenset(
    {
        "unit_id",
        "document_id",
        "uri",
        "paragraph",
        "sentence",
        "role",
        "source_language",
        "language_probability",
        "source_raw",
        "source_start",
        "source_end",
        "source",
        "target",
        "target_start",
        "target_end",
        "word_alignment",
        "model",
        "signature",
        "log_prob",
        "scores",
        "flags",
        "passthrough",
    }
)
"""Columns of a unit that have their own place."""

_OTHERS = tuple(one.name for one in fields(TranslationUnit) if one.name not in _SHOWN)
"""The page shows these by their names."""


def article(document: DocumentRow, units: Sequence[TranslationUnit]) -> dict[str, object]:
    """Return an article with its units; offsets are code points, as in the columns of the corpus."""
    shown = len(document.text) if document.drop_stage is None else LONGEST_REJECT
    return {
        "id": document.document_id,
        "uri": document.uri,
        "text": document.text[:shown],
        "characters": len(document.text),
        "english": document.english,
        "language": document.language,
        "language_probability": document.language_probability,
        "blocks": [list(asdict(block).values()) for block in document.blocks],
        "set_aside": [asdict(one) for one in document.set_aside],
        "meta": [asdict(fact) for fact in document.meta],
        "drop": [document.drop_stage, document.drop_reason] if document.drop_stage is not None else None,
        "counts": asdict(document.counts),
        "units": [_unit(unit) for unit in units],
    }


def index_line(document: DocumentRow, units: Sequence[TranslationUnit]) -> dict[str, object]:
    """Return what lists, sorts and filters an article without unpacking it."""
    labels = Counter(block.label for block in document.blocks if not block.kept)
    asides = Counter(one.stage for one in document.set_aside)
    if document.drop_stage is not None:
        asides[document.drop_stage] += 1
    counts = document.counts
    return {
        "id": document.document_id,
        "uri": document.uri,
        "title": title(document),
        "language": document.language,
        "languages": dict(Counter(unit.source_language or UNDETERMINED for unit in units)),
        "units": len(units),
        "characters": counts.characters,
        "set_aside": counts.set_aside_characters,
        "labels": dict(labels),
        "flags": dict(Counter(flag for unit in units for flag in unit.flags)),
        "asides": dict(asides),
        "doubt": max((doubt(unit) for unit in units), default=0.0),
        "dropped": document.drop_stage is not None,
    }


def title(document: DocumentRow) -> str:
    """Return the article's title, else its first line, cut to what a list can show."""
    named = next((fact.value for fact in document.meta if fact.name == "title" and fact.value.strip()), None)
    found = named or next((line for line in document.text[:LONGEST_REJECT].splitlines() if line.strip()), "")
    return found.strip()[:LONGEST_TITLE]


def _unit(unit: TranslationUnit) -> dict[str, object]:
    """Return a unit; its links are five numbers each, relative to its source and its target.

    The last of the five is the probability in percent. Raw source and target are ranges of the
    article's texts.
    """
    links = [
        number
        for link in unit.word_alignment
        for number in (
            link.source_start - unit.source_start,
            link.source_end - unit.source_start,
            link.target_start - unit.target_start,
            link.target_end - unit.target_start,
            round(100 * link.probability),
        )
    ]
    return {
        "id": unit.unit_id,
        "paragraph": unit.paragraph,
        "sentence": unit.sentence,
        "role": unit.role,
        "language": unit.source_language,
        "language_probability": unit.language_probability,
        "source": [unit.source_start, unit.source_end],
        "normalized": None if unit.source == unit.source_raw else unit.source,
        "target": [unit.target_start, unit.target_end],
        "links": links,
        "model": unit.model,
        "log_prob": unit.log_prob,
        "scores": [[score.name, score.value] for score in unit.scores if score.name != "log_prob"],
        "flags": unit.flags,
        "passthrough": unit.passthrough,
        "doubt": doubt(unit),
        "reasons": [reason for _, reason in reasons(unit)],
        "others": {name: _plain(getattr(unit, name)) for name in _OTHERS},
    }


def _plain(value: object) -> object:
    """Return records as JSON objects, however deep in tuples."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
