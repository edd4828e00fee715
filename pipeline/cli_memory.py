"""The commands under `newsbitext memory`, and what `plan` tells of it: parse and print, as `cli` does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import errors

if TYPE_CHECKING:
    from pipeline.plan import Plan
    from pipeline.standing import State
    from pipeline.worker import Job

memory = typer.Typer(no_args_is_help=True, help="The translation memory: info, prune.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="Such as corpus.memory.sqlite.")]


@memory.command("info")
def info(file: File) -> None:
    """Show how many results a memory holds, by the model, engine and settings that made them."""
    from pipeline.memory import contents

    if not file.is_file():
        raise errors.InputError(f"{file}: expected a memory (got no file)")
    print(f"memory     {_described(file)}")
    for held in contents(file):
        recipe = json.loads(held.recipe)
        settings = " ".join(f"{name}={value}" for name, value in recipe["settings"].items() if name != "stage")
        engine = recipe.get("engine", "")
        print(f"results    {held.results:,} in {held.bytes:,} bytes: {' '.join(recipe['models'])} {engine} {settings}")


@memory.command("prune")
def prune(
    file: File,
    *,
    keep: Annotated[
        list[str],
        typer.Option("--keep", metavar="CONFIG", help="What this config uses stays; may be given several times."),
    ],
) -> None:
    """Remove the results that none of the given configs would use, and give back their space."""
    from pipeline.config import load
    from pipeline.forecast import translator_of
    from pipeline.memory import prune as prune_file
    from pipeline.plan import make_plan
    from pipeline.settings import Settings
    from pipeline.shipped import find_config

    stages = [translator_of(make_plan(load(find_config(name), Settings))) for name in keep]
    recipes = {recipe for stage in stages if stage for recipe in stage.recipes()}
    print(f"removed    {prune_file(file, recipes):,} results")
    print(f"memory     {_described(file)}")


def print_memory(plan: Plan) -> None:
    """Print where the memory of a plan is, and how much it holds."""
    from pipeline.forecast import memory_of

    file = memory_of(plan)
    print(f"memory     {_described(file) if file else 'none'}")


def print_forecast(job: Job, states: dict[str, State]) -> None:
    """Print what the shards that are not done have to be translated, and what the memory holds of it."""
    from pipeline.forecast import forecast

    found = forecast(job.plan, (shard for shard in job.shards if states[shard.id] != "done"))
    print(
        f"segments   {found.segments:,} to do, {found.distinct:,} of them distinct: "
        f"{found.remembered:,} in memory, {found.distinct - found.remembered:,} to translate"
    )


def _described(file: Path) -> str:
    from pipeline.memory import count

    if not file.is_file():
        return f"{file}: not there yet"
    try:
        return f"{file}: results={count(file)} bytes={file.stat().st_size}"
    except errors.InputError as error:
        return str(error)
