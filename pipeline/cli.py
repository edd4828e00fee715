"""The command: parse what was asked for, call what does it, print what came of it."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from pipeline import __version__, errors
from pipeline.cli_engine import Address, EngineName, engine_overrides
from pipeline.cli_evaluate import evaluate
from pipeline.cli_memory import memory as memory_commands
from pipeline.cli_memory import print_forecast, print_memory
from pipeline.cli_models import models
from pipeline.cli_project import project
from pipeline.cli_report import report
from pipeline.cli_status import status
from pipeline.cli_strip import strip
from pipeline.console import open_streams
from pipeline.events import LogFormat, printable
from pipeline.interrupts import Terminated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.config import Loaded
    from pipeline.plan import Plan
    from pipeline.settings import Settings

FAILED, BAD_USAGE, BAD_INPUT, BAD_OUTPUT, BAD_MODEL, NOT_VERIFIED = range(1, 7)
INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143

EXIT_CODES = {
    errors.ConfigError: BAD_USAGE,
    errors.InputError: BAD_INPUT,
    errors.OutputError: BAD_OUTPUT,
    errors.ModelError: BAD_MODEL,
    errors.VerificationError: NOT_VERIFIED,
}
EXIT_MEANINGS = {
    0: "done",
    FAILED: "failed for another reason",
    BAD_USAGE: "wrong usage or configuration",
    BAD_INPUT: "the input cannot be read",
    BAD_OUTPUT: "the corpus cannot be written",
    BAD_MODEL: "a model is missing or corrupt",
    NOT_VERIFIED: "the corpus does not verify",
    INTERRUPTED: "interrupted",
    BROKEN_PIPE: "the reader of the output went away",
    TERMINATED: "terminated",
}
EPILOG = "Exit codes: " + " · ".join(f"{code} {what}" for code, what in EXIT_MEANINGS.items())


class Commands(TyperGroup):
    """Turns what a user can mend into one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 # typer's own context
        try:
            return super().invoke(ctx)
        except errors.PipelineError as error:
            for line in str(error).split("\n"):
                print(f"error: {printable(line)}", file=sys.stderr)
            raise typer.Exit(EXIT_CODES.get(type(error), FAILED)) from error
        except KeyboardInterrupt as error:
            what, code = ("terminated", TERMINATED) if isinstance(error, Terminated) else ("interrupted", INTERRUPTED)
            print(f"{what}: the same command goes on where it stopped", file=sys.stderr)
            raise typer.Exit(code) from None
        except BrokenPipeError:
            _close_stdout()
            raise typer.Exit(BROKEN_PIPE) from None


app = typer.Typer(
    cls=Commands,
    name="newsbitext",
    help="Turn multilingual news articles into an English parallel corpus with alignment metadata.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Config = Annotated[
    str,
    typer.Argument(
        metavar="[CONFIG]",
        help="A YAML file, or the name of one that comes along: default, fast, minimal, opus-mt.",
        show_default=True,
    ),
]
Input = Annotated[
    str | None,
    typer.Option("--input", "-i", metavar="PATH", help="Directory, glob, file, URL of one, or - (input.path)."),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="DIR", help="Folder of the corpus, or its URL (output.path)."),
]
Memory = Annotated[
    str | None,
    typer.Option("--memory", metavar="FILE", help="What keeps the translations (stages.translate.memory)."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override, as stages.translate.beam_size=1."),
]
Corpus = Annotated[str, typer.Argument(metavar="[CORPUS]", help="The folder of the corpus, or its URL.")]


def _show_version(asked: bool) -> None:  # noqa: FBT001 # as typer calls it
    if asked:
        print(f"newsbitext {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[  # its callback acts
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None: ...


app.add_typer(models, name="models")
app.add_typer(memory_commands, name="memory")
app.command()(strip)
app.command()(report)
app.command()(status)
app.command()(project)
app.command()(evaluate)


class ExportFormat(StrEnum):
    """What a corpus can be exported to; the table of `formats.exports` has the same names."""

    JSONL = "jsonl"
    TMX = "tmx"
    MOSES = "moses"
    XCES = "xces"


@app.command()
def run(
    config: Config = "default",
    *,
    input_path: Input = None,
    output: Output = None,
    memory: Memory = None,
    overrides: Set = None,
    workers: Annotated[int | None, typer.Option("--workers", "-w", metavar="N", help="Processes (workers).")] = None,
    engine: EngineName = None,
    address: Address = None,
    shard: Annotated[str, typer.Option("--shard", metavar="I/N", help="Run part I of N of the shards.")] = "1/1",
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="Of the lines that tell the progress.")
    ] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show warnings and errors only.")] = False,
    metrics_file: Annotated[
        Path | None, typer.Option("--metrics-file", metavar="FILE.prom", help="Figures for the node exporter.")
    ] = None,
) -> None:
    """Make the corpus; a run that was interrupted goes on where it stopped."""
    from pipeline.cli_run import Shown, make_corpus

    shortcuts = [*_shortcuts(input_path, output, memory, workers), *engine_overrides(engine, address)]
    loaded = _load(config, [*shortcuts, *(overrides or ())])
    make_corpus(loaded, _part(shard), Shown(log_format=log_format, quiet=quiet, metrics_file=metrics_file))


