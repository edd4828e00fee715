"""Shows what was decided of each block of an article: a line each, for people or as JSON."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.stripping import Stripped, StrippedBlock

DIM, BOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"

LABEL_WIDTH = max(map(len, Label))
RULE_WIDTH = 24
"""Columns of the name of a rule; a longer one moves the rest of its line."""

_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SPACE = re.compile(r"\s+")


def explain(raw: str, stripped: Stripped, *, width: int | None = None, colour: bool = False) -> Iterator[str]:
    """Yield a line a block: number of its line in the article, fate, label, rule, confidence, text.

    Texts are cut so that a line has at most `width` columns; None: they are whole. Characters that
    a terminal would obey are left out.
    """
    for number, block in _numbered(raw, stripped):
        fate = "kept" if block.kept else "stripped"
        head = (
            f"{number:>5} {fate:<8} {block.label.value:<{LABEL_WIDTH}} {block.rule:<{RULE_WIDTH}} "
            f"{block.confidence:4.2f}  "
        )
        line = head + _cut(_printable(block.text), None if width is None else max(0, width - len(head)))
        yield f"{BOLD if block.kept else DIM}{line}{PLAIN}" if colour else line


def explain_as_rows(raw: str, stripped: Stripped) -> Iterator[dict[str, object]]:
    """Yield the same as JSON objects, with the offsets of each block and its whole text."""
    for number, block in _numbered(raw, stripped):
        yield {"line": number, **block_row(block)}


def block_row(block: StrippedBlock) -> dict[str, object]:
    """Return a block as a JSON object."""
    return {
        "start": block.start,
        "end": block.end,
        "label": block.label.value,
        "rule": block.rule,
        "confidence": block.confidence,
        "kept": block.kept,
        "text": block.text,
    }


def _numbered(raw: str, stripped: Stripped) -> Iterator[tuple[int, StrippedBlock]]:
    """Yield each block with the number of the line that it begins in, from 1."""
    number, end = 1, 0
    for block in stripped.blocks:
        passed = raw[end : block.start] + "."
        number += len(passed.splitlines()) - 1
        end = block.start
        yield number, block


def _printable(text: str) -> str:
    flat = _SPACE.sub(" ", text)
    return "".join(character for character in flat if unicodedata.category(character) not in _UNPRINTABLE)


def _cut(text: str, width: int | None) -> str:
    """Cut a text to so many columns of a terminal; East Asian characters take two."""
    if width is None:
        return text
    columns = 0
    for place, character in enumerate(text):
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else not unicodedata.combining(character)
        if columns > width:
            return text[: max(0, place - 1)] + "…" if width else ""
    return text
