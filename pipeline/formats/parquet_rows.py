"""Rows of a Parquet file that others wrote: a few are held, however large its row groups are."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from pipeline.formats.compressed import MOST_STREAMS, PIECE_BYTES, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from pipeline.formats.compressed import Place

ROWS_AT_ONCE = 64
"""Rows that are decoded together; more at once are hardly faster, as a row is an article."""


@dataclass(slots=True)
class _Reader:
    """Goes forwards through a row group; `rows` are in hand, the first of them is row `first` of the file."""

    group: int
    first: int
    batches: Iterator[pa.RecordBatch]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def read(self, row: int) -> dict[str, Any]:
        """Return a row that is not before those in hand."""
        count = len(self.rows)
        while row >= self.first + count:
            self.first += count
            batch = next(self.batches, None)
            if batch is None:
                raise OSError(f"row {row} is gone")
            count = batch.num_rows
            self.rows = batch.to_pylist() if row < self.first + count else []
        return self.rows[row - self.first]


class ParquetRows:
    """Reads rows; cheap as long as each of a few readers goes forwards. Raises `ArrowException` and `OSError`."""

    def __init__(self, path: Place) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(readable(path), buffer_size=PIECE_BYTES)
        about = self._file.metadata
        self._starts = [0, *accumulate(about.row_group(group).num_rows for group in range(about.num_row_groups))]
        self._readers: list[_Reader] = []

    def read(self, row: int) -> dict[str, Any]:
        """Return the row of this number, from 0."""
        if not 0 <= row < self._starts[-1]:
            raise OSError(f"row {row} is gone")
        group = bisect_right(self._starts, row) - 1
        behind = [one for one in self._readers if one.group == group and one.first <= row]
        reader = max(behind, key=lambda one: one.first) if behind else self._open(group)
        self._readers = [*(one for one in self._readers if one is not reader), reader][-MOST_STREAMS:]
        return reader.read(row)

    def close(self) -> None:
        """Close the file."""
        self._readers.clear()
        self._file.close()

    def _open(self, group: int) -> _Reader:
        batches = self._file.iter_batches(ROWS_AT_ONCE, row_groups=[group], use_threads=False)
        return _Reader(group, self._starts[group], batches)
