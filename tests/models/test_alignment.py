"""The embedded model aligns as well as its floors say, and alike in both backends."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.stages.align_words import AlignWordsConfig
from pipeline.translators.base import Decoding
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from tests.models.alignment import attend, stage_links
from tests.models.floors import read_floors
from tests.models.forced import Attended, documents
from tests.models.gold import Agreement, GoldPair, read_gold
from tests.models.quality import checkpoint

pytestmark = pytest.mark.models

GOLD = read_gold()

CEILINGS: dict[str, float] = read_floors("alignment_error_rate")
"""Error rates over all hand-made alignments; measured 0.100 and 0.083, eflomal with 30,000 pairs a language 0.071."""


@pytest.fixture(scope="module")
def attended() -> list[Attended]:
    """Return what the model looks at in every pair."""
    return attend(checkpoint(), GOLD)


@pytest.mark.parametrize("method", CEILINGS)
def test_the_error_rate_does_not_rise(attended: list[Attended], method: str) -> None:
    config = AlignWordsConfig.model_validate({"method": method})
    seen = [one.seen_by(checkpoint().alignment) for one in attended]

    assert Agreement.of(GOLD, stage_links(config, GOLD, seen)).error_rate <= CEILINGS[method]


def test_attention_helps_the_tables(attended: list[Attended]) -> None:
    seen = [one.seen_by(checkpoint().alignment) for one in attended]
    alone, both = (
        Agreement.of(GOLD, stage_links(AlignWordsConfig.model_validate({"method": method}), GOLD, seen)).error_rate
        for method in CEILINGS
    )

    assert both <= alone


def test_both_backends_look_at_the_same_words(attended: list[Attended]) -> None:
    chosen = list(itertools.islice(zip(GOLD, documents(GOLD), attended, strict=True), 0, None, 6))
    with MarianCTranslate2(checkpoint(), Decoding(beam_size=1, compute_type="float32", threads=1)) as translator:
        for pair, document, one in chosen:
            theirs = one.seen_by(checkpoint().alignment).segments[0].translation
            assert theirs is not None
            ours = _forced(translator, pair, document.segments[0].text)
            weights = theirs.attention[0].weights

            assert np.abs(ours[: weights.shape[0], : weights.shape[1]] - weights).max() < 1e-4


def _forced(
    translator: MarianCTranslate2, pair: GoldPair, text: str
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the attention that CTranslate2 pays while it writes the English that stands."""
    tokenizer = translator._opened()
    (encoded,) = tokenizer.encode([text])
    pieces = tokenizer._target.encode(pair.target, out_type=str)
    (result,) = translator._engine.translate_batch(
        [tokenizer.framed(encoded.tokens)],
        target_prefix=[pieces],
        beam_size=1,
        return_attention=True,
        max_decoding_length=len(pieces) + 1,
    )
    first = len(tokenizer.prefix)
    return np.array(result.attention[0])[:, first:]
