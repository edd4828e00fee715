"""Where the time of a run goes: each second to the step that spent it, though stages run inside one another."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")

READ, WRITE, OPEN = "read", "write", "open"
"""Steps beside the stages: reading articles; making and writing rows; loading what the stages need."""

_IDLE = ""
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step took; `cpu_seconds` are those of all threads of the process."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How a shard was made: where, from when to when (seconds since 1970), and what its steps took."""

    host: str
    pid: int
    started: float
    ended: float
    peak_memory_bytes: int
    steps: dict[str, Step]

    @property
    def seconds(self) -> float:
        """The sum of the steps; by a clock that nobody can set back."""
        return sum(step.seconds for step in self.steps.values())


class Stopwatch:
    """Gives every second to one step: the innermost that is at work.

    A stage pulls documents from the stage before it, perhaps many before it yields one; while it
    waits for them, its own time stands still.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, cpu_clock: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._cpu_clock = clock, cpu_clock
        self._step = _IDLE
        self._since, self._cpu_since = clock(), cpu_clock()
        self._spent: dict[str, list[float]] = {}
        self._started = time.time()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time of the block as the step's."""
        before = self._switch(name)
        try:
            yield
        finally:
            self._switch(before)

    def timed(self, name: str, items: Iterable[Item]) -> Iterator[Item]:
        """Return the items; what it takes to get each is the step's."""
        self._spent.setdefault(name, [0.0, 0.0])
        return self._each(name, iter(items))

    def _each(self, name: str, items: Iterator[Item]) -> Iterator[Item]:
        while True:
            before = self._switch(name)
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self._switch(before)
            yield item

    def lap(self) -> Timings:
        """Return what the steps took since the last lap: loading first, writing last, the others as chained."""
        self._switch(self._step)
        names = sorted(self._spent.keys() - {_IDLE}, key=list(self._spent).index)
        names.sort(key=lambda name: (name == WRITE) - (name == OPEN))
        steps = {name: Step(seconds=self._spent[name][0], cpu_seconds=self._spent[name][1]) for name in names}
        started, self._started, self._spent = self._started, time.time(), {}
        return Timings(
            host=host_name(),
            pid=os.getpid(),
            started=started,
            ended=self._started,
            peak_memory_bytes=peak_memory_bytes(),
            steps=steps,
        )

    def _switch(self, step: str) -> str:
        now, cpu_now = self._clock(), self._cpu_clock()
        spent = self._spent.setdefault(self._step, [0.0, 0.0])
        spent[0] += now - self._since
        spent[1] += cpu_now - self._cpu_since
        self._since, self._cpu_since = now, cpu_now
        before, self._step = self._step, step
        return before


def host_name() -> str:
    """Return the name of this machine."""
    return socket.gethostname() or "unknown"


def peak_memory_bytes() -> int:
    """Return the most memory that this process ever held, 0 where the system does not tell.

    Linux counts what the parent held into `ru_maxrss` of a started process (getrusage(2)); `VmHWM` begins anew.
    """
    try:
        text = _STATUS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return _peak_of_usage()
    found = [line.split()[1] for line in text.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else _peak_of_usage()


if sys.platform == "win32":

    def _peak_of_usage() -> int:
        return 0

else:
    import resource

    def _peak_of_usage() -> int:
        """Return `ru_maxrss`, which macOS gives in bytes and others in kilobytes."""
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
