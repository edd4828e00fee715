from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from pipeline.corpus import units
from pipeline.errors import ModelError
from pipeline.normalized import NormalizedText
from pipeline.records import Document, Drop, Flag, Label, Segment, Span
from pipeline.stages.align_words import AlignWordsConfig
from pipeline.stages.translate import Translate, TranslateConfig, is_translatable
from pipeline.translators.library import pull_model
from pipeline.translators.store import ModelStore
from tests.checkpoints import foreign_sentences

if TYPE_CHECKING:
    from pathlib import Path


def document_of(*segments: tuple[str, str | None], uri: str = "a.txt") -> Document:
    """Return a document whose lines are the segments."""
    text = "\n".join(line for line, _ in segments)
    made, start = [], 0
    for line, language in segments:
        span = Span(start=start, end=start + len(line))
        made.append(
            Segment(span=span, text=line, normalized_start=start, paragraph=0, role=Label.BODY, language=language)
        )
        start += len(line) + 1
    return Document(id=uri, uri=uri, text=text, normalized=NormalizedText.identity(text), segments=tuple(made))


def translated(config: TranslateConfig, *documents: Document) -> list[Document]:
    with config.build() as stage:
        return list(stage(documents))


def fake(*segments: tuple[str, str | None]) -> tuple[Segment, ...]:
    return translated(TranslateConfig(backend="fake"), document_of(*segments))[0].segments


def test_english_passes_through() -> None:
    (segment,) = fake(("Hello there", "en"))

    assert segment.translation is not None
    assert (segment.translation.text, segment.translation.model) == ("Hello there", None)
    assert segment.flags == (Flag.PASSTHROUGH,)


def test_a_language_without_a_model_is_kept_and_flagged(tiny_table: Path) -> None:
    config = TranslateConfig(models=tiny_table)
    (segment,) = translated(config, document_of(("Guten Tag", "de")))[0].segments

    assert segment.translation is not None
    assert segment.translation.text == "Guten Tag"
    assert segment.flags == (Flag.PASSTHROUGH, Flag.NO_MODEL)


def test_a_regional_tag_is_served_by_the_model_of_its_language(tiny_table: Path) -> None:
    config = TranslateConfig(models=tiny_table)
    (segment,) = translated(config, document_of(("Le président signe la loi", "fr-CA")))[0].segments

    assert segment.translation is not None
    assert segment.translation.model == "tiny"


def test_settings_can_name_the_models_of_languages(tiny_table: Path) -> None:
    config = TranslateConfig(models=tiny_table, languages={"fr": "tiny"})
    segments = translated(config, document_of(("La loi", "fr"), ("Закон", "ru")))[0].segments

    assert [Flag.NO_MODEL in segment.flags for segment in segments] == [False, True]


@pytest.mark.parametrize(
    "text", ["12.5 %", "— … !!!", "https://t.co/a?b=c", "@someone", "a@b.org", "#новости", "٢٠٢٢", "\U0001f600"]
)
def test_what_has_nothing_to_translate_passes_through(text: str) -> None:
    (segment,) = fake((text, "ru"))

    assert not is_translatable(text)
    assert segment.translation is not None
    assert segment.translation.text == text
    assert segment.flags == (Flag.PASSTHROUGH,)


def test_a_dropped_segment_is_never_translated() -> None:
    from dataclasses import replace

    document = document_of(("Текст", "ru"))
    drop = Drop(stage="split_sentences", reason="blank")
    document = replace(document, segments=(replace(document.segments[0], drop=drop),))
    (result,) = translated(TranslateConfig(backend="fake"), document)

    assert result.segments[0].translation is None


def test_a_dropped_document_is_left_alone() -> None:
    document = Document(id="a", uri="a", text="", drop=Drop(stage="read", reason="empty"))

    assert translated(TranslateConfig(backend="fake"), document) == [document]


def test_a_long_segment_is_split_and_flagged() -> None:
    (segment,) = fake(("слово за словом, " * 100, "ru"))

    assert segment.translation is not None
    assert Flag.SPLIT in segment.flags
    assert len(segment.translation.attention) > 1
    assert segment.translation.text.split() == segment.text.upper().split()


