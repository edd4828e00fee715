"""The units that are pairs of two languages: what every bitext export is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.formats.parquet import UNKNOWN, units
from pipeline.normalized import NormalizedText

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.corpus import DocumentRow, TranslationUnit

TARGET_LANGUAGE = "en"

_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def pairs(corpus: Path, shard: str) -> Iterator[tuple[DocumentRow, TranslationUnit]]:
    """Yield the translated units of a shard in the order of the text, each with its article.

    A unit that is passed through has the same text on both sides; it stays in the Parquet files and
    in the JSON lines.
    """
    for document, rows in units(corpus, shard):
        for unit in rows:
            if not unit.passthrough:
                yield document, unit


def language(unit: TranslationUnit) -> str:
    """Return the BCP 47 tag of the source, `und` when it is not known."""
    return unit.source_language or UNKNOWN


def from_raw(unit: TranslationUnit) -> NormalizedText:
    """Return the map from `source_raw`, offsets counted from its start, to `source`: by the fewest edits."""
    return NormalizedText.identity(_BREAK.sub(" ", unit.source_raw)).rewritten(unit.source)
