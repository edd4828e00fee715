"""The units that are pairs of two languages: what every bitext export is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.formats.parquet import UNKNOWN, units

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.corpus import DocumentRow, TranslationUnit

TARGET_LANGUAGE = "en"


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
