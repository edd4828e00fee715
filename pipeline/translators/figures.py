"""The numbers of a text, whatever the digits and separators of its locale, and whether two texts have the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.records import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_RUN = re.compile(r"\d+(?:[.,:/'٫٬\u00a0\u202f -]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'٬\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:[.,٫]\d+)?")
_DIGITS = re.compile(r"\d+")
_DECIMAL = re.compile(r"\d+[.,٫]\d+")
_ROMAN = re.compile(r"(?<!\w)(?=[IVXLC])(?:C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})(?!\w)")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ENGLISH_WORD = re.compile(r"[a-z]+")
_AFTERNOON = re.compile(r"\bp\.?\s?m\b", re.IGNORECASE)

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_MONTHS = "january february march april may june july august september october november december"
_OTHER_WORDS = {
    "once": 1, "single": 1, "half": 2, "twice": 2, "both": 2, "pair": 2, "double": 2, "couple": 2, "triple": 3,
    "quarter": 4, "eighteen": 18, "nineteen": 19, "hundred": 100, "hundreds": 100, "thousand": 1000,
    "thousands": 1000, "million": 1_000_000, "dozen": 12,
}  # fmt: skip
_WORDS = {
    **{word: value for value, word in enumerate(_UNITS.split())},
    **{word: value for value, word in enumerate(_ORDINALS.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), 2)},
    **{word[:-1] + "ies": 10 * value for value, word in enumerate(_TENS.split(), 2)},
    **{word: value for value, word in enumerate(_MONTHS.split(), 1)},
    **_OTHER_WORDS,
}
"""What an English text may write in place of a number; a month may stand for its number in a date."""

SPELLED = 100
"""Up to which a number of the target may be a word in the source, which is not looked for."""

_SCALES = (100, 1000, 1_000_000)

DECADE = re.compile(r"\d\d\d0s\b")
"""A decade, which other languages write in words."""

YEAR_DIGITS = (2, 4)
"""Digits of a year, short and in full."""

MOST_DIGITS = 9
"""Digits of a number whose value is looked at."""

DAY_HOURS = range(13, 24)
"""Hours that English counts from noon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of a text: its digits without separators and leading zeros; `fraction`: how many follow a mark."""

    span: Span
    digits: str
    fraction: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The numbers of a source that its target lacks, and those that only the target has.

    `unsure` ones of the target may be words or Roman numerals in the source.
    """

    lost: tuple[Figure, ...] = ()
    invented: tuple[Figure, ...] = ()
    unsure: tuple[Figure, ...] = ()


def find_figures(text: str) -> Iterator[Figure]:
    """Yield the numbers of a text in order; a date, a time or a score is its parts.

    `1 234,50`, `1,234.50` and `١٬٢٣٤٫٥٠` have the same digits.
    """
    for run in _RUN.finditer(text):
        found = run.group()
        plain = found if found.isascii() else "".join(_ascii_digit(character) for character in found)
        yield from _parts(plain, run.start())


def compare(source: str, target: str) -> Comparison:
    """Tell which numbers of a source have no counterpart in its English, and the other way round.

    Lenient where English may write a number otherwise: in words, as a month, by the hour from noon, with
    thousands or millions in words or digits, a year in two digits or four, a century in Roman numerals.
    """
    lost, invented = list(find_figures(source)), list(find_figures(target))
    for alike in (_same, _same_amount, _same_year):
        lost, invented = _unpaired(lost, invented, alike)
    if not lost and not invented:
        return Comparison()
    words = [_WORDS[word] for word in _ENGLISH_WORD.findall(target.casefold()) if word in _WORDS]
    lost = [figure for figure in lost if not _taken(words, _value(figure)) and not _scaled(words, _value(figure))]
    if _AFTERNOON.search(target):
        lost, invented = _unpaired(lost, invented, _same_hour)
    roman = list(_roman_numerals(source))
    unsure = tuple(
        figure
        for figure in invented
        if 0 <= _value(figure) <= SPELLED or _taken(roman, _value(figure)) or DECADE.match(target, figure.span.start)
    )
    return Comparison(
        lost=tuple(lost), invented=tuple(figure for figure in invented if figure not in unsure), unsure=unsure
    )


def _ascii_digit(character: str) -> str:
    if character.isascii() or not character.isdecimal():
        return character
    return str(unicodedata.decimal(character))


def _parts(run: str, place: int) -> Iterator[Figure]:
    """Yield the numbers of a run of digits and separators that stands at a place of the text."""
    position = 0
    while position < len(run):
        match = _GROUPED.match(run, position) or _DECIMAL.match(run, position)
        if match is None or _goes_on(run, match.end()):
            match = _DIGITS.match(run, position)
        if match is None:
            position += 1
            continue
        yield _figure(match, place)
        position = match.end()


def _figure(match: re.Match[str], place: int) -> Figure:
    found = match.group()
    digits = re.sub(r"\D", "", found).lstrip("0") or "0"
    after = re.split(r"\D", found)[-1]
    is_whole = after == found or (match.re is _GROUPED and not re.search(r"\D\d{3}\D\d+$", found))
    return Figure(
        span=Span(start=place + match.start(), end=place + match.end()),
        digits=digits,
        fraction=0 if is_whole else len(after),
    )


def _goes_on(found: str, end: int) -> bool:
    """Whether a dot or digit follows: it was the start of a date, not a decimal."""
    return end < len(found) and (found[end].isdigit() or found[end] in ".,/:")


def _unpaired(
    ours: Sequence[Figure], theirs: Sequence[Figure], alike: Callable[[Figure, Figure], bool]
) -> tuple[list[Figure], list[Figure]]:
    rest, left = list(theirs), []
    for figure in ours:
        partner = next((other for other in rest if alike(figure, other)), None)
        if partner is None:
            left.append(figure)
        else:
            rest.remove(partner)
    return left, rest


def _same(one: Figure, other: Figure) -> bool:
    return (one.digits, one.fraction) == (other.digits, other.fraction)


def _same_amount(one: Figure, other: Figure) -> bool:
    """Whether two numbers differ by thousands, or by noughts after the mark: 1.5 million is 1,500,000."""
    if one.digits.rstrip("0") != other.digits.rstrip("0"):
        return False
    noughts = len(one.digits) - one.fraction - len(other.digits) + other.fraction
    return noughts % 3 == 0


def _same_year(one: Figure, other: Figure) -> bool:
    short, long = sorted((one.digits, other.digits), key=len)
    return (len(short), len(long)) == YEAR_DIGITS and long.endswith(short)


def _same_hour(one: Figure, other: Figure) -> bool:
    return _value(one) in DAY_HOURS and _value(one) - 12 == _value(other)


def _value(figure: Figure) -> int:
    return -1 if figure.fraction or len(figure.digits) > MOST_DIGITS else int(figure.digits)


def _taken(values: list[int], value: int) -> bool:
    if value not in values:
        return False
    values.remove(value)
    return True


def _scaled(words: Sequence[int], value: int) -> bool:
    """Whether words such as three thousand make a number."""
    return any(scale in words and value % scale == 0 and value // scale in words for scale in _SCALES)


def _roman_numerals(text: str) -> Iterator[int]:
    for match in _ROMAN.finditer(text):
        values = [_ROMAN_VALUES[letter] for letter in match.group()]
        yield sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
