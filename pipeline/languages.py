"""Languages and characters: BCP 47 tags, codes, scripts, directions; which characters are blank."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry = TypeVar("Entry")

ENGLISH = "en"

UNDETERMINED = "und"
"""BCP 47 for text that is in no language, or in one that nobody could tell."""

_BLANK = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})

_RIGHT_TO_LEFT = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})

# ISO 15924 codes by the word with which Unicode begins the names of a script's characters.
_SCRIPTS = {
    "ADLAM": "Adlm",
    "ARABIC": "Arab",
    "ARMENIAN": "Armn",
    "BENGALI": "Beng",
    "BOPOMOFO": "Bopo",
    "CHEROKEE": "Cher",
    "CJK": "Hani",
    "COPTIC": "Copt",
    "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva",
    "ETHIOPIC": "Ethi",
    "GEORGIAN": "Geor",
    "GREEK": "Grek",
    "GUJARATI": "Gujr",
    "GURMUKHI": "Guru",
    "HANGUL": "Hang",
    "HEBREW": "Hebr",
    "HIRAGANA": "Hira",
    "JAVANESE": "Java",
    "KANNADA": "Knda",
    "KATAKANA": "Kana",
    "KHMER": "Khmr",
    "LAO": "Laoo",
    "LATIN": "Latn",
    "MALAYALAM": "Mlym",
    "MANDAIC": "Mand",
    "MONGOLIAN": "Mong",
    "MYANMAR": "Mymr",
    "NKO": "Nkoo",
    "ORIYA": "Orya",
    "SAMARITAN": "Samr",
    "SINHALA": "Sinh",
    "SYRIAC": "Syrc",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "THAANA": "Thaa",
    "THAI": "Thai",
    "TIBETAN": "Tibt",
    "TIFINAGH": "Tfng",
    "YI": "Yiii",
}

# What langcodes takes to be written in one script or another is, in running text, a mixture.
_MIXED = {
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
    "Hans": ("Hani",),
    "Hant": ("Hani",),
}


def is_blank(character: str) -> bool:
    """Whether a character is white space, a control, or a mark without width."""
    return unicodedata.category(character) in _BLANK


@lru_cache(maxsize=1 << 16)
def character_script(character: str) -> str | None:
    """Return the ISO 15924 code of a letter's script; None for digits, marks and signs."""
    if not character.isalpha():
        return None
    return _SCRIPTS.get(unicodedata.name(character, "").replace("-", " ").partition(" ")[0])


def text_script(text: str) -> str | None:
    """Return the script of most letters of a text (the first of equals); None without letters."""
    counts = Counter(filter(None, map(character_script, text)))
    return max(counts, key=counts.__getitem__) if counts else None


def canonical_tag(tag: str) -> str:
    """Return the canonical BCP 47 tag: `fr_FR` gives fr-FR, `rus` ru, `arb` ar, `iw` he.

    Raises ValueError for what is no tag, or names no language that is registered.
    """
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        language = langcodes.get(langcodes.standardize_tag(tag, macro=True))
    except LanguageTagError as error:
        raise ValueError(f"{tag!r}: expected a BCP 47 language tag, such as ru or pt-BR") from error
    if not language.is_valid():
        raise ValueError(f"{tag!r}: expected a registered language, such as ru or pt-BR")
    return language.to_tag()


def primary(tag: str) -> str:
    """Return the language of a canonical tag without script and region."""
    return tag.partition("-")[0]


def of_language(table: Mapping[str, Entry], tag: str | None) -> Entry | None:
    """Return the entry of a language, or of its primary subtag (`fr` serves `fr-CA`); None where it has none."""
    if tag is None:
        return None
    return table.get(tag) or table.get(primary(tag))


def is_english(tag: str | None) -> bool:
    """Whether the language is known, and is English of any region."""
    return tag is not None and primary(tag) == ENGLISH


def iso639_3(tag: str) -> str:
    """Return the three-letter code (ISO 639-3, as in `>>rus<<`; ISO 639-2/T where that has one)."""
    import langcodes

    try:
        return langcodes.get(canonical_tag(tag)).to_alpha3()
    except LookupError as error:
        raise ValueError(f"{tag!r}: expected a language with a three-letter code") from error


def marian_code(tag: str) -> str:
    """Return the code that OPUS and the names of MarianMT models have: ru, zh, no (also for nb)."""
    return {"nb": "no", "nn": "no"}.get(code := primary(canonical_tag(tag)), code)


@lru_cache(maxsize=1024)
def scripts(tag: str) -> tuple[str, ...]:
    """Return the scripts that a language is mostly written in (ISO 15924); empty when not known."""
    import langcodes

    if tag == UNDETERMINED:
        return ()
    script = langcodes.get(tag).maximize().script
    return _MIXED.get(script, (script,)) if script else ()


def is_right_to_left(tag: str) -> bool:
    """Whether a language is mostly written from right to left."""
    return not _RIGHT_TO_LEFT.isdisjoint(scripts(tag))
