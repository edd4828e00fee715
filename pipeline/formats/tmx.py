"""TMX 1.4b, the exchange format of translation memories.

The specification: https://resources.gala-global.org/tbx14b. There is no DOCTYPE, because readers
then look for its file beside the export.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.formats import markup
from pipeline.formats.bitext import TARGET_LANGUAGE, language, pairs
from pipeline.formats.files import atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.corpus import TranslationUnit

PROPERTIES = (
    "document_id",
    "uri",
    "paragraph",
    "sentence",
    "role",
    "source_start",
    "source_end",
    "target_start",
    "target_end",
    "model",
    "log_prob",
    "flags",
)
"""Columns of a unit that travel as `<prop>`; offsets as in the Parquet files."""


def export(corpus: Path, shards: Sequence[str], folder: Path) -> list[Path]:
    """Write `corpus.tmx`: all translated units, each with its ids and offsets as properties."""
    path = folder / "corpus.tmx"
    with atomic(path) as stream:
        stream.writelines(line.encode() for line in _lines(corpus, shards))
    return [path]


def _lines(corpus: Path, shards: Sequence[str]) -> Iterator[str]:
    header = markup.empty(
        "header",
        creationtool="newsbitext",
        creationtoolversion=__version__,
        segtype="sentence",
        o_tmf="newsbitext",
        adminlang="en",
        srclang="*all*",
        datatype="plaintext",
    )
    yield f'{markup.DECLARATION}<tmx version="1.4">\n{header}\n<body>\n'
    for shard in shards:
        for _, unit in pairs(corpus, shard):
            yield _unit(unit)
    yield "</body>\n</tmx>\n"


def _unit(unit: TranslationUnit) -> str:
    source = language(unit)
    return "\n".join(
        [
            markup.opening("tu", tuid=unit.unit_id, srclang=source),
            *(f" {markup.element('prop', value, type=name)}" for name, value in _properties(unit)),
            f" {_side(source, unit.source)}",
            f" {_side(TARGET_LANGUAGE, unit.target)}",
            "</tu>\n",
        ]
    )


def _side(tag: str, text: str) -> str:
    return f"{markup.opening('tuv', xml_lang=tag)}{markup.element('seg', text)}</tuv>"


def _properties(unit: TranslationUnit) -> Iterator[tuple[str, str]]:
    for name in PROPERTIES:
        value = getattr(unit, name)
        text = " ".join(value) if isinstance(value, tuple) else str(value)
        if value is not None and text:
            yield name, text
