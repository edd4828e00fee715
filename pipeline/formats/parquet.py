"""Parquet: the form in which a corpus is stored; every other format is exported from it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from pipeline.corpus import (
    SCHEMA_VERSION,
    AlignedWords,
    BlockRow,
    Counts,
    DocumentRow,
    MetaRow,
    SetAside,
    TranslationUnit,
)
from pipeline.formats.files import aside
from pipeline.formats.hosting import bring
from pipeline.records import Attempt, Flag, Label, Score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa
    import pyarrow.parquet as pq

UNITS, DOCUMENTS = "units", "documents"
"""Folders of a corpus: `units/<language>/<shard>.parquet` and `documents/<shard>.parquet`."""

UNKNOWN = "und"
"""BCP 47 for a language that is not known."""

ROWS_A_GROUP = 2_000
"""Rows held in memory before they are written, and read at once."""

CHARACTERS_A_GROUP = 8_000_000
"""Characters of raw text held in memory before they are written."""

COMPRESSION = "zstd"


def unit_schema() -> pa.Schema:
    """Return the columns of `units/*.parquet`, in the order of `corpus.TranslationUnit`."""
    import pyarrow as pa

    link = pa.struct(
        [
            *((name, pa.int64()) for name in ("source_start", "source_end", "target_start", "target_end")),
            ("probability", pa.float64()),
        ]
    )
    score = pa.struct([("name", pa.string()), ("value", pa.float64())])
    flags = pa.list_(pa.string())
    attempt = pa.struct(
        [
            ("rung", pa.string()),
            ("text", pa.string()),
            ("log_prob", pa.float64()),
            ("flags", flags),
            ("chosen", pa.bool_()),
        ]
    )
    return pa.schema(
        [
            ("unit_id", pa.string()),
            ("document_id", pa.string()),
            ("uri", pa.string()),
            ("paragraph", pa.int64()),
            ("sentence", pa.int64()),
            ("role", pa.string()),
            ("source_language", pa.string()),
            ("language_probability", pa.float64()),
            ("source_raw", pa.string()),
            ("source_start", pa.int64()),
            ("source_end", pa.int64()),
            ("source", pa.string()),
            ("target", pa.string()),
            ("target_start", pa.int64()),
            ("target_end", pa.int64()),
            ("word_alignment", pa.list_(link)),
            ("model", pa.string()),
            ("signature", pa.string()),
            ("log_prob", pa.float64()),
            ("scores", pa.list_(score)),
            ("flags", flags),
            ("attempts", pa.list_(attempt)),
            ("passthrough", pa.bool_()),
        ]
    )


def document_schema() -> pa.Schema:
    """Return the columns of `documents/*.parquet`, in the order of `corpus.DocumentRow`."""
    import pyarrow as pa

    span = [("start", pa.int64()), ("end", pa.int64())]
    block = [*span, ("label", pa.string()), ("rule", pa.string()), ("confidence", pa.float64()), ("kept", pa.bool_())]
    names = ("role", "stage", "reason", "source", "target")
    counts = (
        "segments",
        "units",
        "characters",
        "translated_characters",
        "passthrough_characters",
        "set_aside_characters",
    )
    return pa.schema(
        [
            ("document_id", pa.string()),
            ("uri", pa.string()),
            ("text", pa.string()),
            ("english", pa.string()),
            ("language", pa.string()),
            ("language_probability", pa.float64()),
            ("blocks", pa.list_(pa.struct(block))),
            ("set_aside", pa.list_(pa.struct([*span, *((name, pa.string()) for name in names)]))),
            ("meta", pa.list_(pa.struct([("name", pa.string()), ("value", pa.string()), *span]))),
            ("drop_stage", pa.string()),
            ("drop_reason", pa.string()),
            ("counts", pa.struct([(name, pa.int64()) for name in counts])),
        ]
    )


class ShardWriter:
    """Writes the rows of one shard; its files appear when the block ends without a fault.

    Units go to one file a source language, so that a language can be loaded alone.
    """

    def __init__(self, corpus: Path, shard: str) -> None:
        self._corpus = corpus
        self._file = f"{shard}.parquet"
        self._stack = ExitStack()
        self._tables: dict[Path, _Table] = {}

    def __enter__(self) -> Self:
        with self._stack as opening:  # a fault here is one of writing, too
            self._table(self._corpus / DOCUMENTS / self._file, document_schema)
            self._stack = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def paths(self) -> list[Path]:
        """The files of the shard."""
        return sorted(self._tables)

    def write(self, document: DocumentRow, units: Sequence[TranslationUnit]) -> None:
        """Add a document and its units."""
        table = self._table(self._corpus / DOCUMENTS / self._file, document_schema)
        table.add(as_mapping(document), len(document.text))
        for unit in units:
            folder = self._corpus / UNITS / (unit.source_language or UNKNOWN)
            self._table(folder / self._file, unit_schema).add(as_mapping(unit), len(unit.source_raw))

    def _table(self, path: Path, schema: Callable[[], pa.Schema]) -> _Table:
        if path not in self._tables:
            part = self._stack.enter_context(aside(path))
            self._tables[path] = self._stack.enter_context(_Table(part, schema()))
        return self._tables[path]


def as_mapping(row: Any) -> dict[str, Any]:  # noqa: ANN401 # any record
    """Return a record as mappings and tuples: what `asdict` gives, in half of its time, since nothing is copied."""
    found: dict[str, Any] = {}
    for name in _names(type(row)):  # type: ignore[arg-type] # a class is hashable
        value = getattr(row, name)
        if type(value) is tuple:
            value = tuple(as_mapping(one) if is_dataclass(one) else one for one in value)
        elif is_dataclass(value):
            value = as_mapping(value)
        found[name] = value
    return found


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 # the class of a record
    return tuple(one.name for one in fields(kind))


class _Table:
    """A Parquet file that is written a bounded group of rows at a time."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        self._schema = schema
        self._rows: list[dict[str, Any]] = []
        self._characters = 0
        self._writer = pq.ParquetWriter(path, schema, compression=COMPRESSION)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def add(self, row: dict[str, Any], characters: int) -> None:
        self._rows.append(row)
        self._characters += characters
        if len(self._rows) >= ROWS_A_GROUP or self._characters >= CHARACTERS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows, self._characters = [], 0


