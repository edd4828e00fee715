from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import ModelError
from pipeline.translators.library import add_model, list_models, model_card, pull_model, verify_models
from pipeline.translators.store import ModelStore, as_record, identify

if TYPE_CHECKING:
    from pathlib import Path


def store_of(folder: Path, models: str, languages: str = "") -> ModelStore:
    table = folder / "models.yaml"
    named = f"languages:\n{languages}" if languages else "languages: {}\n"
    table.write_text(f"# A comment.\n{named}models:\n{models}", encoding="utf-8")
    return ModelStore(table)


@pytest.fixture
def copied(tiny_folder: Path, tmp_path: Path) -> ModelStore:
    """Return a table with a model beside it, which a test may damage; it is pinned."""
    shutil.copytree(tiny_folder, tmp_path / "tiny")
    store = store_of(tmp_path, "  tiny: {path: tiny, licence: CC0-1.0}\n", "  ru: tiny\n")
    pull_model(store, "tiny")
    return store


def test_a_pinned_model_opens_and_verifies(copied: ModelStore) -> None:
    (state,) = verify_models(copied)

    assert copied.open("tiny").content_hash == copied.pin("tiny").content_hash
    assert state.fault is None
    assert state.languages == ("ru",)
    assert state.revision == copied.pin("tiny").content_hash[:12]
    assert json.dumps(as_record(state))


def test_a_flipped_bit_is_found_and_named(copied: ModelStore) -> None:
    path = copied.folder("tiny") / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    (state,) = verify_models(copied)

    assert state.fault is not None
    assert "model.safetensors: is not the file that was pinned" in state.fault
    with pytest.raises(ModelError, match="models pull tiny"):
        copied.open("tiny")


def test_a_file_more_is_found_too(copied: ModelStore) -> None:
    (copied.folder("tiny") / "alignment.json").write_text('{"layer": 0}')

    with pytest.raises(ModelError, match=r"alignment.json: is not the file that was pinned"):
        copied.open("tiny")


def test_a_model_without_a_pin_is_refused_with_the_cure(tiny_folder: Path, tmp_path: Path) -> None:
    store = store_of(tmp_path, f"  tiny: {{path: {tiny_folder}, licence: CC0-1.0}}\n")

    with pytest.raises(ModelError, match="tiny is not pinned; fetch and pin it with: newsbitext models pull tiny"):
        store.open("tiny")


def test_a_missing_table_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        ModelStore(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ("  a: {licence: MIT}\n", "either path or hub"),
        ("  a: {path: a, hub: b/a, licence: MIT}\n", "either path or hub"),
        ("  a: {path: a}\n", "licence"),
        ("  a: {path: a, licence: MIT, prefix: eng}\n", "prefix"),
        ("  a: {path: a, licence: MIT, colour: red}\n", "colour"),
    ],
)
def test_a_wrong_table_says_where(tmp_path: Path, models: str, expected: str) -> None:
    with pytest.raises(ModelError, match=expected) as caught:
        store_of(tmp_path, models)
    assert "models.yaml:" in str(caught.value)


def test_a_language_of_an_unknown_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="expected the name of a model"):
        store_of(tmp_path, "  a: {path: a, licence: MIT}\n", "  ru: b\n")


@pytest.mark.parametrize("content", ["[]", "{", '{"tiny": 3}', '{"tiny": {"id": "x"}}'])
def test_a_damaged_lock_is_one_line(copied: ModelStore, content: str) -> None:
    copied.lock_path.write_text(content)

    with pytest.raises(ModelError, match=r"models\.lock") as caught:
        copied.pin("tiny")
    assert "\n" not in str(caught.value)


def test_a_hub_that_cannot_be_reached_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # its type
    store = store_of(tmp_path, "  far: {hub: Helsinki-NLP/opus-mt-ru-en, licence: CC-BY-4.0}\n")

    with pytest.raises(ModelError, match="cannot be fetched from the Hugging Face Hub") as caught:
        pull_model(store, "far")
    assert "\n" not in str(caught.value)
    assert store.pins() == {}


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_a_directory_is_added_copied_and_pinned(tiny_folder: Path, tmp_path: Path, form: str) -> None:
    home = tmp_path / "table"
    home.mkdir()
    store = store_of(home, "  old: {path: old, licence: MIT}\n", "  ru: old\n  ar: old\n")
    state = add_model(store, "new", form.format(tiny_folder), languages=["ru", "fr"], licence="CC0-1.0")
    changed = ModelStore(store.path)

    assert state.fault is None
    assert changed.table.languages == {"ar": "old", "ru": "new", "fr": "new"}
    assert changed.folder("new") == home / "new"
    assert store.path.read_text(encoding="utf-8").startswith("# A comment.\n")


def test_what_cannot_be_added_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    store = store_of(tmp_path, "  old: {path: old, licence: MIT}\n", "  ru: old\n")
    before = store.path.read_bytes()
    with pytest.raises(ModelError, match="no such directory"):
        add_model(store, "new", str(tmp_path / "nowhere"), languages=["ru"], licence="MIT")

    assert store.path.read_bytes() == before


def test_a_name_can_be_added_once(copied: ModelStore, tiny_folder: Path) -> None:
    with pytest.raises(ModelError, match="is there already"):
        add_model(copied, "tiny", str(tiny_folder), languages=[], licence="MIT")


def test_the_card_is_shown_or_missed(copied: ModelStore) -> None:
    with pytest.raises(ModelError, match="the model has no card"):
        model_card(copied, "tiny")

    (copied.folder("tiny") / "README.md").write_text("# Tiny")

    assert model_card(copied, "tiny") == "# Tiny"


def test_the_identity_of_models_changes_with_what_shapes_translations(copied: ModelStore) -> None:
    before = identify(copied, {"ru": "tiny"})
    text = copied.path.read_text(encoding="utf-8")
    copied.path.write_text(text.replace("CC0-1.0}", "CC0-1.0, max_source_tokens: 50}"), encoding="utf-8")

    assert identify(ModelStore(copied.path), {"ru": "tiny"}) != before


@pytest.mark.parametrize("name", ["models.yaml", "opus-mt.yaml"])
def test_the_tables_that_come_along_are_valid(root: Path, name: str) -> None:
    store = ModelStore(root / "models" / name)

    assert set(store.table.languages) >= {"ru", "ar", "fr"}
    assert len(list_models(store)) == len(store.names)
