"""What is held of the articles of an input is next to nothing."""

from __future__ import annotations

import json
import pathlib
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from pipeline.config import load
from pipeline.plan import make_plan
from pipeline.runner import prepare, survey
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.plan import Plan

SHARD = 16
"""Articles in a shard, on average; at most four times as many, so that one shard is little."""

BYTES_LISTED = 100
"""What may be held of an article: some 20 in a list that is compressed, and the state of its shard."""


def cheap(folder: Path) -> Plan:
    """Return a plan of one cheap stage over the articles in `in`."""
    (folder / "plan.yaml").write_text("input: {path: in}\nstages: [{stage: normalize}]\n", encoding="utf-8")
    paths = (f"input.path={folder / 'in'}", f"output.path={folder / 'corpus'}", f"shards.articles={SHARD}")
    loaded = load(folder / "plan.yaml", Settings, [*paths, "output.report=false", "output.formats=[parquet]"])
    return make_plan(loaded)


def write(folder: Path, count: int, form: str) -> None:
    """Write articles as rows of a file, or as files in folders of a hundred."""
    folder.mkdir(parents=True)
    if form == "rows":
        lines = (json.dumps({"text": f"Article {number}."}) + "\n" for number in range(count))
        (folder / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
        return
    for number in range(count):
        path = folder / f"{number // 100:03}" / f"article-{number:05}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Article {number}.", encoding="utf-8")


def held_by(work: Callable[[], object]) -> int:
    """Return how many bytes Python holds for the result of some work."""
    tracemalloc.start()
    result = work()
    # Not what `pathlib` has interned: a table of all names of the process, which doubles now and then.
    found = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(inclusive=False, filename_pattern=pathlib.__file__)]
    )
    tracemalloc.stop()
    del result
    return sum(one.size for one in found.statistics("filename"))


@pytest.mark.parametrize("form", ["rows", "files"])
def test_ten_times_the_articles_take_no_more_memory(tmp_path: Path, form: str) -> None:
    held = []
    for count in (100, 300, 3_000):  # the first time for what is imported and cached once
        write(tmp_path / str(count) / "in", count, form)
        plan = cheap(tmp_path / str(count))
        held.append(held_by(lambda: _surveyed(plan)))  # noqa: B023 # called at once

    assert held[2] - held[1] < 2_700 * BYTES_LISTED


def _surveyed(plan: Plan) -> object:
    job = prepare(plan)
    return job, survey(job)
