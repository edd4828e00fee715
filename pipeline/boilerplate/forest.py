"""The learned part: trees that ask the same question at each level, so that numpy can walk them all at once.

The weights are arrays in safetensors and never code. Sums are of whole numbers: the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from pipeline.boilerplate.features import NAMES

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.float32]

SCALE = 10_000
"""Leaves are log-odds times this, rounded."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """Trees of one depth. Shapes: `features`, `thresholds` (depth, trees); `leaves` (trees * 2**depth).

    A block goes to leaf sum(2**level for the levels where its feature is greater than the threshold).
    `said` and `meant` (knots) take what the trees say to the log-odds that pages unseen bore out.
    """

    features: NDArray[np.intp]
    thresholds: Numbers
    leaves: NDArray[np.int32]
    bias: int
    said: NDArray[np.float64]
    meant: NDArray[np.float64]

    def log_odds(self, rows: Numbers) -> NDArray[np.float64]:
        """Return, for each column of the features, the log-odds that the block is boilerplate."""
        depth, trees = self.features.shape
        places = np.zeros((trees, rows.shape[1]), dtype=np.int32)
        for level in range(depth):
            yes = rows[self.features[level]] > self.thresholds[level][:, None]
            places |= np.left_shift(yes, level, dtype=np.int32)
        places += np.arange(0, trees << depth, 1 << depth, dtype=np.int32)[:, None]
        found = self.leaves[places].sum(axis=0, dtype=np.int64) + self.bias
        log_odds: NDArray[np.float64] = np.interp(found / SCALE, self.said, self.meant)
        return log_odds


@cache
def load_forest() -> Forest:
    """Return the weights that were trained on labelled pages.

    Raises ValueError when they were trained on other features than this code measures.
    """
    from safetensors.numpy import load

    content = _file().read_bytes()
    arrays = load(content)
    if tuple(arrays["names"].tobytes().decode().split("\n")) != NAMES:
        raise ValueError("model.safetensors: expected weights for the features that are measured; train them again")
    return Forest(
        features=arrays["features"].astype(np.intp),
        thresholds=arrays["thresholds"],
        leaves=arrays["leaves"],
        bias=int(arrays["bias"][0]),
        said=arrays["said"],
        meant=arrays["meant"],
    )


@cache
def fingerprint() -> str:
    """Return the sha256 of the weights."""
    return sha256(_file().read_bytes()).hexdigest()


def _file() -> Traversable:
    return files("pipeline.boilerplate") / "model.safetensors"
