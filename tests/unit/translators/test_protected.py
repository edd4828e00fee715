from __future__ import annotations

import pytest

from pipeline.translators.protected import find_protected, missing


def found(text: str) -> list[str]:
    return [one.text for one in find_protected(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("см. https://t.co/a?b=c, и", ["https://t.co/a?b=c"]),
        ("(www.ria.ru) и meduza.io/news/1.", ["www.ria.ru", "meduza.io/news/1"]),
        ("пишите на press@ria.ru.", ["press@ria.ru"]),
        ("ЧИТАЙТЕ HTTPS://T.CO/A И RIA.RU", ["HTTPS://T.CO/A", "RIA.RU"]),
        ("@kanal, #новости и #اخبار_اليوم", ["@kanal", "#новости", "#اخبار_اليوم"]),
        ("ура 🎉🎉 👨‍👩‍👧 🇫🇷 1️⃣ ☀️", ["🎉🎉", "👨‍👩‍👧", "🇫🇷", "1️⃣", "☀️"]),
        ("&apos;да&apos; {name} %s <b>", ["&apos;", "&apos;", "{name}", "%s", "<b>"]),
        ("<pad> и >>eng<<", ["<pad>", ">>eng<<"]),
        ("сказал ..... !!! и «» ушёл", ["..... !!!", "«»"]),
    ],
)
def test_what_holds_no_words_is_never_shown_to_the_model(text: str, expected: list[str]) -> None:
    assert found(text) == expected
    assert all(one.fixed for one in find_protected(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("стоит €18.10 или 18,10 €", ["€18.10", "18,10 €"]),
        ("US$1,200 и 1 500 ₽, 5 USD", ["US$1,200", "1 500 ₽", "5 USD"]),
        ("l'A380, COVID-19 и F-16", ["A380", "COVID-19", "F-16"]),
    ],
)
def test_prices_and_codes_are_words_that_must_not_change(text: str, expected: list[str]) -> None:
    assert found(text) == expected
    assert not any(one.fixed for one in find_protected(text))


@pytest.mark.parametrize(
    "text",
    [
        "Президент сказал: «Да». Так... Ура!",
        "à 20h30, le 1er mai, mi-2020",
        "5 % и 3:0 в №5",
        "т.е. и т.д.",
        "Du 3 au 5",
    ],
)
def test_ordinary_text_is_not_protected(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("source", "target", "lost"),
    [
        ("@a и @a", "@a and", ["@a"]),
        ("18,10 €", "€18.10", []),
        ("18,10 €", "18.10 euros", []),
        ("18,10 €", "18,10", ["18,10 €"]),
        ("18,10 €", "€18h10", ["18,10 €"]),
        ("$5", "5 countries", ["$5"]),
        ("COVID-19", "Covid 19", []),
        ("F-16", "F-18", ["F-16"]),
        ("#новости", "#news", ["#новости"]),
    ],
)
def test_what_a_target_lacks_is_told(source: str, target: str, lost: list[str]) -> None:
    assert [one.text for one in missing(find_protected(source), target)] == lost


@pytest.mark.parametrize(
    "text",
    ["а" * 200_000, "a@" * 50_000, "1 " * 100_000, "a." * 100_000, "a-" * 100_000, "#" * 100_000, "!" * 100_000,
     "www." * 50_000, "&" * 100_000, "<" * 100_000, "A1-" * 60_000, "🎉" * 50_000, "«" * 100_000, "{" * 100_000,
     "sighighighighightighighighighterminminingingingingingeringingingingsufficientitimmediateadministrifympmpmporageroragement"],
)  # fmt: skip
def test_no_text_takes_long_to_look_through(text: str) -> None:
    import time

    start = time.process_time()
    find_protected(text)

    assert time.process_time() - start < 3
