"""What must be known of a disk before processes share a file on it: who else has it open, and whose disk it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Any

NETWORK = frozenset(
    (
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "beegfs",
        "gpfs",
        "ocfs2",
        "gfs2",
    )
)
"""File systems whose files several hosts may have open; those of FUSE count as such, too."""

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


if sys.platform == "win32":

    def _lock(file: IO[Any], *, wholly: bool) -> None:
        """Do nothing: on Windows a file that is open cannot be renamed anyway."""

else:
    import fcntl

    def _lock(file: IO[Any], *, wholly: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if wholly else fcntl.LOCK_SH)


def is_network(path: Path) -> bool:
    """Whether a file lies on a disk of the network, as far as Linux tells."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    mounts = [_mount(line) for line in lines]
    place = path.absolute().resolve()
    around = [(len(point.parts), kind) for point, kind in mounts if place.is_relative_to(point)]
    kind = max(around, default=(0, ""))[1]
    return kind in NETWORK or kind.startswith("fuse.")


def _mount(line: str) -> tuple[Path, str]:
    """Return where a file system is mounted, and its kind (proc(5): the fields before and after ` - `)."""
    before, _, after = line.partition(" - ")
    point = before.split(" ")[4].replace("\\040", " ")
    return Path(point), after.split(" ")[0]
