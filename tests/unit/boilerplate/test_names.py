from __future__ import annotations

import pytest

from pipeline.boilerplate.names import find_persons
from pipeline.boilerplate.phrasebook import load_phrasebook


def names(text: str) -> list[str]:
    return [text[start:end] for start, end in find_persons(text, load_phrasebook())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("By Jane Roe", ["Jane Roe"]),
        ("By JANE ROE and JOHN A. DOE", ["JANE ROE", "JOHN A. DOE"]),
        ("By Jane Roe in Paris", ["Jane Roe"]),
        ("By Jane Roe, BBC News", ["Jane Roe"]),
        ("By Jane Roe, MDR SACHSEN", ["Jane Roe"]),
        ("By Jane Roe November 19, 2019", ["Jane Roe"]),
        ("Jane Roe Jane Roe", ["Jane Roe"]),
        ("Von Anna-Lena Müller und Karl von der Heide", ["Anna-Lena Müller", "Karl von der Heide"]),
        ("Par Jean-Luc Petit", ["Jean-Luc Petit"]),
        ("Por Lucía Arroyo y María de la Fuente", ["Lucía Arroyo", "María de la Fuente"]),
        ("di Marco Rossi e Anna Bianchi", ["Marco Rossi", "Anna Bianchi"]),
        ("Yazar: Mehmet Öz", ["Mehmet Öz"]),
        ("Автор: Иван Петров", ["Иван Петров"]),
        ("Текст: Анна Иванова, фото: Пётр Сидоров", ["Анна Иванова"]),
        ("Автор: Олена Савчук", ["Олена Савчук"]),
        ("بقلم: سمير العلي", ["سمير العلي"]),
        ("作者：张伟", ["张伟"]),
        ("By Ronan O'Neil and J. R. McCain", ["Ronan O'Neil", "J. R. McCain"]),
    ],
)
def test_the_persons_of_a_byline_are_found(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "By Staff Writer",
        "By Reuters",
        "Par La Rédaction avec AFP",
        "Редакция портала",
        "Haber Merkezi",
        "BBC News",
        "JANE ROE",
        "Thanks Junior!",
        "Каталог NEWSru.com:",
        "Ulrich ExnerKorrespondent",
        "Monday November",
        "سمير العلي",
        "张伟",
        "وكالات",
        "",
    ],
)
def test_what_is_not_surely_a_name_is_none(text: str) -> None:
    assert names(text) == []
