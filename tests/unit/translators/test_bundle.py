"""Models travel in one file, and nothing else comes out of it."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import ModelError
from pipeline.translators import bundle
from pipeline.translators.library import add_model
from pipeline.translators.store import ModelStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def packed(tiny_table: Path, tmp_path: Path) -> Path:
    """Return a bundle of the small checkpoint."""
    return bundle.pack(ModelStore(tiny_table), ["tiny"], tmp_path / "models.tar")


def test_a_bundle_unpacks_to_a_table_whose_models_are_as_they_were(
    packed: Path, tiny_table: Path, tmp_path: Path
) -> None:
    (state,) = bundle.unpack(packed, tmp_path / "there" / "models")
    before, after = ModelStore(tiny_table), ModelStore(tmp_path / "there" / "models" / "models.yaml")

    assert state.fault is None
    assert after.table.languages == before.table.languages
    assert after.pin("tiny") == before.pin("tiny")
    assert after.entry("tiny").canary == "off"
    assert after.open("tiny").content_hash == before.open("tiny").content_hash


def test_a_model_can_be_added_to_an_unpacked_table(packed: Path, tiny_folder: Path, tmp_path: Path) -> None:
    bundle.unpack(packed, tmp_path / "there")
    add_model(ModelStore(tmp_path / "there" / "models.yaml"), "b", str(tiny_folder), languages=["uk"], licence="MIT")

    assert set(ModelStore(tmp_path / "there" / "models.yaml").names) == {"tiny", "b"}


def test_the_same_models_are_the_same_bytes(packed: Path, tiny_table: Path, tmp_path: Path) -> None:
    again = bundle.pack(ModelStore(tiny_table), ["tiny", "tiny"], tmp_path / "again.tar")

    assert again.read_bytes() == packed.read_bytes()


def test_a_damaged_model_is_not_packed(tiny_table: Path, tmp_path: Path) -> None:
    lock = json.loads(tiny_table.with_suffix(".lock").read_text())
    lock["tiny"]["files"]["vocab.json"] = "0" * 64
    tiny_table.with_suffix(".lock").write_text(json.dumps(lock))
    with pytest.raises(ModelError, match=r"vocab\.json: is not the file that was pinned"):
        bundle.pack(ModelStore(tiny_table), ["tiny"], tmp_path / "models.tar")

    assert not list(tmp_path.glob("*.tar*"))


def repacked(source: Path, target: Path, change: Callable[[str, bytes], bytes], *more: tarfile.TarInfo) -> Path:
    """Write a bundle again with other contents, and entries before them."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for entry in more:
            new.addfile(entry, io.BytesIO(b"x" * entry.size))
        for entry in old:
            stream = old.extractfile(entry)
            assert stream is not None
            content = change(entry.name, stream.read())
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))
    return target


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.size = kind, link, 1 if kind == tarfile.REGTYPE else 0
    return found


@pytest.mark.parametrize(
    "hostile",
    [
        entry("../escaped"),
        entry("/tmp/escaped"),  # noqa: S108 # never written
        entry("tiny/../../vocab.json"),
        entry("../tiny/vocab.json"),
        entry("tiny/deep/vocab.json"),
        entry(".hidden/vocab.json"),
        entry("tiny/run.py"),
        entry("tiny/pytorch_model.bin"),
        entry("tiny", tarfile.SYMTYPE, "/etc"),
        entry("tiny/vocab.json", tarfile.SYMTYPE, "/etc/passwd"),
        entry("tiny/vocab.json", tarfile.LNKTYPE, "/etc/passwd"),
        entry("tiny/vocab.json", tarfile.CHRTYPE),
    ],
    ids=lambda one: f"{one.name} {one.type.decode()}",
)
def test_what_is_no_file_of_a_model_is_refused(packed: Path, tmp_path: Path, hostile: tarfile.TarInfo) -> None:
    evil = repacked(packed, tmp_path / "evil.tar", lambda _, content: content, hostile)
    home = tmp_path / "home" / "inner"
    with pytest.raises(ModelError, match="refused") as caught:
        bundle.unpack(evil, home)

    assert "\n" not in str(caught.value)
    assert list((tmp_path / "home").iterdir()) == []


def test_a_flipped_bit_is_found_and_nothing_is_left(packed: Path, tmp_path: Path) -> None:
    def flipped(name: str, content: bytes) -> bytes:
        return content[:-1] + bytes([content[-1] ^ 1]) if name.endswith("safetensors") else content

    evil = repacked(packed, tmp_path / "evil.tar", flipped)
    with pytest.raises(ModelError, match=r"model\.safetensors: is not the file that was pinned"):
        bundle.unpack(evil, tmp_path / "home" / "inner")

    assert list((tmp_path / "home").iterdir()) == []


def test_a_table_that_points_elsewhere_is_refused(packed: Path, tmp_path: Path) -> None:
    def moved(name: str, content: bytes) -> bytes:
        return content.replace(b'"path": "tiny"', b'"path": "../there/tiny"') if name == "models.yaml" else content

    bundle.unpack(packed, tmp_path / "there")
    evil = repacked(packed, tmp_path / "evil.tar", moved)
    with pytest.raises(ModelError, match="lies elsewhere"):
        bundle.unpack(evil, tmp_path / "inner")


@pytest.mark.parametrize("content", [b"", b"no tar" * 200, b"\x1f\x8b"])
def test_what_is_no_bundle_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(ModelError, match="expected a bundle of models") as caught:
        bundle.unpack(tmp_path / "a.tar", tmp_path / "home")

    assert "\n" not in str(caught.value)
    assert not (tmp_path / "home").exists()


def test_a_folder_that_is_there_is_left_alone(packed: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is there already"):
        bundle.unpack(packed, tmp_path)


def test_the_commands_pack_and_unpack(tiny_table: Path, tmp_path: Path) -> None:
    packed, folder = tmp_path / "models.tar", tmp_path / "there"
    pack = CliRunner().invoke(app, ["models", "bundle", "tiny", "--output", str(packed), "--models", str(tiny_table)])
    unpack = CliRunner().invoke(app, ["models", "unbundle", str(packed), str(folder)])

    assert pack.exit_code == unpack.exit_code == 0
    assert f"stages.translate.models={folder / 'models.yaml'}" in unpack.stdout
    assert ModelStore(folder / "models.yaml").state("tiny").fault is None
