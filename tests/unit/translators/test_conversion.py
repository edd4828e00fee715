from __future__ import annotations

import multiprocessing
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.caches import cache_folder
from pipeline.errors import ModelError
from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.conversion import converted, read_weights, sinusoids
from pipeline.translators.tokenizer import Tokenizer
from tests.checkpoints import foreign_sentences

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.translators.checkpoint import Checkpoint


def test_the_converter_of_ctranslate2_gives_the_same_translations(tiny: Checkpoint, tmp_path: Path) -> None:
    import ctranslate2
    from ctranslate2.converters import TransformersConverter

    theirs = TransformersConverter(str(tiny.folder)).convert(str(tmp_path / "theirs"))
    tokenizer = Tokenizer(tiny)
    inputs = [tokenizer.framed(one.tokens) for one in tokenizer.encode(foreign_sentences()[:10])]

    def decode(path: str) -> list[tuple[list[str], object]]:
        engine = ctranslate2.Translator(path, compute_type="float32", intra_threads=1)
        results = (engine.translate_batch([one], return_scores=True, max_decoding_length=60)[0] for one in inputs)
        return [(one.hypotheses[0], pytest.approx(one.scores[0], abs=1e-5)) for one in results]

    assert decode(str(converted(tiny))) == decode(theirs)


def test_a_model_is_converted_once(tiny: Checkpoint) -> None:
    first = converted(tiny)
    made = (first / "model.bin").stat().st_mtime_ns

    assert converted(tiny) == first
    assert (first / "model.bin").stat().st_mtime_ns == made


def _convert(checkpoint: Checkpoint) -> str:
    return str(converted(checkpoint))


def test_processes_that_convert_at_once_do_not_disturb_each_other(
    tiny: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(_convert, [tiny] * 4)

    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "ctranslate2").iterdir()] == [found[0].rpartition("/")[2]]


def test_a_failed_conversion_leaves_nothing_behind(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"\x10" * 100)
    with pytest.raises(ModelError, match="not a safetensors file"):
        converted(open_checkpoint("m", folder))

    assert list((tmp_path / "cache" / "ctranslate2").iterdir()) == []


def test_weights_of_another_network_are_refused(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.numpy import save_file

    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    save_file({"bert.weight": np.zeros((2, 2), np.float32)}, folder / "model.safetensors")

    with pytest.raises(ModelError, match="not the weights of a MarianMT model"):
        converted(open_checkpoint("m", folder))


def test_a_padding_embedding_that_is_not_zero_is_refused(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.numpy import load_file, save_file

    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    weights["model.shared.weight"] = weights["model.shared.weight"].copy()
    weights["model.shared.weight"][-1] = 1
    save_file(weights, folder / "model.safetensors")

    with pytest.raises(ModelError, match="zero embedding for <pad>"):
        converted(open_checkpoint("m", folder))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_weights_of_every_width_are_read(tmp_path: Path, dtype: str) -> None:
    import torch
    from safetensors.torch import save_file

    values = torch.tensor([[1.5, -2.25], [0.0, 96.0]], dtype=getattr(torch, dtype))
    save_file({"weight": values}, tmp_path / "weights.safetensors")

    assert read_weights(tmp_path / "weights.safetensors")["weight"].tolist() == [[1.5, -2.25], [0.0, 96.0]]


def test_positions_are_encoded_as_transformers_does() -> None:
    from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

    theirs = MarianSinusoidalPositionalEmbedding(20, 16)
    if hasattr(theirs, "create_weight"):
        theirs.weight.data.copy_(theirs.create_weight())

    np.testing.assert_allclose(sinusoids(20, 16), theirs.weight.detach().numpy(), atol=1e-6)


def test_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NEWSBITEXT_CACHE", raising=False)

    assert cache_folder() == tmp_path / "newsbitext"

    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "own"))

    assert cache_folder() == tmp_path / "own"


def test_a_cache_that_cannot_be_written_is_an_error(
    tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "file"))

    with pytest.raises(ModelError, match="name another folder in NEWSBITEXT_CACHE"):
        converted(tiny)
