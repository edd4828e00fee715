"""Finds the articles of an input and reads them one by one; a bad one is set aside, never fatal."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Protocol

from pipeline.corpus import ROW, document_id
from pipeline.errors import InputError
from pipeline.formats import decoding
from pipeline.formats.compressed import FRAMES, PIECE_BYTES, Place, Ranges, open_regular, open_unpacked, readable, stamp
from pipeline.formats.files import atomic
from pipeline.formats.folders import named_files
from pipeline.formats.parquet_rows import ParquetRows
from pipeline.languages import is_blank
from pipeline.records import Document, Drop, Meta
from pipeline.remote import Remote, bring, list_files
from pipeline.stores import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"
"""The input path that stands for standard input."""

SNIFFED_BYTES = 4096

ENDINGS = {".txt": "text", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""What a file is, by its ending before that of its compression; others are no articles."""

BYTES_A_CHARACTER = 4
"""UTF-8 and UTF-16 need at most this many, so a longer file need not be read to be too long."""

BYTES_AN_ESCAPE = 12
"""JSON needs at most this many for a character: two escapes such as `\\ud83d`."""


_MACHINE = frozenset((errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ESTALE, errno.ETIMEDOUT))
"""Faults that pass: the same file can be read a moment later, so no row of a corpus may come of them."""


