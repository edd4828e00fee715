"""The table of exports: name to what writes it from the Parquet files of a corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.formats import jsonl, moses, tmx, xces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

EXPORTS: dict[str, Callable[[Path, Sequence[str], Path], list[Path]]] = {
    "jsonl": jsonl.export,
    "tmx": tmx.export,
    "moses": moses.export,
    "xces": xces.export,
}
"""Each takes the corpus, its shards in the order of the input, and the folder to write to; it
streams, and returns the files that it wrote."""

FORMATS = ("parquet", *EXPORTS)


def export(name: str, corpus: Path, shards: Sequence[str], folder: Path) -> list[Path]:
    """Write one format; return its files. Raises `OutputError` when they cannot be written."""
    return EXPORTS[name](corpus, shards, folder)
