from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import ModelError
from pipeline.translators.checkpoint import open_checkpoint

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the small checkpoint that a test may damage."""
    return shutil.copytree(tiny_folder, tmp_path / "model")


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        open_checkpoint("m", folder)
    message = str(caught.value)

    assert "\n" not in message
    return message


def test_a_missing_directory_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").endswith("no such directory; fetch it with: newsbitext models pull m")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "target.spm").unlink()

    assert "target.spm is missing" in refusal(folder)


def test_pickled_weights_are_refused_with_the_command_that_converts_them(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    message = refusal(folder)

    assert "can run code when loaded" in message
    assert "newsbitext models pull m" in message


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"', "\x00\x01", "[" * 100_000])
def test_a_garbled_configuration_is_refused(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content, encoding="utf-8")

    assert "config.json" in refusal(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [("model_type", "bart"), ("d_model", "wide"), ("encoder_layers", 0), ("activation_function", "tanh")],
)
def test_a_configuration_that_is_not_marians_is_refused(folder: Path, field: str, value: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {field: value}))

    assert field in refusal(folder)


def test_heads_that_do_not_divide_the_width_are_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"encoder_attention_heads": 5}))

    assert "encoder_attention_heads to divide d_model" in refusal(folder)


def test_the_alignment_head_is_read_and_checked(folder: Path) -> None:
    (folder / "alignment.json").write_text('{"layer": 0, "head": 3}')

    assert open_checkpoint("m", folder).alignment.head == 3

    (folder / "alignment.json").write_text('{"layer": 2, "head": null}')

    assert "expected a layer below 2" in refusal(folder)


def test_without_a_choice_the_last_layer_aligns(folder: Path) -> None:
    alignment = open_checkpoint("m", folder).alignment

    assert (alignment.layer, alignment.head) == (1, None)


def test_one_changed_byte_changes_the_content_hash(folder: Path) -> None:
    before = open_checkpoint("m", folder).content_hash
    (folder / "README.md").write_text("a card is not part of the model")

    assert open_checkpoint("m", folder).content_hash == before

    (folder / "vocab.json").write_text((folder / "vocab.json").read_text() + " ")

    assert open_checkpoint("m", folder).content_hash != before


def test_the_limit_leaves_room_for_prefix_and_end_mark(folder: Path) -> None:
    assert open_checkpoint("m", folder).max_source_tokens == 127
    assert open_checkpoint("m", folder, prefix=">>eng<<").max_source_tokens == 126
    assert open_checkpoint("m", folder, max_source_tokens=50).max_source_tokens == 50
    assert open_checkpoint("m", folder, max_source_tokens=500).max_source_tokens == 127
