"""The metrics file is what Prometheus reads, and no run ends because of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.errors import ConfigError, OutputError
from pipeline.metrics import MOST_REASONS, Figures, MetricsFile, open_metrics
from pipeline.timing import Step, Timings
from pipeline.totals import Totals

if TYPE_CHECKING:
    from pathlib import Path

    from prometheus_client import Metric

LABELS = {"corpus": 'a "b"\\\nc', "part": "1/2"}


def figures(reasons: int = 2) -> Figures:
    totals = Totals()
    counts = {"articles": 7, "units": 9, "characters": 100}
    counts |= {f"dropped:read:reason_{number}": number + 1 for number in range(reasons)}
    timings = Timings(
        host="h", pid=1, started=0, ended=1, peak_memory_bytes=5, steps={"read": Step(seconds=1.5, cpu_seconds=1.0)}
    )
    totals.add(counts, {"translated": 3}, timings)
    return Figures(
        totals=totals,
        shards={"done": 1, "reused": 2, "waiting": 3, "failed": 0},
        articles_todo=20,
        started=10.5,
        progressed=12.0,
        workers_lost=1,
        is_running=True,
        is_failed=False,
    )


def read(path: Path) -> dict[str, Metric]:
    return {metric.name: metric for metric in text_string_to_metric_families(path.read_text(encoding="utf-8"))}


def value(metrics: dict[str, Metric], name: str, **labels: str) -> float:
    found = [
        sample.value
        for metric in metrics.values()
        for sample in metric.samples
        if sample.name == name
        if labels.items() <= sample.labels.items()
    ]
    (one,) = found
    return one


def test_prometheus_reads_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.prom"
    MetricsFile(path, LABELS).write(figures())
    metrics = read(path)

    assert value(metrics, "newsbitext_articles_total") == 7
    assert value(metrics, "newsbitext_segments_translated_total") == 3
    assert value(metrics, "newsbitext_stage_seconds_total", stage="read") == 1.5
    assert value(metrics, "newsbitext_shards", state="waiting") == 3
    assert value(metrics, "newsbitext_articles_dropped_total", stage="read", reason="reason_1") == 2
    assert value(metrics, "newsbitext_run_start_time_seconds") == 10.5
    assert [path.name for path in tmp_path.iterdir()] == ["run.prom"]


def test_names_follow_the_rules_and_every_sample_says_of_which_corpus(tmp_path: Path) -> None:
    path = tmp_path / "run.prom"
    MetricsFile(path, LABELS).write(figures())
    metrics = read(path)

    assert all(name.startswith("newsbitext_") for name in metrics)
    assert all(metric.documentation for metric in metrics.values())
    for metric in metrics.values():
        assert all(sample.name.endswith("_total") == (metric.type == "counter") for sample in metric.samples)
        assert all(LABELS.items() <= sample.labels.items() for sample in metric.samples)


def test_labels_have_a_bounded_number_of_values(tmp_path: Path) -> None:
    path = tmp_path / "run.prom"
    MetricsFile(path, LABELS).write(figures(reasons=MOST_REASONS + 10))
    samples = read(path)["newsbitext_articles_dropped"].samples

    assert len(samples) == MOST_REASONS + 1
    assert samples[-1].labels["reason"] == "other"
    assert sum(sample.value for sample in samples) == sum(range(1, MOST_REASONS + 11))


def test_a_file_that_nobody_would_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ends in \.prom"):
        open_metrics(tmp_path / "metrics.txt", tmp_path, (1, 1))


def test_a_file_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        open_metrics(tmp_path / "nowhere" / "run.prom", tmp_path, (1, 1))
    (tmp_path / "folder.prom").mkdir()
    with pytest.raises(OutputError, match="folder"):
        open_metrics(tmp_path / "folder.prom", tmp_path, (1, 1))


def test_a_fault_while_the_run_is_on_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    metrics = MetricsFile(tmp_path / "nowhere" / "run.prom", LABELS)
    with caplog.at_level(logging.WARNING, "pipeline"):
        metrics.write(figures())
        metrics.write(replace(figures(), is_running=False))

    assert [record.getMessage().split()[0] for record in caplog.records] == ["metrics_unwritable"]