class Input(Protocol):
    """The settings that reading needs; `settings.InputSettings` has them."""

    @property
    def path(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def max_article_characters(self) -> int: ...
    @property
    def text_field(self) -> str: ...
    @property
    def uri_field(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRef:
    """Where an article stands: a whole file, or one row of a JSONL or Parquet file.

    `uri` is valid Unicode, relative to the input's root, and unique in the input. `row` counts from
    0; `offset` and `length` are bytes of a JSONL line without its end.
    """

    uri: str
    path: Place
    format: str
    row: int = 0
    offset: int = 0
    length: int = 0


def list_articles(source: Input) -> Iterator[ArticleRef]:
    """Yield the articles of the input, in the order of their names, whatever the file system's.

    Raises `InputError` when there is nothing to read.
    """
    in_folder, named = list_files(source.path) if is_url(source.path) else named_files(source.path)
    found = False
    for name, path in named:
        kind = _format(PurePosixPath(name) if isinstance(path, Remote) else path, source, in_folder=in_folder)
        if kind is None:
            continue
        for ref in {"text": _text, "jsonl": _jsonl, "parquet": _parquet}[kind](path, name):
            found = True
            yield ref
    if not found:
        endings = " ".join(ENDINGS)
        raise InputError(
            f"{source.path}: expected articles (got none that end in {endings}); "
            "name another --input, or a format: --set input.format=text"
        )


def read_article(ref: ArticleRef, source: Input) -> Document:
    """Read one article. A bad one has a `drop` of stage `read`, and the text that could be read."""
    try:
        if ref.format == "text":
            with open_unpacked(ref.path) as stream:
                return document_of_text(ref, stream, source)
        return document_of_row(ref, _row(ref, source), source)
    except OSError as error:
        return dropped(ref, _unreadable(error), transient=True)


def _unreadable(error: OSError) -> str:
    """Return why an article cannot be read; raise `InputError` when that is no matter of the article."""
    if error.errno in _MACHINE:
        raise InputError(f"{error.filename}: expected to read it (got: {error.strerror}); run again") from error
    return f"unreadable: {error.strerror or error}"


def article_digest(ref: ArticleRef) -> str:
    """Return the SHA-256 of an article's bytes as they stand; a fault has a digest of its own."""
    digest = hashlib.sha256()
    try:
        if ref.format == "text":
            with open_regular(ref.path) as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        if ref.format == "jsonl":
            for piece in _pieces(ref):
                digest.update(piece)
        else:
            digest.update(repr(sorted(_parquet_row(ref).items())).encode("utf-8", "surrogatepass"))
    except OSError as error:
        digest.update(_unreadable(error).encode())
    return digest.hexdigest()


def input_digest(refs: Iterable[ArticleRef]) -> str:
    """Return the SHA-256 of the names and bytes of some articles, in their order."""
    digest = hashlib.sha256()
    refs = tuple(refs)
    bring(ref.path for ref in refs if isinstance(ref.path, Remote) and ref.format == "text")
    for ref in refs:
        digest.update(f"{ref.uri}\0{article_digest(ref)}\n".encode())
    return digest.hexdigest()


def spool_stdin(folder: Path, kind: str) -> Path:
    """Copy standard input, which can be read only once, to a file; `auto` looks at its first bytes.

    Raises `OutputError` when the file cannot be written.
    """
    stream = sys.stdin.buffer
    start = stream.read(SNIFFED_BYTES)
    kind = sniff(start) if kind == "auto" else kind
    ending = next(ending for ending, name in ENDINGS.items() if name == kind)
    path = folder / f"stdin{ending}"
    with atomic(path) as copy:
        copy.write(start)
        shutil.copyfileobj(stream, copy)
    return path


def sniff(start: bytes) -> str:
    """Return the format of an input by its first bytes: parquet, jsonl or text."""
    row = start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return "parquet" if start.startswith(b"PAR1") else "jsonl" if row else "text"


def _format(path: PurePath, source: Input, *, in_folder: bool) -> str | None:
    """Return how a file is read; None when a directory holds it beside the articles."""
    bare = path.with_suffix("") if path.suffix in FRAMES else path
    own = ENDINGS.get(bare.suffix.lower())
    if own == "parquet" and bare != path:
        own = None
    if in_folder:
        return own if source.format in ("auto", own) else None
    return (own or "text") if source.format == "auto" else source.format


def _text(path: Place, name: str) -> Iterator[ArticleRef]:
    yield ArticleRef(uri=name, path=path, format="text")


def _jsonl(path: Place, name: str) -> Iterator[ArticleRef]:
    """Yield the lines of a file; where it cannot be read on stands an article that is unreadable."""
    row = end = 0
    try:
        with open_unpacked(path) as stream:
            for row, offset, length in _lines(stream):
                end = offset + length
                yield _jsonl_ref(path, name, row, offset, length)
                row += 1  # noqa: PLW2901 # the next line, should it be the one that cannot be read
    except OSError:
        yield _jsonl_ref(path, name, row, end, PIECE_BYTES)


def _jsonl_ref(path: Place, name: str, row: int, offset: int, length: int) -> ArticleRef:
    return ArticleRef(uri=f"{name}#{row}", path=path, format="jsonl", row=row, offset=offset, length=length)


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield number, offset and length of each line that is not blank; none is held whole."""
    row = start = position = 0
    blank = True
    while piece := stream.readline(PIECE_BYTES):
        blank = blank and not piece.strip()
        position += len(piece)
        if piece.endswith(b"\n"):
            if not blank:
                yield row, start, position - start
            row, start, blank = row + 1, position, True
    if not blank:
        yield row, start, position - start


def _parquet(path: Place, name: str) -> Iterator[ArticleRef]:
    """Yield the rows of a file; a file that cannot be read is one article that is unreadable."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_metadata(readable(path)).num_rows
    except (pa.ArrowException, OSError):
        rows = 1
    for row in range(rows):
        yield ArticleRef(uri=f"{name}#{row}", path=path, format="parquet", row=row)


def document_of_text(ref: ArticleRef, stream: IO[bytes], source: Input) -> Document:
    """Make a document of all bytes of a stream, or of none when they are too many."""
    limit = source.max_article_characters
    most = limit * BYTES_A_CHARACTER
    data = stream.read(most + 1)
    if len(data) > most:
        return dropped(ref, f"too_long: over {most:,} bytes (limit {limit:,} characters)")
    decoded = decoding.decode(data, source.encoding)
    meta = [Meta(name="encoding", value=decoded.encoding)] if decoded.encoding else []
    if decoded.guessed:
        meta.append(Meta(name="encoding_guessed", value="true"))
    if decoded.repair:
        meta.append(Meta(name="encoding_repair", value=decoded.repair))
    return _document(ref, decoded.text, tuple(meta), decoded.fault, limit)


def document_of_row(ref: ArticleRef, row: dict[str, Any] | str, source: Input) -> Document:
    """Make a document of a row; a string says why there is none."""
    if isinstance(row, str):
        return dropped(ref, row)
    text = row.get(source.text_field)
    if not isinstance(text, str):
        got = "nothing" if text is None else type(text).__name__
        field = source.text_field
        return dropped(ref, f"invalid_row: expected text in the field {field!r} (got {got})")
    taken = (source.text_field, source.uri_field)
    own = row.get(source.uri_field)
    named = isinstance(own, str) and bool(own.strip())
    # It comes first: the row may have a field of that name.
    place = [Meta(name=ROW, value=ref.uri)] if named or ROW in row else []
    meta = place + [
        Meta(name=_sound(name), value=_sound(str(value)))
        for name, value in row.items()
        if name not in taken and isinstance(value, str | int | float)
    ]
    clean = _sound(text)
    if clean != text:
        meta.append(Meta(name="encoding_repair", value="lone surrogates replaced by U+FFFD"))
    document = _document(ref, clean, tuple(meta), None, source.max_article_characters)
    # The id stays that of the row, which is unique; names that users give need not be.
    return replace(document, uri=_sound(str(own))) if named else document


def _sound(text: str) -> str:
    """Return the text with lone surrogates, which no encoding can write, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _document(ref: ArticleRef, text: str, meta: tuple[Meta, ...], fault: str | None, limit: int) -> Document:
    if fault is None and len(text) > limit:
        text, fault = "", f"too_long: {len(text):,} characters (limit {limit:,})"
    elif fault is None and not text:
        fault = "empty: the article has no characters"
    elif fault is None and all(map(is_blank, text)):
        fault = "blank: the article has white space and invisible marks only"
    drop = Drop(stage="read", reason=fault) if fault else None
    return Document(id=document_id(ref.uri, text), uri=ref.uri, text=text, meta=meta, drop=drop)


def dropped(ref: ArticleRef, reason: str, *, transient: bool = False) -> Document:
    """Return an article of which nothing could be read."""
    drop = Drop(stage="read", reason=reason, transient=transient)
    return Document(id=document_id(ref.uri, ""), uri=ref.uri, text="", drop=drop)


def _row(ref: ArticleRef, source: Input) -> dict[str, Any] | str:
    """Return a row's fields, or why it has none."""
    if ref.format == "parquet":
        return _parquet_row(ref)
    if ref.length > source.max_article_characters * BYTES_AN_ESCAPE:
        most = source.max_article_characters
        return f"too_long: {ref.length:,} bytes (limit {most:,} characters)"
    return parse_row(b"".join(_pieces(ref)))


def parse_row(line: bytes) -> dict[str, Any] | str:
    """Return the fields of a line of JSONL, or why it has none."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return f"invalid_json: {error}"
    got = type(row).__name__
    return row if isinstance(row, dict) else f"invalid_json: expected an object (got {got})"


_ranges: dict[tuple[Place, object], Ranges] = {}
"""The JSONL file that was read last: neighbours are asked for one after the other."""


def _pieces(ref: ArticleRef) -> Iterator[bytes]:
    """Yield the bytes of a JSONL line, piece by piece."""
    key = (ref.path, stamp(ref.path))
    if key not in _ranges:
        for other in _ranges.values():
            other.close()
        _ranges.clear()
        _ranges[key] = Ranges(ref.path)
    for offset in range(ref.offset, ref.offset + ref.length, PIECE_BYTES):
        yield _ranges[key].read(offset, min(PIECE_BYTES, ref.offset + ref.length - offset))


def _parquet_row(ref: ArticleRef) -> dict[str, Any]:
    import pyarrow as pa

    key = (ref.path, stamp(ref.path))
    try:
        if key not in _rows:
            for other in _rows.values():
                other.close()
            _rows.clear()
            _rows[key] = ParquetRows(ref.path)
        return _rows[key].read(ref.row)
    except pa.ArrowException as error:
        raise OSError(errno.EIO, str(error).partition("\n")[0], ref.uri) from error


_rows: dict[tuple[Place, object], ParquetRows] = {}
"""The Parquet file that was read last: neighbours are asked for one after the other."""
