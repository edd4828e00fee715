from __future__ import annotations

import numpy as np
import pytest

from pipeline.records import Attention, Flag, Span, Translation
from pipeline.translators.wholes import NOTHING, Text, Whole, join


def whole(source: str, target: str, **fields: object) -> Whole:
    attention = Attention(
        source=(Span(start=0, end=len(source)),),
        target=(Span(start=0, end=len(target)),),
        weights=np.ones((1, 1), dtype=np.float32),
    )
    return Whole(translation=Translation(text=target, model="m", attention=(attention,), **fields))  # type: ignore[arg-type] # fields of a translation


def spans(*ranges: tuple[int, int]) -> list[Span]:
    return [Span(start=start, end=end) for start, end in ranges]


def test_what_has_no_translation_stands_as_it_is_and_is_aligned_to_itself() -> None:
    text = "Смотри @a b сам"
    found = join(text, spans((0, 6), (7, 11), (12, 15)), [whole("Смотри", "Look"), NOTHING, whole("сам", "yourself")])

    assert found.translation.text == "Look @a b yourself"
    links = [
        (text[a.start : a.end], found.translation.text[b.start : b.end])
        for one in found.translation.attention
        for a, b in zip(one.source, one.target, strict=True)
    ]
    assert links == [("Смотри", "Look"), ("@", "@"), ("a", "a"), ("b", "b"), ("сам", "yourself")]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("он сказал", "He said."), ("и ушёл", "And left."), "He said and left."),
        (("он сказал.", "He said."), ("и ушёл", "And left."), "He said. And left."),
        (("он сказал", "He said."), ("Иван", "And"), "He said And"),
        (("он сказал", "He said"), ("русский", "Russian"), "He said Russian"),
    ],
)
def test_inside_a_sentence_full_stops_and_capitals_go(
    first: tuple[str, str], second: tuple[str, str], expected: str
) -> None:
    text = f"{first[0]} {second[0]}"
    cut = len(first[0])
    found = join(text, spans((0, cut), (cut + 1, len(text))), [whole(*first), whole(*second)])
    length = len(found.translation.text)

    assert found.translation.text == expected
    assert all(span.end <= length for one in found.translation.attention for span in one.target)


def test_pieces_faults_and_chances_add_up() -> None:
    parts = [
        Whole(translation=Translation(text="aa", model="m", log_prob=-1.0), flags=(Flag.REPETITIVE,)),
        Whole(translation=Translation(text=""), kept=1, flags=(Flag.EMPTY,)),
        Whole(translation=Translation(text="bbbbbb", model="m", log_prob=-2.0, finished=False)),
    ]
    found = join("xx yy zz", spans((0, 2), (3, 5), (6, 8)), parts)

    assert found.translation.text == "aa yy bbbbbb"
    assert found.translation.log_prob == pytest.approx(-1.75)
    assert (found.pieces, found.kept, found.translation.finished) == (3, 1, False)
    assert found.flags == (Flag.REPETITIVE, Flag.EMPTY)


def test_a_part_of_a_text_has_the_same_range_of_both_sides() -> None:
    assert Text(source="АБВ где", reading="Абв где").part(Span(start=0, end=3)) == Text(source="АБВ", reading="Абв")
