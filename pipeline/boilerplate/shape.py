"""Counts what kinds of characters each block is made of, for a whole page at once and for any script."""

from __future__ import annotations

import sys
import unicodedata
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Kind(IntEnum):
    """What a character is; letters of scripts without case are OTHER_LETTER."""

    SPACE = 0
    UPPER = 1
    LOWER = 2
    OTHER_LETTER = 3
    DIGIT = 4
    FINAL = 5
    PAUSE = 6
    COLON = 7
    QUOTE = 8
    DASH = 9
    BRACKET = 10
    DIVIDER = 11
    ADDRESS = 12
    OTHER = 13


_MARKS = {
    Kind.FINAL: ".!?…。！？؟۔।॥．｡",
    Kind.PAUSE: ",;،؛、，；",
    Kind.COLON: ":：",
    Kind.QUOTE: "\"'«»“”„‘’‚‹›「」『』",
    Kind.DASH: "-–—―‐‑",
    Kind.BRACKET: "()[]{}（）【】",
    Kind.DIVIDER: "|/\\>→•·●■▪►*_=~<│",
    Kind.ADDRESS: "@#",
}
_CATEGORIES = {"Lu": Kind.UPPER, "Lt": Kind.UPPER, "Ll": Kind.LOWER, "Lo": Kind.OTHER_LETTER, "Lm": Kind.OTHER_LETTER}
_BASIC = 0x10000
"""Code points of the plane that nearly all text is written in."""


def kinds_of(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.intp]]:
    """Return the kind of every character of the texts in a row, where each text begins, and the lengths.

    No text is empty.
    """
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    code = f"utf-32-{'le' if sys.byteorder == 'little' else 'be'}"
    points = np.frombuffer("".join(texts).encode(code, "surrogatepass"), dtype=np.uint32)
    return _table()[np.minimum(points, _BASIC)], np.cumsum(lengths) - lengths, lengths


@cache
def _table() -> NDArray[np.uint8]:
    table = np.full(_BASIC + 1, Kind.OTHER, dtype=np.uint8)
    for point in range(_BASIC):
        character = chr(point)
        category = unicodedata.category(character)
        if category in _CATEGORIES:
            table[point] = _CATEGORIES[category]
        elif category[0] == "N":
            table[point] = Kind.DIGIT
        elif category[0] == "Z" or character.isspace():
            table[point] = Kind.SPACE
    for kind, characters in _MARKS.items():
        table[list(map(ord, characters))] = kind
    return table
