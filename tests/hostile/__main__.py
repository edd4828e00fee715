"""Makes thousands of hostile articles, runs and verifies them, and prints what became of each kind.

`python -m tests.hostile --articles 5000 --seed 1`
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import load
from pipeline.corpus import document_row, units
from pipeline.formats.readers import list_articles, read_article
from pipeline.plan import make_plan
from pipeline.settings import InputSettings, Settings
from tests.conftest import ROOT
from tests.hostile.articles import articles
from tests.hostile.checking import corpus_faults, rejects

if TYPE_CHECKING:
    from tests.hostile.articles import Hostile

TIMED = 4
"""Articles of a kind that are run alone and timed, the longest ones."""

LEAST_KILOBYTES = 1.0
"""A shorter article counts as this long: what a document costs at least is no slowness."""


def main() -> int:
    """Return 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, corpus = Path(folder) / "articles", Path(folder) / "corpus"
        source.mkdir()
        made = {f"{n:06}.txt": one for n, one in enumerate(articles(asked.seed, asked.articles))}
        for name, one in made.items():
            (source / name).write_bytes(one.content)
        start = time.monotonic()
        faults = list(corpus_faults(source, corpus))
        print(f"seed {asked.seed}: {len(made)} articles, {time.monotonic() - start:.0f} s, faults: {len(faults)}")
        if not any(fault.startswith("run") for fault in faults):
            _print_table(made, corpus)
            _print_times(made, source)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def _print_table(made: dict[str, Hostile], corpus: Path) -> None:
    whole = {str(row["uri"]): row for row in rejects(corpus) if row["kind"] == "document"}
    kinds = Counter(one.kind for one in made.values())
    aside = Counter(made[uri].kind for uri in whole)
    print(f"{'kind':<20} {'articles':>8} {'set aside':>9}")
    for kind, count in sorted(kinds.items()):
        print(f"{kind:<20} {count:>8} {aside[kind]:>9}")
    for reason, count in sorted(Counter(str(row["reason"]).partition(":")[0] for row in whole.values()).items()):
        print(f"  reason {reason:<14} {count:>8}")


def _print_times(made: dict[str, Hostile], source: Path) -> None:
    """Run the longest articles of each kind alone, and print those that cost most a kilobyte."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(made, key=lambda name: -len(made[name].content)):
        kinds[made[name].kind].append(name)
    chosen = {name for names in kinds.values() for name in names[:TIMED]}
    settings = InputSettings(path=str(source))
    costs: dict[str, float] = {}
    loaded = load(ROOT / "configs" / "minimal.yaml", Settings, [])
    with make_plan(loaded).open() as plan:
        for ref in [one for one in list_articles(settings) if one.uri in chosen] * 2:
            start = time.process_time()
            (document,) = plan([read_article(ref, settings)])
            document_row(document)
            units(document, "v:1")
            length = max(len(made[ref.uri].content) / 1000, LEAST_KILOBYTES)
            costs[ref.uri] = (time.process_time() - start) * 1000 / length
    median = statistics.median(costs.values())
    print(f"alone: {len(costs)} articles, median {median:.2f} ms a kB")
    for name in sorted(costs, key=lambda name: -costs[name])[:5]:
        print(f"  {name} {made[name].kind:<18} {costs[name]:.2f} ms a kB, {costs[name] / median:.1f} times the median")


sys.exit(main())
