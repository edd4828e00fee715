from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from pipeline.errors import ConfigError
from pipeline.records import Document, Drop, Flag, Label, Score, Segment, Span, Translation
from pipeline.stages.filter import FilterConfig
from pipeline.stages.score import ScoreConfig, numbers
from pipeline.translators.library import pull_model
from pipeline.translators.store import ModelStore
from tests.checkpoints import build_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.stages.base import Stage


def segment_of(
    text: str, target: str, *, model: str | None = "m", flags: tuple[Flag, ...] = (), scores: tuple[Score, ...] = ()
) -> Segment:
    return Segment(
        span=Span(start=0, end=len(text)),
        text=text,
        normalized_start=0,
        paragraph=0,
        role=Label.BODY,
        language="ru",
        language_probability=0.75,
        translation=Translation(text=target, model=model, log_prob=-0.5 if model else None),
        flags=flags,
        scores=scores,
    )


def through(stage: Stage, segment: Segment) -> Segment:
    with stage:
        (document,) = stage([Document(id="a", uri="a", text=segment.text, segments=(segment,))])
    return document.segments[0]


def scores(text: str, target: str, *metrics: Any) -> dict[str, float]:  # noqa: ANN401 # names of metrics
    config = ScoreConfig(metrics=metrics) if metrics else ScoreConfig()
    return {score.name: score.value for score in through(config.build(), segment_of(text, target)).scores}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 234,50", ["123450"]),
        ("1,234.50", ["123450"]),
        ("1.234,50", ["123450"]),
        ("١٬٢٣٤٫٥٠", ["123450"]),
        ("10 000 000 руб.", ["10000000"]),
        ("06.01.2022", ["6", "1", "2022"]),
        ("2021-2022", ["2021", "2022"]),
        ("5:0 and 3,5 %", ["5", "0", "35"]),
        ("no numbers", []),
    ],
)
def test_numbers_are_read_in_any_locale(text: str, expected: list[str]) -> None:
    assert sorted(numbers(text).elements()) == sorted(expected)


def test_scores_come_in_the_order_of_the_settings() -> None:
    found = scores("цена 12,5 и 7", "price 12.5")

    assert list(found) == ["log_prob", "length_ratio", "numbers"]
    assert found == {"log_prob": -0.5, "length_ratio": 0.7692, "numbers": 0.6667}


def test_other_metrics_are_measured_when_they_are_named() -> None:
    assert scores("да", "yes", "language_probability", "aligned") == {"language_probability": 0.75, "aligned": 0.0}


def test_what_passed_through_is_not_measured() -> None:
    assert through(ScoreConfig().build(), segment_of("Hi", "Hi", model=None)).scores == ()


def test_an_unknown_metric_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="metrics"):
        ScoreConfig.model_validate({"metrics": ["bleu"]})


def test_the_default_filter_drops_nothing() -> None:
    segment = segment_of("x", "y" * 1000, flags=(Flag.REPETITIVE, Flag.COPIED))

    assert through(FilterConfig().build(), segment).drop is None


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_length_ratio": 2.0}, "max_length_ratio: 2.5 is above 2.0"),
        ({"min_length_ratio": 3.0}, "min_length_ratio: 2.5 is below 3.0"),
        ({"min_log_prob": -0.1}, "min_log_prob: -0.5 is below -0.1"),
        ({"max_length_ratio": 2.5, "min_log_prob": -0.5}, None),
    ],
)
def test_a_limit_drops_what_is_beyond_it_with_the_reason(limits: dict[str, float], reason: str | None) -> None:
    measured = (Score(name="length_ratio", value=2.5), Score(name="log_prob", value=-0.5))
    segment = through(FilterConfig.model_validate(limits).build(), segment_of("x", "y", scores=measured))

    assert segment.drop == (Drop(stage="filter", reason=reason) if reason else None)


def test_a_flag_drops_its_segments() -> None:
    segment = segment_of("x", "y", flags=(Flag.REPETITIVE,))
    result = through(FilterConfig(drop_flags=(Flag.REPETITIVE,)).build(), segment)

    assert result.drop == Drop(stage="filter", reason="flagged_repetitive")


def test_a_limit_on_what_nothing_measures_is_an_error() -> None:
    with pytest.raises(ConfigError, match="add it to the metrics of score"):
        through(FilterConfig(max_length_ratio=2.0).build(), segment_of("x", "y"))


def test_what_passed_through_has_no_limits() -> None:
    segment = segment_of("Hi", "Hi", model=None)

    assert through(FilterConfig(max_length_ratio=0.5).build(), segment).drop is None


def test_english_is_told_from_other_languages() -> None:
    good = scores("Суд отложил дело", "The court put off the case until next week", "english")["english"]
    bad = scores("Суд отложил дело", "Суд отложил рассмотрение дела до следующей недели", "english")["english"]

    assert good > 0.9
    assert bad < 0.1


def test_the_round_trip_compares_what_comes_back_with_the_source() -> None:
    config = ScoreConfig(metrics=("round_trip",), round_trip={"ru": "fake"})

    def value(text: str, target: str) -> float:
        (score,) = through(config.build(), segment_of(text, target)).scores
        return score.value

    assert value("HELLO THERE", "Hello there") == 1.0
    assert value("HELLO THERE", "Hello where") < 1.0
    assert value("HELLO THERE", "12") == 0.0


def test_a_language_without_a_model_has_no_round_trip() -> None:
    config = ScoreConfig(metrics=("round_trip", "log_prob"), round_trip={"fr": "fake"})

    assert [score.name for score in through(config.build(), segment_of("Суд", "Court")).scores] == ["log_prob"]


def test_the_round_trip_serves_a_region_of_its_language() -> None:
    config = ScoreConfig(metrics=("round_trip",), round_trip={"ru": "fake"})
    segment = replace(segment_of("HELLO", "Hello"), language="ru-KZ")

    assert [score.value for score in through(config.build(), segment).scores] == [1.0]


def test_a_real_model_translates_back(tmp_path: Path) -> None:
    folder = build_checkpoint(tmp_path / "tiny")
    (tmp_path / "models.yaml").write_text("languages: {}\nmodels: {tiny: {path: tiny, licence: MIT}}\n")
    pull_model(ModelStore(tmp_path / "models.yaml"), "tiny")
    config = ScoreConfig(metrics=("round_trip",), round_trip={"ru": "tiny"}, models=tmp_path / "models.yaml")
    stage = config.build()
    (score,) = through(stage, segment_of("Суд города", "A court of the city")).scores

    assert 0 <= score.value <= 1
    assert folder.name in stage.fingerprint()
    assert stage.licences() == {"tiny": "MIT"}


@pytest.mark.parametrize("fields", [{"metrics": ("round_trip",)}, {"round_trip": {"ru": "m"}}])
def test_a_round_trip_needs_both_the_metric_and_models(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="round_trip"):
        ScoreConfig(**fields)
