"""The commands under `newsbitext models`: parse and print, as `cli` does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.translators.store import ModelState, ModelStore

models = typer.Typer(
    no_args_is_help=True, help="The translation models: list, verify, pull, card, add, bundle, unbundle."
)

TABLE = Path("models/models.yaml")
Table = Annotated[Path, typer.Option("--models", metavar="FILE", help="The table of models.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="As in the table.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a model.")]


@models.command("list")
def list_models(*, table: Table = TABLE, as_json: Json = False) -> None:
    """Show which model serves which language, and whether its files are as they were pinned."""
    from pipeline.translators import library

    _print_models(library.list_models(_store(table)), as_json=as_json)


@models.command("verify")
def verify_models(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Without: all that are pinned.")
    ] = None,
    *,
    table: Table = TABLE,
    as_json: Json = False,
) -> None:
    """Hash the files of models; exit with 5 if one is missing or not the file that was pinned."""
    from pipeline.translators import library

    states = library.verify_models(_store(table), names or ())
    if not states:
        raise errors.ModelError(f"{table}: no model is pinned; pin one: newsbitext models pull NAME")
    if faults := [state.fault for state in states if state.fault]:
        raise errors.ModelError("\n".join(faults))
    _print_models(states, as_json=as_json)


@models.command("pull")
def pull_model(name: Name, *, table: Table = TABLE) -> None:
    """Fetch a model of the table if it is on the hub, and pin its files by their hashes."""
    from pipeline.translators import library

    _print_models([library.pull_model(_store(table), name)], as_json=False)


@models.command("card")
def show_card(name: Name, *, table: Table = TABLE) -> None:
    """Print the card that came with a model, in Markdown."""
    from pipeline.translators import library

    print(library.model_card(_store(table), name))


@models.command("add")
def add_model(
    name: Name,
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="A directory, or an id on the Hugging Face Hub.")],
    *,
    languages: Annotated[
        list[str],
        typer.Option("--language", "-l", metavar="TAG", help="May be given several times."),
    ],
    licence: Annotated[str, typer.Option("--licence", metavar="SPDX", help="Such as Apache-2.0.")],
    table: Table = TABLE,
) -> None:
    """Put a model into the table, fetch and pin it."""
    from pipeline.translators import library

    state = library.add_model(_store(table), name, origin, languages=languages, licence=licence)
    _print_models([state], as_json=False)


@models.command("bundle")
def bundle_models(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="As in the table.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.tar", help="Written anew.")],
    table: Table = TABLE,
) -> None:
    """Pack models with their table and lock into one file, for a machine without a network."""
    from pipeline.translators import bundle

    path = bundle.pack(_store(table), names, output)
    print(f"{path}: {len(set(names))} models, {path.stat().st_size / 1e6:.1f} MB")


@models.command("unbundle")
def unbundle_models(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar", help="Made by `newsbitext models bundle`.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made; its models.yaml is the table to use.")],
) -> None:
    """Unpack a bundle, with every file checked against its hash."""
    from pipeline.translators import bundle

    _print_models(bundle.unpack(file, folder), as_json=False)
    print(f"use them with: newsbitext run CONFIG --set stages.translate.models={folder / bundle.TABLE}")


def _print_models(states: Sequence[ModelState], *, as_json: bool) -> None:
    from pipeline.translators.store import as_record

    for state in states:
        if as_json:
            print(json.dumps(as_record(state), ensure_ascii=False))
            continue
        pinned = f"{state.revision or 'not pinned'} {state.bytes / 1e6:.1f} MB {state.licence}"
        print(f"{state.name}: {' '.join(state.languages) or 'no language'}: {pinned}")
        print(f"  {state.fault or 'ok'}")


def _store(table: Path) -> ModelStore:
    from pipeline.translators.store import ModelStore

    return ModelStore(table)
