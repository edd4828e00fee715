from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Translation
from pipeline.translators.layout import clauses, lay_out, translate
from pipeline.translators.wholes import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.translators.layout import Part


class Words:
    """Counts words, and puts texts into brackets."""

    max_source_tokens = 100

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def translate(self, texts: Sequence[str]) -> list[Translation]:
        return [Translation(text="" if text == "нет" else f"<{text}>", model="words") for text in texts]


def shown(text: str, parts: Sequence[Part]) -> list[str]:
    """Return what each part holds, in brackets where the model reads it."""
    return [f"[{part.reading}]" if part.reading else text[part.span.start : part.span.end] for part in parts]


def same(text: str) -> Text:
    return Text(source=text, reading=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Он ушёл", ["[Он ушёл]"]),
        ("Он ушёл https://ria.ru/1", ["[Он ушёл]", "https://ria.ru/1"]),
        ("@a: он (см. www.ria.ru) ушёл.", ["@a", ":", "[он (см.]", "www.ria.ru", ")", "[ушёл.]"]),
        ("Билет: €18.10.", ["[Билет: €18.10.]"]),
    ],
)
def test_the_model_reads_all_but_what_is_fixed(text: str, expected: list[str]) -> None:
    assert shown(text, lay_out(same(text), around=False)) == expected


def test_around_leaves_out_prices_and_codes_too() -> None:
    text = "Билет на A380: €18.10."

    assert shown(text, lay_out(same(text), around=True)) == ["[Билет на]", "A380", ":", "€18.10", "."]


@given(st.lists(st.sampled_from(["слово", "@a", "https://t.co/x", "€5", "(", ").", "«», ", "A380", " "])).map("".join))
def test_parts_cover_every_character_once(text: str) -> None:
    parts = lay_out(same(text), around=True)
    covered = [place for part in parts for place in range(part.span.start, part.span.end)]

    assert len(covered) == len(set(covered))
    assert all(place in set(covered) for place, character in enumerate(text) if not character.isspace())


def test_clauses_are_cut_at_their_marks() -> None:
    text = "он пришёл домой, она ушла, @a видел"
    found = clauses(same(text), Words(), 4, around=False)  # type: ignore[arg-type] # enough of a translator

    assert found is not None
    assert shown(text, found) == ["[он пришёл домой,]", "[она ушла,]", "@a", "[видел]"]


def test_one_word_has_no_clauses() -> None:
    assert clauses(same("слово"), Words(), 4, around=False) is None  # type: ignore[arg-type] # enough of one


def test_parts_are_translated_together_and_put_together_again() -> None:
    texts = ["Он @a ушёл", "www.ria.ru 5", "нет"]
    layouts = [lay_out(same(text), around=False) for text in texts]
    wholes = translate(Words(), texts, layouts)  # type: ignore[arg-type] # enough of a translator

    assert [whole.translation.text for whole in wholes] == ["<Он> @a <ушёл>", "www.ria.ru 5", ""]
    assert [whole.pieces for whole in wholes] == [2, 0, 1]
    assert [whole.kept for whole in wholes] == [0, 0, 1]
