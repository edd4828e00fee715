"""Trains the trees on labelled pages, and writes them as arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from models.boilerplate.pages import USUAL, LabelledPage, blocks_of, variants
from pipeline.boilerplate.features import NAMES, measure
from pipeline.boilerplate.forest import SCALE, Forest
from pipeline.boilerplate.lexicon import load_lexicon
from pipeline.boilerplate.rules import apply_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.boilerplate.page import Page

    Numbers: TypeAlias = NDArray[np.float32]

SETTINGS = {
    "iterations": 200,
    "depth": 6,
    "learning_rate": 0.1,
    "l2_leaf_reg": 10,
    "rsm": 0.3,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.7,
    "border_count": 64,
    "random_seed": 1,
    "thread_count": 1,
    "verbose": False,
    "allow_writing_files": False,
}
"""Of CatBoost. One thread and one seed: the same weights again."""

SET_WEIGHTS = {"fundus": 2.0, "scrapinghub": 2.0, "turku_de": 3.0, "turku_en": 3.0, "turku_es": 3.0, "turku_fr": 3.0}
"""The news of today, and the few pages of the general web, count more than 1."""

CROP_WEIGHT = 0.4

LINE, MOST_LINES = 120, 3.0
"""Characters of a line of text, and so many lines that a paragraph counts as at most."""

SIZE_SHARE = 0.4
"""Share of a text block's weight that follows its size: a lost paragraph is worse than a kept label."""

FOLDS = 4
"""Parts of the sites, for choices and for calibration: each is judged by trees that never saw it."""

KNOTS = 30
"""Of the calibration: so many quantiles of what the trees say of lines they never saw."""

_RAW = (-100.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A page that was measured: shapes `rows` (features, blocks), `labels` and `weights` (blocks)."""

    source: LabelledPage
    page: Page
    places: list[int]
    rows: Numbers
    labels: NDArray[np.bool_]
    weights: NDArray[np.float64]


def examples(pages: Iterable[LabelledPage]) -> list[Example]:
    """Return what is learned from, or judged: every variant of the pages, measured."""
    found = [_example(page) for page in variants(pages)]
    return [example for example in found if example is not None]


def fit(learned: Sequence[Example]) -> Forest:
    """Return the trees that tell boilerplate from text."""
    from catboost import CatBoostClassifier

    counts = Counter(example.source.set for example in learned if example.source.variant in USUAL)
    shares = [_share(example.source, counts) for example in learned]
    weights = np.concatenate([example.weights * share for example, share in zip(learned, shares, strict=True)])
    model = CatBoostClassifier(**SETTINGS)
    model.fit(
        np.concatenate([example.rows for example in learned], axis=1).T,
        np.concatenate([example.labels for example in learned]),
        sample_weight=weights / weights.mean(),
    )
    return _forest(model)


def unseen(learned: Sequence[Example]) -> list[NDArray[np.float64]]:
    """Return the log-odds of each example by trees that saw no page of its site."""
    found: list[NDArray[np.float64]] = [np.empty(0)] * len(learned)
    for fold in range(FOLDS):
        forest = fit([example for example in learned if example.source.fold(FOLDS) != fold])
        for number, example in enumerate(learned):
            if example.source.fold(FOLDS) == fold:
                found[number] = forest.log_odds(example.rows)
    return found


def calibrated(forest: Forest, learned: Sequence[Example], said: Sequence[NDArray[np.float64]]) -> Forest:
    """Return the trees with log-odds that mean what they say, of lines of pages as they are."""
    usual = [
        (log_odds[example.weights > 0], example.labels[example.weights > 0])
        for example, log_odds in zip(learned, said, strict=True)
        if example.source.variant in USUAL
    ]
    odds = np.concatenate([log_odds for log_odds, _ in usual])
    order = np.argsort(odds, kind="stable")
    labels = np.concatenate([labels for _, labels in usual])[order]
    knots, shares = [], []
    for part in np.array_split(np.arange(len(order)), KNOTS):
        knots.append(float(odds[order[part]].mean()))
        shares.append((labels[part].sum() + 1) / (len(part) + 2))
    share = np.maximum.accumulate(np.array(shares))
    return replace(forest, said=np.array(knots), meant=np.log(share / (1 - share)))


def save(forest: Forest, path: Path) -> None:
    from safetensors.numpy import save_file

    arrays = {
        "features": forest.features.astype(np.int16),
        "thresholds": forest.thresholds,
        "leaves": forest.leaves,
        "bias": np.array([forest.bias], dtype=np.int32),
        "said": forest.said,
        "meant": forest.meant,
        "names": np.frombuffer("\n".join(NAMES).encode(), dtype=np.uint8),
    }
    save_file(arrays, path)


def _example(source: LabelledPage) -> Example | None:
    blocks, places = blocks_of(source)
    if not blocks:
        return None
    page = apply_rules(blocks, load_lexicon())
    votes = np.zeros((2, len(blocks)))
    for line, place in zip(source.lines, places, strict=True):
        if line.boilerplate is not None:
            votes[int(line.boilerplate), place] += len(line.text)
    known = votes.sum(axis=0) > 0
    labels = votes[1] > votes[0]
    size = np.array([min(len(block.text) / LINE, MOST_LINES) for block in blocks])
    worth = np.where(labels, 1.0, 1 - SIZE_SHARE + SIZE_SHARE * size)
    return Example(
        source=source,
        page=page,
        places=places,
        rows=measure(page),
        labels=labels,
        weights=known * worth / np.sqrt(max(1, known.sum())),
    )


def _share(page: LabelledPage, counts: Counter[str]) -> float:
    """Return the weight of a page: a large set counts more than a small one, but not by its size."""
    share = SET_WEIGHTS.get(page.set, 1.0) / float(np.sqrt(counts[page.set]))
    return share * CROP_WEIGHT if page.variant == "crop" else share


def _forest(model: object) -> Forest:
    import json
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")  # type: ignore[attr-defined] # CatBoost has no types
        parsed = json.loads(path.read_text(encoding="utf-8"))
    trees = [tree for tree in parsed["oblivious_trees"] if len(tree["splits"]) == SETTINGS["depth"]]
    if len(trees) != len(parsed["oblivious_trees"]):
        raise ValueError("expected trees of one depth; change the settings")
    scale, (bias,) = parsed["scale_and_bias"]
    splits = [[tree["splits"][level] for tree in trees] for level in range(int(SETTINGS["depth"]))]
    leaves = np.array([tree["leaf_values"] for tree in trees]) * scale
    return Forest(
        features=np.array([[split["float_feature_index"] for split in level] for level in splits], dtype=np.intp),
        thresholds=np.array([[split["border"] for split in level] for level in splits], dtype=np.float32),
        leaves=np.round(leaves * SCALE).astype(np.int32).ravel(),
        bias=round(bias * SCALE),
        said=np.array(_RAW),
        meant=np.array(_RAW),
    )
