"""Reads articles from a stream as they come; nothing is kept, so a pipe may never end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.formats.readers import (
    BYTES_AN_ESCAPE,
    STDIN,
    ArticleRef,
    document_of_row,
    document_of_text,
    dropped,
    list_articles,
    parse_row,
    read_article,
    sniff,
)

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from pipeline.formats.readers import Input
    from pipeline.records import Document

Article = tuple[ArticleRef, "Document"]
"""Where an article stands, and the article."""


def read_files(source: Input) -> Iterator[Article]:
    """Yield the articles of files; raises `InputError` when there is nothing to read."""
    for ref in list_articles(source):
        yield ref, read_article(ref, source)


def read_stream(stream: io.BufferedReader[Any], source: Input) -> Iterator[Article]:
    """Yield the articles of a stream one by one, as they are written to it.

    They are named as those of a run over standard input. Raises `InputError` for Parquet.
    """
    kind = sniff(stream.peek(1)) if source.format == "auto" else source.format
    if kind == "jsonl":
        yield from _rows(stream, source)
    elif kind == "text":
        ref = ArticleRef(uri="stdin.txt", path=Path(STDIN), format="text")
        yield ref, document_of_text(ref, stream, source)
    else:
        raise InputError("-: expected text or JSONL (got Parquet, which no pipe can hold); name the file")


def _rows(stream: io.BufferedReader[Any], source: Input) -> Iterator[Article]:
    """Yield the lines of JSONL that are not blank; of one that is too long no more than that is held."""
    most = source.max_article_characters * BYTES_AN_ESCAPE
    number = 0
    while line := stream.readline(most + 1):
        ref = ArticleRef(uri=f"stdin.jsonl#{number}", path=Path(STDIN), format="jsonl", row=number)
        number += 1
        if len(line) > most:
            _skip_line(stream, line)
            yield ref, dropped(ref, f"too_long: over {most:,} bytes")
        elif line.strip():
            yield ref, document_of_row(ref, parse_row(line), source)


def _skip_line(stream: io.BufferedReader[Any], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(1 << 20)
