from __future__ import annotations

import pytest

from pipeline.timing import Step, Timings
from pipeline.totals import Totals


def timings(pid: int, peak: int, **seconds: float) -> Timings:
    steps = {name: Step(seconds=one, cpu_seconds=one / 2) for name, one in seconds.items()}
    return Timings(host="h", pid=pid, started=0, ended=9, peak_memory_bytes=peak, steps=steps)


@pytest.fixture
def totals() -> Totals:
    made = Totals()
    counts = {"articles": 2, "units": 9, "dropped:read:too_long": 1, "set_aside:filter:copied": 4}
    made.add(counts, {"translated": 6, "remembered": 3}, timings(1, 500, read=1, translate=2))
    made.add({**counts, "set_aside:filter:short": 5}, {"translated": 6}, timings(2, 700, read=1, translate=4))
    return made


def test_seconds_are_those_of_all_workers_and_memory_that_of_the_largest(totals: Totals) -> None:
    assert (totals.seconds, totals.steps["translate"].cpu_seconds) == (8, 3)
    assert totals.peak_memory_bytes == 700


def test_segments_from_the_memory_do_not_make_the_model_faster(totals: Totals) -> None:
    assert totals.segments_per_second() == 2


def test_reasons_stand_by_how_often_they_came(totals: Totals) -> None:
    assert list(totals.reasons("set_aside").items()) == [("filter:copied", 8), ("filter:short", 5)]
    assert totals.reasons("dropped") == {"read:too_long": 2}


def test_the_values_of_the_event_are_those_of_the_table(totals: Totals) -> None:
    values = totals.values()

    assert (values["articles"], values["translate_seconds"], values["dropped:read:too_long"]) == (4, 6, 2)
