"""The page of figures says what was measured, and the simulation does what it promises."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.bench import scaling_page
from tests.bench.simulation import Assumptions, Measured, simulate

MEASURED = Measured(
    work=0.5, finish=0.002, listing=0.0001, start_up=3.0, shards=[(60, 30.0), (20, 11.0), (100, 45.0), (64, 33.0)]
)
SMALL = Assumptions(articles=200_000, shard_articles=256, corpus_articles=10_000)
CALM = replace(SMALL, hours_to_failure=1e9, slow_share=0.0)


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(scaling_page.RESULTS.read_text(encoding="utf-8"))
    return found


def test_the_page_says_what_was_measured(results: dict[str, Any]) -> None:
    assert scaling_page.PAGE.read_text(encoding="utf-8") == scaling_page.render(results)


def test_the_page_has_no_gap(results: dict[str, Any]) -> None:
    assert "<!--" not in scaling_page.render(results)


def test_the_figures_of_the_page_are_those_of_the_simulation(results: dict[str, Any]) -> None:
    (kind, outcomes), *_ = results["simulation"].items()
    one = simulate(scaling_page.measured(results, kind), Assumptions(), scaling_page.CORES[1])

    assert outcomes[f"{one.cores:,}"]["wall_days"] == pytest.approx(one.wall_days)


def test_one_core_takes_what_all_articles_take() -> None:
    one = simulate(MEASURED, CALM, 1)
    seconds = CALM.articles * (MEASURED.work + MEASURED.finish + MEASURED.listing)

    assert one.core_hours * 3_600 == pytest.approx(seconds, rel=0.01)
    assert one.failures == 0


def test_cores_shorten_the_time_until_there_are_more_than_shards() -> None:
    days = [simulate(MEASURED, CALM, cores).wall_days for cores in (1, 16, 256, 4_096)]

    assert days[0] / days[1] == pytest.approx(16, rel=0.1)
    assert days[1] > days[2] > days[3]
    assert days[0] / days[3] < 800  # there are 782 shards


def test_failures_and_slow_cores_cost_time() -> None:
    calm = simulate(MEASURED, CALM, 64)
    failing = simulate(MEASURED, replace(CALM, hours_to_failure=0.5), 64)
    slow = simulate(MEASURED, replace(CALM, slow_share=0.25), 64)

    assert failing.failures > 10
    assert failing.core_hours > calm.core_hours
    assert slow.core_hours > calm.core_hours
    assert slow.efficiency < calm.efficiency <= 1


def test_one_corpus_of_all_waits_for_the_one_that_finishes_it() -> None:
    cut = simulate(MEASURED, CALM, 64)
    whole = simulate(MEASURED, replace(CALM, corpus_articles=CALM.articles), 64)

    assert whole.wall_days - cut.wall_days > 0.9 * CALM.articles * MEASURED.finish / 86_400


def test_the_same_seed_gives_the_same_outcome() -> None:
    assert simulate(MEASURED, SMALL, 16) == simulate(MEASURED, SMALL, 16)
