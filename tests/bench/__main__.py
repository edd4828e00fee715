"""Measures newsbitext next to its peers, in one run, on the same checkpoint, beam and segments.

python -m tests.bench [--quick] [--segments N] [--rounds N] [--shared FOLDER]

Writes BENCHMARKS.md and its numbers to tests/bench/results.json; a quick run only prints them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.bench import measuring, report
from tests.bench.measuring import Plan
from tests.conftest import ROOT

RESULTS = ROOT / "tests" / "bench" / "results.json"
TABLE = ROOT / "BENCHMARKS.md"

FULL = Plan(segments=3000, rounds=3, sample=240, short=(2_000, 20_000))
QUICK = Plan(segments=240, rounds=1, sample=24, short=(100, 1_000))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything; nothing is written")
    parser.add_argument("--segments", type=int, help="real segments to translate")
    parser.add_argument("--rounds", type=int, help="of which the medians are taken")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of real text")
    given = parser.parse_args()
    plan = (QUICK if given.quick else FULL).changed(given.segments, given.rounds)
    with tempfile.TemporaryDirectory() as home:
        results = measuring.measure(plan, given.shared, Path(home))
    text = report.render(results)
    sys.stdout.write(text)
    if not given.quick:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
