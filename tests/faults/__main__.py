"""`python -m tests.faults --kills 50`: kills at random moments, each followed by a run that must mend it."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT
from tests.faults.kills import Killer
from tests.faults.runs import copied_articles

COPIES = 2
"""Of the five seeds: enough shards to be hit between, few enough for fifty kills in some minutes."""


def main() -> int:
    """Kill as often as asked; return 1 if one kill did not come out well."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another one draws other moments")
    asked = parser.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311 # no secret
    good = hits = redone = begun = 0
    with tempfile.TemporaryDirectory() as folder:
        killer = Killer(copied_articles(ROOT / "seeds", Path(folder) / "articles", COPIES), Path(folder))
        for number in range(1, asked.kills + 1):
            kill = killer.draw(chance)
            outcome = killer.carry_out(kill)
            good, hits = good + outcome.is_good, hits + outcome.hit
            redone, begun = redone + outcome.redone, max(begun, outcome.begun - kill.workers)
            print(f"{number:>3} {'ok ' if outcome.is_good else 'BAD'} {kill}: {outcome}", flush=True)
    print(f"{good} of {asked.kills} resumed corpora identical; {hits} processes were hit; done shards redone: {redone}")
    return 0 if good == asked.kills and begun <= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
