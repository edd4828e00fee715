"""The file of sketches: one a run reads again, so that an article that did not change is not sketched anew."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, TYPE_CHECKING, Self

import numpy as np

from pipeline.disks import is_network
from pipeline.duplicates.sketches import RECORD, is_sound
from pipeline.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from numpy.typing import NDArray

RECIPE_BYTES = 32
"""The file begins with a hash of what made the sketches."""

SKETCHES_AT_ONCE = 8192
"""Sketches that are read together: 5 MB."""

FIRST_KEPT, KEPT_AGAIN = 10_000, 1.25
"""After how many sketches the file is written first, and after how many times as many again: a run that is cut off
loses two minutes or a fifth of its work, and the copies take five times the room of the file, one after the other."""


class KnownSketches:
    """What the file of an earlier run holds, if the same recipe made it; 24 bytes of memory an article.

    It is read, not mapped: another run may replace it on a disk of the network at any time.
    """

    def __init__(self, path: Path, recipe: bytes) -> None:
        self._file = _opened(path, recipe)
        keys = _keys(self._file) if self._file else np.empty(0, RECORD["key"])
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, key: bytes) -> bytes | None:
        """Return the sketch of an article; None where there is none, or it is damaged."""
        wanted = key.rstrip(b"\0")  # as numpy returns it
        index = int(np.searchsorted(self._keys, np.bytes_(wanted)))
        if self._file is None or index == len(self._keys) or self._keys[index] != wanted:
            return None
        try:
            self._file.seek(RECIPE_BYTES + int(self._order[index]) * RECORD.itemsize)
            record = self._file.read(RECORD.itemsize)
        except OSError:
            return None
        return record if len(record) == RECORD.itemsize and is_sound(record) else None


def write_sketches(path: Path, recipe: bytes, records: Iterable[bytes], known: int = 0) -> NDArray[np.void]:
    """Replace the file in one step by these sketches, and return them, mapped from a file without a name.

    That file stands on a disk of this machine, as no mapped file of the network may be replaced. The first
    sketches are kept now and then on the way, once they are more than the `known` ones of the file before.
    """
    kept_next = max(FIRST_KEPT, known + 1)
    with _faults_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=None if is_network(path) else path.parent) as work:
            work.write(recipe)
            for number, record in enumerate(records, 1):
                work.write(record)
                if number >= kept_next:
                    _publish(work, path)
                    kept_next = int(number * KEPT_AGAIN)
            size = work.tell()
            _publish(work, path)
            count = (size - RECIPE_BYTES) // RECORD.itemsize
            return np.memmap(work, RECORD, "r", RECIPE_BYTES, (count,)) if count else np.empty(0, RECORD)


def _publish(work: IO[bytes], path: Path) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as copy:
        written = Path(copy.name)
        try:
            work.seek(0)
            shutil.copyfileobj(work, copy)
            copy.flush()
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    """Turn a fault of the disk into an `OutputError` that names the file."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        cure = "mend the disk, or name another file: stages.find_duplicates.sketches"
        raise OutputError(f"{path}: expected to write sketches of articles there (got: {reason}); {cure}") from error


def _opened(path: Path, recipe: bytes) -> IO[bytes] | None:
    try:
        file = path.open("rb")
    except OSError:
        return None
    if file.read(RECIPE_BYTES) == recipe:
        return file
    file.close()
    return None


def _keys(file: IO[bytes]) -> NDArray[np.bytes_]:
    keys = [np.empty(0, RECORD["key"])]
    while block := file.read(SKETCHES_AT_ONCE * RECORD.itemsize):
        whole = len(block) // RECORD.itemsize
        keys.append(np.frombuffer(block, RECORD, whole)["key"].copy())
    return np.concatenate(keys)
