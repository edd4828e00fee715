"""What grows with the number of segments, and what a second run costs.

python -m tests.bench.scale [CONFIG [KEY=VALUE ...]]: runs the command over made-up articles of 2,000 and of 20,000
distinct segments, each in processes of its own, and prints seconds, CPU seconds and peak memory as JSON lines:
the first run, the same again, and again without the corpus but with the memory.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (2_000, 20_000)
SENTENCES = 20
"""Of an article, in paragraphs of four."""


def write_articles(folder: Path, segments: int) -> None:
    """Write articles of sentences whose words are those of the seeds' own sentences, mixed within a seed."""
    chance = random.Random(1)  # noqa: S311 # no secret
    seeds = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    pools = [re.findall(r"[^\W\d_]{2,}", text) for text in seeds]
    shapes = [len(one.split()) for text in seeds for one in re.split(r"[.!?]\s", text) if 4 <= len(one.split()) <= 60]
    for number in range(segments // SENTENCES):
        words = [word.lower() for word in pools[number % len(pools)]]
        made = [" ".join(chance.choices(words, k=chance.choice(shapes))).capitalize() for _ in range(SENTENCES)]
        paragraphs = [". ".join(made[first : first + 4]) + "." for first in range(0, SENTENCES, 4)]
        (folder / f"{number:05}.txt").write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def measured(command: Sequence[str | Path]) -> dict[str, object]:
    """Run a command; return its seconds, those of its CPU, its peak memory, and what it said of segments."""
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, said
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1024),
        **{
            line.split()[0]: line.partition(" ")[2].strip() for line in said.splitlines() if line.startswith("segments")
        },
    }


def main() -> None:
    config, *overrides = sys.argv[1:] or ["default"]
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            folder = Path(name) / str(size)
            (folder / "articles").mkdir(parents=True)
            write_articles(folder / "articles", size)
            command: list[str | Path] = [sys.executable, "-m", "pipeline", "run", config, "-i", folder / "articles"]
            command += ["-o", folder / "corpus", *(word for one in overrides for word in ("--set", one))]
            for what in ("first", "again", "from memory"):
                if what == "from memory":
                    shutil.rmtree(folder / "corpus")
                print(json.dumps({"segments asked": size, "run": what, **measured(command)}), flush=True)


if __name__ == "__main__":
    main()
