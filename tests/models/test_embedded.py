from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.formats.parquet import read_units
from pipeline.records import Flag
from pipeline.translators.base import Decoding
from pipeline.translators.library import verify_models
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.marian_torch import MarianTorch
from pipeline.translators.store import ModelStore
from tests.models.floors import read_floors
from tests.models.quality import LANGUAGES, checkpoint, measure
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.corpus import TranslationUnit

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> list[TranslationUnit]:
    """Return the corpus of the seeds, made with the default configuration."""
    folder = tmp_path_factory.mktemp("seeds") / "corpus"
    run(seeds, folder, config="default")
    return [row for path in sorted((folder / "units").rglob("*.parquet")) for row in read_units(path)]


@pytest.fixture(scope="module")
def translated(units: list[TranslationUnit]) -> list[TranslationUnit]:
    """Return the units that a model made."""
    return [unit for unit in units if unit.model]


def test_the_model_is_as_the_lock_has_it(root: Path) -> None:
    states = verify_models(ModelStore(root / "models" / "models.yaml"), ["ruarfr-en-small"])

    assert [state.fault for state in states] == [None]


def test_no_segment_of_the_seeds_comes_out_empty_or_cut_off(units: list[TranslationUnit]) -> None:
    assert all(unit.target for unit in units)
    assert not [unit.target for unit in units if {Flag.EMPTY, Flag.UNFINISHED} & set(unit.flags)]


def test_russian_arabic_and_french_are_translated(translated: list[TranslationUnit]) -> None:
    assert {unit.source_language for unit in translated} <= set(LANGUAGES)
    assert len(translated) > 10
    assert sum(Flag.COPIED in unit.flags for unit in translated) <= 0.05 * len(translated)


def test_most_numbers_are_kept(translated: list[TranslationUnit]) -> None:
    shares = [score.value for unit in translated for score in unit.scores if score.name == "numbers"]

    assert sum(shares) / len(shares) >= 0.8


def test_most_units_have_word_links(translated: list[TranslationUnit]) -> None:
    assert sum(bool(unit.word_alignment) for unit in translated) >= 0.9 * len(translated)


def test_both_backends_agree_on_the_seeds(translated: list[TranslationUnit]) -> None:
    texts = [unit.source for unit in translated][::8]
    with MarianCTranslate2(checkpoint(), Decoding(beam_size=4, compute_type="float32")) as fast:
        ours = fast.translate(texts)
    with MarianTorch(checkpoint(), Decoding(beam_size=4, compute_type="float32", threads=1)) as reference:
        theirs = reference.translate(texts)
    same = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.text == b.text]

    assert len(same) >= len(texts) - 1
    assert all(a.log_prob == pytest.approx(b.log_prob, abs=1e-3) for a, b in same)


def test_quality_does_not_fall(shared: Path) -> None:
    floors = read_floors("translation")
    measured = measure(shared)

    for language in LANGUAGES:
        for metric, floor in floors[language].items():
            assert measured[language][metric] >= floor, f"{language} {metric}"