def read_units(path: Path) -> Iterator[TranslationUnit]:
    """Yield the units of a file in the order they were written."""
    yield from map(_unit, _rows(path, unit_schema()))


def _flags(names: Sequence[str]) -> tuple[Flag, ...]:
    return tuple(Flag(name) for name in names)


def read_documents(path: Path) -> Iterator[DocumentRow]:
    """Yield the documents of a file in the order they were written."""
    yield from map(_document, _rows(path, document_schema()))


def _unit(row: dict[str, Any]) -> TranslationUnit:
    row["role"] = Label(row["role"])
    row["word_alignment"] = tuple(AlignedWords(**link) for link in row["word_alignment"])
    row["scores"] = tuple(Score(**score) for score in row["scores"])
    row["flags"] = _flags(row["flags"])
    row["attempts"] = tuple(Attempt(**{**one, "flags": _flags(one["flags"])}) for one in row["attempts"])
    return TranslationUnit(**row)


def _document(row: dict[str, Any]) -> DocumentRow:
    row["blocks"] = tuple(BlockRow(**{**block, "label": Label(block["label"])}) for block in row["blocks"])
    row["set_aside"] = tuple(SetAside(**{**one, "role": Label(one["role"])}) for one in row["set_aside"])
    row["meta"] = tuple(MetaRow(**fact) for fact in row["meta"])
    row["counts"] = Counts(**row["counts"])
    return DocumentRow(**row)


def _rows(path: Path, schema: pa.Schema) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        _require(path, file, schema)
        # Not iter_batches: its batches span row groups, which are what bounds the memory.
        for group in range(file.num_row_groups):
            for batch in file.read_row_group(group).to_batches():
                yield from batch.to_pylist()


def _require(path: Path, file: pq.ParquetFile, schema: pa.Schema) -> None:
    if not file.schema_arrow.equals(schema):
        raise ValueError(f"{path}: expected the columns of schema {SCHEMA_VERSION} (got others)")


def documents(corpus: Path, shard: str) -> Iterator[DocumentRow]:
    """Yield the documents of a shard in the order of the input."""
    bring(corpus, shard)
    yield from read_documents(corpus / DOCUMENTS / f"{shard}.parquet")


def units(corpus: Path, shard: str) -> Iterator[tuple[DocumentRow, list[TranslationUnit]]]:
    """Yield each document of a shard with its units of all languages, in the order of the text."""
    bring(corpus, shard)
    files = sorted((corpus / UNITS).glob(f"*/{shard}.parquet"))
    streams = [_Ahead(read_units(path)) for path in files]
    for document in documents(corpus, shard):
        own = [unit for stream in streams for unit in stream.take(document.document_id)]
        yield document, sorted(own, key=lambda unit: unit.sentence)


class _Ahead:
    """A stream of units that gives them out a document at a time."""

    def __init__(self, rows: Iterator[TranslationUnit]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, document: str) -> Iterator[TranslationUnit]:
        while self._next is not None and self._next.document_id == document:
            yield self._next
            self._next = next(self._rows, None)


def find_document(corpus: Path, name: str) -> tuple[DocumentRow, list[TranslationUnit]] | None:
    """Return the document with this id or uri, with its units in the order of the text; None: there is none.

    Ids and uris are looked through; of everything else only the rows of this document are kept.
    """
    for path in sorted((corpus / DOCUMENTS).glob("*.parquet")):
        for column in ("document_id", "uri"):
            rows = _matching(path, document_schema(), column, name)
            if not rows:
                continue
            document = _document(rows[0])
            files = sorted((corpus / UNITS).glob(f"*/{path.name}"))
            own = [row for file in files for row in _matching(file, unit_schema(), "document_id", document.document_id)]
            return document, sorted(map(_unit, own), key=lambda unit: unit.sentence)
    return None


def _matching(path: Path, schema: pa.Schema, column: str, value: str) -> list[dict[str, Any]]:
    """Return the rows of a file whose column has this value; row groups without it are not read."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = []
    with pq.ParquetFile(path) as file:
        _require(path, file, schema)
        for group in range(file.num_row_groups):
            mask = pc.equal(file.read_row_group(group, columns=[column])[column], value)
            if pc.any(mask).as_py():
                found += file.read_row_group(group).filter(mask).to_pylist()
    return found
