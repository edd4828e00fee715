"""Decides which blocks of a page are stripped: the path through all of them that costs least (Viterbi)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHORT, LONG = 30, 300
"""Characters of a label, and of a paragraph; between them the threshold rises evenly with the logarithm."""

SHORT_THRESHOLD, LONG_THRESHOLD = 0.4, 0.85
"""Probability from which a block is stripped: a lost paragraph is worse than a kept label."""

SPARED_THRESHOLD = 0.75
"""The same for what looks like a subhead, or an item of a list in the text."""

CLEAN_THRESHOLD = 0.9
LITTLE = 0.02
"""Where less than this share of a page seems to be boilerplate, the threshold rises to the one above:
an article that is clean has nothing to lose."""

TURN = 0.1
"""Log-odds that it costs to go from text to boilerplate or back."""


def strip(
    log_odds: NDArray[np.float64], characters: NDArray[np.float64], spared: NDArray[np.bool_], turn: float = TURN
) -> list[bool]:
    """Return, for each block, whether it is boilerplate; `spared` are those that need more evidence."""
    thresholds = _thresholds(log_odds, characters)
    thresholds = np.where(spared, np.maximum(thresholds, SPARED_THRESHOLD), thresholds)
    return _cheapest((log_odds - np.log(thresholds / (1 - thresholds))).tolist(), turn)


def probabilities(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
    return chances


def _thresholds(log_odds: NDArray[np.float64], characters: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.clip(np.log(characters / SHORT) / np.log(LONG / SHORT), 0.0, 1.0)
    thresholds = SHORT_THRESHOLD + (LONG_THRESHOLD - SHORT_THRESHOLD) * length
    share = float(probabilities(log_odds) @ characters) / float(characters.sum())
    cleanness = max(0.0, 1 - share / LITTLE)
    raised: NDArray[np.float64] = thresholds + (CLEAN_THRESHOLD - thresholds) * cleanness
    return raised


def _cheapest(gains: Sequence[float], turn: float) -> list[bool]:
    """Return the states with the greatest sum of gains, less `turn` for every change of state."""
    kept = stripped = 0.0
    came: list[tuple[bool, bool]] = []
    for gain in gains:
        from_strip_to_keep, from_keep_to_strip = stripped - turn > kept, kept - turn > stripped
        came.append((from_strip_to_keep, not from_keep_to_strip))
        kept, stripped = max(kept, stripped - turn), max(stripped, kept - turn) + gain
    state = stripped > kept
    states = []
    for before in reversed(came):
        states.append(state)
        state = before[state]
    return states[::-1]
