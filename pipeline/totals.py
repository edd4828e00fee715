"""What a run did and where its time went, summed over its workers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.timing import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.events import Value
    from pipeline.timing import Timings

TRANSLATE = "translate"
"""The step whose speed is told in segments as well."""

FATES = ("dropped", "set_aside")
"""Counts of manifests that are also told by reason, as `dropped:STAGE:REASON`."""


@dataclass(slots=True)
class Totals:
    """Sums over the shards that a run made; `steps` stand in the order in which articles pass them."""

    shards: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    tally: Counter[str] = field(default_factory=Counter)
    steps: dict[str, Step] = field(default_factory=dict)
    peaks: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, counts: Mapping[str, int], tally: Mapping[str, int], timings: Timings) -> None:
        """Add a shard that was made."""
        self.shards += 1
        self.counts.update(counts)
        self.tally.update(tally)
        self.peaks[timings.host, timings.pid] = timings.peak_memory_bytes
        for name, step in timings.steps.items():
            self.take(name, step)

    def take(self, name: str, step: Step) -> None:
        """Add what a step took."""
        before = self.steps.get(name, Step(seconds=0.0, cpu_seconds=0.0))
        seconds, cpu_seconds = before.seconds + step.seconds, before.cpu_seconds + step.cpu_seconds
        self.steps[name] = Step(seconds=seconds, cpu_seconds=cpu_seconds)

    @property
    def seconds(self) -> float:
        """What all steps took, in all workers together."""
        return sum(step.seconds for step in self.steps.values())

    @property
    def peak_memory_bytes(self) -> int:
        """The most that any worker held."""
        return max(self.peaks.values(), default=0)

    def reasons(self, fate: str) -> dict[str, int]:
        """Return how many articles were `dropped`, or segments `set_aside`, by stage and reason."""
        found = {name.split(":", 1)[1]: count for name, count in self.counts.items() if name.startswith(f"{fate}:")}
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def segments_per_second(self) -> float:
        """Return how many segments were translated a second of that step, not counting those from the memory."""
        step = self.steps.get(TRANSLATE)
        return self.tally["translated"] / step.seconds if step and step.seconds else 0.0

    def values(self) -> dict[str, Value]:
        """Return all of it as values of an event."""
        named = ("articles", "units", "segments", "characters")
        return {
            **{name: self.counts[name] for name in named},
            **{f"segments_{name}": self.tally[name] for name in ("translated", "remembered")},
            "attempts": self.tally["attempts"],
            "segments_per_second": self.segments_per_second(),
            "peak_memory_bytes": self.peak_memory_bytes,
            **{f"{name}_seconds": step.seconds for name, step in self.steps.items()},
            **{f"{fate}:{reason}": count for fate in FATES for reason, count in self.reasons(fate).items()},
        }
