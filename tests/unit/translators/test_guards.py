from __future__ import annotations

import pytest

from pipeline.records import Flag
from pipeline.translators.guards import flags, has_odd_length, is_copied, is_repetitive

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
    assert is_repetitive(text)


@pytest.mark.parametrize(
    "text",
    ["", "very, very, very good", "New York, New York", "100,000,000,000", "The cat sat on the mat.", "Wait......"],
)
def test_what_people_write_is_not_repetitive(text: str) -> None:
    assert not is_repetitive(text)


def test_a_source_that_repeats_itself_may_be_translated_so() -> None:
    assert Flag.REPETITIVE not in flags("нет нет нет нет", "no no no no")
    assert Flag.REPETITIVE in flags("нет и ещё раз нет", "no no no no")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (SOURCE, SOURCE),
        (SOURCE, "President обратился к главам"),
        ("Le président est arrivé hier", "Le président est arrivé hier."),
    ],
)
def test_a_copied_source_is_seen(source: str, target: str) -> None:
    assert is_copied(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [(SOURCE, "The president asked for help"), ("Paris Saint-Germain", "Paris Saint-Germain"), ("РИА", "RIA")],
)
def test_names_and_translations_are_not_copies(source: str, target: str) -> None:
    assert not is_copied(source, target)


@pytest.mark.parametrize(
    ("target", "odd"),
    [("Help", True), ("The president asked the heads of state for help", False), ("word " * 40, True)],
)
def test_lengths_far_from_those_of_references_are_odd(target: str, *, odd: bool) -> None:
    assert has_odd_length(SOURCE, target) is odd


def test_a_decoder_that_was_cut_off_is_flagged() -> None:
    assert list(flags(SOURCE, "The president asked the heads of state", finished=False)) == [Flag.UNFINISHED]
