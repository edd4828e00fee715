"""Runs a plan over a folder of articles, as the command does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.config import load
from pipeline.engines.local import run_here, run_in_processes
from pipeline.plan import make_plan
from pipeline.runner import Summary, prepare
from pipeline.runner import run as run_job
from pipeline.settings import InputSettings, Settings
from pipeline.verify import verify
from pipeline.worker import Worker
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.worker import Job


def job(source: Path, corpus: Path, *overrides: str, config: str | Path = "minimal") -> Job:
    """Return what there is to do; `config` is a file, or the name of one that is shipped."""
    inputs = (f"input.path={source}", f"output.path={corpus}")
    file = ROOT / "configs" / f"{config}.yaml" if isinstance(config, str) else config
    loaded = load(file, Settings, [*inputs, *overrides])
    return prepare(make_plan(loaded))


def run(
    source: Path,
    corpus: Path,
    *overrides: str,
    config: str | Path = "minimal",
    workers: int = 1,
    part: tuple[int, int] = (1, 1),
) -> Summary:
    """Run a shipped config over the articles in `source`."""
    todo = job(source, corpus, *overrides, config=config)

    def engine(worker: Worker, shards: object) -> object:
        return run_in_processes(worker, shards, workers) if workers > 1 else run_here(worker, shards)  # type: ignore[arg-type]

    return run_job(todo, engine, Worker(todo), part)  # type: ignore[arg-type]


def problems(corpus: Path, source: Path) -> tuple[str, ...]:
    """Return what `verify` finds wrong with a corpus made from the articles in `source`."""
    return verify(corpus, InputSettings(path=str(source))).problems
