"""The figures of a run as a Prometheus text file, for the textfile collector of the node exporter."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pipeline.errors import ConfigError
from pipeline.events import emit, printable
from pipeline.formats.files import output_errors
from pipeline.totals import FATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from prometheus_client.metrics_core import Metric

    from pipeline.totals import Totals

log = logging.getLogger(__name__)

ENDING = ".prom"
"""The textfile collector reads no other files."""

MOST_REASONS = 50
"""Values of a label `reason`; all that are rarer are `other`. Each value is a series that Prometheus keeps."""

_SEGMENTS = {
    "segments_translated": ("translated", "Distinct segments that a model has translated."),
    "segments_remembered": ("remembered", "Distinct segments whose translation the memory had."),
    "decoding_attempts": ("attempts", "Translations that were found faulty, so that the ladder tried again."),
}


Values: TypeAlias = "Mapping[tuple[str, ...], float]"
"""Values of a metric by those of its labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a run has come to; times are seconds since 1970."""

    totals: Totals
    shards: Mapping[str, int]
    articles_todo: int
    started: float
    progressed: float
    workers_lost: int
    is_running: bool
    is_failed: bool


class MetricsFile:
    """Writes figures of one run, each time the whole file: aside, then renamed."""

    def __init__(self, path: Path, labels: Mapping[str, str]) -> None:
        self._path = path
        self._labels = dict(labels)
        self._told = False

    def require_writable(self) -> None:
        """Raise `ConfigError` where nobody would read the file, `OutputError` where it cannot be written."""
        if self._path.suffix != ENDING:
            raise ConfigError(
                f"--metrics-file: expected a name that ends in {ENDING}, since the node exporter reads no other "
                f"(got {self._path.name!r})"
            )
        with output_errors(self._path):
            if self._path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            probe = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            probe.touch()
            probe.unlink()

    def write(self, figures: Figures) -> None:
        """Write the file; a fault is told once and harms nobody."""
        from prometheus_client import CollectorRegistry, write_to_textfile

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(figures, self._labels))
        try:
            write_to_textfile(str(self._path), registry)
        except OSError as error:
            if not self._told:
                self._told = True
                emit(log, "metrics_unwritable", logging.WARNING, file=str(self._path), error=str(error))


def open_metrics(path: Path | None, corpus: Path, part: tuple[int, int]) -> MetricsFile | None:
    """Return what writes the metrics of a run to `path`, which can be written; None where none are asked for."""
    if path is None:
        return None
    metrics = MetricsFile(path, {"corpus": printable(str(corpus)), "part": f"{part[0]}/{part[1]}"})
    metrics.require_writable()
    return metrics


class _Collector:
    """Gives the figures as Prometheus names such things."""

    def __init__(self, figures: Figures, labels: dict[str, str]) -> None:
        self._figures = figures
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        yield from self._counters()
        yield from self._gauges()

    def _counters(self) -> Iterator[Metric]:
        figures, totals = self._figures, self._figures.totals
        counts = totals.counts
        yield self._counter("articles", "Articles that are done.", {(): counts["articles"]})
        yield self._counter("units", "Translation units that were written.", {(): counts["units"]})
        yield self._counter("characters", "Characters of articles, without blanks.", {(): counts["characters"]})
        for name, (key, about) in _SEGMENTS.items():
            yield self._counter(name, about, {(): totals.tally[key]})
        for fate, what in zip(FATES, ("articles_dropped", "segments_set_aside"), strict=True):
            about = f"{what.partition('_')[0].capitalize()} that are not in the corpus, by stage and reason."
            yield self._counter(what, about, _by_reason(totals.reasons(fate)), ("stage", "reason"))
        wall: Values = {(name,): step.seconds for name, step in totals.steps.items()}
        cpu: Values = {(name,): step.cpu_seconds for name, step in totals.steps.items()}
        yield self._counter("stage_seconds", "Seconds that a stage took, in all workers together.", wall, ("stage",))
        yield self._counter("stage_cpu_seconds", "Seconds of processors that a stage took.", cpu, ("stage",))
        yield self._counter("workers_lost", "Workers that died.", {(): figures.workers_lost})

    def _gauges(self) -> Iterator[Metric]:
        figures = self._figures
        states: Values = {(state,): count for state, count in figures.shards.items()}
        yield self._gauge("shards", "Shards of this run, by how they stand.", states, ("state",))
        yield self._gauge("articles_todo", "Articles that the run had to do when it began.", figures.articles_todo)
        yield self._gauge("peak_memory_bytes", "The most memory that a worker held.", figures.totals.peak_memory_bytes)
        yield self._gauge("run_start_time_seconds", "When the run began, since 1970.", figures.started)
        yield self._gauge(
            "last_progress_timestamp_seconds", "When the last article was done, since 1970.", figures.progressed
        )
        yield self._gauge("run_running", "1 until the run ends, however it ends.", int(figures.is_running))
        yield self._gauge("run_failed", "1 when the run ended with an error.", int(figures.is_failed))

    def _counter(self, name: str, about: str, values: Values, labels: tuple[str, ...] = ()) -> Metric:
        from prometheus_client.core import CounterMetricFamily

        metric = CounterMetricFamily(f"newsbitext_{name}", about, labels=(*self._labels, *labels))
        for own, value in values.items():
            metric.add_metric((*self._labels.values(), *own), value)
        return metric

    def _gauge(
        self,
        name: str,
        about: str,
        values: float | Values,
        labels: tuple[str, ...] = (),
    ) -> Metric:
        from prometheus_client.core import GaugeMetricFamily

        metric = GaugeMetricFamily(f"newsbitext_{name}", about, labels=(*self._labels, *labels))
        for own, value in ({(): values} if isinstance(values, int | float) else values).items():
            metric.add_metric((*self._labels.values(), *own), value)
        return metric


def _by_reason(reasons: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    """Return counts by stage and reason, the most frequent apart and the rest together."""
    found: dict[tuple[str, ...], float] = {}
    for number, (name, count) in enumerate(reasons.items()):
        stage, _, reason = name.partition(":")
        key = (stage, reason) if number < MOST_REASONS else ("other", "other")
        found[key] = found.get(key, 0) + count
    return found
