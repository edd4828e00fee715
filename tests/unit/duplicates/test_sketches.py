"""A sketch is the same on every machine, and says how alike two articles are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.duplicates.sketches import RECORD, UNDATED, Sketcher, is_sound, kept_text
from pipeline.records import Label, Meta
from tests.documents import block
from tests.labelled import article

if TYPE_CHECKING:
    from pipeline.records import Document

KEY = b"0123456789abcdef"
WORDS = [f"word{number}" for number in range(400)]


def kept(text: str, **facts: str) -> Document:
    """Return an article of which all is kept."""
    meta = tuple(Meta(name=name, value=value) for name, value in facts.items())
    return replace(article(text), blocks=(block(0, len(text), Label.BODY),), meta=meta)


def sketch(document: Document | None) -> np.void:
    record: np.void = np.frombuffer(Sketcher().sketch(document, KEY), RECORD)[0]
    return record


def likeness(one: str, other: str) -> float:
    return float(np.mean(sketch(kept(one))["signature"] == sketch(kept(other))["signature"]))


def test_a_signature_is_the_same_on_every_machine() -> None:
    record = sketch(kept("The bridge was closed on Monday for repairs."))

    assert record["signature"][:4].tolist() == [403488119, 508309821, 1136688649, 770736226]
    assert record["text"].hex() == "a1850d0a12e5273c87615fd057ec8c71"


@pytest.mark.parametrize(("shared", "expected"), [(400, 1.0), (300, 0.6), (200, 0.33), (0, 0.0)])
def test_signatures_estimate_the_share_of_common_runs(shared: int, expected: float) -> None:
    other = [*WORDS[:shared], *(f"other{number}" for number in range(400 - shared))]

    assert likeness(" ".join(WORDS), " ".join(other)) == pytest.approx(expected, abs=0.12)


def test_only_what_is_kept_is_sketched() -> None:
    text = "The text.\nShare on Facebook\nThe end."
    stripped = (block(0, 9, Label.BODY), block(10, 27, Label.SHARE_PROMPT, kept=False), block(28, 36, Label.BODY))

    assert kept_text(replace(article(text), blocks=stripped)) == "The text. The end."


def test_a_long_text_is_sketched_piece_by_piece_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sketch(kept(" ".join(WORDS)))
    monkeypatch.setattr("pipeline.duplicates.sketches.SHINGLES_AT_ONCE", 7)

    assert sketch(kept(" ".join(WORDS))) == whole


def test_a_text_that_comes_again_reaches_minhash_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sketcher = Sketcher()
    asked: list[str] = []
    once = Sketcher._minhash

    def noting(own: Sketcher, text: str) -> object:
        asked.append(text)
        return once(own, text)

    monkeypatch.setattr(Sketcher, "_minhash", noting)
    first, again = (sketcher.sketch(kept("The same text, twice."), key) for key in (b"a", b"b"))

    assert asked == ["The same text, twice."]
    assert np.frombuffer(first, RECORD)["text"] == np.frombuffer(again, RECORD)["text"]


@pytest.mark.parametrize("told", ["2024-03-05", "2024-03-05T10:00", "2024-03-05 10:00:00+01:00"])
def test_the_day_of_publication_is_kept(told: str) -> None:
    assert sketch(kept("A text.", published=told))["date"] == 20240305


@pytest.mark.parametrize("told", ["", "yesterday", "5.3.2024", "2024", "٢٠٢٤-٠٣-٠٥"])
def test_what_is_no_date_comes_after_all_dates(told: str) -> None:
    assert sketch(kept("A text.", published=told))["date"] == UNDATED


def test_an_article_that_cannot_be_compared_has_a_sketch_that_says_so() -> None:
    record = sketch(None)

    assert record["text"] == b""
    assert not record["words"]


def test_a_text_without_words_has_no_signature() -> None:
    record = sketch(kept("*** ***"))

    assert record["text"] != b""
    assert not record["words"]


@pytest.mark.parametrize("place", [0, 18, 40, RECORD.itemsize - 1])
def test_a_flipped_bit_is_noticed(place: int) -> None:
    record = bytearray(Sketcher().sketch(kept("A text."), KEY))
    assert is_sound(bytes(record))

    record[place] ^= 1

    assert not is_sound(bytes(record))
