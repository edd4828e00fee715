"""Workers that do what real ones do at their worst: each is told by the name of the article what to do."""

from __future__ import annotations

import logging
import mmap
import os
import resource
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self

from pipeline.errors import ModelError
from pipeline.formats.readers import ArticleRef
from pipeline.shards import Shard

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.claims import Claim

HEADROOM = 64 * 1024 * 1024
"""Bytes that a process may still take, where memory runs out."""


def shard(*names: str) -> Shard[ArticleRef]:
    """Return a shard of articles, with the name of the first as its id."""
    return Shard(names[0], tuple(ArticleRef(uri=name, path=Path(name), format="text") for name in names))


@dataclass(frozen=True)
class Ended:
    """What came of a shard."""

    shard: str
    process: int


class Fake:
    """A worker that does what the names of the articles say, and notes each try in a folder."""

    def __init__(self, folder: Path) -> None:
        self.claim: Claim | None = None
        self.reading: Callable[[ArticleRef], None] | None = None
        self.folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def run(self, one: Shard[ArticleRef]) -> Ended:
        (self.folder / f"{one.id}.{time.monotonic_ns()}").touch()
        for article in one.articles:
            if self.reading:
                self.reading(article)
            self.read(article.uri.partition("-")[0], one.id)
        return Ended(one.id, os.getpid())

    def tries(self, name: str) -> int:
        return len(list(self.folder.glob(f"{name}.*")))

    def read(self, what: str, name: str) -> None:
        if what == "dies" or (what == "once" and self.tries(name) == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "starves" or (what == "hungry" and self.tries(name) == 1):
            starve()
        if what == "fails":
            raise ModelError("m.yaml: expected a model")
        if what == "crashes":
            raise ZeroDivisionError("a fault of ours")
        if what == "slow":
            time.sleep(0.5)
        if what == "warns":
            logging.getLogger("pipeline.test").warning("odd_article uri=%s", name)


class Stillborn(Fake):
    """A worker that dies when it opens its plan."""

    def __enter__(self) -> NoReturn:
        os._exit(9)


class Threads(Fake):
    """Tells how many threads libraries would use."""

    def run(self, one: Shard[ArticleRef]) -> object:  # type: ignore[override] # what it tells is all that is asked
        import pyarrow as pa
        import torch

        return one.id, {"torch": torch.get_num_threads(), "arrow": pa.cpu_count(), "io": pa.io_thread_count()}


def starve() -> None:
    """Take memory until the system gives no more, as a real want of it shows."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * mmap.PAGESIZE
    resource.setrlimit(resource.RLIMIT_AS, (taken + HEADROOM, hard))
    bytearray(2 * HEADROOM)
