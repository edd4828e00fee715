"""Which models load, and what becomes of those that must not."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.records import ATTENTION_STEPS
from pipeline.translators.base import Decoding
from pipeline.translators.checkpoint import Checkpoint, open_checkpoint
from pipeline.translators.library import pull_model
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.marian_torch import MarianTorch
from pipeline.translators.store import ModelStore
from tests import layouts
from tests.checkpoints import foreign_sentences
from tests.complaints.making import FRENCH, RUSSIAN
from tests.models.quality import checkpoint as embedded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import torch

    from tests.complaints.making import Maker

FLOATS = Decoding(beam_size=1, compute_type="float32", threads=1)


def untied(weights: dict[str, torch.Tensor]) -> None:
    """Give the output layer fresh weights, as a reader that loses the tie does."""
    import torch

    size = weights[layouts.SHARED].shape
    weights["lm_head.weight"] = torch.empty(size).normal_(std=0.02, generator=torch.Generator().manual_seed(1))


@pytest.mark.models
@pytest.mark.parametrize("backend", ["ctranslate2", "torch"])
def test_17_a_checkpoint_whose_ties_are_lost_stops_the_run(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))
    layouts.rewrite(layouts.copied(embedded().folder, tmp_path / "m"), untied)
    table = tmp_path / "models.yaml"
    table.write_text("languages: {ru: m, fr: m}\nmodels:\n  m: {path: m, licence: MIT}\n")
    pull_model(ModelStore(table), "m")
    settings = [f"stages.translate.models={table}", f"stages.translate.backend={backend}"]

    with pytest.raises(ModelError, match="writes gibberish"):
        make(f"{RUSSIAN}\n", config="fast", settings=settings)


@pytest.mark.parametrize("save", [layouts.old, layouts.tied_once])
@pytest.mark.parametrize("backend", [MarianCTranslate2, MarianTorch])
def test_17_ties_are_kept_however_they_were_saved(
    tiny: Checkpoint,
    tmp_path: Path,
    save: Callable[[Path], None],
    backend: type[MarianCTranslate2 | MarianTorch],
) -> None:
    texts = foreign_sentences()[:6]
    save(layouts.copied(tiny.folder, tmp_path / "m"))
    with backend(tiny, FLOATS) as first, backend(open_checkpoint("m", tmp_path / "m"), FLOATS) as second:
        assert [one.text for one in first.translate(texts)] == [one.text for one in second.translate(texts)]


@pytest.mark.models
def test_18_the_current_transformers_translates_without_a_translation_pipeline(make: Maker) -> None:
    settings = ["stages.translate.backend=torch", "stages.translate.beam_size=1"]
    units = make(f"{RUSSIAN}\n\n{FRENCH}\n", config="default", settings=settings)

    assert int(version("transformers").partition(".")[0]) >= 5
    assert len(units) == 2
    assert all(unit.model and "president" in unit.target.casefold() for unit in units)


class Burglar:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.path), "w")


def test_19_a_pickle_never_runs_code(tiny: Checkpoint, tmp_path: Path) -> None:
    folder = layouts.copied(tiny.folder, tmp_path / "m")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Burglar(tmp_path / "broken_in")}))
    table = tmp_path / "models.yaml"
    table.write_text("languages: {}\nmodels:\n  m: {path: m, licence: MIT}\n")

    with pytest.raises(ModelError, match="can run code"):
        open_checkpoint("m", folder)
    with pytest.raises(ModelError, match="can run code"):
        pull_model(ModelStore(table), "m")
    assert not (tmp_path / "broken_in").exists()


def test_19_honest_pickled_weights_translate_once_they_are_converted(tiny: Checkpoint, tmp_path: Path) -> None:
    layouts.pickled(layouts.copied(tiny.folder, tmp_path / "m"))
    table = tmp_path / "models.yaml"
    table.write_text("languages: {}\nmodels:\n  m: {path: m, licence: MIT}\n")
    pull_model(ModelStore(table), "m")
    texts = foreign_sentences()[:6]
    with MarianCTranslate2(tiny, FLOATS) as first, MarianCTranslate2(ModelStore(table).open("m"), FLOATS) as second:
        assert [one.text for one in first.translate(texts)] == [one.text for one in second.translate(texts)]


@pytest.mark.parametrize("head", [0, 3])
@pytest.mark.parametrize("backend", [MarianCTranslate2, MarianTorch])
def test_27_words_are_aligned_by_the_head_that_was_measured_for_the_model(
    tiny: Checkpoint, tmp_path: Path, head: int, backend: type[MarianCTranslate2 | MarianTorch]
) -> None:
    import torch
    from transformers import MarianMTModel

    folder = layouts.copied(tiny.folder, tmp_path / "m")
    (folder / "alignment.json").write_text(json.dumps({"layer": 0, "head": head}))
    checkpoint = open_checkpoint("m", folder)
    text = foreign_sentences()[0]
    with backend(checkpoint, FLOATS) as translator:
        (one,) = translator.translate([text])
        tokenizer = translator._opened()
        ids = torch.tensor([tokenizer.framed_ids(tokenizer.encode([text])[0].tokens)])
    model = MarianMTModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    start = torch.tensor([[checkpoint.shape.decoder_start_token_id]])
    with torch.inference_mode():
        theirs = model(input_ids=ids, decoder_input_ids=start, output_attentions=True).cross_attentions[0][0, head, 0]

    np.testing.assert_allclose(one.attention[0].weights[0], theirs.numpy()[:-1], atol=1 / ATTENTION_STEPS)


NO_NETWORK = """
import sys

def refused(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        print("asked the network:", event, arguments, file=sys.stderr)
        raise OSError("the network is off")

sys.addaudithook(refused)
"""
"""Python runs a module of this name at the start of every process, also of the workers'."""


@pytest.mark.models
@pytest.mark.parametrize("backend", ["ctranslate2", "torch"])
def test_29_with_the_models_on_disk_nothing_is_asked_of_the_network(
    make: Maker, tmp_path: Path, root: Path, backend: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    make.write(f"{RUSSIAN}\n", f"{FRENCH}\n")
    command = ["run", "fast", "--input", str(make.articles), "--output", str(make.corpus), "--workers", "2"]
    settings = ["--set", f"stages.translate.backend={backend}", "--set", "shards.articles=1"]
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline", *command, *settings],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}", "HF_HOME": str(tmp_path / "hub")},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "asked the network" not in ended.stderr
    assert ended.returncode == 0, ended.stderr
    assert len(list((make.corpus / "units").rglob("*.parquet"))) == 2


def test_29_a_model_of_the_hub_that_was_fetched_is_not_asked_for_again(
    tiny: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))
    table = tmp_path / "models.yaml"
    table.write_text("languages: {ru: m}\nmodels:\n  m: {hub: Some-One/opus-mt-ru-en, licence: MIT, canary: off}\n")
    store = ModelStore(table)
    layouts.copied(tiny.folder, store.folder("m"))
    monkeypatch.setattr("pipeline.translators.library._download", lambda *_: "a" * 40)
    pull_model(store, "m")
    monkeypatch.setattr("socket.socket.connect", asked)
    monkeypatch.setattr("socket.getaddrinfo", asked)

    for backend in (MarianCTranslate2, MarianTorch):
        with backend(ModelStore(table).open("m"), FLOATS) as translator:
            assert translator.translate(["Слово."])[0].text


def asked(*_: object) -> None:
    pytest.fail("the network was asked")
