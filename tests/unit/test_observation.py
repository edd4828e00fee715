"""Watching a run changes nothing of it: not its corpus, nor how it ends."""

from __future__ import annotations

import json
import logging
import shutil
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.console import NoBar
from pipeline.engines.local import run_here
from pipeline.errors import OutputError
from pipeline.events import emit
from pipeline.journal import new_post
from pipeline.metrics import open_metrics
from pipeline.observation import Observer, Watch
from pipeline.progress import Reader
from pipeline.runner import run as run_job
from pipeline.verify import verify
from pipeline.worker import Worker
from tests.running import job

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.shards import Shard
    from pipeline.worker import Done

log = logging.getLogger("pipeline.engines.test")


class Bar(NoBar):
    def __init__(self) -> None:
        self.reached: list[int] = []

    def reach(self, articles: int) -> None:
        self.reached.append(articles)


@pytest.fixture
def articles(tmp_path: Path, seeds: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for path in sorted(seeds.glob("*.txt"))[:3]:
        shutil.copy(path, folder)
    (folder / "blank.txt").write_text("\n", encoding="utf-8")
    (folder / "long.txt").write_text("x" * 50_000, encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def losing(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Iterator[Done]:
    """Run shards, and tell of a worker that was lost."""
    for one in run_here(worker, shards):
        emit(log, "worker_lost", logging.WARNING, pid=7, shard=one.manifest.shard)
        yield one


def watched(articles: Path, corpus: Path, *overrides: str, metrics: Path | None = None) -> Observer:
    """Run with all that watches; return what it saw."""
    small = ("shards.articles=1", "input.max_article_characters=40000")
    todo = job(articles, corpus, *small, *overrides)
    post = new_post(corpus, "text", quiet=True)
    watch = Watch(post=post, part=(1, 1), workers=1, bar=Bar(), metrics=open_metrics(metrics, corpus, (1, 1)))
    with Observer(todo, watch) as observer:
        run_job(todo, observer.engine(losing), Worker(todo, post=post))
    return observer


def events(corpus: Path) -> list[dict[str, object]]:
    """Return the events of the run that began last."""
    path = max((corpus / "logs" / "runs").glob("*.jsonl"))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_leaves_its_events_and_figures_and_a_corpus_that_verifies(
    articles: Path, corpus: Path, tmp_path: Path
) -> None:
    observer = watched(articles, corpus, metrics=tmp_path / "run.prom")
    told = events(corpus)
    end = told[-1]
    text = (tmp_path / "run.prom").read_text(encoding="utf-8")
    samples = {
        (sample.name, sample.labels.get("state") or sample.labels.get("reason", "")): sample.value
        for metric in text_string_to_metric_families(text)
        for sample in metric.samples
    }
    progress = Reader(corpus).read()

    assert verify(corpus).problems == ()
    assert [one["event"] for one in told if one["event"] not in {"shard_done", "worker_lost"}] == [
        "run_started",
        "run_done",
    ]
    assert sum(one["event"] == "shard_done" for one in told) == observer.totals.shards
    assert (end["state"], end["articles"], end["workers_lost"]) == ("done", 5, observer.totals.shards)
    assert end["dropped:read:too_long"] == 1
    assert samples["newsbitext_articles_total", ""] == 5
    assert samples["newsbitext_articles_dropped_total", "too_long"] == 1
    assert samples["newsbitext_shards", "done"] == observer.totals.shards
    assert samples["newsbitext_run_running", ""] == 0
    assert (progress.state, progress.articles["done"], progress.runs[-1].log.workers_lost) == (
        "finished",
        5,
        observer.totals.shards,
    )
    assert list(observer.totals.steps)[:3] == ["open", "read", "normalize"]
    assert list(observer.totals.steps)[-3:] == ["filter", "write", "finish"]


def test_a_run_with_nothing_to_do_leaves_no_logs(articles: Path, corpus: Path) -> None:
    watched(articles, corpus)
    before = len(list((corpus / "logs" / "runs").iterdir()))
    observer = watched(articles, corpus)

    assert observer.totals.shards == 0
    assert len(list((corpus / "logs" / "runs").iterdir())) == before


def test_logs_that_cannot_be_written_cost_one_warning_in_a_process(
    articles: Path, corpus: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (corpus / "manifests").mkdir(parents=True)
    (corpus / "logs").write_text("in the way", encoding="utf-8")
    with caplog.at_level(logging.WARNING, "pipeline"):
        watched(articles, corpus)
    told = [record.getMessage().split()[0] for record in caplog.records]

    assert Reader(corpus).read().state == "finished"
    assert told.count("logs_unwritable") <= 2  # the worker's part and the run's


def test_a_run_that_fails_tells_which_shard_and_why(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.formats.parquet.ShardWriter.write", full)
    with pytest.raises(OutputError, match="No space left"):
        watched(articles, corpus)
    told = {one["event"]: one for one in events(corpus)}
    progress = Reader(corpus).read()

    assert "No space left" in str(told["shard_failed"]["error"])
    assert told["run_done"]["state"] == "failed"
    assert progress.state == "failed"
    assert [error for error in progress.failures.values() if "No space left" in error]


def test_an_interrupt_is_no_failure(articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.formats.parquet.ShardWriter.write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        watched(articles, corpus)
    progress = Reader(corpus).read()

    assert (progress.state, progress.failures, progress.workers) == ("interrupted", {}, ())
