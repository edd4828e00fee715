"""What a stage is, and how it is configured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, Self, TypeAlias

from pydantic import BaseModel, ConfigDict

from pipeline.records import Document

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

Flow: TypeAlias = Callable[[Iterable[Document]], Iterator[Document]]
"""Stages that are opened and chained: documents in, documents out, lazily and in order."""


class Before(Protocol):
    """The stages before another; picklable."""

    @property
    def digest(self) -> str:
        """Hash everything that can change what they make of an article."""

    def __call__(self) -> AbstractContextManager[Flow]:
        """Open them; they are closed on leaving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An article of the input, read when asked for; `has_facts` when a row may tell more of it. Picklable.

    `uri` is its place in the input, `digest` gives a hash of its bytes.
    """

    uri: str
    has_facts: bool
    read: Callable[[], Document]
    digest: Callable[[], str]


Listing: TypeAlias = Callable[[], Sequence[Unread]]
"""Lists all articles of the input, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where stages run: in so many workers, of so many threads each (0: one a core), for a corpus."""

    workers: int
    threads: int
    corpus: Path


class StageConfig(BaseModel):
    """The settings of one stage; a subclass adds `stage: Literal[<name>]` and its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    def build(self) -> Stage:
        """Return the stage, not yet opened: no file is read, no model loaded."""
        raise NotImplementedError

    def placed(self, placement: Placement) -> Self:  # noqa: ARG002 # most stages need not know
        """Return the settings as they are where the stage is to run."""
        return self


class Stage(ABC):
    """Documents in, documents out: the same order, one out for one in, nothing deleted.

    The constructor is free and the stage picklable; `__enter__` loads what it needs, once, on the
    worker. `requires` and `assigns` name attributes of `Document`, dotted for those of its
    segments: `normalized language blocks segments segments.language segments.translation
    segments.translation.words segments.scores`. Bump `version` when the output changes.
    A document with a `drop` passes through every stage untouched.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    requires: ClassVar[frozenset[str]] = frozenset()
    assigns: ClassVar[frozenset[str]] = frozenset()

    def signature(self) -> str | None:
        """Name what shapes the output in the corpus signature, such as `beam:4`; None: nothing."""
        return None

    def fingerprint(self) -> str:
        """Digest data outside the settings (models, lexicons) that shapes the output."""
        return ""

    def informed(self, listing: Listing, before: Before) -> Self:  # noqa: ARG002 # most need no look
        """Return the stage after a look at the whole input, before any shard is run.

        `listing` lists the articles, `before` opens the stages before it. The same input must give
        the same stage, whatever the machine: parts of a run that are made apart belong to one corpus.
        """
        return self

    def learned(self) -> dict[str, str]:
        """Return what that look told, as files of text that stand beside the corpus, by name."""
        return {}

    def knowledge(self, places: Iterable[str]) -> str:  # noqa: ARG002 # most know nothing of single articles
        """Return what that look told of some articles alone: a shard for which it changes is made anew.

        What it told of all articles alike belongs in `fingerprint`: when that changes, all shards are made anew.
        """
        return ""

    def licences(self) -> dict[str, str]:
        """Return the licence of each model that may be used."""
        return {}

    def tally(self) -> Counter[str]:
        """Return what was counted since the last call, for whoever watches the run: no part of the corpus."""
        return Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    @abstractmethod
    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield each document with what the stage assigns."""
