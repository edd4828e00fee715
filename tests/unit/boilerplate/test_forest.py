from __future__ import annotations

import numpy as np
import pytest

from pipeline.boilerplate import forest
from pipeline.boilerplate.features import NAMES
from pipeline.boilerplate.forest import SCALE, Forest, load_forest


def stump() -> Forest:
    """Return one tree of two levels: is feature 0 above 1, is feature 1 above 5."""
    return Forest(
        features=np.array([[0], [1]], dtype=np.intp),
        thresholds=np.array([[1.0], [5.0]], dtype=np.float32),
        leaves=np.array([0, 1, 2, 3], dtype=np.int32) * SCALE,
        bias=SCALE // 2,
        said=np.array([-100.0, 100.0]),
        meant=np.array([-100.0, 100.0]),
    )


def test_a_block_goes_to_the_leaf_that_its_answers_name() -> None:
    rows = np.array([[1.0, 2.0, 0.0, 2.0], [5.0, 0.0, 6.0, 6.0]], dtype=np.float32)

    assert stump().log_odds(rows) == pytest.approx([0.5, 1.5, 2.5, 3.5])


def test_a_page_alone_and_a_page_in_company_have_the_same_odds() -> None:
    rows = np.random.default_rng(1).normal(size=(len(NAMES), 40)).astype(np.float32)
    model = load_forest()

    alone = [model.log_odds(rows[:, [column]])[0] for column in range(40)]

    assert model.log_odds(rows).tolist() == alone


def test_the_calibration_never_turns_the_order_around() -> None:
    model = load_forest()

    assert (np.diff(model.said) > 0).all()
    assert (np.diff(model.meant) >= 0).all()


def test_weights_for_other_features_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "NAMES", (*NAMES, "one_more"))
    load_forest.cache_clear()

    with pytest.raises(ValueError, match="train them again"):
        load_forest()
