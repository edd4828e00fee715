"""Rows of any row group can be read, and a row group costs no memory."""

from __future__ import annotations

import random
import tracemalloc
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.formats.compressed import MOST_STREAMS
from pipeline.formats.parquet_rows import ROWS_AT_ONCE, ParquetRows

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 1_000


def write(path: Path, rows_a_group: int, characters: int = 20) -> None:
    texts = [f"{number} " + "а" * characters for number in range(ROWS)]
    pq.write_table(pa.table({"text": texts, "number": range(ROWS)}), path, row_group_size=rows_a_group)


@pytest.mark.parametrize("rows_a_group", [ROWS, 300, 1])
def test_each_row_is_found_forwards_backwards_and_at_random(tmp_path: Path, rows_a_group: int) -> None:
    write(tmp_path / "x.parquet", rows_a_group)
    places = [*range(0, ROWS, 7), *range(ROWS - 1, 0, -97), *random.Random(3).sample(range(ROWS), 20)]  # noqa: S311 # no secret
    found = ParquetRows(tmp_path / "x.parquet")

    assert [found.read(place)["number"] for place in places] == places
    found.close()


@pytest.mark.parametrize("place", [-1, ROWS])
def test_a_row_that_is_not_there_is_an_error(tmp_path: Path, place: int) -> None:
    write(tmp_path / "x.parquet", 300)
    found = ParquetRows(tmp_path / "x.parquet")

    with pytest.raises(OSError, match="is gone"):
        found.read(place)
    found.close()


def test_a_row_group_is_never_held_whole(tmp_path: Path) -> None:
    write(tmp_path / "x.parquet", ROWS, characters=10_000)
    found = ParquetRows(tmp_path / "x.parquet")
    tracemalloc.start()
    for start in range(0, ROWS, 50):  # as a shard is read: digested, then read
        for _ in range(2):
            assert [found.read(row)["number"] for row in range(start, start + 50)] == list(range(start, start + 50))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    found.close()

    assert peak < (MOST_STREAMS + 2) * ROWS_AT_ONCE * 2 * 10_000 < ROWS * 2 * 10_000
