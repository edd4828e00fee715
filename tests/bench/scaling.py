"""How newsbitext grows with cores, shards and articles.

python -m tests.bench.scaling [--plan full|small|quick] [--model] [--shared FOLDER] writes tests/bench/scaling.json
and, from it, docs/scaling.md. With --model the embedded model translates as well.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import scaling_page
from tests.bench.measuring import machine
from tests.bench.pages import write_pages, write_rows, write_short
from tests.conftest import ROOT

SHARD_SIZES = (1, 8, 64, 512)

SMALL_SHARDS = "shards.articles=8"
"""With few articles, shards of the usual size would be one or two, and leave a second worker without work."""

ONE_CORE = ("stages.translate.threads=1", "stages.translate.remember=false")
"""One worker of the model would use every core by itself; and nothing may come from a memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured: articles for each question, `rounds` of which the medians are taken."""

    articles: int
    model_articles: int
    rounds: int
    by_stage: int
    by_size: int
    memory: tuple[int, ...]
    megabytes: int


PLANS = {
    "full": Plan(
        articles=2_000,
        model_articles=400,
        rounds=3,
        by_stage=400,
        by_size=512,
        memory=(1_000, 10_000, 100_000),
        megabytes=2_048,
    ),
    "small": Plan(
        articles=600, model_articles=60, rounds=1, by_stage=120, by_size=128, memory=(300, 3_000), megabytes=200
    ),
    "quick": Plan(articles=40, model_articles=4, rounds=1, by_stage=20, by_size=20, memory=(50, 100), megabytes=8),
}
"""`full` wants two quiet cores for an hour or two; `small` some minutes; `quick` shows that all of it works."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scaling", description=__doc__)
    parser.add_argument("--plan", choices=PLANS, default="full", help="how much; of quick nothing is written")
    parser.add_argument("--model", action="store_true", help="with the embedded model as well")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of real pages")
    given = parser.parse_args()
    plan = PLANS[given.plan]
    with tempfile.TemporaryDirectory() as home:
        results = measure(plan, given.shared, Path(home), model=given.model)
    if given.plan == "quick":
        sys.stdout.write(scaling_page.render({**results, "simulation": scaling_page.simulated(results)}))
        return
    scaling_page.write(results)


def measure(plan: Plan, shared: Path, home: Path, *, model: bool) -> dict[str, Any]:
    """Run everything; return plain values for the page."""
    facts = machine()
    origin = write_pages(home / "pages", plan.articles, shared)
    kinds = {"fake": ("minimal", plan.articles)}
    if model:
        write_pages(home / "model-pages", plan.model_articles, shared)
        kinds["model"] = ("default", plan.model_articles)
    write_pages(home / "few", plan.by_stage, shared)
    write_pages(home / "sizes", plan.by_size, shared)
    sources = {"fake": home / "few", "model": home / "model-pages"}
    runs = {name: workers(home, name, config, plan.rounds) for name, (config, _) in kinds.items()}
    return {
        "machine": facts,
        "text": {"from": origin, **{f"{name} articles": count for name, (_, count) in kinds.items()}},
        "runs": runs,
        "by_stage": {name: by_stage(home, sources[name], config) for name, (config, _) in kinds.items()},
        "by_size": {str(size): by_size(home, size, plan.by_size) for size in SHARD_SIZES},
        "start_up": {name: start_up(home, config) for name, (config, _) in kinds.items()},
        "memory": memory(home, plan.memory),
        "rows": {ending: rows(home, plan.megabytes, ending) for ending in (".jsonl", ".jsonl.zst")},
    }


def workers(home: Path, name: str, config: str, rounds: int) -> dict[str, Any]:
    """Run with one worker and with two by turns; return the medians of seconds, and all that one round told."""
    source = home / ("pages" if name == "fake" else "model-pages")
    found: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    for turn in range(rounds):
        for count in (1, 2) if turn % 2 == 0 else (2, 1):
            found[count].append(phases(home, source, config, count, *ONE_CORE, SMALL_SHARDS))
            tell(f"round {turn + 1}: {name}: {count} workers: {found[count][-1]['phases']}")
    return {str(count): _medians(rounds_of) for count, rounds_of in found.items()}


def _medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    names = rounds[0]["phases"]
    measured = ("seconds", "cpu_seconds")
    taken = {
        name: {what: statistics.median(one["phases"][name][what] for one in rounds) for what in measured}
        for name in names
    }
    return {**rounds[-1], "phases": taken}


def phases(home: Path, source: Path, config: str, count: int, *overrides: str) -> dict[str, Any]:
    """Make a new corpus in a process of its own; return what `phases` tells."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        return told("phases", source, Path(folder) / "corpus", config, count, *overrides)


def told(module: str, *words: object) -> dict[str, Any]:
    """Run a module of this folder, and read the JSON that it prints."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, words)]
    ended = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def by_stage(home: Path, source: Path, config: str) -> dict[str, Any]:
    """Return CPU seconds an article by step."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        return told("by_stage", source, Path(folder) / "corpus", config, *ONE_CORE)


def by_size(home: Path, size: int, articles: int) -> dict[str, float]:
    """Return what articles cost in shards of this size, without exports and report."""
    plain = ("output.formats=[parquet]", "output.report=false", f"shards.articles={size}")
    found = phases(home, home / "sizes", "minimal", 1, *plain)
    return {
        "shards": found["shards"],
        **{phase: found["phases"][phase]["cpu_seconds"] / articles for phase in ("work", "finish")},
        "seconds": found["phases"]["work"]["seconds"] / articles,
        "files": found["files"] / articles,
        "bytes": found["bytes"] / articles,
    }


def start_up(home: Path, config: str) -> dict[str, float]:
    """Return seconds and CPU seconds until a worker has done the first, tiny article: the median of three."""
    source = home / "one"
    if not source.is_dir():
        write_short(source, 1)
    works = [phases(home, source, config, 1, *ONE_CORE)["phases"]["work"] for _ in range(3)]
    return {what: statistics.median(one[what] for one in works) for what in ("seconds", "cpu_seconds")}


def memory(home: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Return, by the number of short articles, the peak memory of a run and of one that has nothing to do."""
    found = {}
    for size in sizes:
        source, corpus = home / f"short-{size}", home / f"short-{size}-corpus"
        write_short(source, size)
        first = told("phases", source, corpus, "minimal", 1)
        again = told("phases", source, corpus, "minimal", 1)
        found[str(size)] = {
            "peak_megabytes": first["peak_megabytes"],
            "again_peak_megabytes": again["peak_megabytes"],
            "listing_cpu_seconds": first["phases"]["listing"]["cpu_seconds"],
            "finish_cpu_seconds": first["phases"]["finish"]["cpu_seconds"],
            "again_seconds": sum(one["seconds"] for one in again["phases"].values()),
            "again_cpu_seconds": sum(one["cpu_seconds"] for one in again["phases"].values()),
            "bytes_by_folder": _bytes_by_folder(corpus),
        }
        tell(f"{size} short articles: {found[str(size)]}")
    return found


def _bytes_by_folder(corpus: Path) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for path in corpus.rglob("*"):
        if path.is_file():
            sizes[path.relative_to(corpus).parts[0]] += path.stat().st_size
    return dict(sorted(sizes.items()))


def rows(home: Path, megabytes: int, ending: str) -> dict[str, float]:
    """Return the peak memory of a look at one large JSONL file: it is listed, and every row digested."""
    path = home / f"rows{ending}"
    count = write_rows(path, megabytes)
    found = told("rows", path)
    path.unlink()
    return {"megabytes": megabytes, "rows": count, **found}


def tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
