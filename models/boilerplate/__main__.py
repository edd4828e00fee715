"""The command line: python -m models.boilerplate train|evaluate --data DIR.

DIR holds the labelled pages, `<set>.jsonl.gz`. `train` writes the weights and prints how trees that
saw no page of a site judge it; `evaluate` prints what the methods make of the held sites.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.boilerplate.evaluate import held_table, table
from models.boilerplate.pages import read_pages
from models.boilerplate.train import calibrated, examples, fit, save, unseen
from pipeline.boilerplate.decoding import strip
from pipeline.boilerplate.features import spared

if TYPE_CHECKING:
    from models.boilerplate.evaluate import Judged

WEIGHTS = Path(__file__).parents[2] / "pipeline" / "boilerplate" / "model.safetensors"


def _train(data: Path, weights: Path) -> None:
    pages = [page for path in sorted(data.glob("*.jsonl.gz")) for page in read_pages(path) if not page.held]
    learned = examples(pages)
    said = unseen(learned)
    forest = calibrated(fit(learned), learned, said)
    save(forest, weights)
    judged: Judged = defaultdict(list)
    for example, log_odds in zip(learned, said, strict=True):
        meant = np.interp(log_odds, forest.said, forest.meant)
        characters = np.array([len(block.text) or 1 for block in example.page.blocks], dtype=np.float64)
        stripped = strip(meant, characters, spared(example.rows))
        lines = [stripped[place] for place in example.places]
        judged[example.source.set, example.source.variant].append((example.source, lines))
    print("sites that the trees had not seen:", *table(judged), sep="\n")


def _evaluate(data: Path) -> None:
    for method in ("rules", "model", "both"):
        print(f"held sites, {method}:", *held_table(data, method), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.boilerplate", description=__doc__)
    parser.add_argument("step", choices=("train", "evaluate"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    if options.step == "train":
        _train(options.data, options.weights)
    else:
        _evaluate(options.data)


main()
