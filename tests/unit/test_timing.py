"""Every second goes to the step that spent it, however stages pull from each other."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest

from pipeline.timing import OPEN, READ, WRITE, Stopwatch, peak_memory_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Clock:
    """Stands still until somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, items: Iterable[int], seconds: float, window: int = 1) -> Iterator[int]:
        """Yield the items, a window at a time; each costs so many seconds."""
        iterator = iter(items)
        while batch := list(islice(iterator, window)):
            for item in batch:
                self.now += seconds
                yield item


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stopwatch(clock: Clock) -> Stopwatch:
    return Stopwatch(clock, lambda: clock.now / 2)


def test_a_stage_is_not_charged_for_the_stages_before_it(clock: Clock, stopwatch: Stopwatch) -> None:
    read = stopwatch.timed(READ, clock.work(range(6), 1))
    slow = stopwatch.timed("slow", clock.work(read, 10, window=4))
    last = stopwatch.timed("last", clock.work(slow, 100))
    with stopwatch.step(WRITE):
        for _ in last:
            clock.now += 1000
    steps = stopwatch.lap().steps

    assert {name: step.seconds for name, step in steps.items()} == {READ: 6, "slow": 60, "last": 600, WRITE: 6000}
    assert steps["slow"].cpu_seconds == 30


def test_steps_stand_in_the_order_in_which_articles_pass_them(stopwatch: Stopwatch) -> None:
    with stopwatch.step(WRITE):
        list(stopwatch.timed("second", stopwatch.timed("first", stopwatch.timed(READ, [1]))))
    with stopwatch.step(OPEN):
        pass

    assert list(stopwatch.lap().steps) == [OPEN, READ, "first", "second", WRITE]


def test_a_lap_begins_anew_and_time_between_steps_is_nobodys(clock: Clock, stopwatch: Stopwatch) -> None:
    with stopwatch.step(WRITE):
        clock.now += 1
    clock.now += 5
    first = stopwatch.lap()
    with stopwatch.step(WRITE):
        clock.now += 2
    second = stopwatch.lap()

    assert (first.seconds, second.seconds) == (1, 2)


def test_a_stage_that_fails_is_charged_and_the_one_that_called_it_goes_on(clock: Clock, stopwatch: Stopwatch) -> None:
    def failing() -> Iterator[int]:
        clock.now += 3
        raise ValueError("a fault")
        yield 0

    with stopwatch.step(WRITE):
        with pytest.raises(ValueError, match="a fault"):
            list(stopwatch.timed("failing", failing()))
        clock.now += 4
    steps = stopwatch.lap().steps

    assert (steps["failing"].seconds, steps[WRITE].seconds) == (3, 4)


def test_the_memory_of_this_process_is_more_than_an_interpreter_needs() -> None:
    assert peak_memory_bytes() > 5_000_000
