"""What must be known of a disk before processes share a file on it: who else has it open, and whose disk it is."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

LOCAL = frozenset(
    (
        "bcachefs",
        "btrfs",
        "exfat",
        "ext2",
        "ext3",
        "ext4",
        "f2fs",
        "fuseblk",
        "jfs",
        "ntfs3",
        "overlay",
        "ramfs",
        "reiserfs",
        "rootfs",
        "tmpfs",
        "vfat",
        "xfs",
        "zfs",
    )
)
"""File systems of this machine alone; those of clusters are too many to name, so every other one counts as such."""

_MOUNTS = Path("/proc/self/mountinfo")


class SharedLock:
    """A lock on a file of its own: many may share it, one may take it when nobody else has it.

    The system lifts the lock of a process that dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[Any] | None = None

    def share(self) -> None:
        """Wait until nobody has taken the lock, and share it."""
        self._file = self._file or self._path.open("ab")
        _lock(self._file, wholly=False)

    def take(self) -> bool:
        """Take the lock at once and wholly; return whether it could be had."""
        self._file = self._file or self._path.open("ab")
        try:
            _lock(self._file, wholly=True)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._file is not None:
            self._file.close()
            self._file = None


class SoleLock:
    """A lock that one process holds, on a file that is there only while somebody does.

    The system lifts the lock of a process that dies; the file then stays until the next one takes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[Any] | None = None

    def take(self) -> bool:
        """Take the lock at once; return whether it could be had. Raises `OSError` where a disk has no locks."""
        while True:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                file = self._path.open("ab+")
            except FileNotFoundError:  # whoever left just removed the folder
                continue
            try:
                _lock(file, wholly=True)
            except BlockingIOError:
                file.close()
                return False
            except BaseException:
                file.close()
                self._path.unlink(missing_ok=True)
                raise
            if _is_open(self._path, file):
                self._file = file
                return True
            file.close()  # whoever left removed it between our opening and our locking

    def fileno(self) -> int:
        """Return the descriptor that holds the lock: a process that inherits it holds it, too."""
        if self._file is None:
            raise RuntimeError("the lock is not held")
        return self._file.fileno()

    def write(self, text: str) -> None:
        """Put text into the file of a lock that is held, for others to read."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.write(text.encode())
            self._file.flush()

    def release(self) -> None:
        """Remove the file and give the lock back, if it is held."""
        if self._file is not None:
            with suppress(OSError):  # of a disk that is read-only by now; the lock goes all the same
                self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None


def _is_open(path: Path, file: IO[Any]) -> bool:
    """Whether the file of this name is still the one that is open."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except OSError:
        return False


if sys.platform == "win32":

    def _lock(file: IO[Any], *, wholly: bool) -> None:
        """Do nothing: on Windows a file that is open cannot be renamed anyway."""

else:
    import fcntl

    def _lock(file: IO[Any], *, wholly: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if wholly else fcntl.LOCK_SH)


def is_network(path: Path) -> bool:
    """Whether a file lies on a disk that other hosts may have open, as far as Linux tells."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    mounts = [_mount(line) for line in lines]
    place = path.absolute().resolve()
    around = [(len(point.parts), kind) for point, kind in mounts if place.is_relative_to(point)]
    kind = max(around, default=(0, ""))[1]
    return kind not in LOCAL and kind != ""


def _mount(line: str) -> tuple[Path, str]:
    """Return where a file system is mounted, and its kind (proc(5): the fields before and after ` - `)."""
    before, _, after = line.partition(" - ")
    point = before.split(" ")[4].replace("\\040", " ")
    return Path(point), after.split(" ")[0]
