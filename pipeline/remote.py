"""The files of an input at a URL: listed, and read in ranges."""

from __future__ import annotations

import errno
import io
import os
import posixpath
import re
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.stores import each, faults, open_system, version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

READ_BYTES = 4 << 20
"""Bytes asked for at once where a file is read in ranges."""

SMALL_BYTES, HELD_BYTES = 1 << 20, 64 << 20
"""A file of at most so many bytes is held whole, and so many bytes of such files: a shard is digested, then read."""

_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at a URL as it was when it was listed: `root` is the URL that was listed, `path` the store's."""

    root: str
    path: str
    size: int
    version: str

    def open(self) -> io.BufferedReader:
        """Open it for reading.

        A read raises `InputError` when the store does not answer, `OSError` when the file is gone or shorter.
        """
        return io.BufferedReader(_Ranged(self), min(READ_BYTES, max(self.size, 1)))

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes of a range, which must not reach beyond the end."""
        return _held.read(self)[start:end] if self.size <= SMALL_BYTES else _range(self, start, end)


class _Ranged(io.RawIOBase):
    """A file that is read in ranges as they are asked for."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._remote.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # bytes only
        end = min(self._position + len(buffer), self._remote.size)
        data = self._remote.read(self._position, end) if end > self._position else b""
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class _Held:
    """Small files that were read last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: OrderedDict[Remote, bytes] = OrderedDict()
        self._bytes = 0

    def __contains__(self, remote: Remote) -> bool:
        return remote in self._files

    def read(self, remote: Remote) -> bytes:
        data = self._files.get(remote)
        if data is None:
            data = _range(remote, 0, remote.size)
            with self._lock:
                self._bytes += len(data) if remote not in self._files else 0
                self._files[remote] = data
                while self._bytes > HELD_BYTES:
                    self._bytes -= len(self._files.popitem(last=False)[1])
        return data


_held = _Held()


def bring(remotes: Iterable[Remote]) -> None:
    """Read the small ones of some files at the same time, so that nobody waits for each in turn."""

    def read(remote: Remote) -> None:
        with suppress(OSError):  # whoever asks for it is told
            _held.read(remote)

    if small := [one for one in remotes if one.size <= SMALL_BYTES and one not in _held]:
        each(read, small)


def _range(remote: Remote, start: int, end: int) -> bytes:
    if start == end:
        return b""
    with faults(remote.root, InputError):
        try:
            data: bytes | None = open_system(remote.root)[0].cat_file(remote.path, start=start, end=end)
        except FileNotFoundError:
            data = None
    if data is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), remote.path)
    if len(data) < end - start:
        raise OSError(errno.EIO, "it became shorter while it was read", remote.path)
    return data


def list_files(url: str) -> tuple[bool, list[tuple[str, Remote]]]:
    """Return whether a URL is that of a folder, and its files by their names in it, in the order of these.

    A glob or a file has names relative to the folder that holds all of it. As on a disk, what is hidden (a dot
    before its name) is left out of folders and globs. Raises `InputError` when nothing is there.
    """
    missing = None
    with faults(url, InputError):
        system, root = open_system(url)
        system.invalidate_cache()
        try:
            infos = system.find(root, detail=True)
        except FileNotFoundError as error:
            infos, missing = {}, error
        found = {path: _remote(url, info) for path, info in infos.items() if not path.endswith("/")}
        if root in found:
            return False, [(posixpath.basename(root), found[root])]
        if found:
            named = [(path.removeprefix(f"{root}/"), remote) for path, remote in found.items()]
            return True, sorted((name, remote) for name, remote in named if not _is_hidden(name))
        if matches := _globbed(url, system, root):
            return False, matches
        if missing is not None and "bucket" in str(missing):
            raise missing
    what = "a file, a folder or a glob that matches files"
    raise InputError(f"{url}: expected {what} (got nothing there); name another --input")


def _globbed(url: str, system: Any, pattern: str) -> list[tuple[str, Remote]]:  # noqa: ANN401 # fsspec has no types
    """Return the files that a glob matches, in the order of their parts, as those of a glob on a disk."""
    fixed = posixpath.dirname(_MAGIC.split(pattern, maxsplit=1)[0])
    if not _MAGIC.search(pattern):
        return []
    hidden_too = "/." in pattern.removeprefix(fixed)
    found = {
        path: _remote(url, info)
        for path, info in system.glob(pattern, detail=True).items()
        if info["type"] == "file" and (hidden_too or not _is_hidden(path.removeprefix(fixed)))
    }
    root = posixpath.commonpath([posixpath.dirname(path) for path in found]) if found else ""
    named = [(path.removeprefix(root).lstrip("/"), remote) for path, remote in found.items()]
    return sorted(named, key=lambda one: one[0].split("/"))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _remote(url: str, info: Mapping[str, Any]) -> Remote:
    return Remote(url, str(info["name"]), int(info["size"] or 0), version(info))
