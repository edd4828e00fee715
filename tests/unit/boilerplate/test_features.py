from __future__ import annotations

import numpy as np
import pytest

from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.features import BEYOND, NAMES, measure
from pipeline.boilerplate.lexicon import Lexicon, load_lexicon
from pipeline.boilerplate.rules import apply_rules
from tests.labelled import article

TEXT = (
    "The Council agreed on Monday to pay for a late-night ferry across the harbour.",
    "Workers said that the last boat left before their shifts ended, and that they slept at the pier.",
)


def measured(*lines: str, lexicon: Lexicon | None = None) -> dict[str, list[float]]:
    """Return the features of the lines by name."""
    page = apply_rules(read_blocks(article("\n".join(lines))), lexicon or load_lexicon())
    return dict(zip(NAMES, measure(page).tolist(), strict=True))


def test_there_is_a_row_a_name_and_a_column_a_block() -> None:
    rows = measure(apply_rules(read_blocks(article("\n".join(TEXT))), load_lexicon()))

    assert rows.shape == (len(NAMES), 2)
    assert rows.dtype == np.float32
    assert len(set(NAMES)) == len(NAMES)


def test_shares_of_characters_are_measured() -> None:
    found = measured("AB cd 12, x:")

    assert found["upper_share"] == pytest.approx([2 / 5])
    assert found["digit_share"] == pytest.approx([2 / 12])
    assert found["pause_share"] == pytest.approx([1 / 4])
    assert found["capitalised"] == pytest.approx([1 / 4])


def test_neighbours_speak_and_beyond_the_ends_there_are_none() -> None:
    found = measured(TEXT[0], "Short label", TEXT[1])

    assert found["prose-1"] == [BEYOND, 1.0, 0.0]
    assert found["prose+1"] == [0.0, 1.0, BEYOND]
    assert found["prose~2"] == pytest.approx([2 / 3] * 3)


def test_a_label_that_shares_words_with_the_text_is_on_topic() -> None:
    found = measured(*TEXT, "The late ferry", "Horoscope today")

    assert found["topic"] == [-1.0, -1.0, 1.0, 0.0]


def test_what_the_rules_say_has_a_sign() -> None:
    found = measured("Council agrees to pay for a late-night ferry across the harbour", *TEXT, "* * *")

    assert found["opinion"][0] < 0 < found["opinion"][-1]


def test_letters_do_not_matter_where_no_phrase_speaks() -> None:
    other = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")
    lines = (*TEXT, "The late ferry", "Horoscope today")

    plain = measured(*lines, lexicon=Lexicon())
    coded = measured(*(line.translate(other) for line in lines), lexicon=Lexicon())

    assert plain == coded


def test_a_block_whose_normalised_text_is_empty_is_measured_too() -> None:
    page = apply_rules(read_blocks(article("One line.")), load_lexicon())
    page.blocks[0].text = ""

    assert np.isfinite(measure(page)).all()
