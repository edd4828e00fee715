"""Runs a plan over shards: what is done stays; what is missing, stale or corrupt is done again."""

from __future__ import annotations

import logging
from array import array
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from pipeline.claims import ALL, claimed, make_folder
from pipeline.events import emit
from pipeline.finishing import SPOOL, finish_once, finished_counts, learned_files
from pipeline.formats import files, readers
from pipeline.formats.readers import ArticleRef
from pipeline.listing import Chosen, Listing
from pipeline.shards import WHOLE, Manifest, Shard, in_share, whole_manifest
from pipeline.stages.base import Unread
from pipeline.standing import Standing, State, standings
from pipeline.worker import Done, Job, Worker

if TYPE_CHECKING:
    from pipeline.claims import Claim, Part
    from pipeline.plan import Plan
    from pipeline.settings import InputSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did. `counts` are the whole corpus's, None while shards of it are missing.

    `tally` is what the stages counted on the way; unlike `counts` it differs between runs.
    """

    done: int
    reused: int
    counts: dict[str, int] | None
    tally: dict[str, int]


Engine: TypeAlias = Callable[[Worker, Sequence[Shard[ArticleRef]]], Iterator[Done]]
"""Runs shards by workers, in any order, and yields them as they come."""


def prepare(plan: Plan) -> Job:
    """List the input, let the stages look at it, and cut it into shards.

    Nothing is written into the corpus, unless the input is standard input: it is copied there first.
    """
    settings = plan.settings
    source = settings.input
    if source.path == readers.STDIN:
        make_folder(settings.output.path)
        spool = readers.spool_stdin(settings.output.path / SPOOL, source.format)
        source = source.model_copy(update={"path": str(spool), "format": "auto"})
    listing = Listing(readers.list_articles(source), settings.shards.articles)
    return Job(plan.informed(lambda: listing.each(partial(_unread, source=source))), listing)


def _unread(article: ArticleRef, source: InputSettings) -> Unread:
    has_facts = article.format != "text"
    return Unread(
        uri=article.uri,
        has_facts=has_facts,
        read=partial(readers.read_article, article, source),
        digest=partial(readers.article_digest, article),
    )


def survey(job: Job) -> dict[str, State]:
    """Return how each shard stands, by its id; reads the input and the files of done shards."""
    return {one.shard: one.state for one in standings(job.plan, job.shards)}


def run(job: Job, engine: Engine, worker: Worker, part: Part = ALL, claim: Claim | None = None) -> Summary:
    """Run what is not done of one part of the shards; the last part to end finishes the corpus.

    `part` is (index from 1, count). `claim` is what the caller holds of the corpus, for this part; without it the run
    claims it. Raises `OutputError` when the folder cannot be written, holds something else than a corpus, or
    is written by another process.
    """
    with claimed(job.corpus, part) if claim is None else nullcontext(claim) as held:
        worker.claim = held
        look = _Look(part)
        whole = whole_manifest(look.done(standings(job.plan, job.shards)), {})
        with held.finishing(), files.output_errors(job.corpus):
            if not look.undone and (counts := finished_counts(job, whole)) is not None:
                return Summary(done=0, reused=look.mine, counts=counts, tally={})
            _begin(job)
        for state, count in look.undone.items():
            emit(log, "shards_todo", state=str(state), shards=count)
        todo = Chosen(job.shards, job.shards.largest_first(look.todo) if isinstance(job.shards, Listing) else look.todo)
        tally = _run_shards(engine, worker, todo)
        others = standings(job.plan, Chosen(job.shards, look.others))
        finished = all(one.state == State.DONE for one in others)
        counts = finish_once(job, held) if finished else None
    return Summary(done=len(todo), reused=look.mine - len(todo), counts=counts, tally=dict(tally))


def _begin(job: Job) -> None:
    """Make the folder, and take back that the corpus is finished."""
    make_folder(job.corpus)
    job.manifest_path(WHOLE).unlink(missing_ok=True)
    for path, text in learned_files(job).items():
        files.write(path, text)


def _run_shards(engine: Engine, worker: Worker, todo: Sequence[Shard[ArticleRef]]) -> Counter[str]:
    """Run shards; after an interrupt, too, the engine has ended its workers before the claim is given up."""
    tally: Counter[str] = Counter()
    ended = engine(worker, todo) if todo else iter(())
    try:
        for one in ended:
            tally += one.tally
    finally:
        if isinstance(ended, Generator):
            ended.close()
    return tally


@dataclass(slots=True)
class _Look:
    """What is to be done for one part of the shards: places of shards, 8 bytes each."""

    part: Part
    mine: int = 0
    todo: array[int] = field(default_factory=lambda: array("Q"))
    others: array[int] = field(default_factory=lambda: array("Q"))
    undone: Counter[State] = field(default_factory=Counter)

    def done(self, standings: Iterable[Standing]) -> Iterator[Manifest]:
        """Note what is not done, for this part or by others; yield the manifests of the rest."""
        for place, one in enumerate(standings):
            mine = in_share(one.shard, *self.part)
            self.mine += mine
            if one.state == State.DONE and one.manifest is not None:
                yield one.manifest
            else:
                (self.todo if mine else self.others).append(place)
                self.undone[one.state] += 1
