"""Finds dates in short lines and writes them in ISO 8601; the one door to dateparser.

Only dates that name their year are read, never "yesterday" or "2 hours ago": nothing depends on
today. Own patterns find day, month and year. Names of months that the lexicons do not have are
asked of dateparser, which knows those of two hundred languages: once for each name, since a call
takes half a millisecond, and the first one in a language 10 to 60.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from pipeline.boilerplate.folding import fold, tokens
from pipeline.boilerplate.lexicon import WordList, read_languages
from pipeline.languages import primary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.boilerplate.phrasebook import Phrasebook

FIRST_YEAR = 1900
LAST_YEAR = 2100
"""Years that a date of an article may have; others are numbers of something else."""

JALALI_YEARS = range(1300, 1500)
"""Years of the Persian solar calendar that articles are dated in (1921 to 2121)."""

JALALI_EPOCH = 621
"""Gregorian year in which year 0 of the Persian calendar began."""

LONGEST = 300
"""Characters of a line in which dates are looked for."""

_NAME = r"[^\W\d_]{2,}(?:\s[^\W\d_]{2,})??"
_DATE = re.compile(
    r"(?<![\d.,:/-])(?:"
    r"(?P<year>\d{4})\s?[-/.]\s?(?P<month>\d{1,2})\s?[-/.]\s?(?P<day>\d{1,2})(?!\d)"
    r"|(?P<asian_year>\d{4})\s?年\s?(?P<asian_month>\d{1,2})\s?月\s?(?P<asian_day>\d{1,2})\s?日?"
    r"|(?P<first>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<second>\d{1,2})\s?(?P=mark)\s?(?P<last>\d{4})(?!\d)"
    rf"|(?P<day_before>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?,?[\s-](?:de\s|of\s)?(?P<name>{_NAME})\.?"
    rf"(?:\s?[/(]\s?(?P<other_name>{_NAME})\)?)?,?[\s-](?:de\s|del\s|عام\s|سنة\s)?(?P<year_after>\d{{4}})(?!\d)"
    rf"|(?P<name_before>[^\W\d_]{{3,}})\.?\s(?P<day_after>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year_last>\d{{4}})(?!\d)"
    r"|(?P<year_before>\d{4})\s?(?:жылғы|жылдың|жылы|ж\.)\s?(?P<day_between>\d{1,2})\s?(?P<name_last>[^\W\d_]{3,})"
    r")"
)
_TIME = re.compile(
    r"(?<![\d.:])(?P<hour>[01]?\d|2[0-3])\s?[:.hч]\s?(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?(?![\d:])"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?(?:\s?(?P<zone>Z\b|UTC\b|GMT\b|[+-](?:0\d|1[0-4]):?[0-5]\d(?!\d)))?",
    re.IGNORECASE,
)
_BEFORE_DATE = 14
_AFTER_DATE = 24
"""Characters before and after a date in which its time of day stands."""

_PLAIN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_CODES = {"no": "nb", "nn": "nb", "sh": "sr"}
"""Languages that dateparser knows by another code."""

_NOON = 12
_UNKNOWN = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A date in a text: characters [start, end), and its ISO 8601 form, with the time where that is given."""

    start: int
    end: int
    iso: str


def library_version() -> str:
    """Return the name and version of the library that knows the other names of months."""
    from importlib.metadata import version

    return f"dateparser-{version('dateparser')}"


def find_dates(text: str, language: str, book: Phrasebook) -> Iterator[Found]:
    """Yield the dates of a line, in order, whose year is given.

    `language` is that of the article (BCP 47); names of months are looked up in it, then in English.
    A date in figures that could be read both ways (3/4/2022 in English) is none.
    """
    if len(text) > LONGEST or sum(map(str.isdigit, text)) < len("1999"):
        return
    text = text.translate(_PLAIN_DIGITS)
    reached = 0
    for match in _DATE.finditer(text):
        day = _day(match, language, book)
        if day is None:
            continue
        following = next(iter(_DATE.finditer(text, match.end())), None)
        limit = min(match.end() + _AFTER_DATE, following.start() if following else len(text))
        time = _TIME.search(text, match.end(), limit + 1) if match.end() < len(text) else None
        if time is None or time.start() > limit:
            earlier = list(_TIME.finditer(text, max(reached, match.start() - _BEFORE_DATE), match.start()))
            time = earlier[-1] if earlier else None
        start, end = match.span()
        if time:
            start, end = min(start, time.start()), max(end, time.end())
        yield Found(start=start, end=end, iso=day.isoformat() + (_time(time) if time else ""))
        reached = end


