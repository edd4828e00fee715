"""Tags, codes, scripts and directions of languages."""

from __future__ import annotations

import pytest

from pipeline.languages import (
    canonical_tag,
    character_script,
    is_blank,
    is_right_to_left,
    iso639_3,
    marian_code,
    scripts,
    text_script,
)


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [("fr_FR", "fr-FR"), ("rus", "ru"), ("arb", "ar"), ("iw", "he"), ("cmn", "zh"), ("no", "no")],
)
def test_a_tag_becomes_canonical(tag: str, canonical: str) -> None:
    assert canonical_tag(tag) == canonical


@pytest.mark.parametrize("tag", ["", "xx", "klingon language", "-"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="expected a"):
        canonical_tag(tag)


def test_codes_of_other_standards_are_found() -> None:
    assert [iso639_3(tag) for tag in ("ru", "ar", "fr-CA", "ckb")] == ["rus", "ara", "fra", "ckb"]
    assert [marian_code(tag) for tag in ("ru", "nb", "zh-Hans")] == ["ru", "no", "zh"]


def test_scripts_and_directions_are_known() -> None:
    assert (scripts("ja"), scripts("und")) == (("Hani", "Hira", "Kana"), ())
    assert [is_right_to_left(tag) for tag in ("ar", "fa", "he", "ru")] == [True, True, True, False]
    assert [character_script(c) for c in "éжعあ1."] == ["Latn", "Cyrl", "Arab", "Hira", None, None]
    assert (text_script("мир ab"), text_script("12")) == ("Cyrl", None)


@pytest.mark.parametrize("character", [" ", "\u00a0", "\u200b", "\u061c", "\ufeff", "\x00", "\u2028"])
def test_marks_without_width_are_blank(character: str) -> None:
    assert is_blank(character)


@pytest.mark.parametrize("character", ["a", "\u0640", "\u0301", "\ufffd", "."])
def test_what_shows_is_not_blank(character: str) -> None:
    assert not is_blank(character)
