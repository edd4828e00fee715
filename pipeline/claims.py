"""Who may write into a corpus: one process for each share of its shards, and one alone to finish it."""

from __future__ import annotations

import errno
import json
import logging
import os
import platform
import time
from contextlib import contextmanager, nullcontext, suppress
from math import gcd
from multiprocessing.context import get_spawning_popen
from typing import TYPE_CHECKING, Any, TypeAlias

from pipeline.disks import SoleLock
from pipeline.errors import OutputError
from pipeline.events import emit
from pipeline.formats.files import output_errors
from pipeline.logs import LOGS
from pipeline.shards import MANIFESTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

Part: TypeAlias = tuple[int, int]
"""A share of the shards: its index from 1, and how many there are."""

ALL: Part = (1, 1)

LOCKS = "locks"
"""Folder of a corpus that holds the locks of running processes; it is gone when nobody runs."""

UNLISTED = frozenset({LOCKS, LOGS})
"""Folders of a corpus that tell of its runs: they are no part of it, and no manifest lists them."""

PATIENCE_SECONDS = 5.0
"""For the workers of a run that was killed: they end when they see that it is gone, within milliseconds."""

PAUSE_SECONDS = 0.05

_GATE, _FINISH = "gate", "finish"

_NO_LOCKS = frozenset((errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS))
"""What a disk says that has no locks, such as one of the network whose lock service does not run."""


class Claim:
    """The right to write a share of a corpus, for this process and for those that it starts with the claim.

    It lasts until all of them have ended, so that a worker whose run was killed still keeps others out.
    """

    def __init__(self, corpus: Path, lock: SoleLock | None, descriptor: int | None = None) -> None:
        self._corpus = corpus
        self._lock = lock
        self._descriptor = descriptor

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Wait until no other process begins or finishes the corpus, and keep others from both."""
        with _alone(self._corpus, _FINISH) if self._lock else nullcontext():
            yield

    def __reduce__(self) -> tuple[Callable[[Path, Any], Claim], tuple[Path, Any]]:
        """Send the open lock along to a process that is just being started; elsewhere it cannot go."""
        if self._lock is None or get_spawning_popen() is None:
            return _inherited, (self._corpus, None)
        from multiprocessing.reduction import DupFd

        return _inherited, (self._corpus, DupFd(self._lock.fileno()))


def _inherited(corpus: Path, wrapped: Any) -> Claim:  # noqa: ANN401 # how multiprocessing wraps it is its own affair
    return Claim(corpus, None, None if wrapped is None else wrapped.detach())


@contextmanager
def claimed(corpus: Path, part: Part = ALL) -> Iterator[Claim]:
    """Hold a share of a corpus, which may be a folder that is not there yet.

    Raises `OutputError` when another process holds a share that has shards in common with this one, or
    when the folder holds something else than a corpus. Shares without a common shard may be held at once.
    """
    _require_corpus(corpus)
    is_new = not corpus.exists()
    lock = SoleLock(corpus / LOCKS / f"part-{part[0]}-of-{part[1]}")
    try:
        held = _wait_for(corpus, part, lock)
        yield Claim(corpus, lock if held else None)
    finally:
        lock.release()
        with suppress(OSError):  # not empty: others still run, or there is a corpus
            (corpus / LOCKS).rmdir()
            if is_new:
                corpus.rmdir()


def overlap(one: Part, other: Part) -> bool:
    """Whether two shares have shards in common, whatever the shards.

    A shard is in share i of n when its number is i - 1 modulo n (`shards.share`); by the Chinese remainder
    theorem two such classes meet if and only if they are equal modulo the greatest common divisor.
    """
    return (one[0] - other[0]) % gcd(one[1], other[1]) == 0


def _wait_for(corpus: Path, part: Part, lock: SoleLock) -> bool:
    """Take the lock of a share; return False where that cannot be, since the disk has no locks or is read-only."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while (holder := _take(corpus, part, lock)) is not None:
            if time.monotonic() > deadline:
                raise OutputError(
                    f"{corpus}: expected nobody else to write there (got {holder}); wait for its end, or end it"
                )
            time.sleep(PAUSE_SECONDS)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            emit(log, "no_locks", logging.WARNING, folder=str(corpus), cure="see to it that nobody else writes there")
        elif error.errno != errno.EROFS and os.access(corpus, os.W_OK):
            with output_errors(corpus):
                raise
        return False
    return True


def _take(corpus: Path, part: Part, lock: SoleLock) -> str | None:
    """Take the lock of a share at once, or return who holds one that has shards in common with it."""
    with _alone(corpus, _GATE):
        for path in sorted((corpus / LOCKS).glob("part-*-of-*")):
            other = SoleLock(path)
            if other.take():  # of a process that died
                other.release()
            elif overlap(part, _part(path)):
                return _holder(path)
        if not lock.take():
            return _holder(corpus / LOCKS)
        lock.write(json.dumps({"host": platform.node(), "process": os.getpid(), "part": f"{part[0]}/{part[1]}"}))
    return None


@contextmanager
def _alone(corpus: Path, name: str) -> Iterator[None]:
    """Wait for a lock of the corpus, and hold it."""
    lock = SoleLock(corpus / LOCKS / name)
    try:
        while not lock.take():
            time.sleep(PAUSE_SECONDS)
        yield
    finally:
        lock.release()


def _part(path: Path) -> Part:
    _, index, _, count = path.name.split("-")
    return int(index), int(count)


def _holder(path: Path) -> str:
    """Tell who wrote the file of a lock, as far as it can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return f"part {found['part']} on host {found['host']}, process {found['process']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"


def make_folder(corpus: Path) -> None:
    """Make the folder of a corpus; refuse one that holds something else."""
    _require_corpus(corpus)
    with output_errors(corpus):
        (corpus / MANIFESTS).mkdir(parents=True, exist_ok=True)


def _require_corpus(corpus: Path) -> None:
    if corpus.exists() and not corpus.is_dir():
        raise OutputError(f"{corpus}: expected a folder (got a file); name another --output")
    if not corpus.is_dir() or (corpus / MANIFESTS).is_dir():
        return
    if any(path.name not in UNLISTED for path in corpus.iterdir()):
        raise OutputError(f"{corpus}: expected an empty folder or a corpus (got other files); name another --output")
