"""Names, dates, amounts and measures of the Unicode CLDR, in a language and in English.

News is made of them, and the rarer countries, months and currencies stand in few training lines.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, format_currency, format_percent
from babel.units import format_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.train.augment import Pair
    from models.train.recipe import Names

_ENGLISH = Locale.parse("en_US")
_FIRST, _DAYS = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), 47_000  # to 2028
_RECENT = 10_000  # days before the last one, of which half of the dates are
_CURRENCIES = ("USD", "EUR", "RUB", "GBP", "CNY", "JPY", "CHF", "TND", "MAD", "DZD", "EGP", "SAR", "AED", "UAH", "TRY")
_UNITS = (
    "length-kilometer",
    "length-meter",
    "length-centimeter",
    "area-square-kilometer",
    "area-hectare",
    "mass-kilogram",
    "mass-tonne",
    "mass-gram",
    "volume-liter",
    "speed-kilometer-per-hour",
    "temperature-celsius",
    "duration-year",
    "duration-month",
    "duration-week",
    "duration-day",
    "duration-hour",
    "duration-minute",
    "duration-second",
    "power-megawatt",
    "digital-gigabyte",
)


def names(settings: Names, language: str, seed: int) -> Iterator[Pair]:
    """Yield (text, English) of one language, from each of its locales; the seed decides dates and amounts."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret
    for name in settings.locales[language]:
        locale = Locale.parse(name)
        yield from _tables(locale)
        for _ in range(settings.examples):
            yield from _example(locale, chance)


def _tables(locale: Locale) -> Iterator[Pair]:
    for own, english in (
        (locale.territories, _ENGLISH.territories),
        (locale.languages, _ENGLISH.languages),
        (locale.currencies, _ENGLISH.currencies),
    ):
        yield from ((own[code], english[code]) for code in sorted(own) if _is_current(code, english.get(code)))
    for context in ("format", "stand-alone"):
        for kind in ("months", "days"):
            own, english = getattr(locale, kind)[context]["wide"], getattr(_ENGLISH, kind)[context]["wide"]
            yield from ((own[number], english[number]) for number in sorted(own))


def _is_current(code: str, english: str | None) -> bool:
    """Leave out regions that are numbers, and what CLDR marks with years: `Sudanese Pound (1957-1998)`."""
    return english is not None and "(" not in english and not code.isdigit()


def _example(locale: Locale, chance: random.Random) -> Iterator[Pair]:
    back = chance.randrange(_RECENT) if chance.random() < 1 / 2 else chance.randrange(_DAYS)
    moment = _FIRST + dt.timedelta(days=_DAYS - back, minutes=chance.randrange(24 * 60))
    style = chance.choice(("full", "long", "medium"))
    own, english = chance.choice((("d MMMM", "MMMM d"), ("MMMM y", "MMMM y"), ("EEEE d MMMM", "EEEE, MMMM d")))
    whole = chance.randrange(1, 10 ** chance.randrange(1, 5))
    large = round(chance.uniform(1, 1000), 1) * 10 ** chance.choice((3, 6, 9))
    share = round(chance.uniform(0, 1), chance.choice((2, 3)))
    currency, unit = chance.choice(_CURRENCIES), chance.choice(_UNITS)
    yield format_date(moment, own, locale), format_date(moment, english, _ENGLISH)
    ways: tuple[Callable[[Locale], str], ...] = (
        lambda one: format_date(moment, style, one),
        lambda one: format_datetime(moment, "long", locale=one),
        lambda one: format_currency(whole, currency, locale=one, format_type="name"),
        lambda one: format_compact_decimal(large, format_type="long", locale=one, fraction_digits=1),
        lambda one: format_percent(share, "#,##0.#%", one),
        lambda one: format_unit(whole, unit, "long", locale=one),
    )
    yield from ((way(locale), way(_ENGLISH)) for way in ways)
