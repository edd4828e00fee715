"""JSON lines: the units of a corpus, and what was set aside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.formats.files import atomic
from pipeline.formats.parquet import as_mapping, documents, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.corpus import DocumentRow

REJECTS = "rejects.jsonl"


def export(corpus: Path, shards: Sequence[str], folder: Path) -> list[Path]:
    """Write `corpus.jsonl`: a unit a line, with the columns of the Parquet files."""
    rows = (as_mapping(unit) for shard in shards for _, own in units(corpus, shard) for unit in own)
    return [_write(folder / "corpus.jsonl", rows)]


def write_rejects(corpus: Path, shards: Sequence[str]) -> Path:
    """Write `rejects.jsonl`: all that was set aside, a document, block or segment a line."""
    rows = (row for shard in shards for one in documents(corpus, shard) for row in rejects(one))
    return _write(corpus / REJECTS, rows)


def rejects(document: DocumentRow) -> Iterator[dict[str, object]]:
    """Yield what was set aside of a document, with the stage and the reason."""
    where = {"document_id": document.document_id, "uri": document.uri}
    if document.drop_stage is not None:
        yield {
            "kind": "document",
            **where,
            "start": 0,
            "end": len(document.text),
            "stage": document.drop_stage,
            "reason": document.drop_reason,
            "text": document.text,
        }
        return
    for block in document.blocks:
        if not block.kept:
            yield {
                "kind": "block",
                **where,
                "start": block.start,
                "end": block.end,
                "stage": "strip_boilerplate",
                "reason": f"{block.label}: {block.rule} ({block.confidence:.2f})",
                "text": document.text[block.start : block.end],
            }
    for segment in document.set_aside:
        yield {
            "kind": "segment",
            **where,
            "start": segment.start,
            "end": segment.end,
            "stage": segment.stage,
            "reason": segment.reason,
            "text": document.text[segment.start : segment.end],
            "target": segment.target,
        }


def _write(path: Path, rows: Iterator[dict[str, object]]) -> Path:
    with atomic(path) as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return path
