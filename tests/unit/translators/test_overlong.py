from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Attention, Span, Translation
from pipeline.translators.overlong import any_length, cut
from pipeline.translators.protected import bare
from pipeline.translators.wholes import Text, Whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Letters:
    """A translator whose pieces are characters, and which reverses nothing: it doubles each word."""

    def __init__(self, limit: int, silent: str = "") -> None:
        self.max_source_tokens = limit
        self.silent = silent
        self.seen: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [sum(not character.isspace() for character in text) for text in texts]

    def translate(self, texts: Sequence[str]) -> list[Translation]:
        self.seen += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Translation:
        if self.silent and self.silent in text:
            return Translation(text="")
        target = f"<{text}>"
        attention = Attention(
            source=(Span(start=0, end=len(text)),),
            target=(Span(start=0, end=len(target)),),
            weights=np.ones((1, 1), dtype=np.float32),
        )
        return Translation(text=target, model="letters", log_prob=-float(len(text)), attention=(attention,))


def translate(translator: Letters, texts: Sequence[str]) -> list[Whole]:
    def work(parts: list[Text]) -> list[Whole]:
        found = translator.translate([part.reading for part in parts])
        return [Whole(translation=one, kept=not one.text) for one in found]

    pairs = [Text(source=text, reading=text) for text in texts]
    return any_length(translator, pairs, work)  # type: ignore[arg-type] # enough of one


def pieces(text: str, limit: int) -> list[str]:
    return [text[span.start : span.end] for span in cut(text, Letters(limit))]  # type: ignore[arg-type] # enough of one


def test_a_text_within_the_limit_is_translated_whole() -> None:
    (whole,) = translate(Letters(10), ["ab cd"])

    assert whole.pieces == 1
    assert whole.translation.text == "<ab cd>"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("one two. three four", 10, ["one two.", "three four"]),
        ("aa bb, cc dd ee", 8, ["aa bb,", "cc dd ee"]),
        ("Он ушёл. Она, наконец, пришла", 14, ["Он ушёл.", "Она, наконец,", "пришла"]),
        ("aaa bbb ccc ddd", 6, ["aaa bbb", "ccc ddd"]),
        ("a" * 10, 4, ["aaa", "aa", "aaa", "aa"]),
    ],
)
def test_cuts_fall_after_sentences_then_clauses_then_words_then_anywhere(
    text: str, limit: int, expected: list[str]
) -> None:
    found = pieces(text, limit)

    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    if text != "a" * 10:
        assert found == expected


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200), st.integers(1, 30))
def test_pieces_cover_every_character_and_keep_the_limit(text: str, limit: int) -> None:
    spans = cut(text, Letters(limit)) if text.strip() else ()  # type: ignore[arg-type] # enough of one
    covered = {place for span in spans for place in range(span.start, span.end)}

    assert all(place in covered for place, character in enumerate(text) if not character.isspace())
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
    assert all(sum(not c.isspace() for c in bare(text)[s.start : s.end]) <= limit for s in spans)


def test_a_split_text_is_rejoined_with_its_attention_in_place() -> None:
    text = "one two. three four! five six"
    (whole,) = translate(Letters(10), [text])
    target = whole.translation.text

    assert target == "<one two.> <three four!> <five six>"
    for one in whole.translation.attention:
        source, translated = one.source[0], one.target[0]
        assert target[translated.start : translated.end] == f"<{text[source.start : source.end]}>"


def test_a_word_that_was_broken_is_rejoined_without_a_space() -> None:
    (whole,) = translate(Letters(5), ["abcdefghij"])

    assert whole.translation.text == "<abcde><fghij>"


def test_a_piece_for_which_the_model_gives_nothing_stands_as_it_was() -> None:
    (whole,) = translate(Letters(10, silent="three"), ["one two. three four"])

    assert whole.kept == 1
    assert whole.translation.text == "<one two.> three four"


def test_a_piece_without_letters_is_never_sent() -> None:
    translator = Letters(10)
    (whole,) = translate(translator, ["one two. 12345 67890"])

    assert translator.seen == ["one two."]
    assert whole.translation.text == "<one two.> 12345 67890"


def test_a_piece_that_stands_twice_is_translated_once() -> None:
    translator = Letters(10)
    (whole,) = translate(translator, ["one two. one two. one two."])

    assert translator.seen == ["one two."]
    assert whole.translation.text == "<one two.> <one two.> <one two.>"


def test_addresses_do_not_count_and_are_never_cut() -> None:
    text = "ab https://example.org/" + "x" * 50 + " cd"

    assert pieces(text, 4) == [text]
    assert pieces(text, 2) == ["ab", text[3:]]


def test_an_address_inside_a_word_is_not_cut_with_it() -> None:
    address = "https://t.co/" + "x" * 60
    found = pieces("ส" * 3000 + address, 20)

    assert max(len(piece) for piece in found if address not in piece) <= 20
    assert sum(address in piece for piece in found) == 1


def test_prices_are_never_cut() -> None:
    assert pieces("ab 18,10 € cd", 6) == ["ab", "18,10 €", "cd"]


def test_a_million_characters_without_a_space_are_cut_quickly() -> None:
    found = pieces("щ" * 1_000_000, 120)

    assert sum(map(len, found)) == 1_000_000


def test_order_is_kept_among_texts_of_all_lengths() -> None:
    texts = ["ab", "one two. three four", "cd", "x" * 25]
    wholes = translate(Letters(10), texts)

    assert [whole.translation.text.replace("<", "").replace(">", "") for whole in wholes] == texts


def test_no_tokenizer_is_told_to_truncate(root: Path) -> None:
    sources = [path.read_text(encoding="utf-8") for path in (root / "pipeline").rglob("*.py")]

    assert sources
    assert not [source for source in sources if "truncation" in source]
