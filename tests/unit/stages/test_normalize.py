"""The normalize stage cleans what scrapers leave, and keeps what carries meaning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sacremoses import MosesPunctNormalizer

from pipeline import cleaning
from pipeline.normalized import NormalizedText
from pipeline.records import Document
from pipeline.stages.normalize import NormalizeConfig

if TYPE_CHECKING:
    from pathlib import Path


def normalize(text: str, config: NormalizeConfig | None = None) -> NormalizedText:
    """Run the stage over one text."""
    stage = (config or NormalizeConfig()).build()
    (document,) = stage([Document(id="0", uri="a.txt", text=text)])
    assert document.normalized is not None
    return document.normalized


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("L&apos;aide &amp;nbsp;militaire&#10;x", "L'aide militaire x"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚ Ð¼Ð¸Ñ€", "Привет мир"),
        ("и\u0306од", "йод"),
        ("« mot » dit", '"mot" dit'),
        ("«\u00a0mot\u00a0»\u00a0et", '"mot" et'),
        ("sagte »Ja« und", 'sagte "Ja" und'),
        ("„Так“, ‘so’", "\"Так\", 'so'"),
        ("мир—война 1–2", "мир - война 1-2"),
        ("Quoi\u202f?! Non :", "Quoi?! Non:"),
        ("élu(e)s 2\u00a0500 %", "élu(e)s 2 500%"),
        ("\u200f\u202bمرحبا\u202c\u061c", "مرحبا"),
        ("ﻣﺮﺣﺒﺎ محــمد", "مرحبا محمد"),
        ("со\u00adбака\u200b \ufeffx", "собака x"),
        ("👨\u200d👩\u200d👧 x\u200dy", "👨\u200d👩\u200d👧 xy"),
        ("می\u200cروم", "می\u200cروم"),
        ("a\ud800b", "a\ufffdb"),
        ("a\r\nb\rc\x0cd\u2028e", "a\nb\nc\nd\ne"),
        ("  a \t b  \n  ", "a b\n"),
    ],
)
def test_dirt_goes_and_meaning_stays(raw: str, clean: str) -> None:
    assert normalize(raw).text == clean


def test_a_character_maps_to_what_it_was_made_from() -> None:
    raw = "x &apos; «y»"
    text = normalize(raw)
    spans = [text.to_raw(index, index + 1) for index in range(len(text.text))]

    assert [raw[span.start : span.end] for span in spans] == ["x", " ", "&apos;", " ", "«", "y", "»"]


def test_a_step_that_is_switched_off_leaves_the_text() -> None:
    names = NormalizeConfig.model_fields.keys() - {"stage"}
    off = NormalizeConfig.model_validate(dict.fromkeys(names, False))

    assert normalize("«a»\u00a0— &amp; \u200f", off).text == "«a»\u00a0— &amp; \u200f"


@pytest.mark.parametrize("language", ["ru", "ar", "fr", "en"])
def test_the_rules_of_sacremoses_give_what_sacremoses_gives(root: Path, language: str) -> None:
    kept = MosesPunctNormalizer(lang=language, norm_quote_commas=True, norm_numbers=True)
    kept.substitutions = [rule for rule in kept.substitutions if rule not in cleaning._HARMFUL]
    rules = cleaning.moses_rules(language, quote_commas=True, numbers=True)
    seeds = sorted((root / "seeds").glob("*.txt"))

    lines = [line for seed in seeds for line in seed.read_text(encoding="utf-8").splitlines()]
    for line in [*lines, 'a ( b ) : 2\u00a0500 "x", "y." z …']:
        tracked = cleaning.apply(NormalizedText.identity(line), rules).text.strip()
        assert tracked == kept.normalize(line)


def test_the_quick_test_for_mojibake_misses_nothing_that_ftfy_repairs() -> None:
    import ftfy
    from ftfy.chardata import CHARMAP_ENCODINGS

    for text in ("Касым-Жомарт Токаев заявил", "À l’étranger, a-t-il déclaré", "رئيس كازاخستان"):
        for encoding in CHARMAP_ENCODINGS:
            broken = text.encode().decode(encoding, "replace")
            if ftfy.fix_encoding(broken) != broken:
                assert cleaning._suspicious().search(broken)


def test_settings_that_name_no_step_are_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("Extra inputs are not permitted")):
        NormalizeConfig.model_validate({"lowercase": True})
