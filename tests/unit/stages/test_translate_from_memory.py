"""What was translated once is not translated again, and comes out the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.memory import contents
from pipeline.stages.align_words import AlignWordsConfig
from pipeline.stages.base import Placement
from pipeline.stages.translate import Translate, TranslateConfig
from pipeline.translators.ladder import climb
from tests.checkpoints import foreign_sentences
from tests.unit.stages.test_translate import document_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.records import Document
    from pipeline.translators.guards import Guards
    from pipeline.translators.ladder import LadderSettings, Models
    from pipeline.translators.wholes import Whole


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """Return where a memory may be made."""
    return tmp_path / "memory.sqlite"


@pytest.fixture
def documents() -> list[Document]:
    """Return 30 documents of three segments, one of them too long for the model."""
    texts = [(text, "ru") for text in foreign_sentences()]
    texts[7] = (" ".join(text for text, _ in texts[:40]), "ru")
    return [document_of(*texts[start : start + 3], uri=str(start)) for start in range(0, 90, 3)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of all that is given to a translator from here on."""
    seen: list[str] = []

    def spied(models: Models, texts: Sequence[str], settings: LadderSettings, guards: Guards) -> list[Whole]:
        seen.extend(texts)
        return climb(models, texts, settings, guards)

    monkeypatch.setattr("pipeline.stages.translate.climb", spied)
    return seen


def outcome(config: TranslateConfig, documents: list[Document]) -> tuple[list[str], dict[str, int]]:
    """Return the aligned segments of each document in all detail, and how many were made and remembered."""
    with config.build() as translate, AlignWordsConfig().build() as align:
        made = [repr(one.segments) for one in align(translate(documents))]
        tally = translate.tally()
        return made, {name: tally[name] for name in ("translated", "remembered") if tally[name]}


def test_attempts_are_counted_when_they_are_made_and_not_when_they_are_remembered(
    tiny_table: Path, memory: Path, documents: list[Document]
) -> None:
    config = TranslateConfig(models=tiny_table, memory=memory)
    with config.build() as translate:
        stored = {
            segment.text: len(segment.translation.attempts)
            for document in translate(documents)
            for segment in document.segments
            if segment.translation
        }
        cold = translate.tally()
        list(translate(documents))
        warm = translate.tally()

    assert cold["attempts"] == sum(stored.values()) > 0
    assert warm["attempts"] == 0


def test_a_warm_memory_gives_what_a_cold_one_and_none_give(
    tiny_table: Path, memory: Path, documents: list[Document], asked: list[str]
) -> None:
    without, _ = outcome(TranslateConfig(models=tiny_table), documents)
    config = TranslateConfig(models=tiny_table, memory=memory)
    cold, first = outcome(config, documents)
    asked.clear()
    warm, second = outcome(config, documents)

    assert without == cold == warm
    assert (first, second) == ({"translated": 90}, {"remembered": 90})
    assert asked == []


def test_a_half_warm_memory_gives_the_same_as_a_cold_one(
    tiny_table: Path, memory: Path, documents: list[Document], asked: list[str]
) -> None:
    config = TranslateConfig(models=tiny_table, memory=memory)
    without, _ = outcome(config.model_copy(update={"remember": False}), documents)
    outcome(config, documents[::2])
    asked.clear()
    half, tally = outcome(config, documents)

    assert half == without
    assert tally == {"translated": 45, "remembered": 45}
    assert len(asked) == 45


def test_no_model_is_loaded_for_what_is_in_the_memory(
    tiny_table: Path, memory: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TranslateConfig(models=tiny_table, memory=memory)
    outcome(config, documents)
    monkeypatch.setattr("pipeline.stages.translate.BACKENDS", {})
    _, tally = outcome(config, documents)

    assert tally == {"remembered": 90}


def test_each_distinct_segment_is_translated_once_over_all_windows(
    tiny_table: Path, memory: Path, documents: list[Document], asked: list[str]
) -> None:
    outcome(TranslateConfig(models=tiny_table, memory=memory, window_segments=1), documents * 3)

    assert len(asked) == len(set(asked)) == 90


@pytest.mark.parametrize(
    "change",
    [{"beam_size": 2}, {"no_repeat_ngram_size": 3}, {"compute_type": "float32"}, {"backend": "torch"}],
    ids=str,
)
def test_a_setting_that_shapes_results_has_results_of_its_own(
    tiny_table: Path, memory: Path, change: dict[str, object]
) -> None:
    documents = [document_of(("Le président signe la loi", "fr"))]
    config = TranslateConfig(models=tiny_table, memory=memory)
    outcome(config, documents)
    changed = TranslateConfig.model_validate(config.model_dump() | change)

    assert outcome(changed, documents)[1] == {"translated": 1}
    assert outcome(config, documents)[1] == {"remembered": 1}
    assert [one.results for one in contents(memory)] == [1, 1]


@pytest.mark.parametrize(
    "change", [{"threads": 1}, {"batch_tokens": 7}, {"window_segments": 1}, {"languages": {"fr": "tiny"}}], ids=str
)
def test_a_setting_that_does_not_shape_results_shares_them(
    tiny_table: Path, memory: Path, change: dict[str, object]
) -> None:
    documents = [document_of(("Le président signe la loi", "fr"))]
    config = TranslateConfig(models=tiny_table, memory=memory)
    outcome(config, documents)
    changed = TranslateConfig.model_validate(config.model_dump() | change)

    assert outcome(changed, documents)[1] == {"remembered": 1}


def test_other_weights_or_another_limit_make_another_recipe(tiny_table: Path) -> None:
    stage = Translate(TranslateConfig(models=tiny_table))
    before = stage.recipe("tiny")
    table, lock = tiny_table.read_text(encoding="utf-8"), tiny_table.with_suffix(".lock")
    tiny_table.write_text(table.replace("licence:", "max_source_tokens: 50, licence:"), encoding="utf-8")
    shorter = stage.recipe("tiny")
    tiny_table.write_text(table, encoding="utf-8")
    content = json.loads(lock.read_text())
    content["tiny"]["files"]["model.safetensors"] = "0" * 64
    lock.write_text(json.dumps(content))

    assert len({before, shorter, stage.recipe("tiny")}) == 3


def test_another_version_of_the_engine_makes_another_recipe(tiny_table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Translate(TranslateConfig(models=tiny_table))
    before = stage.recipe("tiny")
    monkeypatch.setattr("importlib.metadata.version", lambda _: "99")

    assert stage.recipe("tiny") != before


def test_another_version_of_the_stage_makes_another_recipe(tiny_table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Translate(TranslateConfig(models=tiny_table))
    before = stage.recipe("tiny")
    monkeypatch.setattr(type(stage), "version", type(stage).version + 1)

    assert stage.recipe("tiny") != before


def test_the_memory_stands_beside_the_corpus_unless_it_is_named(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    here = Placement(workers=1, threads=1, corpus=corpus)
    named = TranslateConfig(memory=tmp_path / "m.sqlite")

    assert TranslateConfig().placed(here).memory == tmp_path / "corpus.memory.sqlite"
    assert named.placed(here).memory == tmp_path / "m.sqlite"
    assert TranslateConfig(backend="fake").placed(here).memory is None


def test_a_file_without_the_ending_of_a_memory_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ends in \.sqlite"):
        TranslateConfig.model_validate({"memory": "articles.jsonl"})


def test_without_anything_to_translate_no_file_is_made(tiny_table: Path, memory: Path) -> None:
    outcome(TranslateConfig(models=tiny_table, memory=memory), [document_of(("Hello", "en"))])

    assert not memory.exists()