def _time(match: re.Match[str]) -> str:
    """Return the time as ISO 8601 writes it; without a zone, it is the site's own."""
    hour = int(match["hour"])
    if match["half"] and hour <= _NOON:
        hour = hour % _NOON + (_NOON if match["half"].lower() == "p" else 0)
    zone = match["zone"] or ""
    if zone.upper() in {"Z", "UTC", "GMT"}:
        zone = "+00:00"
    elif zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    seconds = f":{int(match['second']):02}" if match["second"] else ""
    return f"T{hour:02}:{int(match['minute']):02}{seconds}{zone}"


def _day(match: re.Match[str], language: str, book: Phrasebook) -> date | None:
    groups = match.groupdict()
    if groups["year"]:
        return _date(groups["year"], int(groups["month"]), groups["day"])
    if groups["asian_year"]:
        return _date(groups["asian_year"], int(groups["asian_month"]), groups["asian_day"])
    if groups["last"]:
        return _in_figures(groups, language)
    year = groups["year_after"] or groups["year_last"] or groups["year_before"]
    day = groups["day_before"] or groups["day_after"] or groups["day_between"]
    for name in (groups["name"] or groups["name_before"] or groups["name_last"], groups["other_name"]):
        if not name:
            continue
        if int(year) in JALALI_YEARS:
            return _from_jalali(int(year), book.jalali_months.get(fold(name), _UNKNOWN), int(day))
        month = book.months.get(fold(name)) or month_number(name.lower(), language)
        if month:
            return _date(year, month, day)
    return None


def _in_figures(groups: dict[str, str], language: str) -> date | None:
    """Return 31.12.2021 as a date; where English could mean either order, only what has one reading."""
    first, second = int(groups["first"]), int(groups["second"])
    if second > _NOON:
        first, second = second, first
    elif groups["mark"] != "." and first <= _NOON and first != second and primary(language) in {"en", "und"}:
        return None
    return _date(groups["last"], second, str(first))


def _date(year: str, month: int, day: str) -> date | None:
    number = int(year)
    if number in JALALI_YEARS:
        return _from_jalali(number, month, int(day))
    if not FIRST_YEAR <= number <= LAST_YEAR:
        return None
    try:
        return date(number, month, int(day))
    except ValueError:
        return None


def _from_jalali(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of one of the Persian solar calendar, by its cycle of 33 years.

    The cycle agrees with the astronomical calendar from 1178 to 1633 (1799 to 2254).
    """
    if not (1 <= month <= _NOON and 1 <= day <= (31 if month <= 6 else 30)):  # noqa: PLR2004 # six months of 31 days
        return None
    passed = 365 * year + (8 * year + 21) // 33 + (31 * (month - 1) if month <= 7 else 30 * (month - 1) + 6) + day  # noqa: PLR2004
    # 1 Farvardin 1400 was 21 March 2021.
    anchor = 365 * 1400 + (8 * 1400 + 21) // 33 + 1
    return date.fromordinal(date(JALALI_EPOCH + 1400, 3, 21).toordinal() + passed - anchor)


@lru_cache(maxsize=4096)
def month_number(name: str, language: str) -> int:
    """Return the number of a month by its name in a language, else in English; 0 when it is none.

    Else in those languages whose lexicon lists it, since the guess of a short article's language can
    be wrong: they must agree.
    """
    own = primary(language)
    for tag in (_CODES.get(own, own), "en"):
        found = _ask(name, tag)
        if found:
            return found
    numbers = {
        _ask(name, tag) for tag, months in _listed_months().items() if all(map(months.__contains__, tokens(name)))
    }
    numbers.discard(_UNKNOWN)
    return numbers.pop() if len(numbers) == 1 else _UNKNOWN


@cache
def _listed_months() -> dict[str, WordList]:
    listed = {}
    for language, entries in read_languages().items():
        months = entries["months"]
        listed[language] = WordList.of(months if not isinstance(months, Mapping) else ())
    return listed


def _ask(name: str, language: str) -> int:
    from dateparser import parse
    from dateparser.data.languages_info import language_order

    if language not in language_order:
        return _UNKNOWN
    # Absolute dates only, all parts given, one language: neither today nor the machine's zone counts.
    found = parse(
        f"1 {name} 2000",
        languages=[language],
        settings={
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["day", "month", "year"],
            "STRICT_PARSING": True,
            "TIMEZONE": "UTC",
            "RETURN_AS_TIMEZONE_AWARE": False,
            "DATE_ORDER": "DMY",
        },
    )
    return found.month if found and (found.year, found.day) == (2000, 1) else _UNKNOWN
