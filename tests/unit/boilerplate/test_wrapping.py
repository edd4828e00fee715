from __future__ import annotations

from pipeline.boilerplate.wrapping import wrapped_runs

PARAGRAPH = [
    "The lighthouse on Gannet Rock, dark since the summer of 1994, will be lit",
    "again next week by a retired teacher who bought it for the price of a used",
    "car and has spent three years repairing the lamp.",
]
HEADLINES = [
    "Council approves plan for a new bridge over the canal by spring",
    "Ferry service to run until one in the morning from next month",
    "Bus drivers accept the new pay offer after a long negotiation",
    "Museum opens its cellar to visitors for the first time in years",
]


def gaps(lines: list[str]) -> list[int]:
    return [0] * len(lines)


def test_a_paragraph_wrapped_at_a_column_is_one_block() -> None:
    assert wrapped_runs(PARAGRAPH, gaps(PARAGRAPH)) == [(0, 2)]


def test_headlines_of_like_length_stay_lines() -> None:
    assert wrapped_runs(HEADLINES, gaps(HEADLINES)) == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_a_blank_line_parts_wrapped_paragraphs() -> None:
    lines = PARAGRAPH + PARAGRAPH

    assert wrapped_runs(lines, [0, 0, 0, 1, 0, 0]) == [(0, 2), (3, 5)]


def test_a_short_line_ends_a_wrapped_paragraph() -> None:
    assert wrapped_runs(PARAGRAPH + PARAGRAPH, [0] * 6) == [(0, 2), (3, 5)]


def test_long_lines_are_never_joined() -> None:
    lines = [" ".join(PARAGRAPH)] * 3

    assert wrapped_runs(lines, gaps(lines)) == [(0, 0), (1, 1), (2, 2)]


def test_arabic_lines_that_go_on_are_one_block() -> None:
    lines = [
        "تجوب حافلة صغيرة قرى الجبل كل أسبوع حاملة مئات الكتب إلى الأطفال",
        "لا توجد في قراهم مكتبات وتقول صاحبة الفكرة إنها بدأت بثلاثين كتابا",
        "من بيتها.",
    ]

    assert wrapped_runs(lines, gaps(lines)) == [(0, 2)]


def test_no_lines_make_no_blocks() -> None:
    assert wrapped_runs([], []) == []
