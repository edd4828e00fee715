"""What a GPU does that a CPU does not: it runs out of memory, and narrow numbers overflow."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ctranslate2
import pytest

from pipeline.errors import ModelError
from pipeline.translators.base import Decoding
from pipeline.translators.budget import MOST, USUAL, bytes_per_token, free_gpu_bytes, token_budget
from pipeline.translators.halving import in_halves
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.marian_torch import MarianTorch
from tests import layouts
from tests.checkpoints import foreign_sentences
from tests.gpu import SmallGpu

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from pipeline.records import Translation
    from pipeline.translators.base import Translator
    from pipeline.translators.checkpoint import Checkpoint

HALF = Decoding(beam_size=2, compute_type="float16", device="cuda", threads=1, batch_tokens=4096)
FULL = Decoding(beam_size=2, compute_type="float32", threads=1)
TEXTS = foreign_sentences()[:40]


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> type[SmallGpu]:
    """Put a GPU of little memory in the place of the engine."""
    SmallGpu.reset()
    monkeypatch.setattr(ctranslate2, "Translator", SmallGpu)
    return SmallGpu


def shown(translations: list[Translation]) -> list[tuple[str, bool]]:
    return [(one.text, one.finished) for one in translations]


def run(translator: Translator, texts: list[str] = TEXTS) -> list[Translation]:
    with translator:
        return translator.translate(texts)


@pytest.mark.parametrize("room", [1, 2, 3])
def test_a_batch_that_does_not_fit_is_halved_and_the_result_is_the_same(
    tiny: Checkpoint, gpu: type[SmallGpu], caplog: pytest.LogCaptureFixture, room: int
) -> None:
    expected = run(MarianCTranslate2(tiny, HALF))
    gpu.room = room
    with caplog.at_level(logging.WARNING, "pipeline"):
        found = run(MarianCTranslate2(tiny, HALF))

    assert "out_of_memory" in caplog.text
    assert shown(found) == shown(expected)
    assert [one.attention[0].source for one in found] == [one.attention[0].source for one in expected]


def test_a_text_that_does_not_fit_alone_is_an_error(tiny: Checkpoint, gpu: type[SmallGpu]) -> None:
    gpu.room = 0
    with pytest.raises(ModelError, match="out of memory with a single segment"):
        run(MarianCTranslate2(tiny, HALF))


def test_other_faults_of_the_engine_are_not_taken_for_a_lack_of_memory() -> None:
    def broken(_: list[int]) -> list[int]:
        raise RuntimeError("no such position")

    with pytest.raises(RuntimeError, match="no such position"):
        in_halves([1, 2], broken)


def test_what_has_no_finite_score_is_decoded_again_in_full_precision(
    tiny: Checkpoint, gpu: type[SmallGpu], caplog: pytest.LogCaptureFixture
) -> None:
    expected = run(MarianCTranslate2(tiny, HALF))
    gpu.overflowing = frozenset({"float16"})
    with caplog.at_level(logging.WARNING, "pipeline"):
        found = run(MarianCTranslate2(tiny, HALF))

    assert "decoded again in float32" in caplog.text
    assert gpu.types == ["float16", "float16", "float32"]
    assert shown(found) == shown(expected)
    assert [one.log_prob for one in found] == [one.log_prob for one in expected]


def test_numbers_that_no_type_can_hold_are_an_error(tiny: Checkpoint, gpu: type[SmallGpu]) -> None:
    gpu.overflowing = frozenset({"float32"})
    with pytest.raises(ModelError, match="gives no numbers as float32"):
        run(MarianCTranslate2(tiny, replace(HALF, compute_type="float32")))


def overflowing(weights: dict[str, torch.Tensor]) -> None:
    """Scale what goes into and out of a layer so that half precision overflows between."""
    weights["model.encoder.layers.0.fc1.weight"] *= 3e4
    weights["model.encoder.layers.0.fc2.weight"] /= 3e4


def test_half_precision_that_overflows_is_mended_in_torch(tiny: Checkpoint, tmp_path: Path) -> None:
    folder = layouts.copied(tiny.folder, tmp_path / "m")
    layouts.rewrite(folder, overflowing)
    checkpoint, texts = replace(tiny, folder=folder), TEXTS[:4]
    half = Decoding(beam_size=2, compute_type="float16", threads=1)

    assert shown(run(MarianTorch(checkpoint, half), texts)) == shown(run(MarianTorch(checkpoint, FULL), texts))


def test_torch_halves_a_batch_too(tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    expected = run(MarianTorch(tiny, FULL))
    monkeypatch.setattr(MarianTorch, "_budget", lambda _: 4096)
    sizes: list[int] = []
    with MarianTorch(tiny, FULL) as translator:
        generate = translator._model.generate

        def cramped(**settings: Any) -> object:  # noqa: ANN401 # passed on
            sizes.append(len(settings["input_ids"]))
            if sizes[-1] > 1:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
            return generate(**settings)

        monkeypatch.setattr(translator._model, "generate", cramped)
        found = translator.translate(TEXTS)

    assert max(sizes) > 1
    assert shown(found) == shown(expected)


def test_the_settings_decide_how_much_is_decoded_at_once(tiny: Checkpoint) -> None:
    assert token_budget(replace(HALF, batch_tokens=77), tiny.shape) == 77
    assert token_budget(replace(FULL, batch_tokens=None), tiny.shape) == USUAL


@pytest.mark.parametrize(
    ("answer", "expected"), [("40000\n", 40000 * 2**20), ("512\n30000\n", 512 * 2**20), ("[N/A]", None), ("", None)]
)
def test_the_free_memory_of_the_gpu_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, expected: int | None
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '{answer}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert free_gpu_bytes() == expected


def test_a_gpu_that_says_nothing_gets_the_usual_budget(tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert token_budget(replace(HALF, batch_tokens=None), tiny.shape) == USUAL


def test_more_memory_means_larger_batches_within_limits(tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    open_budget = replace(HALF, batch_tokens=None, beam_size=4)
    budgets = []
    for gigabytes in (0.01, 1, 2, 1000):
        monkeypatch.setattr("pipeline.translators.budget.free_gpu_bytes", lambda size=gigabytes: int(size * 2**30))
        budgets.append(token_budget(open_budget, tiny.shape))

    assert budgets == sorted(budgets)
    assert budgets[-1] == MOST
    assert budgets[1] < budgets[2]
    assert bytes_per_token(replace(open_budget, beam_size=8), tiny.shape) == 2 * bytes_per_token(
        open_budget, tiny.shape
    )
