"""Fixtures of the unit tests: small models that are built once a session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.translators.checkpoint import Checkpoint, open_checkpoint
from tests.checkpoints import build_checkpoint

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small MarianMT checkpoint; do not write into it."""
    return build_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for converted models that the tests of a session share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tiny(tiny_folder: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Checkpoint:
    """Return the small checkpoint; converted models go to a folder of the session."""
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(model_cache))
    return open_checkpoint("tiny", tiny_folder)


@pytest.fixture
def tiny_table(tiny: Checkpoint, tmp_path: Path) -> Path:
    """Return a table of models that translates ru, ar and fr with the small checkpoint, pinned."""
    from pipeline.translators.library import pull_model
    from pipeline.translators.store import ModelStore

    path = tmp_path / "models.yaml"
    languages = "".join(f"  {language}: tiny\n" for language in ("ru", "ar", "fr"))
    entry = f"  tiny: {{path: {json.dumps(str(tiny.folder))}, licence: CC0-1.0, canary: off}}\n"
    path.write_text(f"languages:\n{languages}models:\n{entry}", encoding="utf-8")
    pull_model(ModelStore(path), "tiny")
    return path
