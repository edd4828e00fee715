"""A worker that dies costs its own shard a further try, and nobody else anything."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.engines.losses import MOST
from pipeline.engines.pool import THREAD_LIMITS, Pool, _threads_divided
from pipeline.errors import ModelError, PipelineError
from tests.unit.engines.fakes import Fake, Stillborn, Threads, shard

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="its limits and signals are those of Linux")


def run(worker: Fake, *names: str, processes: int = 2) -> tuple[list[Any], Exception | None]:
    """Run shards of one article each; return what came, and the error at the end."""
    ended: list[Any] = []
    try:
        for one in Pool(worker, processes).run(map(shard, names)):  # type: ignore[arg-type] # a fake
            ended.append(one)  # noqa: PERF402 # what came before an error counts, too
    except (PipelineError, RuntimeError) as error:
        return ended, error
    return ended, None


@pytest.mark.parametrize("name", ["once", "hungry"])
def test_the_shard_of_a_worker_that_died_goes_to_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    worker = Fake(tmp_path)
    ended, error = run(worker, name, "fine-1", "fine-2")
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]

    assert error is None
    assert sorted(one.shard for one in ended) == ["fine-1", "fine-2", name]
    assert worker.tries(name) == 2
    assert len(warnings) == 1
    assert f"shard={name} time=1/3 reason=\"at article '{name}'," in warnings[0]
    assert ("SIGKILL" if name == "once" else "out of memory") in warnings[0]


def test_a_shard_that_kills_its_workers_is_given_up_when_all_others_are_done(tmp_path: Path) -> None:
    worker = Fake(tmp_path)
    ended, error = run(worker, "dies", "fine-1", "fine-2", "fine-3")

    assert sorted(one.shard for one in ended) == ["fine-1", "fine-2", "fine-3"]
    assert worker.tries("dies") == MOST
    assert type(error) is PipelineError
    assert str(error).startswith(
        "shard dies: expected a worker that lives (got 3 that died, the last: at article 'dies'"
    )
    assert "\n" not in str(error)


def test_an_error_waits_for_the_shards_that_are_being_run(tmp_path: Path) -> None:
    worker = Fake(tmp_path)
    ended, error = run(worker, "slow", "fails", *(f"fine-{number}" for number in range(9)))

    assert type(error) is ModelError
    assert "slow" in [one.shard for one in ended]
    assert worker.tries("fine-8") == 0


def test_a_fault_of_ours_is_raised_with_its_traceback(tmp_path: Path) -> None:
    _, error = run(Fake(tmp_path), "crashes")

    assert "in read" in str(error)
    assert "ZeroDivisionError: a fault of ours" in str(error)


def test_workers_that_cannot_open_their_plan_end_the_run(tmp_path: Path) -> None:
    ended, error = run(Stillborn(tmp_path), "fine-1", "fine-2")

    assert ended == []
    assert re.match(r"workers: expected processes that live \(got [34] that died when they loaded", str(error))


def test_what_a_worker_logs_is_logged_by_the_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run(Fake(tmp_path), "warns")

    assert [record.getMessage() for record in caplog.records] == ["odd_article uri=warns"]


def test_no_more_processes_are_started_than_there_are_shards(tmp_path: Path) -> None:
    ended, _ = run(Fake(tmp_path), "slow-1", "slow-2", processes=8)

    assert len({one.process for one in ended}) == 2


def test_the_threads_of_libraries_are_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREAD_LIMITS:
        monkeypatch.delenv(name, raising=False)
    cores = len(os.sched_getaffinity(0))
    ((_, threads),), _ = run(Threads(tmp_path), "fine", processes=cores)

    assert threads == {"torch": 1, "arrow": 1, "io": 1}
    assert not set(THREAD_LIMITS) & set(os.environ)


def test_a_number_of_threads_that_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with _threads_divided(2):
        inside = os.environ["OMP_NUM_THREADS"], os.environ["RAYON_NUM_THREADS"]

    assert inside == ("7", str(max(1, len(os.sched_getaffinity(0)) // 2)))
