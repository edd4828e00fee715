from __future__ import annotations

import pytest

from pipeline.boilerplate.datelines import read_dateline
from pipeline.boilerplate.phrasebook import load_phrasebook


def read(text: str) -> tuple[str | None, str | None]:
    """Return place and agency."""
    dateline = read_dateline(text, load_phrasebook())
    assert dateline is not None
    place, agency = dateline.place, dateline.agency
    return (text[place.start : place.end] if place else None, text[agency.start : agency.end] if agency else None)


@pytest.mark.parametrize(
    ("text", "place", "agency"),
    [
        ("PARIS (AFP) - Le président a annoncé", "PARIS", "AFP"),
        ("Toulouse (AFP) – Le petit satellite", "Toulouse", "AFP"),
        ("LONDON, Jan 5 (Reuters) - The minister", "LONDON", "Reuters"),
        ("KYIV, Ukraine (AP) — The army", "KYIV, Ukraine", "AP"),
        ("WASHINGTON - The president said", "WASHINGTON", None),
        ("Frankfurt am Main (dpa/lrz) - Die Zahl", "Frankfurt am Main", "dpa/lrz"),
        ("Madrid, 3 feb (EFE).- El gobierno", "Madrid", "EFE"),
        ("(ANSA) - ROMA, 05 GEN - Il governo", "ROMA", "ANSA"),
        ("SÃO PAULO, SP (FOLHAPRESS) - O governo", "SÃO PAULO, SP", "FOLHAPRESS"),
        ("ANKARA (AA) - Bakanlık açıkladı", "ANKARA", "AA"),
        ("МОСКВА, 5 мая /ТАСС/. Глава ведомства", "МОСКВА", "ТАСС"),
        ("МОСКВА, 5 мая - РИА Новости. Глава ведомства", "МОСКВА", "РИА Новости"),
        ("ДУШАНБЕ, 06.01.2022 /НИАТ «Ховар»/. Президент", "ДУШАНБЕ", "НИАТ «Ховар»"),
        ("КИЇВ. 5 січня. УНН. Уряд схвалив", "КИЇВ", "УНН"),
        ("АСТАНА. ҚазАқпарат - Мемлекет басшысы", "АСТАНА", "ҚазАқпарат"),
        ("القاهرة - رويترز: قال مسؤول", "القاهرة", "رويترز"),
        ("بيروت (أ ف ب) - أغلقت الأمطار", "بيروت", "أ ف ب"),
        ("تهران - ایرنا - وزیر گفت", "تهران", "ایرنا"),
        ("新华社北京1月5日电（记者 张三）国家", "北京", "新华社"),
        ("AFP - Le président a annoncé", None, "AFP"),
        ("Asie centrale (site.net), - BAKOU - Un certain nombre", "BAKOU", None),
    ],
)
def test_a_dateline_names_place_and_agency(text: str, place: str | None, agency: str | None) -> None:
    assert read(text) == (place, agency)


@pytest.mark.parametrize(
    "text",
    [
        "EXCLUSIVE - The minister said",
        "VIDEO - Le président a parlé",
        "NBA - The season begins",
        "COVID-19 - the numbers fall",
        "Merkel (CDU) - die Kanzlerin - sagte",
        "Biden (D) said that he would",
        "Apple (AAPL) - shares rose",
        "The minister (AFP) said that",
        "He left - and nobody noticed",
        "Jane Roe, Associated Press",
        "Мы были там - и видели всё",
        "",
    ],
)
def test_what_only_looks_like_a_dateline_is_none(text: str) -> None:
    assert read_dateline(text, load_phrasebook()) is None
