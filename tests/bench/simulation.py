"""What many articles would take on many cores: shards are handed out one by one, as an engine does.

Everything that is measured comes from `scaling.json`; everything that is assumed is a field of `Assumptions`.
"""

from __future__ import annotations

import heapq
import random
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS_AN_HOUR = 3_600
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """CPU seconds: of the shards an article, of the finish an article, of the list an article, of starting a worker.

    `shards` are measured shards, each its articles and CPU seconds: their spread is that of the simulated ones.
    """

    work: float
    finish: float
    listing: float
    start_up: float
    shards: Sequence[tuple[int, float]]

    @property
    def spread(self) -> float:
        """The standard deviation of a shard's seconds an article, as a share of their mean, for one article."""
        rates = [seconds / count for count, seconds in self.shards]
        mean = statistics.fmean(rates)
        articles = statistics.fmean(count for count, _ in self.shards)
        return float(statistics.pstdev(rates) / mean * articles**0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What no measurement here tells.

    A core fails after `hours_to_failure` on average, and loses the shard that it was at; `slow_share` of the cores
    take `slowness` times as long. A corpus of `corpus_articles` is finished by one core, and corpora are finished
    beside each other, as each has its own folder.
    """

    articles: int = 1_000_000_000
    shard_articles: int = 4_096
    corpus_articles: int = 250_000
    hours_to_failure: float = 1_000.0
    slow_share: float = 0.02
    slowness: float = 2.0
    euros_a_core_hour: float = 0.02
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it; `efficiency` is the share of the paid time that went into shards that counted."""

    cores: int
    wall_days: float
    core_hours: float
    euros: float
    articles_a_euro: float
    efficiency: float
    failures: int


def simulate(measured: Measured, assumed: Assumptions, cores: int) -> Outcome:
    """Hand out all shards to the cores, each to the one that is free first; then finish the corpora."""
    chance = random.Random(assumed.seed)  # noqa: S311 # no secret
    slow = round(cores * assumed.slow_share)
    free = [(measured.start_up, number) for number in range(cores)]
    heapq.heapify(free)
    failures, useful = 0, 0.0
    for size in _shard_sizes(assumed):
        now, core = heapq.heappop(free)
        deviation = measured.spread / size**0.5
        seconds = size * measured.work * max(chance.gauss(1.0, deviation), 0.1)
        seconds *= assumed.slowness if core < slow else 1.0
        useful += size * measured.work
        lost = chance.expovariate(1.0 / (assumed.hours_to_failure * SECONDS_AN_HOUR))
        while lost < seconds:
            now, failures = now + lost + measured.start_up, failures + 1
            lost = chance.expovariate(1.0 / (assumed.hours_to_failure * SECONDS_AN_HOUR))
        heapq.heappush(free, (now + seconds, core))
    wall = max(now for now, _ in free) + _around(measured, assumed, cores)
    hours = wall * cores / SECONDS_AN_HOUR
    euros = hours * assumed.euros_a_core_hour
    return Outcome(
        cores=cores,
        wall_days=wall / SECONDS_AN_HOUR / HOURS_A_DAY,
        core_hours=hours,
        euros=euros,
        articles_a_euro=assumed.articles / euros,
        efficiency=useful / (wall * cores),
        failures=failures,
    )


def _shard_sizes(assumed: Assumptions) -> list[int]:
    whole, rest = divmod(assumed.articles, assumed.shard_articles)
    return [assumed.shard_articles] * whole + ([rest] if rest else [])


def _around(measured: Measured, assumed: Assumptions, cores: int) -> float:
    """Return the seconds in which corpora are listed, and finished, each by one core: no shard is run meanwhile."""
    corpora = -(-assumed.articles // assumed.corpus_articles)
    turns = -(-corpora // cores)
    articles = min(assumed.articles, assumed.corpus_articles)
    return turns * articles * (measured.listing + measured.finish)