@app.command()
def plan(
    config: Config = "default",
    *,
    input_path: Input = None,
    output: Output = None,
    memory: Memory = None,
    overrides: Set = None,
    segments: Annotated[
        bool,
        typer.Option("--segments", help="Count those that are to be translated, and those in memory: minutes a GB."),
    ] = False,
) -> None:
    """Show what a run would do: stages, models, articles, and what is done already."""
    from pipeline.publishing import mirrored
    from pipeline.runner import prepare, survey

    loaded = _load(config, [*_shortcuts(input_path, output, memory), *(overrides or ())])
    if loaded.settings.input.path == "-":
        raise errors.InputError("-: standard input can be read once, by run; name another --input")
    job = prepare(_plan(loaded))
    print(f"config     {loaded.source.file}")
    for number, stage in enumerate(job.plan.stages, 1):
        assigns = ", ".join(sorted(stage.assigns)) or "nothing"
        print(f"stage {number:>2}   {stage.name:<18} version {stage.version}, assigns {assigns}")
    articles = sum(len(one.articles) for one in job.shards)
    with mirrored(loaded.settings.output):
        states = survey(job)
    print(f"signature  {job.plan.signature}")
    print(f"digest     {job.plan.digest}")
    print(f"input      {printable(loaded.settings.input.path)}: articles={articles} shards={len(job.shards)}")
    counted = " ".join(f"{state}={n}" for state, n in Counter(states.values()).items())
    print(f"output     {printable(job.plan.settings.output.place)}: {counted}")
    print_memory(job.plan)
    if segments:
        print_forecast(job, states)


@app.command()
def check(
    configs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CONFIG]...", help="YAML files, or names of shipped ones."),
    ] = None,
    *,
    overrides: Set = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of configs, for editors.")] = False,
) -> None:
    """Find every mistake in configurations; no model is loaded and no article read."""
    from pipeline.settings import json_schema

    if schema:
        print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
        return
    faults = []
    for name in configs or ["default"]:
        try:
            checked = _plan(_load(name, overrides or ()))
        except errors.ConfigError as error:
            faults.append(str(error))
        else:
            print(f"{name}: ok, {len(checked.stages)} stages")
    if faults:
        raise errors.ConfigError("\n".join(faults))


@app.command()
def verify(
    corpus: Corpus = "corpus",
    *,
    config: Annotated[
        str | None,
        typer.Option("--config", metavar="CONFIG", help="Compare with the input of this config, too."),
    ] = None,
    input_path: Input = None,
    overrides: Set = None,
) -> None:
    """Derive every character, count and checksum of a corpus anew; exit with 6 if one is wrong.

    With --config or --input the raw articles are read again as well.
    """
    from pipeline.fetching import at_hand, said_of
    from pipeline.settings import InputSettings
    from pipeline.verify import verify as verify_corpus

    source = InputSettings(path=input_path) if input_path else None
    if config:
        source = _load(config, [*_shortcuts(input_path), *(overrides or ())]).settings.input
    with at_hand(corpus, "") as folder:
        report = verify_corpus(folder, source)
    if report.found:
        more = report.found - len(report.problems)
        rest = [f"{corpus}: and {more} more problems"] if more else []
        raise errors.VerificationError(said_of(corpus, folder, "\n".join([*report.problems, *rest])))
    print(
        f"{printable(str(corpus))}: verified: files={report.files} documents={report.documents} "
        f"units={report.units} characters={report.characters}"
    )


@app.command()
def export(
    corpus: Corpus = "corpus",
    *,
    formats: Annotated[list[ExportFormat], typer.Option("--format", "-f", help="May be given several times.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the files.")] = Path(
        "exports"
    ),
) -> None:
    """Write a finished corpus in other formats."""
    from pipeline.fetching import at_hand
    from pipeline.formats.exports import export as export_corpus
    from pipeline.status import finished_shards

    with at_hand(corpus) as folder:
        shards = finished_shards(folder)
        for name in formats:
            for path in export_corpus(name, folder, shards, output):
                print(path)


def _load(config: str, overrides: Sequence[str]) -> Loaded[Settings]:
    from pipeline.config import load
    from pipeline.settings import Settings
    from pipeline.shipped import find_config

    return load(find_config(config), Settings, overrides)


def _plan(loaded: Loaded[Settings]) -> Plan:
    from pipeline.plan import make_plan

    return make_plan(loaded)


def _shortcuts(
    input_path: str | None, output: str | None = None, memory: str | None = None, workers: int | None = None
) -> list[str]:
    """Return the overrides that options of their own stand for."""
    values = {"input.path": input_path, "output.path": output, "stages.translate.memory": memory, "workers": workers}
    return [f"{key}={json.dumps(value)}" for key, value in values.items() if value is not None]


def _part(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count):
        return int(index), int(count)
    raise errors.ConfigError(f"--shard: expected I/N with 1 <= I <= N, such as 1/4 (got {text!r})")


def _close_stdout() -> None:
    """Let the interpreter flush into nothing on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> NoReturn:
    """Run the command and exit."""
    open_streams()
    app()
    raise AssertionError("typer exits by itself")
