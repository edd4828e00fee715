"""What the ladder makes of a text does not depend on what else there is, and nothing of the text is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Flag
from pipeline.translators.base import Decoding
from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.guards import Guards, GuardSettings
from pipeline.translators.ladder import PLAIN, LadderSettings, Models, climb
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.protected import bare, find_protected
from pipeline.translators.wholes import has_letters
from tests.checkpoints import build_checkpoint, foreign_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.translators.wholes import Whole

GUARDS = Guards(GuardSettings())
DECODING = Decoding(beam_size=2, compute_type="int8", threads=2, batch_tokens=512)

_SPICES = [
    "https://t.co/a?b=1",
    "@kanal",
    "#новости",
    "18,10 €",
    "A380",
    "🎉",
    "«»",
    "2014",
    "!!!!",
    "<pad>",
    "你好",
    "",
]
TEXTS = st.builds(
    lambda sentence, spice, shout: (
        f"{sentence[:30]} {spice} {sentence[30:]}".upper() if shout else f"{sentence} {spice}"
    ),
    st.sampled_from(foreign_sentences()),
    st.sampled_from(_SPICES),
    st.booleans(),
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    """Return a small model of random weights: nearly all that it says is faulty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSBITEXT_CACHE", str(tmp_path_factory.mktemp("cache")))
        checkpoint = open_checkpoint("tiny", build_checkpoint(tmp_path_factory.mktemp("models") / "tiny"))
        with MarianCTranslate2(checkpoint, DECODING) as translator:
            yield Models(main=translator, search=DECODING.search)


def shown(whole: Whole) -> tuple[object, ...]:
    """Return all of a result in a form that can be compared byte by byte."""
    translation = whole.translation
    attention = [(one.source, one.target, one.weights.tobytes()) for one in translation.attention]
    return translation.text, translation.log_prob, translation.attempts, whole.flags, whole.pieces, attention


def climbed(models: Models, texts: Sequence[str]) -> list[Whole]:
    return climb(models, texts, LadderSettings(wide_beam_size=4), GUARDS)


@settings(max_examples=15)
@given(st.lists(TEXTS, min_size=2, max_size=24, unique=True), st.randoms(use_true_random=False))
def test_a_result_does_not_depend_on_the_other_texts(models: Models, texts: list[str], random: object) -> None:
    mixed = sorted(texts, key=lambda _: random.random())  # type: ignore[attr-defined] # Hypothesis gives a Random
    together = dict(zip(mixed, climbed(models, mixed), strict=True))

    assert [shown(together[text]) for text in texts[:4]] == [
        shown(one) for text in texts[:4] for one in climbed(models, [text])
    ]


@settings(max_examples=60)
@given(TEXTS.filter(lambda text: has_letters(bare(text))))
def test_protected_text_comes_out_and_attention_stays_inside(models: Models, text: str) -> None:
    (whole,) = climbed(models, [text])
    target = whole.translation.text

    assert all(one.text in target for one in find_protected(text) if one.fixed)
    assert Flag.PROTECTED_CHANGED not in whole.flags
    for one in whole.translation.attention:
        assert one.weights.shape == (len(one.target), len(one.source))
        assert all(0 <= span.start <= span.end <= len(text) for span in one.source)
        assert all(0 <= span.start <= span.end <= len(target) for span in one.target)


@settings(max_examples=30)
@given(TEXTS.filter(lambda text: has_letters(bare(text))))
def test_every_fault_of_what_stands_is_flagged(models: Models, text: str) -> None:
    (whole,) = climbed(models, [text])
    translation = whole.translation
    found = set(GUARDS.flags(text, translation.text, finished=translation.finished))

    assert found <= set(whole.flags)
    if [attempt.rung for attempt in translation.attempts].count(PLAIN) == 1:
        assert [attempt.text for attempt in translation.attempts if attempt.chosen] == [translation.text]
