"""Rounds of measurements that take turns, so that a busy minute of the machine hits all alike."""

from __future__ import annotations

import itertools
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.formats.parquet import units
from pipeline.stages.translate import TranslateConfig
from pipeline.translators.base import Decoding
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.store import ModelStore
from pipeline.worker import Worker
from tests.bench import peers, shortlist
from tests.bench.material import write_articles, write_short
from tests.conftest import ROOT
from tests.running import job, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.translators.checkpoint import Checkpoint
    from pipeline.worker import Job

MODEL = "ruarfr-en-small"
ONE_BY_ONE = 4
"""The part of the sample that transformers gets one by one: it is the slowest of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured. `sample`: segments for peers that are slow; `short`: for the peak memory."""

    segments: int
    rounds: int
    sample: int
    short: tuple[int, int]

    def changed(self, segments: int | None, rounds: int | None) -> Plan:
        """Return the plan with what the user asked for."""
        return replace(self, segments=segments or self.segments, rounds=rounds or self.rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds of each round over a number of segments."""

    segments: int
    seconds: list[float]

    @property
    def rate(self) -> float:
        """Segments a second, the median of the rounds."""
        return self.segments / statistics.median(self.seconds)


def measure(plan: Plan, shared: Path, home: Path) -> dict[str, Any]:
    """Run everything; return plain values for the report."""
    facts = machine()
    origin = write_articles(home / "articles", plan.segments, shared)
    checkpoint = ModelStore(ROOT / "models" / "models.yaml").open(MODEL)
    _, todo = end_to_end(home)
    sources, decoding = translated(todo), decoding_of(todo)
    sample = sources[:: max(1, len(sources) // plan.sample)]
    few = sample[::ONE_BY_ONE]
    runs: dict[str, tuple[int, Callable[[], float]]] = {
        "one_by_one": (len(few), timed(peers.transformers(checkpoint, decoding, few, 1))),
        "transformers": (len(sample), timed(peers.transformers(checkpoint, decoding, sample))),
        "ctranslate2": (len(sources), timed(peers.bare(checkpoint, decoding, sources))),
        "newsbitext": (len(sources), lambda: end_to_end(home)[0]),
        "newsbitext_workers": (len(sources), lambda: by_workers(home)),
        "newsbitext_one_try": (len(sources), lambda: end_to_end(home, *one_try())[0]),
    }
    missing = None
    try:
        runs["argostranslate"] = (len(sample), timed(peers.argos(checkpoint, decoding, sample, home)))
    except ImportError as error:
        missing = str(error)
    measured = rounds(plan.rounds, runs)
    return {
        "machine": facts,
        "model": MODEL,
        "text": {"from": origin, "segments": len(sources), "distinct": len(set(sources)), "sample": len(sample)},
        "decoding": asdict(decoding),
        "peers": {name: {"segments": one.segments, "seconds": one.seconds} for name, one in measured.items()},
        "segments_a_second": {name: one.rate for name, one in measured.items()},
        "missing": missing,
        "variants": variants(checkpoint, decoding, sample),
        "shortlist": shortlist.try_out(checkpoint, decoding, sources, sample, home / "shortlist"),
        "peak_megabytes": {str(size): peak(home / f"short-{size}", size) for size in plan.short},
        "start_up_seconds": start_up(home),
    }


def rounds(number: int, runs: dict[str, tuple[int, Callable[[], float]]]) -> dict[str, Measured]:
    """Run all by turns, and each second round backwards."""
    found = {name: Measured(segments=segments, seconds=[]) for name, (segments, _) in runs.items()}
    for turn in range(number):
        for name in list(runs)[:: -1 if turn % 2 else 1]:
            found[name].seconds.append(runs[name][1]())
            sys.stderr.write(f"round {turn + 1}: {name}: {found[name].seconds[-1]:.1f} s\n")
    return found


def end_to_end(home: Path, *settings: str) -> tuple[float, Job]:
    """Make a new corpus of the articles, from raw files to Parquet; return the seconds, with loading the model."""
    corpus = Path(tempfile.mkdtemp(prefix="corpus-", dir=home))
    todo = job(home / "articles", corpus, *settings, config="default")
    start = time.perf_counter()
    with Worker(todo) as worker:
        for shard in todo.shards:
            worker.run(shard)
    return time.perf_counter() - start, todo


def by_workers(home: Path) -> float:
    """Make a new corpus with two workers, one core each; return the seconds, with starting them."""
    corpus = Path(tempfile.mkdtemp(prefix="corpus-", dir=home))
    start = time.perf_counter()
    run(home / "articles", corpus, "workers=2", "shards.articles=16", config="default", workers=2)
    return time.perf_counter() - start


def one_try() -> tuple[str, ...]:
    """Return the settings under which no segment is translated twice, as the peers do it."""
    tries = TranslateConfig.model_fields.get("ladder")
    return ("stages.translate.ladder.rungs=[]",) if tries is not None else ()


def translated(todo: Job) -> list[str]:
    """Return the segments that the model translated, in the order of the documents."""
    rows = (units(todo.corpus, shard.id) for shard in todo.shards)
    return [row.source for shard in rows for _, own in shard for row in own if row.model]


def decoding_of(todo: Job) -> Decoding:
    """Return how the translate stage decodes, with the cores counted."""
    (config,) = (stage for stage in todo.plan.settings.stages if stage.stage == "translate")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Decoding(
        beam_size=config.beam_size,
        no_repeat_ngram_size=config.no_repeat_ngram_size,
        compute_type=config.numbers,
        threads=config.threads or cores,
    )


def timed(run: Callable[[], object]) -> Callable[[], float]:
    """Return what runs it and tells the seconds."""

    def clock() -> float:
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    return clock


def variants(checkpoint: Checkpoint, decoding: Decoding, texts: Sequence[str]) -> dict[str, float]:
    """Return segments a second of our translator under other settings, without the other stages."""
    found: dict[str, float] = {}
    for beam_size, compute_type in itertools.product((1, 4), ("int8", "float32")):
        settings = replace(decoding, beam_size=beam_size, compute_type=compute_type)  # type: ignore[arg-type] # a literal
        with MarianCTranslate2(checkpoint, settings) as translator:
            seconds = min(timed(lambda: translator.translate(texts))() for _ in range(2))
        found[f"beam {beam_size}, {compute_type}"] = len(texts) / seconds
    return found


def peak(home: Path, segments: int) -> float:
    """Return the peak memory, in MB, of a process that translates so many short segments greedily."""
    write_short(home / "articles", segments)
    words = ["run", "fast", "-i", str(home / "articles"), "-o", str(home / "corpus"), "--quiet"]
    ended = subprocess.run(
        [sys.executable, "-c", _TELLS_PEAK, *words], cwd=ROOT, check=True, stderr=subprocess.PIPE, text=True
    )
    return int(ended.stderr.rpartition("VmHWM:")[2].split()[0]) / 1024  # KiB


_TELLS_PEAK = """
import sys
from pathlib import Path
from pipeline.cli import main
try:
    main()
finally:
    sys.stderr.write(Path("/proc/self/status").read_text())
"""
"""Not the system's account of the child, which begins with the memory of the process that starts it."""


def start_up(home: Path) -> dict[str, float]:
    """Return the seconds that commands take, the median of five."""
    (home / "one").mkdir()
    (home / "one" / "a.txt").write_text("Le ministre a annoncé hier que les prix avaient augmenté.\n", encoding="utf-8")
    commands = {
        "--help": ["--help"],
        "check default": ["check", "default"],
        "run default, one segment": ["run", "default", "-i", str(home / "one"), "--quiet", "-o"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for turn, (name, words) in itertools.product(range(5), commands.items()):
        more = [str(home / f"corpus-{turn}")] if words[-1] == "-o" else []
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pipeline", *words, *more], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        found[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    names = [line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")]
    packages = ("ctranslate2", "torch", "transformers", "sentencepiece")
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
