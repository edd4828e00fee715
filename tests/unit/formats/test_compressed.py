"""Compressed files come back whole, or fail loudly."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import pytest
import zstandard

from pipeline.formats.compressed import MOST_STREAMS, Ranges, open_unpacked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = b"".join(b"line %d\n" % number for number in range(20_000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress, ".txt": bytes}


@pytest.fixture(params=PACKERS)
def packed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return `DATA` in a file, compressed or not."""
    path = tmp_path / f"a{request.param}"
    path.write_bytes(PACKERS[request.param](DATA))
    return path


def test_a_file_comes_back_whole(packed: Path) -> None:
    with open_unpacked(packed) as stream:
        assert stream.read() == DATA


def test_lines_are_those_of_the_unpacked_file(packed: Path) -> None:
    with open_unpacked(packed) as stream:
        assert list(stream) == DATA.splitlines(keepends=True)


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_frames_follow_each_other(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"".join(PACKERS[ending](part) for part in (b"one ", b"", b"two", DATA)))

    with open_unpacked(path) as stream:
        assert stream.read() == b"one two" + DATA


def test_padding_of_gzip_and_skippable_frames_of_zstandard_are_no_data(tmp_path: Path) -> None:
    padded = tmp_path / "a.gz"
    padded.write_bytes(gzip.compress(DATA) + b"\0" * 512)
    skipping = tmp_path / "a.zst"
    skip = struct.pack("<II", 0x184D2A50, 4) + b"skip"
    skipping.write_bytes(skip + zstandard.compress(DATA) + skip)

    for path in (padded, skipping):
        with open_unpacked(path) as stream:
            assert stream.read() == DATA


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_an_error(tmp_path: Path, ending: str, kept: float) -> None:
    whole = PACKERS[ending](DATA)
    path = tmp_path / f"a{ending}"
    path.write_bytes(whole[: int(len(whole) * kept)])

    with (
        open_unpacked(path) as stream,
        pytest.raises(OSError, match="damaged compression: it is cut off"),
    ):
        stream.read()


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_what_is_not_compressed_is_an_error(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"plain text")

    with open_unpacked(path) as stream, pytest.raises(OSError, match="damaged compression"):
        stream.read()


def test_ranges_are_right_in_any_order(packed: Path) -> None:
    ranges = Ranges(packed)
    offsets = [*range(0, 150_000, 9_999), *range(140_000, 0, -7_777), 5, 149_999, 5, 10**9]
    read = [ranges.read(offset, 100) for offset in offsets]
    ranges.close()

    assert read == [DATA[offset : offset + 100] for offset in offsets]


def test_readers_that_go_forwards_side_by_side_open_few_files(packed: Path) -> None:
    ranges = Ranges(packed)
    for shard in range(0, 100_000, 1_000):
        for _ in range(2):
            for offset in range(shard, shard + 1_000, 100):
                assert ranges.read(offset, 100) == DATA[offset : offset + 100]
    streams = list(ranges._streams)
    ranges.close()

    assert len(streams) <= MOST_STREAMS
    assert sorted(position for position, _ in streams)[-2:] == [100_000, 100_000]
