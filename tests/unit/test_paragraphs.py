from __future__ import annotations

import pytest

from pipeline.paragraphs import paragraph_numbers
from pipeline.records import Block, Label, Span


def block(start: int, end: int, *, kept: bool = True, label: Label = Label.BODY) -> Block:
    return Block(span=Span(start=start, end=end), label=label, rule="text", confidence=0.9, kept=kept)


def test_blocks_on_lines_of_their_own_are_paragraphs_of_their_own() -> None:
    assert paragraph_numbers("ab\ncd\nef", [block(0, 2), block(3, 5), block(6, 8)]) == (0, 1, 2)


def test_what_follows_a_cut_on_the_same_line_goes_on_with_the_paragraph() -> None:
    blocks = [block(0, 2), block(3, 5, kept=False), block(6, 8), block(9, 11)]

    assert paragraph_numbers("ab cd ef\ngh", blocks) == (0, 1, 0, 3)


@pytest.mark.parametrize("line_end", ["\n", "\r", "\u2028", "\u0085"])
def test_every_line_end_ends_a_paragraph(line_end: str) -> None:
    assert paragraph_numbers(f"ab{line_end}cd", [block(0, 2), block(3, 5)]) == (0, 1)


def test_blocks_of_different_labels_are_different_paragraphs() -> None:
    assert paragraph_numbers("ab cd", [block(0, 2), block(3, 5, label=Label.CAPTION)]) == (0, 1)


def test_an_invisible_mark_ends_no_paragraph() -> None:
    assert paragraph_numbers("ab\u200fcd", [block(0, 2), block(3, 5)]) == (0, 0)
