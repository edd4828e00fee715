"""Files, compressed or not, as streams of bytes: whole or an error, and a bomb costs no memory."""

from __future__ import annotations

import errno
import io
import stat
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Protocol, TypeAlias

from pipeline.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Place: TypeAlias = Path | Remote
"""Where a file lies: on a disk, or at a URL."""

PACKED_BYTES = 2_048
"""Bytes unpacked at once. Zstandard makes at most 128 KiB of 4 bytes, so 64 MiB of these."""

PIECE_BYTES = 1 << 20
"""Bytes of unpacked text read at once where all of it is not needed together."""

MOST_STREAMS = 3
"""Readers of one file: a shard is digested before it is read, which makes two."""


class _Frame(Protocol):
    """What unpacks one frame of Zstandard or one member of gzip."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def suffix(place: Place) -> str:
    """Return the ending of a file's name, such as `.gz`."""
    return PurePosixPath(place.path).suffix if isinstance(place, Remote) else place.suffix


def stamp(place: Place) -> object:
    """Return what changes with a file, as far as its disk tells without reading it; at a URL, as it was listed."""
    if isinstance(place, Remote):
        return place.version
    found = place.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns  # the last one nobody can set back


def stamps(places: Iterable[Place]) -> dict[Place, object]:
    """Return the stamps of some files; of one that has none, why."""
    found: dict[Place, object] = {}
    for place in set(places):
        try:
            found[place] = stamp(place)
        except OSError as error:
            found[place] = error.errno
    return found


def readable(place: Place) -> Path | io.BufferedReader:
    """Return what a library reads a file from: its path, or a stream of what lies at a URL.

    A pipe or a device, which could block or never end, is an `OSError`.
    """
    return place.open() if isinstance(place, Remote) else _regular(place)


def open_regular(path: Place) -> io.BufferedReader:
    """Open a file; a pipe or a device, which could block or never end, is an `OSError`."""
    return path.open() if isinstance(path, Remote) else _regular(path).open("rb")


def _regular(path: Path) -> Path:
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path


def open_unpacked(path: Place) -> io.BufferedReader:
    """Open a file whose bytes are unpacked by its ending; those can be read forwards only.

    A read raises `OSError` when the compression is damaged or cut off.
    """
    open_frame = FRAMES.get(suffix(path))
    stream = open_regular(path)
    return io.BufferedReader(_Unpacking(stream, open_frame)) if open_frame else stream


def _gzip_member() -> _Frame:
    return zlib.decompressobj(wbits=31)


def _zstandard_frame() -> _Frame:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


FRAMES: dict[str, Callable[[], _Frame]] = {".gz": _gzip_member, ".zst": _zstandard_frame}
"""Endings of files that are unpacked on the way."""


class _Unpacking(io.RawIOBase):
    """Frames, one after the other. `zstandard`'s own reader takes half a frame for a whole one."""

    def __init__(self, packed: IO[bytes], open_frame: Callable[[], _Frame]) -> None:
        self._packed = packed
        self._open_frame = open_frame
        self._frame: _Frame | None = None
        self._left = b""
        self._ready = memoryview(b"")  # taken off bit by bit: bytes would be copied each time

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # bytes only
        while not self._ready and self._fill():
            pass
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _fill(self) -> bool:
        """Unpack some more; return whether there was more."""
        chunk = self._left or self._packed.read(PACKED_BYTES)
        if not chunk:
            if self._frame is not None:
                raise OSError(errno.EIO, "damaged compression: it is cut off")
            return False
        frame = self._frame or self._open_frame()
        try:
            self._ready = memoryview(frame.decompress(chunk))
        except Exception as error:
            # Each library raises a class of its own, which only its door could name.
            raise OSError(errno.EIO, f"damaged compression: {error}") from error
        self._left = frame.unused_data.lstrip(b"\0") if frame.eof else b""
        self._frame = None if frame.eof else frame
        return True


class Ranges:
    """Reads ranges of an unpacked file; cheap as long as each of a few readers goes forwards."""

    def __init__(self, path: Place) -> None:
        self._path = path
        self._streams: list[tuple[int, io.BufferedReader]] = []

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the unpacked file, fewer at its end."""
        behind = [one for one in self._streams if one[0] <= offset]
        if behind:
            nearest = max(behind, key=lambda one: one[0])
            self._streams.remove(nearest)
            position, stream = nearest
        else:
            position, stream = 0, open_unpacked(self._path)
        if stream.seekable():
            position = stream.seek(offset)
        while position < offset and (skipped := stream.read(min(offset - position, PIECE_BYTES))):
            position += len(skipped)
        data = stream.read(length)
        self._streams.append((position + len(data), stream))
        if len(self._streams) > MOST_STREAMS:
            self._streams.pop(0)[1].close()
        return data

    def close(self) -> None:
        """Close the file."""
        while self._streams:
            self._streams.pop()[1].close()
