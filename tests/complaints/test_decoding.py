"""What a model does with the text that it is given."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.records import Flag, Translation
from pipeline.stages.translate import TranslateConfig
from pipeline.translators.base import Decoding
from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.marian_torch import MarianTorch
from tests.checkpoints import build_checkpoint, foreign_sentences, sentences
from tests.gpu import SmallGpu
from tests.unit.stages.test_translate import document_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.translators.base import Translator
    from pipeline.translators.checkpoint import Checkpoint
    from tests.complaints.making import Maker

FLOATS = Decoding(beam_size=2, compute_type="float32", threads=1)
WHOLE = Decoding(beam_size=2, compute_type="int8", threads=1)


@pytest.fixture
def built(tmp_path: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for a checkpoint that a test builds by itself."""
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(model_cache))
    return tmp_path / "model"


def run(translator: Translator, texts: Sequence[str]) -> list[Translation]:
    with translator:
        return translator.translate(texts)


@pytest.mark.parametrize("backend", [MarianCTranslate2, MarianTorch])
def test_04_padding_is_never_written(built: Path, backend: type[MarianCTranslate2 | MarianTorch]) -> None:
    eager = open_checkpoint("m", build_checkpoint(built, token_bias={"<pad>": 50.0, "<unk>": 50.0}))
    texts = foreign_sentences()[:6]

    for one in run(backend(eager, FLOATS), texts):
        assert one.text
        assert "<pad>" not in one.text
        assert "⁇" not in one.text  # what SentencePiece writes for <unk>


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[list[list[str]]]:
    """Return a list that takes every batch that the engine is given."""
    batches: list[list[list[str]]] = []
    start = MarianCTranslate2._start

    def recorded(self: MarianCTranslate2, inputs: list[list[str]], *others: object) -> list[object]:
        batches.append(inputs)
        return start(self, inputs, *others)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(MarianCTranslate2, "_start", recorded)
    return batches


def test_05_a_batch_is_bounded_by_its_tokens_not_by_its_examples(
    tiny: Checkpoint, batches: list[list[list[str]]]
) -> None:
    texts = [f"{text} {number}" for number in range(20) for text in foreign_sentences()]
    together = run(MarianCTranslate2(tiny, replace(WHOLE, batch_tokens=300)), texts)
    sample = texts[::97]

    assert len(texts) > 3000
    assert max(sum(len(one) - 1 for one in batch) for batch in batches) <= 300
    assert max(map(len, batches)) > 1
    assert [one.text for one in together[::97]] == [
        run(MarianCTranslate2(tiny, WHOLE), [text])[0].text for text in sample
    ]


@pytest.mark.parametrize("backend", [MarianCTranslate2, MarianTorch])
def test_06_words_never_come_out_empty(built: Path, backend: type[MarianCTranslate2 | MarianTorch]) -> None:
    hasty = open_checkpoint("m", build_checkpoint(built, end_bias=100.0))

    assert all(one.text for one in run(backend(hasty, FLOATS), foreign_sentences()[:8]))


@pytest.mark.parametrize("backend", ["ctranslate2", "torch"])
def test_08_a_text_over_the_positions_of_the_model_is_read_to_its_end(tiny_table: Path, backend: str) -> None:
    text = " ".join(sentences("ru") * 3)
    config = TranslateConfig.model_validate({"models": tiny_table, "backend": backend, "beam_size": 1, "threads": 1})
    with config.build() as stage:
        (document,) = stage([document_of((text, "ru"))])
    (segment,) = document.segments
    assert segment.translation is not None
    read = sorted({span for one in segment.translation.attention for span in one.source})

    assert Flag.SPLIT in segment.flags
    assert len(segment.translation.attention) > 10
    assert "".join("".join(text[span.start : span.end] for span in read).split()) == "".join(text.split())


def test_08_it_is_flagged_as_split_in_the_corpus(make: Maker) -> None:
    line = "слово за словом " * 1000
    (unit,) = make(f"{line.strip()}.\n")

    assert Flag.SPLIT in unit.flags
    assert unit.target.split() == unit.source.upper().split()


