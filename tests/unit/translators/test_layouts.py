"""A checkpoint translates the same whichever way it was saved."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import ModelError
from pipeline.translators.base import Decoding
from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.library import add_model, pull_model
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.marian_torch import MarianTorch, convert_pickle
from pipeline.translators.store import ModelStore
from tests import layouts
from tests.checkpoints import build_checkpoint, foreign_sentences

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.translators.checkpoint import Checkpoint

FLOATS = Decoding(beam_size=2, compute_type="float32", threads=1)
TEXTS = foreign_sentences()[:6]
BACKENDS = (MarianCTranslate2, MarianTorch)


def texts_of(checkpoint: Checkpoint) -> list[list[str]]:
    """Return what each backend makes of the texts."""
    found = []
    for backend in BACKENDS:
        with backend(checkpoint, FLOATS) as translator:
            found.append([one.text for one in translator.translate(TEXTS)])
    return found


@pytest.mark.parametrize("save", [layouts.old, layouts.tied_once])
def test_every_way_of_saving_ties_gives_the_same_translations(
    tiny: Checkpoint, tmp_path: Path, save: Callable[[Path], None]
) -> None:
    folder = layouts.copied(tiny.folder, tmp_path / "model")
    save(folder)

    assert texts_of(open_checkpoint("m", folder)) == texts_of(tiny)


def test_pickled_weights_are_converted_without_running_code(tiny: Checkpoint, tmp_path: Path) -> None:
    layouts.pickled(layouts.copied(tiny.folder, tmp_path / "old"))
    table = tmp_path / "models.yaml"
    table.write_text("languages: {}\nmodels:\n  old: {path: old, licence: MIT, canary: off}\n")
    state = pull_model(ModelStore(table), "old")

    assert state.fault is None
    assert "pytorch_model.bin" not in ModelStore(table).pin("old").files
    assert texts_of(ModelStore(table).open("old")) == texts_of(tiny)


class Burglar:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.path), "w")


def test_a_pickle_that_would_run_code_is_refused(tiny: Checkpoint, tmp_path: Path) -> None:
    folder = layouts.copied(tiny.folder, tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Burglar(tmp_path / "broken_in")}))
    with pytest.raises(ModelError, match="a pickle can run code") as caught:
        convert_pickle(folder)

    assert "\n" not in str(caught.value)
    assert not (tmp_path / "broken_in").exists()
    assert not (folder / "model.safetensors").exists()


def test_a_model_of_many_target_languages_is_asked_for_english(
    tmp_path: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(model_cache))
    folder = build_checkpoint(tmp_path / "many", tokens=(">>deu<<", ">>eng<<"))
    home = tmp_path / "table"
    home.mkdir()
    (home / "models.yaml").write_text("languages:\n  xx: old\nmodels:\n  old: {path: old, licence: MIT}\n")
    add_model(ModelStore(home / "models.yaml"), "many", str(folder), languages=["ru"], licence="MIT")
    checkpoint = ModelStore(home / "models.yaml").open("many")

    assert checkpoint.prefix == ">>eng<<"


def test_a_model_of_one_target_language_has_no_prefix(tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "models.yaml").write_text("languages:\n  xx: old\nmodels:\n  old: {path: old, licence: MIT}\n")
    add_model(ModelStore(tmp_path / "models.yaml"), "one", str(tiny_folder), languages=["ru"], licence="MIT")

    assert ModelStore(tmp_path / "models.yaml").open("one").prefix is None
