"""The command `status`, and what is printed when a run ends."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import errors
from pipeline.events import moment, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.logs import WorkerLog
    from pipeline.progress import Progress, Run, Surveyed
    from pipeline.runner import Summary
    from pipeline.totals import Totals

WATCH_SECONDS = 2.0
"""Between two looks: as often as runs give signs of life."""

MOST_LINES = 10
"""Ended runs, failures and reasons that are listed; the others are counted, or in --json."""


def status(
    corpus: Annotated[str, typer.Argument(metavar="[CORPUS]", help="The folder or URL of the corpus.")] = "corpus",
    *,
    config: Annotated[
        str | None,
        typer.Option("--config", metavar="CONFIG", help="Compare with this config and its input: reads both."),
    ] = None,
    input_path: Annotated[
        str | None,
        typer.Option("--input", "-i", metavar="PATH", help="Directory, glob, or file (input.path)."),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override, as stages.translate.beam_size=1."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, until nobody is at work.")] = False,
) -> None:
    """Tell how far a corpus is, and who is at work on it; from any terminal, also while it is being made."""
    from pipeline.fetching import at_hand
    from pipeline.logs import LOGS
    from pipeline.progress import Reader
    from pipeline.stores import is_url

    if watch and is_url(corpus):
        raise errors.ConfigError(f"--watch: expected the folder of a corpus (got {corpus}); look again now and then")
    try:
        with at_hand(corpus, f"{LOGS}/") as folder:
            reader = Reader(folder)
            while True:
                surveyed = _survey(corpus, config, input_path, overrides or ()) if config else None
                progress = reader.read(surveyed)
                if watch and sys.stdout.isatty() and not as_json:
                    print("\x1b[H\x1b[2J", end="")  # to the top left, and clear (ECMA-48)
                print(json.dumps(asdict(progress)) if as_json else "\n".join(_lines(progress)), flush=True)
                if not watch or progress.state != "running":
                    return
                time.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        if not watch:
            raise


def print_summary(corpus: str, summary: Summary, totals: Totals | None) -> None:
    """Print what a run did; with `totals`, where its time went as well."""
    if totals is not None and totals.shards:
        print("\n".join([*time_table(totals), ""]))
    print(f"corpus     {corpus}")
    print(f"shards     done={summary.done} reused={summary.reused}")
    translated, remembered = (summary.tally.get(name, 0) for name in ("translated", "remembered"))
    print(f"segments   {translated:,} translated, {remembered:,} from memory")
    if summary.counts is None:
        print("state      unfinished: other parts are missing")
        return
    print_counts(summary.counts)
    print(f"state      finished; next: newsbitext verify {corpus}")


def print_counts(counts: dict[str, int]) -> None:
    """Print what the manifests count; characters are the non-blank ones of the raw articles."""
    print("\n".join(_counts(counts)))


def time_table(totals: Totals) -> Iterator[str]:
    """Yield the lines that tell where the time of a run went; seconds are those of all workers together."""
    articles, whole = totals.counts["articles"], max(totals.seconds, 1e-9)
    width = max(len(name) for name in (*totals.steps, "step"))
    yield f"{'step':<{width}}  {'seconds':>10}  {'share':>6}  {'cpu':>10}  {'articles/s':>10}"
    rows = [*((name, step.seconds, step.cpu_seconds) for name, step in totals.steps.items())]
    rows.append(("all", totals.seconds, sum(cpu for _, _, cpu in rows)))
    for name, seconds, cpu in rows:
        speed = f"{articles / seconds:,.1f}" if seconds >= 0.001 else "-"  # noqa: PLR2004 # what a clock can tell
        yield f"{name:<{width}}  {seconds:>10,.2f}  {seconds / whole:>6.1%}  {cpu:>10,.2f}  {speed:>10}"
    workers = len(totals.peaks)
    peak = (
        f"{totals.peak_memory_bytes / 1e6:,.0f} MB at most in {'one process' if workers == 1 else f'one of {workers}'}"
    )
    yield f"translate  {totals.segments_per_second():,.1f} segments/s, {totals.tally['attempts']:,} tried again"
    yield f"memory     {peak}"
    for fate, what in (("dropped", "articles"), ("set_aside", "segments")):
        reasons = list(totals.reasons(fate).items())
        told = [f"{reason.replace(':', '/')}={count:,}" for reason, count in reasons[:MOST_LINES]]
        more = [f"and {len(reasons) - MOST_LINES} more reasons"] if len(reasons) > MOST_LINES else []
        if told:
            yield f"{fate:<9}  {what}: {' '.join([*told, *more])}"


def _survey(corpus: str, config: str, input_path: str | None, overrides: Sequence[str]) -> Surveyed:
    """Return how each shard stands by the config and its input."""
    from pipeline.config import load
    from pipeline.plan import make_plan
    from pipeline.publishing import mirrored
    from pipeline.runner import prepare, survey
    from pipeline.settings import Settings
    from pipeline.shipped import find_config

    named = {"output.path": corpus, **({"input.path": input_path} if input_path else {})}
    words = [f"{key}={json.dumps(value)}" for key, value in named.items()]
    loaded = load(find_config(config), Settings, [*words, *overrides])
    if loaded.settings.input.path == "-":
        raise errors.InputError("-: standard input can be read once, by run; leave out --config")
    with mirrored(loaded.settings.output):
        job = prepare(make_plan(loaded))
        states = survey(job)
        return {shard.id: (str(states[shard.id]), len(shard.articles)) for shard in job.shards}


def _lines(progress: Progress) -> Iterator[str]:
    shards, articles = progress.shards, progress.articles
    told = " ".join(f"{name}={count}" for name, count in shards.items() if count or name in {"done", "waiting"})
    yield f"state      {progress.state}"
    yield f"shards     {sum(shards.values())}: {told}"
    share = articles["done"] / max(articles["all"], 1)
    done = f"{articles['done']:,} of {articles['all']:,} articles ({share:.1%})"
    yield f"progress   {done}, {articles['under_way']:,} under way"
    rates = ((progress.rate, "now"), (progress.rate_of_all_runs, "in all runs"))
    if found := [f"{rate:,.2f} {when}" for rate, when in rates if rate is not None]:
        yield f"rate       articles/s: {', '.join(found)}"
    if progress.seconds_left is not None:
        yield f"left       {_duration(progress.seconds_left)}"
    ended = [run for run in progress.runs if run.state != "running"]
    yield from (_run(run) for run in (*ended[-MOST_LINES:], *(run for run in progress.runs if run.state == "running")))
    yield from (_worker(worker) for worker in progress.workers)
    failures = list(progress.failures.items())
    yield from (f"failed     shard {shard}: {_last(error)}" for shard, error in failures[:MOST_LINES])
    yield from (f"corrupt    manifests/{name}: its shard will be done again" for name in progress.corrupt[:MOST_LINES])
    yield from _counts(progress.counts)
    yield from (f"signature  {signature}" for signature in progress.signatures)


def _run(run: Run) -> str:
    log = run.log
    begun = f"{moment(log.started)[:19]}Z, {_duration(max(log.beat - log.started, 0))}"
    life = f", last sign of life {_duration(run.silent_seconds)} ago" if run.state in {"running", "interrupted"} else ""
    lost = f", {log.workers_lost} workers lost" if log.workers_lost else ""
    error = f": {printable(log.error)}" if log.error else ""
    return (
        f"run        {run.state} on {log.host}:{log.pid}, part {log.part[0]}/{log.part[1]}, {log.workers} workers, "
        f"{log.shards_done} of {log.shards} shards, since {begun}{lost}{life}{error}"
    )


def _worker(worker: WorkerLog) -> str:
    at = f"shard {worker.shard}, {worker.articles} of {worker.of} articles" if worker.shard else "between shards"
    since = f", since {moment(worker.started)[:19]}Z" if worker.started is not None else ""
    return f"worker     {worker.host}:{worker.pid}: {at}{since}"


def _counts(counts: dict[str, int]) -> Iterator[str]:
    yield f"articles   {counts.get('articles', 0):,}, of them set aside whole: {counts.get('dropped', 0):,}"
    yield f"units      {counts.get('units', 0):,} of {counts.get('segments', 0):,} segments"
    total = counts.get("characters", 0)
    yield f"characters {total:,} that are not blank"
    for fate in ("translated", "passthrough", "set_aside"):
        count = counts.get(f"{fate}_characters", 0)
        yield f"  {fate:<12} {count:>12,}  {count / max(total, 1):6.1%}"


def _duration(seconds: float) -> str:
    """Return `1 d 02:03:04`, without days where there are none."""
    days, rest = divmod(int(seconds), 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days} d {clock}" if days else clock


def _last(error: str) -> str:
    """Return the last line of an error, as it can be printed."""
    lines = [line for line in error.split("\n") if line.strip()]
    return printable(lines[-1].strip()) if lines else ""
