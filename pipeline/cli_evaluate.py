"""The command `newsbitext evaluate`: parse and print, as `cli` does."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path  # noqa: TC003 # typer reads the annotation
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.evaluate import SetScore, System
    from pipeline.plan import Plan
    from pipeline.references import ReferenceSet


def evaluate(
    references: Annotated[
        list[Path],
        typer.Argument(metavar="REFERENCES...", help="Files of SOURCE<TAB>ENGLISH (.tsv, .gz, .zst), or folders."),
    ],
    *,
    configs: Annotated[
        list[str] | None,
        typer.Option(
            "--config", "-c", metavar="CONFIG", help="What translates; a second one is compared to the first."
        ),
    ] = None,
    corpora: Annotated[
        list[Path] | None,
        typer.Option("--corpus", metavar="DIR", help="Score the translations of a corpus, by their sources."),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override in every config, as stages.translate.beam_size=1."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", "-l", metavar="TAG", help="Of sources whose files do not tell it.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="First lines of each file.")] = None,
    samples: Annotated[int, typer.Option("--samples", metavar="N", min=2, help="Of the bootstrap.")] = 1000,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="DIR", help="Leave the translations there, a line each.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a set and system.")] = False,
) -> None:
    """Score models or corpora against reference translations: BLEU and chrF with 95 % intervals."""
    from pipeline.evaluate import CorpusSystem, PlanSystem, Saved
    from pipeline.evaluate import evaluate as evaluate_systems
    from pipeline.references import read_sets

    names = configs or ([] if corpora else ["default"])
    systems: list[System] = [PlanSystem(name, _plan(name, overrides or ())) for name in names]
    systems += [CorpusSystem(corpus) for corpus in corpora or ()]
    if save:
        systems = [Saved(system, save) for system in systems]
    sets: Sequence[ReferenceSet] = read_sets(references, language, limit)
    found = []
    for one in evaluate_systems(systems, sets, samples):
        found.append(one)
        print(json.dumps(asdict(one), ensure_ascii=False) if as_json else _row(one), flush=True)
    if not as_json:
        for signature in dict.fromkeys(score.signature for one in found for score in one.scores):
            print(f"signature  {signature}")


def _plan(name: str, overrides: Sequence[str]) -> Plan:
    """Return the plan of a configuration, but for its memory: that is a corpus's, and no place for test lines."""
    from pipeline.config import load
    from pipeline.plan import make_plan
    from pipeline.settings import Settings
    from pipeline.shipped import find_config

    loaded = load(find_config(name), Settings, overrides)
    stages = tuple(
        one.model_copy(update={"remember": False}) if one.stage == "translate" else one
        for one in loaded.settings.stages
    )
    return make_plan(replace(loaded, settings=loaded.settings.model_copy(update={"stages": stages})))


def _row(one: SetScore) -> str:
    scores = [
        f"{score.metric} {score.score:5.2f} ± {score.interval:.2f}"
        + ("" if score.p_value is None else f" (p = {score.p_value:.4f})")
        for score in one.scores
    ]
    lines = f"{one.scored:,}" if one.scored == one.lines else f"{one.scored:,} of {one.lines:,}"
    return f"{one.set:<24} {one.language:<3} {one.system:<16} {lines:>6} lines  {'  '.join(scores)}"
