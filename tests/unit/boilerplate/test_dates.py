from __future__ import annotations

import pytest

from pipeline.boilerplate.dates import find_dates
from pipeline.boilerplate.phrasebook import load_phrasebook


def found(text: str, language: str) -> list[str]:
    return [date.iso for date in find_dates(text, language, load_phrasebook())]


@pytest.mark.parametrize(
    ("language", "text", "iso"),
    [
        ("en", "January 5, 2022", "2022-01-05"),
        ("en", "5th of March 2021", "2021-03-05"),
        ("en", "Sept. 5, 2021", "2021-09-05"),
        ("en", "2023-02-03T12:40:00+01:00", "2023-02-03T12:40:00+01:00"),
        ("en", "4 May 2023, 3:05 p.m. GMT", "2023-05-04T15:05+00:00"),
        ("en", "12:10 am, 4 May 2023", "2023-05-04T00:10"),
        ("en", "13/04/2022", "2022-04-13"),
        ("ru", "6 января 2022 г., 09:03", "2022-01-06T09:03"),
        ("ru", "Январь 6, 2022", "2022-01-06"),
        ("uk", "5 січня 2022", "2022-01-05"),
        ("kk", "2022 жылғы 5 қаңтар", "2022-01-05"),
        ("fr", "1er août 2022 à 14h30", "2022-08-01T14:30"),
        ("fr", "3 févr. 2023", "2023-02-03"),
        ("de", "5. Jänner 2022, 14.30 Uhr", "2022-01-05T14:30"),
        ("es", "3 de febrero de 2023", "2023-02-03"),
        ("it", "3 febbraio 2023", "2023-02-03"),
        ("pt", "3 de março de 2022 às 10h15", "2022-03-03T10:15"),
        ("tr", "05 Ağustos 2022 - 13:25", "2022-08-05T13:25"),
        ("ar", "٥ يناير ٢٠٢٢", "2022-01-05"),
        ("ar", "5 كانون الثاني/ يناير 2022 - 10:15", "2022-01-05T10:15"),
        ("ar", "12 جويلية 2021", "2021-07-12"),
        ("fa", "۱۵ دی ۱۴۰۰ - ۱۲:۳۰", "2022-01-05T12:30"),
        ("fa", "1403/12/30", "2025-03-20"),
        ("zh", "2022年1月5日 12:01", "2022-01-05T12:01"),
        ("pl", "5 maja 2021", "2021-05-05"),
        ("el", "5 Μαΐου 2021", "2021-05-05"),
        ("und", "3 de febrero de 2023", "2023-02-03"),
        ("en", "5 октября 2021", "2021-10-05"),
    ],
)
def test_a_date_is_written_as_iso_8601(language: str, text: str, iso: str) -> None:
    assert found(text, language) == [iso]


@pytest.mark.parametrize(
    "text",
    [
        "2 hours ago",
        "yesterday",
        "5 May",
        "03/04/2022",
        "10 people 2021",
        "31.02.2021",
        "1.2.3.2021",
        "5 May 1215",
        "12:30",
    ],
)
def test_what_names_no_day_of_a_year_for_sure_is_no_date(text: str) -> None:
    assert found(text, "en") == []


def test_figures_are_read_day_first_where_the_language_has_one_order() -> None:
    assert found("03/04/2022", "fr") == ["2022-04-03"]


def test_each_date_has_the_time_beside_it() -> None:
    text = "Published 4 May 2023 at 10:15 | Updated 5 May 2023 at 11:20"

    assert found(text, "en") == ["2023-05-04T10:15", "2023-05-05T11:20"]


def test_a_date_says_where_it_stands() -> None:
    text = "Stand: 05.01.2022, 14:30 Uhr"

    (date,) = find_dates(text, "de", load_phrasebook())

    assert text[date.start : date.end] == "05.01.2022, 14:30"
