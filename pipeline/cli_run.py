"""What the command `run` does, once it is parsed: all that watches a run and keeps others out, put around it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.cli_engine import in_engine
from pipeline.cli_status import print_summary
from pipeline.console import watching
from pipeline.interrupts import heard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.claims import Part
    from pipeline.config import Loaded
    from pipeline.events import LogFormat
    from pipeline.formats.readers import ArticleRef
    from pipeline.settings import Settings
    from pipeline.shards import Shard
    from pipeline.worker import Done, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of a run, and where."""

    log_format: LogFormat
    quiet: bool
    metrics_file: Path | None


def make_corpus(loaded: Loaded[Settings], part: Part, shown: Shown) -> None:
    """Run a part of the shards, watched, and print what came of it."""
    from pipeline.claims import claimed
    from pipeline.journal import new_post
    from pipeline.metrics import open_metrics
    from pipeline.observation import Observer, Watch
    from pipeline.plan import make_plan
    from pipeline.publishing import hosted, worker_for
    from pipeline.runner import prepare, run

    settings, at = loaded.settings, loaded.settings.output
    post = new_post(at.path, shown.log_format, quiet=shown.quiet)
    metrics = open_metrics(shown.metrics_file, at.path, part)
    with (
        watching(shown.log_format, quiet=shown.quiet, context=post.context) as bar,
        heard() as check,
        claimed(at.path, part) as claim,
        hosted(at, part) as look_again,
    ):
        job = prepare(make_plan(loaded))
        alone = settings.workers == 1 and settings.engine.name == "local"
        worker = worker_for(at)(job, (lambda _: bar.advance(1)) if alone else None, post)

        def engine(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Iterator[Done]:
            bar.begin(sum(len(shard.articles) for shard in shards))
            with closing(in_engine(worker, shards, settings)) as running:
                for one in running:  # several workers move the bar by what they tell in the logs
                    yield one
                    check()
            look_again()

        name, workers = settings.engine.name, settings.workers
        watch = Watch(post=post, part=part, workers=workers, bar=bar, engine=name, metrics=metrics)
        with Observer(job, watch) as observer:
            summary = run(job, observer.engine(engine), worker, part, claim)
    if not shown.quiet:
        print_summary(at.place, summary, observer.totals if shown.log_format == "text" else None)