def test_09_the_decoder_is_not_stopped_by_the_limits_of_the_engine(built: Path) -> None:
    endless = open_checkpoint("m", build_checkpoint(built, end_bias=-100.0, positions=1500))
    text = " ".join(foreign_sentences()[:30])
    with MarianCTranslate2(endless, replace(WHOLE, beam_size=1)) as translator:
        (count,) = translator.count_tokens([text])
        (translation,) = translator.translate([text])
    (attention,) = translation.attention

    assert count > 1024  # CTranslate2 reads as many by default
    assert attention.weights[:, 1024:count].any()
    assert len(attention.target) > 256  # and writes as many
    assert not translation.finished


def test_14_neighbours_never_change_a_translation(tiny: Checkpoint) -> None:
    texts = foreign_sentences()
    shuffled = texts[:]
    random.Random(1).shuffle(shuffled)  # noqa: S311 # no secret
    with MarianCTranslate2(tiny, WHOLE) as translator:
        alone = {text: shown(translator.translate([text])[0]) for text in texts[:40]}
        together = dict(zip(shuffled, map(shown, translator.translate(shuffled)), strict=True))

    assert {text: together[text] for text in alone} == alone


def shown(translation: Translation) -> tuple[object, ...]:
    return translation.text, translation.log_prob, [one.weights.tobytes() for one in translation.attention]


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> type[SmallGpu]:
    """Put a GPU of little memory in the place of the engine."""
    SmallGpu.reset()
    monkeypatch.setattr("ctranslate2.Translator", SmallGpu)
    return SmallGpu


def test_22_long_and_short_texts_in_any_order_are_padded_by_nothing(
    tiny: Checkpoint, batches: list[list[list[str]]]
) -> None:
    run(MarianCTranslate2(tiny, WHOLE), foreign_sentences()[::-1])

    assert all(len({len(one) for one in batch}) == 1 for batch in batches)


def test_22_a_gpu_that_runs_out_of_memory_goes_on_with_half_a_batch(tiny: Checkpoint, gpu: type[SmallGpu]) -> None:
    settings = replace(WHOLE, device="cuda", compute_type="float16")
    expected = [one.text for one in run(MarianCTranslate2(tiny, settings), foreign_sentences())]
    gpu.room = 2

    assert [one.text for one in run(MarianCTranslate2(tiny, settings), foreign_sentences())] == expected


def test_23_half_precision_that_gives_no_numbers_is_decoded_again_in_full(
    tiny: Checkpoint, gpu: type[SmallGpu]
) -> None:
    settings = replace(WHOLE, device="cuda", compute_type="float16")
    expected = run(MarianCTranslate2(tiny, settings), foreign_sentences()[:30])
    gpu.overflowing = frozenset({"float16"})
    found = run(MarianCTranslate2(tiny, settings), foreign_sentences()[:30])

    assert [(one.text, one.log_prob) for one in found] == [(one.text, one.log_prob) for one in expected]
    assert gpu.types[-1] == "float32"


_ELSEWHERE = """
import sys
from pathlib import Path
from pipeline.translators.base import Decoding
from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from tests.checkpoints import foreign_sentences
decoding = Decoding(beam_size=2, compute_type="int8", threads=int(sys.argv[2]))
with MarianCTranslate2(open_checkpoint("m", Path(sys.argv[1])), decoding) as translator:
    print([one.text for one in translator.translate(foreign_sentences()[:60])])
"""


def test_16_two_kinds_of_processor_give_the_same_text(tiny: Checkpoint, root: Path) -> None:
    """Stand-ins for two machines: the vector instructions that CTranslate2 may use, and the cores."""
    found = {elsewhere(tiny.folder, root, kind, threads) for kind, threads in (("GENERIC", 1), ("AVX2", 2), ("", 3))}

    assert len(found) == 1


def elsewhere(folder: Path, root: Path, kind: str, threads: int) -> str:
    environment = {**os.environ, "PYTHONPATH": str(root)} | ({"CT2_FORCE_CPU_ISA": kind} if kind else {})
    return subprocess.run(
        [sys.executable, "-c", _ELSEWHERE, str(folder), str(threads)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
