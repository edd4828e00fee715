from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pipeline.records import Flag, Translation
from pipeline.translators.base import Search
from pipeline.translators.guards import Guards, GuardSettings
from pipeline.translators.ladder import ALL_RUNGS, CURES, WEIGHTS, LadderSettings, Models, climb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.translators.ladder import Rung
    from pipeline.translators.wholes import Whole

SEARCH = Search(beam_size=4)
LOOP = "no no no no no no"


@dataclass
class Scripted:
    """A translator that says what a function makes of a text and the search."""

    answer: Callable[[str, Search], str]
    max_source_tokens: int = 50
    name: str = "main"
    seen: list[str] = field(default_factory=list)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:
        self.seen += texts
        return [
            Translation(text=self.answer(text, search or SEARCH), model=self.name, log_prob=-len(text) / 100)
            for text in texts
        ]


def run(
    translator: Scripted,
    text: str,
    *rungs: Rung,
    fallback: Scripted | None = None,
    settings: LadderSettings | None = None,
) -> Whole:
    models = Models(main=translator, search=SEARCH, fallback=fallback)  # type: ignore[arg-type] # enough of translators
    (whole,) = climb(models, [text], settings or LadderSettings(rungs=rungs or ALL_RUNGS), Guards(GuardSettings()))
    return whole


def test_a_good_translation_is_not_tried_again() -> None:
    translator = Scripted(lambda _, __: "He went home yesterday")
    whole = run(translator, "Он вчера ушёл домой")

    assert translator.seen == ["Он вчера ушёл домой"]
    assert (whole.flags, whole.translation.attempts) == ((), ())


def test_every_rung_has_faults_that_it_cures_and_every_fault_a_weight() -> None:
    assert set(CURES) == set(ALL_RUNGS)
    assert {flag for cured in CURES.values() for flag in cured} <= set(WEIGHTS)


def of_prices(text: str, _: Search) -> str:
    return text.replace("€18.10", "18h10").replace("Билет стоит", "A ticket is").replace("сегодня", "today")


@pytest.mark.parametrize(
    ("rung", "text", "answer"),
    [
        ("around", "Билет стоит €18.10 сегодня", of_prices),
        ("resplit", "он ушёл домой, она осталась тут", lambda text, _: LOOP if len(text) > 20 else "they went home"),
        ("penalise", "он вчера ушёл домой", lambda _, search: LOOP if search.repetition_penalty == 1 else "he left us"),
        ("widen", "он вчера ушёл домой", lambda _, search: "he left for home" if search.beam_size == 10 else LOOP),
    ],
)
def test_each_rung_cures_what_it_is_for(rung: Rung, text: str, answer: Callable[[str, Search], str]) -> None:
    whole = run(Scripted(answer), text, rung)
    plain, tried = whole.translation.attempts

    assert (plain.rung, plain.chosen, tried.rung, tried.chosen) == ("plain", False, rung, True)
    assert plain.flags
    assert not tried.flags
    assert whole.flags == ()
    assert whole.translation.text == tried.text


def test_a_title_in_capitals_of_each_word_is_read_as_a_sentence_when_it_fails() -> None:
    settings = LadderSettings(rungs=("decapitalise",), recase_first=())
    translator = Scripted(lambda text, _: text if text.istitle() else "The president signed the law")
    whole = run(translator, "Президент Страны Подписал Закон", settings=settings)

    assert translator.seen == ["Президент Страны Подписал Закон", "Президент страны подписал закон"]
    assert whole.flags == (Flag.RECASED,)


@pytest.mark.parametrize("text", ["ПРЕЗИДЕНТ СТРАНЫ ПОДПИСАЛ ЗАКОН", "Президент Страны Подписал Закон"])
def test_lines_in_capitals_are_read_as_sentences_at_once(text: str) -> None:
    translator = Scripted(lambda _, __: "The president signed the law")
    whole = run(translator, text)

    assert translator.seen == ["Президент страны подписал закон"]
    assert whole.flags == (Flag.RECASED,)


def test_the_model_to_fall_back_on_is_asked_last() -> None:
    other = Scripted(lambda _, __: "he left for home", name="other")
    whole = run(Scripted(lambda _, __: LOOP), "он вчера ушёл домой", fallback=other)

    assert whole.translation.model == "other"
    assert [attempt.rung for attempt in whole.translation.attempts] == [
        "plain",
        "resplit",
        "penalise",
        "widen",
        "fallback",
    ]


def test_the_model_to_fall_back_on_may_read_less_at_once() -> None:
    other = Scripted(lambda text, _: f"it says {len(text.split())}", max_source_tokens=2, name="other")
    run(Scripted(lambda _, __: LOOP), "он вчера ушёл домой", fallback=other)

    assert other.seen == ["он вчера", "ушёл домой"]


def test_what_stays_faulty_is_kept_and_flagged_with_all_its_tries() -> None:
    whole = run(Scripted(lambda _, __: LOOP), "он вчера ушёл домой", "penalise", "widen")

    assert whole.translation.text == LOOP
    assert whole.flags == (Flag.REPETITIVE,)
    assert [attempt.chosen for attempt in whole.translation.attempts].count(True) == 1


def test_the_lighter_fault_stands() -> None:
    whole = run(Scripted(lambda _, search: "" if search.beam_size == 4 else LOOP), "он вчера ушёл домой", "widen")

    assert whole.translation.text == LOOP
    assert whole.flags == (Flag.REPETITIVE,)


def test_no_rung_is_tried_that_cannot_cure_the_fault() -> None:
    translator = Scripted(lambda _, __: "He waited for 200 years and left")
    whole = run(translator, "Он прождал много лет и ушёл")

    assert len(translator.seen) == 1
    assert whole.flags == (Flag.NUMBER_MISMATCH,)


def test_the_rungs_of_the_settings_are_tried_in_their_order() -> None:
    whole = run(Scripted(lambda _, __: LOOP), "он вчера ушёл домой", "widen", "penalise")

    assert [attempt.rung for attempt in whole.translation.attempts] == ["plain", "widen", "penalise"]


def test_protected_text_comes_out_whatever_the_model_says() -> None:
    text = "Смотрите https://t.co/a1 и @kanal: билет на A380 стоит €18.10 🎉"
    whole = run(Scripted(lambda _, __: "bla"), text)

    for part in ("https://t.co/a1", "@kanal", "A380", "€18.10", "🎉"):
        assert part in whole.translation.text
    assert Flag.PROTECTED_CHANGED not in whole.flags


def test_only_the_faulty_piece_of_a_long_text_is_tried_again() -> None:
    translator = Scripted(lambda text, _: LOOP if text == "она тут." else "he went home", max_source_tokens=4)
    whole = run(translator, "он ушёл домой сам. она тут.", "widen")

    assert translator.seen == ["он ушёл домой сам.", "она тут.", "она тут."]
    assert whole.flags == (Flag.REPETITIVE,)
    assert [attempt.rung for attempt in whole.translation.attempts] == ["plain", "widen"]


def test_settings_can_be_hashed() -> None:
    assert hash(LadderSettings()) == hash(LadderSettings())
    assert hash(GuardSettings()) == hash(GuardSettings())