def test_the_corpus_does_not_depend_on_windows_batches_order_or_threads(tiny_table: Path) -> None:
    texts = [(text, "ru") for text in foreign_sentences()]
    documents = [document_of(*texts[start : start + 3], uri=str(start)) for start in range(0, 90, 3)]
    shuffled = documents[:]
    random.Random(3).shuffle(shuffled)  # noqa: S311 # no secret

    def outcome(settings: dict[str, int], order: list[Document]) -> dict[str, str]:
        config = TranslateConfig(models=tiny_table, beam_size=2, **settings)
        with config.build() as translate, AlignWordsConfig().build() as align:
            return {one.uri: repr(one.segments) for one in align(translate(order))}

    reference = outcome({"window_segments": 1, "batch_tokens": 1, "threads": 1}, documents)

    assert list(outcome({"window_segments": 7, "batch_tokens": 64, "threads": 2}, shuffled)) == [
        one.uri for one in shuffled
    ]
    assert outcome({"window_segments": 7, "batch_tokens": 64, "threads": 2}, shuffled) == reference
    assert outcome({"window_segments": 1000, "batch_tokens": 9999, "threads": 0}, shuffled) == reference


def test_the_signature_names_models_engine_and_beam(tiny_table: Path) -> None:
    revision = json.loads(tiny_table.with_suffix(".lock").read_text())["tiny"]["revision"]

    assert TranslateConfig(models=tiny_table).build().signature() == f"mt:tiny@{revision}|engine:ct2-int8|beam:4"
    assert TranslateConfig(backend="fake").build().signature() == "mt:fake"


def test_the_model_to_fall_back_on_is_named_and_pinned_too(tiny_table: Path) -> None:
    alone = TranslateConfig(models=tiny_table, languages={"ru": "tiny"}).build()
    lines = tiny_table.read_text(encoding="utf-8").replace("  tiny: {", "  other: {max_source_tokens: 20, ")
    tiny_table.write_text(lines + lines.partition("models:\n")[2].replace("  other: {", "  tiny: {"), encoding="utf-8")
    pull_model(ModelStore(tiny_table), "other")
    with_fallback = TranslateConfig(models=tiny_table, languages={"ru": "tiny"}, fallback={"ru": "other"}).build()

    assert "other@" in (with_fallback.signature() or "")
    assert set(with_fallback.licences()) == {"tiny", "other"}
    assert with_fallback.fingerprint() != alone.fingerprint()
    assert isinstance(with_fallback, Translate)
    assert with_fallback.recipes() == {with_fallback.recipe("tiny"), with_fallback.recipe("tiny", "other")}


def test_the_fake_has_no_ladder() -> None:
    (segment,) = fake(("Le président de la République est arrivé hier", "fr"))

    assert segment.translation is not None
    assert segment.flags == (Flag.COPIED,)
    assert segment.translation.attempts == ()


def test_a_faulty_translation_is_tried_again_and_all_tries_reach_the_corpus(tiny_table: Path) -> None:
    config = TranslateConfig(models=tiny_table, beam_size=1)
    (document,) = translated(config, document_of(("Президент страны сообщил вчера, что цены выросли", "ru")))
    (segment,) = document.segments
    (unit,) = units(document, "")

    assert segment.translation is not None
    assert len(segment.translation.attempts) > 1
    assert unit.attempts == segment.translation.attempts


def test_the_fingerprint_follows_the_content_of_the_models(tiny_table: Path) -> None:
    before = TranslateConfig(models=tiny_table).build().fingerprint()
    lock = tiny_table.with_suffix(".lock")
    content = json.loads(lock.read_text())
    content["tiny"]["files"]["vocab.json"] = "0" * 64
    lock.write_text(json.dumps(content))

    assert TranslateConfig(models=tiny_table).build().fingerprint() != before


def test_a_model_that_is_not_as_pinned_stops_the_run_before_it_starts(tiny_table: Path) -> None:
    lock = tiny_table.with_suffix(".lock")
    content = json.loads(lock.read_text())
    content["tiny"]["files"]["vocab.json"] = "0" * 64
    lock.write_text(json.dumps(content))

    with pytest.raises(ModelError, match="is not the file that was pinned"):
        TranslateConfig(models=tiny_table).build().__enter__()


def test_a_stage_is_picklable_until_it_is_opened() -> None:
    import pickle

    stage = pickle.loads(pickle.dumps(TranslateConfig(backend="fake").build()))  # noqa: S301 # our own

    assert stage.name == "translate"
