"""The options of a run that choose its engine, and the engine that they choose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from pipeline.formats.readers import ArticleRef
    from pipeline.settings import Settings
    from pipeline.shards import Shard
    from pipeline.worker import Done, Worker

EngineName = Annotated[
    str | None,
    typer.Option("--engine", metavar="NAME", help="local: processes here; ray: actors on a cluster (engine.name)."),
]
Address = Annotated[
    str | None,
    typer.Option("--address", metavar="HOST:PORT", help="Of the Ray cluster, or auto, or ray://… (engine.address)."),
]


def engine_overrides(engine: str | None, address: str | None) -> list[str]:
    """Return the overrides that `--engine` and `--address` stand for."""
    if address is not None and engine == "local":
        raise ConfigError(f"--address: expected with --engine ray (got --engine {engine}); leave one of them out")
    if address is not None:
        engine = "ray"
    values = {"engine.name": engine, "engine.address": address}
    return [f"{key}={json.dumps(value)}" for key, value in values.items() if value is not None]


def in_engine(worker: Worker, shards: Sequence[Shard[ArticleRef]], settings: Settings) -> Generator[Done, None, None]:
    """Run shards by the engine of the settings."""
    from pipeline.engines.local import run_here, run_in_processes
    from pipeline.engines.ray_cluster import run_on_cluster

    if settings.engine.name == "ray":
        return run_on_cluster(worker, shards, settings)
    if settings.workers == 1:
        return run_here(worker, shards)
    return run_in_processes(worker, shards, settings.workers)
