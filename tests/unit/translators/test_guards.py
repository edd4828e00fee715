from __future__ import annotations

import pytest

from pipeline.records import Flag
from pipeline.translators.guards import Guards, GuardSettings, is_repetitive

GUARDS = Guards(GuardSettings())
SOURCE = "Президент обратился к главам государств за помощью"


@pytest.mark.parametrize(
    "text",
    [
        "no no no no no",
        "the war and the war and the war and the war and the end",
        "ha" * 20,
        "He said : . . . . . . . . . . . . . . . . . . . . . . . .",
        "a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a",
    ],
)
def test_loops_of_words_and_characters_are_repetitive(text: str) -> None:
    assert is_repetitive(text, 4)


@pytest.mark.parametrize(
    "text",
    ["", "very, very, very good", "New York, New York", "100,000,000,000", "The cat sat on the mat.", "Wait......"],
)
def test_what_people_write_is_not_repetitive(text: str) -> None:
    assert not is_repetitive(text, 4)


def test_a_source_that_repeats_itself_may_be_translated_so() -> None:
    assert Flag.REPETITIVE not in GUARDS.flags("нет нет нет нет", "no no no no")
    assert Flag.REPETITIVE in GUARDS.flags("нет и ещё раз нет", "no no no no")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (SOURCE, SOURCE),
        (SOURCE, "President обратился к главам"),
        (SOURCE, "The president asked the heads of государств for help"),
        (
            "Selon lui, le budget de l'État n'est pas en bonne santé",
            "According to him le budget de l'État n'est pas good",
        ),
        ("Le président est arrivé hier", "Le président est arrivé hier."),
    ],
)
def test_a_copied_source_is_seen(source: str, target: str) -> None:
    assert GUARDS.is_copied(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [(SOURCE, "The president asked for help"), ("Paris Saint-Germain", "Paris Saint-Germain"), ("РИА", "RIA")],
)
def test_names_and_translations_are_not_copies(source: str, target: str) -> None:
    assert not GUARDS.is_copied(source, target)


@pytest.mark.parametrize(
    ("target", "odd"),
    [("Help", True), ("The president asked the heads of state for help", False), ("word " * 40, True)],
)
def test_lengths_far_from_those_of_references_are_odd(target: str, *, odd: bool) -> None:
    assert GUARDS.has_odd_length(SOURCE, target) is odd


@pytest.mark.parametrize(
    ("source", "target", "flag"),
    [
        (SOURCE, "The president asked <pad> <pad> the heads of state", Flag.SPECIAL_TOKEN),
        (SOURCE, "The president asked ⁇ the heads of state", Flag.SPECIAL_TOKEN),
        ("Цены выросли на 12,5 процента за год", "Prices rose by 15.2 percent in a year", Flag.NUMBER_MISMATCH),
        ("Читайте подробности на https://ria.ru/a1", "Read the details at https://ria.com/a", Flag.PROTECTED_CHANGED),
        (SOURCE, "Der Präsident wandte sich gestern an die Staatsoberhäupter um Hilfe", Flag.WRONG_LANGUAGE),
        (SOURCE, "The the the the the the president asked heads of state", Flag.REPETITIVE),
        (SOURCE, "Help", Flag.LENGTH_MISMATCH),
    ],
)
def test_each_fault_has_its_flag(source: str, target: str, flag: Flag) -> None:
    assert list(GUARDS.flags(source, target)) == [flag]


def test_what_the_source_says_itself_is_no_special_token() -> None:
    assert not list(GUARDS.flags("Он сказал <pad> и сразу ушёл", "He said <pad> and left at once"))


def test_guards_can_be_eased_and_switched_off() -> None:
    eased = Guards(GuardSettings(numbers=False, protected=False, min_length_ratio=0))

    assert not list(eased.flags("Подробности в 12:30 на https://ria.ru/a1", "See"))


def test_a_short_target_is_not_asked_for_its_language() -> None:
    assert not list(GUARDS.flags("Владимир Путин в Берлине", "Wladimir Putin in Berlin"))


def test_a_decoder_that_was_cut_off_is_flagged() -> None:
    assert list(GUARDS.flags(SOURCE, "The president asked the heads of state", finished=False)) == [Flag.UNFINISHED]
