"""Counts how often a shard lost its worker: one that kills whoever takes it must not be tried for ever."""

from __future__ import annotations

from collections import Counter

from pipeline.errors import PipelineError

MOST = 3
"""Workers that a shard may lose before it is given up: once may be the machine, three times is the shard."""

WORKER_LOST = "worker_lost"
"""Event that an engine logs of a worker that died: which, of which shard, how often that was, and why."""

_SHOWN = 10
"""Shards that the error names, one a line."""


class Losses:
    """The shards that lost a worker, and how often."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._given_up: list[str] = []

    def add(self, shard: str, reason: str) -> bool:
        """Count a loss; return whether the shard may be tried again."""
        self._counts[shard] += 1
        if self._counts[shard] < MOST:
            return True
        self._given_up.append(
            f"shard {shard}: expected a worker that lives (got {MOST} that died, the last: {reason}); "
            "give it more memory, or take the article out that needs it, then run again: what is done stays"
        )
        return False

    def count(self, shard: str) -> int:
        """Return how many workers a shard has lost."""
        return self._counts[shard]

    def check(self) -> None:
        """Raise `PipelineError` if a shard was given up; to be called when all others are done."""
        if self._given_up:
            more = len(self._given_up) - _SHOWN
            rest = [f"and {more} more shards"] if more > 0 else []
            raise PipelineError("\n".join([*self._given_up[:_SHOWN], *rest]))
