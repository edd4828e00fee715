"""Files of a corpus: written aside and renamed into place, so that a reader never sees half of one."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from pipeline.errors import OutputError
from pipeline.formats.hosting import is_kept
from pipeline.shards import Output

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

PART = ".part"
"""Ending of a file that is still being written."""

_CURES = {
    errno.ENOSPC: "free some space, then run again: what is done stays",
    errno.EDQUOT: "free some of your quota, then run again: what is done stays",
    errno.EROFS: "name another --output",
    errno.EACCES: "make it writable, or name another --output",
    errno.EPERM: "make it writable, or name another --output",
}


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn a fault of writing to `path` (disk full, read-only, not permitted) into `OutputError`."""
    try:
        yield
    except OSError as error:
        cure = _CURES.get(error.errno or 0, "mend it, then run again: what is done stays")
        reason = error.strerror or str(error)
        raise OutputError(f"{path}: expected to write it (got: {reason}); {cure}") from error


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Yield the path to write to; rename it to `path` at the end, or remove it after a fault.

    Raises `OutputError` when the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}{PART}")  # hosts share disks, and numbers of processes
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            _sync(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def half_written(folder: Path, apart: Collection[str]) -> Iterator[Path]:
    """Yield the files that are being written, or that a killed process left, but not in the folders `apart`."""
    found = folder.rglob(f".*{PART}")
    return (path for path in found if path.relative_to(folder).parts[0] not in apart)


@contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """Yield a binary stream whose bytes become `path` when the block ends without a fault."""
    with aside(path) as part, part.open("wb") as stream:
        yield stream


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def matches(path: Path, output: Output) -> bool:
    """Whether a file is what the manifest says: its size, then its checksum."""
    if (kept := is_kept(path, output)) is not None:
        return kept
    try:
        return path.stat().st_size == output.bytes and sha256(path) == output.sha256
    except OSError:
        return False


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def write(path: Path, text: str) -> None:
    """Write a file of UTF-8; a reader sees all of it or none. Raises `OutputError`."""
    with atomic(path) as stream:
        stream.write(text.encode("utf-8", "surrogatepass"))


def describe(folder: Path, paths: Iterable[Path]) -> dict[str, Output]:
    """Return what manifests say of files, by their names relative to a folder."""
    return {
        path.relative_to(folder).as_posix(): Output(sha256=sha256(path), bytes=path.stat().st_size)
        for path in sorted(paths)
    }
