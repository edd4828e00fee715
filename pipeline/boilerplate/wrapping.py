"""Finds paragraphs that were wrapped at a column, so that their lines are not taken for a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NARROWEST, WIDEST = 45, 100
"""Columns at which text is wrapped: mails and wires use 60 to 80; no list of headlines is as even."""

GOING_ON = 0.4
"""Share of a paragraph's lines that go on in lower case: low, since German writes nouns large."""


def wrapped_runs(lines: Sequence[str], blank_lines_before: Sequence[int]) -> list[tuple[int, int]]:
    """Return (first, last) line of each block: wrapped paragraphs, and every other line by itself.

    A wrapped paragraph has no blank lines, and each line but its last is as full as it can be: the
    first word of the next line would not have fitted. Most of its lines go on in lower case, or,
    where letters have no case, end without a final mark.
    """
    runs: list[tuple[int, int]] = []
    for first, last in _stanzas(lines, blank_lines_before):
        runs += _paragraphs(lines, first, last)
    return runs


def _stanzas(lines: Sequence[str], blank_lines_before: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or blank_lines_before[index]:
            if first < index:
                yield first, index - 1
            first = index


def _paragraphs(lines: Sequence[str], first: int, last: int) -> list[tuple[int, int]]:
    single = [(index, index) for index in range(first, last + 1)]
    width = max(len(lines[index]) for index in range(first, last + 1))
    if first == last or not NARROWEST <= width <= WIDEST:
        return single
    runs: list[tuple[int, int]] = []
    start = first
    for index in range(first, last + 1):
        if index == last or not _is_full(lines[index], lines[index + 1], width):
            runs.append((start, index))
            start = index + 1
    return runs if _goes_on(lines, runs) else single


def _is_full(line: str, following: str, width: int) -> bool:
    word = following[:width].split(maxsplit=1)[0]
    return len(line) + 1 + len(word) > width


def _goes_on(lines: Sequence[str], runs: Sequence[tuple[int, int]]) -> bool:
    breaks = [index for start, end in runs for index in range(start, end)]
    if not breaks or len(breaks) < len(runs):
        return False
    cased = [index for index in breaks if lines[index + 1][0].isupper() or lines[index + 1][0].islower()]
    if cased:
        on = sum(lines[index + 1][0].islower() for index in cased)
        return on >= GOING_ON * len(cased)
    on = sum(lines[index][-1] not in ".!?…؟۔。！？" for index in breaks)
    return on >= GOING_ON * len(breaks)
