"""A file appears whole or not at all; a fault of the disk is one clear line."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.formats.files import aside, atomic, matches, sha256
from pipeline.shards import Output


def test_a_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.txt"
    with atomic(path) as stream:
        stream.write(b"content")
        before = path.exists()

    assert not before
    assert path.read_bytes() == b"content"
    assert list(path.parent.iterdir()) == [path]


def test_a_fault_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), atomic(path) as stream:
        stream.write(b"new" * (1 // 0))

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_line_with_a_cure(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"No space left on device.*; free some space"),
        atomic(tmp_path / "a.txt"),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")

    assert list(tmp_path.iterdir()) == []


def test_a_limit_on_the_size_of_files_leaves_nothing_half_written(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from pipeline.errors import OutputError; from pipeline.formats.files import atomic\n"
        "try:\n"
        "    with atomic(Path(sys.argv[1])) as stream: stream.write(b'x' * 100_000)\n"
        "except OutputError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.txt")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "a.txt: expected to write it (got: File too large)" in done.stdout
    assert done.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_one_line_with_a_cure(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with (
        pytest.raises(OutputError, match=r"Permission denied.*; make it writable"),
        atomic(tmp_path / "a.txt"),
    ):
        pass


@pytest.mark.skipif(not Path("/proc/sys").is_dir(), reason="needs a folder that nobody can write")
def test_a_folder_that_nobody_can_write_is_one_line(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/proc/sys")

    with (
        pytest.raises(OutputError, match=r"link/a\.txt: expected to write it"),
        atomic(link / "a.txt"),
    ):
        pass


def test_a_file_where_a_folder_must_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "corpus").touch()

    with (
        pytest.raises(OutputError, match="expected to write it"),
        atomic(tmp_path / "corpus" / "a"),
    ):
        pass


def test_a_library_that_wants_a_path_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with aside(path) as part:
        part.write_bytes(b"content")

    assert path.read_bytes() == b"content"


def test_a_checksum_matches_its_file_only(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    output = Output(sha256=hashlib.sha256(b"content").hexdigest(), bytes=7)

    assert sha256(path) == output.sha256
    assert matches(path, output)
    assert not matches(tmp_path / "b.txt", output)
    path.write_bytes(b"contenT")
    assert not matches(path, output)
