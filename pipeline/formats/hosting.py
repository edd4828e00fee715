"""Corpora that are kept at a URL: a folder of this machine stands for each, and gets a shard when it is read."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.shards import Output


class Host(Protocol):
    """What keeps the files of a corpus for a folder."""

    def has(self, path: Path, output: Output) -> bool | None:
        """Whether it keeps this file of the folder as it was written; None: look into the folder."""

    def bring(self, shard: str) -> None:
        """Put the rows of a shard into the folder; those of another may go."""


_hosts: dict[Path, Host] = {}


@contextmanager
def hosting(folder: Path, host: Host) -> Iterator[None]:
    """Let a host keep the files of a folder, in this process."""
    _hosts[folder] = host
    try:
        yield
    finally:
        del _hosts[folder]


def is_hosted(folder: Path) -> bool:
    """Whether a folder stands for a corpus in this process."""
    return folder in _hosts


def is_kept(path: Path, output: Output) -> bool | None:
    """Whether the host of a corpus keeps a file as it was written; None: none does, look at the file."""
    for folder, host in _hosts.items():
        if path.is_relative_to(folder):
            return host.has(path, output)
    return None


def bring(corpus: Path, shard: str) -> None:
    """Have the rows of a shard at hand, wherever the corpus is kept."""
    if corpus in _hosts:
        _hosts[corpus].bring(shard)
