"""Makes the rows of shards: a plan that is opened once, and run over one shard after the other."""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

from pipeline.corpus import document_row, row_counts, units
from pipeline.errors import PipelineError, raise_if_starved
from pipeline.events import emit, emit_fault
from pipeline.formats import files, readers
from pipeline.formats.compressed import stamps
from pipeline.formats.parquet import ShardWriter
from pipeline.formats.readers import ArticleRef
from pipeline.journal import WorkerJournal
from pipeline.records import Document, Drop
from pipeline.shards import Manifest, Shard
from pipeline.standing import knowledge_of, manifest_path
from pipeline.timing import OPEN, READ, WRITE, Stopwatch

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.claims import Claim
    from pipeline.journal import Post
    from pipeline.plan import OpenPlan, Plan
    from pipeline.timing import Timings

log = logging.getLogger(__name__)

UNKNOWN = ""
"""The digest of articles that changed while they were read: it is that of none, so that they are read again."""


@dataclass(frozen=True, slots=True)
class Job:
    """A plan and the shards of its input, which a worker does without."""

    plan: Plan
    shards: Sequence[Shard[ArticleRef]]

    @property
    def corpus(self) -> Path:
        """The folder of the corpus."""
        return self.plan.settings.output.path

    def manifest_path(self, name: str) -> Path:
        """Where the manifest of a shard, or of the whole corpus, stands."""
        return manifest_path(self.corpus, name)


@dataclass(frozen=True, slots=True)
class Done:
    """A shard that was run: what is in the corpus, what the stages counted on the way, and where the time went."""

    manifest: Manifest
    tally: Counter[str]
    timings: Timings


Progress: TypeAlias = Callable[[Document], None]
"""Called with each document when all stages have seen it."""

Reading: TypeAlias = Callable[[ArticleRef], None]
"""Called with each article before it is read."""


class Worker:
    """Opens a plan once and runs many shards; picklable until it is opened.

    `progress` is called in the process of the worker; with a `post`, it tells in the logs what it is at.
    """

    def __init__(self, job: Job, progress: Progress | None = None, post: Post | None = None) -> None:
        self.claim: Claim | None = None
        self.reading: Reading | None = None
        self._job = replace(job, shards=())
        self._progress = progress
        self._post = post
        self._stack = ExitStack()
        self._plan: OpenPlan | None = None

    def __enter__(self) -> Self:
        self._stopwatch = Stopwatch()
        self._journal = self._stack.enter_context(WorkerJournal(self._post))
        with self._stopwatch.step(OPEN):
            self._plan = self._stack.enter_context(self._job.plan.open(self._stopwatch))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._plan = None
        self._stack.__exit__(kind, error, trace)

    def run(self, shard: Shard[ArticleRef]) -> Done:
        """Make the files of a shard and, last, its manifest."""
        self._journal.begin(shard.id, len(shard.articles))
        try:
            with self._stopwatch.step(WRITE):
                manifest, tally = self._make(shard)
        except Exception as error:
            self._journal.end(self._stopwatch.lap(), {}, error)
            raise
        done = Done(manifest, tally, self._stopwatch.lap())
        self._journal.end(done.timings, dict(tally))
        return done

    def _make(self, shard: Shard[ArticleRef]) -> tuple[Manifest, Counter[str]]:
        job = self._job
        manifest_path = job.manifest_path(shard.id)
        with files.output_errors(manifest_path):
            manifest_path.unlink(missing_ok=True)
        with self._stopwatch.step(READ):
            before = stamps(article.path for article in shard.articles)
            digest = readers.input_digest(shard.articles)
        signature, knowledge = job.plan.signature, knowledge_of(job.plan, shard)
        counts: Counter[str] = Counter()
        with ShardWriter(job.corpus, shard.id) as writer:
            for document in self._documents(shard):
                row = document_row(document)
                writer.write(row, units(document, signature))
                counts.update(row_counts(row))
                self._journal.advance()
                if self._progress:
                    self._progress(document)
        if stamps(article.path for article in shard.articles) != before:
            emit(log, "input_changed", logging.WARNING, shard=shard.id, cure="the next run reads it again")
            digest = UNKNOWN
        manifest = Manifest(
            shard=shard.id,
            plan_digest=job.plan.digest,
            input_digest=digest,
            knowledge=knowledge,
            signature=signature,
            articles=tuple(article.uri for article in shard.articles),
            outputs=files.describe(job.corpus, writer.paths),
            counts=dict(sorted(counts.items())),
        )
        files.write(manifest_path, manifest.to_json())
        return manifest, sum((stage.tally() for stage in job.plan.stages), Counter())

    def _documents(self, shard: Shard[ArticleRef]) -> Iterator[Document]:
        """Yield the finished documents; after a fault that no stage foresaw, one by one."""
        if self._plan is None:
            raise RuntimeError("the worker is not opened")
        read = 0
        try:
            for document in self._plan(map(self._read, shard.articles)):
                read += 1
                yield document
        except (PipelineError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 # told with its traceback; those that fail again are set aside
            raise_if_starved(error)
            cure = "its articles are now run one by one"
            emit_fault(log, "shard_fault", shard=shard.id, cure=cure)
            for article in shard.articles[read:]:
                yield self._alone(self._read(article))

    def _read(self, article: ArticleRef) -> Document:
        if self.reading:
            self.reading(article)
        return readers.read_article(article, self._job.plan.settings.input)

    def _alone(self, document: Document) -> Document:
        """Run one document by itself; a fault sets it aside, so that it never stops the others."""
        if self._plan is None:
            raise RuntimeError("the worker is not opened")
        try:
            return next(iter(self._plan([document])))
        except (PipelineError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 # a fault of ours must not cost the user the rest
            raise_if_starved(error)
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            reason = f"internal_error: {type(error).__name__}: {error} ({place})"
            return replace(document, drop=Drop(stage="run", reason=reason))
