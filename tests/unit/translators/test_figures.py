from __future__ import annotations

import pytest

from pipeline.translators.figures import compare, find_figures


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1 234,50 и 1,234.50 и ١٬٢٣٤٫٥٠", ["123450"] * 3),
        ("5.05.2020", ["5", "5", "2020"]),
        ("20:30, 3-0", ["20", "30", "3", "0"]),
        ("в 007 раз", ["7"]),
        ("ничего", []),
    ],
)
def test_numbers_are_read_whatever_their_locale(text: str, digits: list[str]) -> None:
    assert [figure.digits for figure in find_figures(text)] == digits


@pytest.mark.parametrize("text", ["Цена 1 234,5 рубля", "بسعر ١٢٫٥ في ٢٠٢٢"])
def test_a_number_knows_its_place(text: str) -> None:
    for figure in find_figures(text):
        found = text[figure.span.start : figure.span.end]

        assert found[0].isdecimal()
        assert found[-1].isdecimal()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("выросли на 12,5 %", "rose by 12.5 percent"),
        ("5 мая 2020 года", "May 5, 2020"),
        ("05.05.2020", "May 5, 2020"),
        ("5 человек", "five people"),
        ("1,5 млн евро", "1,500,000 euros"),
        ("5 тысяч", "5,000"),
        ("3000 лет", "three thousand years"),
        ("в 20:30", "at 8:30 p.m."),
        ("XIX век", "the 19th century"),
        ("в 90-е", "in the 1990s"),
        ("في السبعينيات", "in the 1970s"),
        ("два человека", "2 people"),
        ("le 1er mai", "on the first of May"),
        ("18,10 €", "€18.10"),
        ("около 1 000 000", "about 1 million"),
    ],
)
def test_a_right_translation_has_the_same_numbers(source: str, target: str) -> None:
    found = compare(source, target)

    assert (found.lost, found.invented) == ((), ())


@pytest.mark.parametrize(
    ("source", "target", "lost", "invented"),
    [
        ("12 человек", "people", ["12"], []),
        ("люди", "234 people", [], ["234"]),
        ("12,5 %", "125 %", ["125"], ["125"]),
        ("в 2014 году", "in 2015", ["2014"], ["2015"]),
        ("15 и 15", "15 and", ["15"], []),
        ("10 рублей", "100 rubles", ["10"], []),
    ],
)
def test_a_wrong_number_is_seen(source: str, target: str, lost: list[str], invented: list[str]) -> None:
    found = compare(source, target)

    assert [figure.digits for figure in found.lost] == lost
    assert [figure.digits for figure in found.invented] == invented
