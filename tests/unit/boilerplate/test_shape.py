from __future__ import annotations

import pytest

from pipeline.boilerplate.shape import Kind, kinds_of


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("A", Kind.UPPER),
        ("é", Kind.LOWER),
        ("ب", Kind.OTHER_LETTER),
        ("新", Kind.OTHER_LETTER),
        ("٣", Kind.DIGIT),
        ("\u00a0", Kind.SPACE),
        ("\t", Kind.SPACE),
        ("؟", Kind.FINAL),
        ("،", Kind.PAUSE),
        ("«", Kind.QUOTE),
        ("—", Kind.DASH),
        ("|", Kind.DIVIDER),
        ("@", Kind.ADDRESS),
        ("\U0001f680", Kind.OTHER),
        ("\ud800", Kind.OTHER),
    ],
)
def test_a_character_has_a_kind_in_any_script(character: str, kind: Kind) -> None:
    kinds, _, _ = kinds_of([character])

    assert kinds.tolist() == [kind]


def test_the_kinds_of_texts_stand_in_a_row() -> None:
    kinds, starts, lengths = kinds_of(["Ab", "1", "x.y"])

    assert kinds.tolist() == [Kind.UPPER, Kind.LOWER, Kind.DIGIT, Kind.LOWER, Kind.FINAL, Kind.LOWER]
    assert starts.tolist() == [0, 2, 3]
    assert lengths.tolist() == [2, 1, 3]
