"""Fixtures of the cases that users of other tools complain of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.translators import BACKENDS
from tests.complaints.making import Faulty, Maker, Recorder
from tests.unit.conftest import model_cache, tiny, tiny_folder, tiny_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.corpus import TranslationUnit

__all__ = ["model_cache", "tiny", "tiny_folder", "tiny_table"]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Return what makes a corpus of articles; by default no model is loaded."""
    return Maker(tmp_path)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of what the `fake` backend is sent."""
    Recorder.sent.clear()
    monkeypatch.setitem(BACKENDS, "fake", f"{Recorder.__module__}:{Recorder.__qualname__}")
    return Recorder.sent


@pytest.fixture
def made_by(
    make: Maker, tiny_table: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[type[Faulty], str], TranslationUnit]:
    """Return what makes the one unit of an article with a translator that has a fault, in the place of a real one."""

    def made(translator: type[Faulty], article: str) -> TranslationUnit:
        monkeypatch.setitem(BACKENDS, "ctranslate2", f"{translator.__module__}:{translator.__qualname__}")
        settings = [f"stages.translate.models={tiny_table}", "stages.translate.backend=ctranslate2"]
        (unit,) = make(article, settings=settings)
        return unit

    return made
