"""What lies at a URL (`s3://`, `gs://`, `memory://` and others): the one door to fsspec."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.errors import ConfigError, OutputError, PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

One = TypeVar("One")

AT_ONCE = 16
"""Files asked for at the same time: a store answers each in some 30 ms, whatever its size."""

LONGEST_REASON = 200
"""Characters of what a library says of a fault."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:\-]*://")
_SECRET = re.compile(r".*://[^/]*:[^/]*@|https?://[^?]*\?")

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
"""The extra of this package that brings what a scheme needs."""

_DISKS = ("file", "local")
"""Schemes of this machine, whose folders are made as they are needed."""


def is_url(text: str) -> bool:
    """Whether a place is named by a URL; any other is a path of this machine."""
    return _URL.match(text) is not None


def without_secret(url: str) -> str:
    """Return a place as it was given; a URL that holds a secret is a `ConfigError`, as places are written down."""
    if _SECRET.match(url):
        raise ConfigError(
            f"{scheme_of(url)}://…: expected a URL without a password or a query (got one); "
            "give credentials by the environment: docs/storage.md"
        )
    return url


def scheme_of(url: str) -> str:
    """Return the scheme of a URL, such as `s3`."""
    return url.partition(":")[0].lower()


@lru_cache(maxsize=64)
def open_system(url: str) -> tuple[Any, str]:
    """Return fsspec's file system of a URL, and the path in it.

    Raises `ConfigError` when its kind is not known or not installed.
    """
    import fsspec

    scheme = scheme_of(url)
    try:
        system, path = fsspec.url_to_fs(without_secret(url), **({"auto_mkdir": True} if scheme in _DISKS else {}))
    except ImportError as error:
        extra = _EXTRAS.get(scheme)
        cure = f"pip install 'newsbitext[{extra}]'" if extra else str(error).partition("\n")[0]
        raise ConfigError(f"{url}: expected what opens {scheme}:// (got: it is not installed); {cure}") from error
    except ValueError as error:
        if "not known" not in str(error):  # as fsspec words it
            raise
        known = "s3://, gs:// or memory://"
        raise ConfigError(f"{url}: expected a URL of a known kind, such as {known} (got {scheme}://)") from error
    return system, str(path).rstrip("/")


def each(act: Callable[[One], object], items: Iterable[One]) -> None:
    """Do the same with each of some files, several at the same time; raise what one of them raises."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(act, items):
            pass


@contextmanager
def faults(url: str, kind: type[PipelineError]) -> Iterator[None]:
    """Turn what the libraries raise, once their own retries are used up, into one line.

    Each raises classes of its own, which only its door could name.
    """
    try:
        yield
    except (PipelineError, MemoryError):
        raise
    except Exception as error:
        raise kind(_line(url, error)) from error


def _line(url: str, error: Exception) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    reason = " ".join(words.split())[:LONGEST_REASON] or type(error).__name__
    if isinstance(error, PermissionError) or "Credential" in type(error).__name__:
        cure = "give credentials that may do it, by the environment: docs/storage.md"
    elif isinstance(error, FileNotFoundError):
        cure = "make the bucket, which no run does by itself, or name another place"
    else:
        cure = "run again when it answers: what is done stays"
    return f"{url}: expected to reach it (got: {reason}); {cure}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as its store tells of it: the size, and what changes with the content."""

    bytes: int
    version: str


class Store:
    """The files of a corpus at a URL, by their names relative to it. Whatever fails is an `OutputError`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def listing(self, folder: str = "") -> dict[str, Kept]:
        """Return what is there now, or in one of its folders; nothing where nothing was written yet."""
        with self._opened() as (system, root):
            system.invalidate_cache()
            prefix = f"{root}/"
            try:
                found: dict[str, dict[str, Any]] = system.find(f"{root}/{folder}".rstrip("/"), detail=True)
            except FileNotFoundError:
                if scheme_of(self.url) not in (*_DISKS, "memory"):
                    raise
                return {}
            return {
                path.removeprefix(prefix): Kept(int(info["size"]), version(info))
                for path, info in sorted(found.items())
                if path.startswith(prefix)
            }

    def read(self, name: str) -> bytes | None:
        """Return a file, None when there is none."""
        with self._opened() as (system, root):
            try:
                data: bytes = system.cat_file(f"{root}/{name}")
            except FileNotFoundError:
                return None
            return data

    def write(self, name: str, data: bytes) -> None:
        """Write a file: a reader sees all of it or none."""
        with self._opened() as (system, root):
            system.pipe_file(f"{root}/{name}", data)

    def upload(self, files: Mapping[str, Path]) -> None:
        """Write copies of files of this machine, by their names at the URL, in no order."""
        with self._opened() as (system, root):
            each(lambda name: system.put_file(str(files[name]), f"{root}/{name}"), files)

    def download(self, names: Iterable[str], folder: Path) -> None:
        """Copy files into a folder, under their names; a reader of the folder sees all of a file or none."""
        targets = {name: folder / self._inside(name) for name in names}
        with self._opened() as (system, root):

            def fetch(name: str) -> None:
                path = targets[name]
                part = path.with_name(f".{path.name}.{os.getpid()}.part")
                path.parent.mkdir(parents=True, exist_ok=True)
                system.get_file(f"{root}/{name}", str(part))
                part.replace(path)

            each(fetch, targets)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; one that is gone already is no fault."""
        with self._opened() as (system, root):

            def remove(name: str) -> None:
                with suppress(FileNotFoundError):
                    system.rm_file(f"{root}/{name}")

            each(remove, names)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, str]]:
        with faults(self.url, OutputError):
            yield open_system(self.url)

    def _inside(self, name: str) -> str:
        """Return the name of a file, which must not lead out of the folder that it is copied to."""
        if any(part in ("", ".", "..") for part in name.split("/")) or "\\" in name:
            raise OutputError(f"{self.url}: expected the files of a corpus (got {name!r}); name another place")
        return name


def version(info: Mapping[str, Any]) -> str:
    """Return what changes with the content of a file, from what its store tells of it."""
    return str(info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("created") or "")
