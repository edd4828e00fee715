"""Tells a legacy code page by what its bytes would spell: the right one gives frequent letters.

A naive Bayes model. Of each language it knows the letters beyond ASCII in the order of their
frequency, and of each script which neighbours a letter has. Detectors that know no languages mix up
cp1250 and cp1252, or take a French title for Cyrillic; measurements stand in `DECISIONS.md`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from math import log

CYRILLIC = (
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "оанивіртеслкдумпязьгбйчхцїжєющшфґ",
    "оаеитнрсвлкдмпугязъбчшхжцйщфюьѝ",
    "аоиенртсјкудвмплгзбшчцњжћљфхђџ",
)
ARABIC = ("اليمونترةبدعسفهكقحجأشطصخذإىئضغزظثآءؤ", "اینردهومتبسشکلپقزخگفعچحجغآطصضظژثذئء")
GREEK = ("αοιετσνηυρπκμλςίόάέγδήωχθύφβξώζψϊϋΐΰ",)
HEBREW = ("יוהלארתבשמנדכעפקחםצגזטסןךףץ",)
WESTERN = ("éèàêçôîùâûœïëüÿæ", "üäößé", "óíáéñúü", "ãçáéíóêõúâôà", "èàòùìé", "åäöé", "åøæéö")
CENTRAL = ("łąęóżśćńź", "íáéěřůýčžšúťňďó", "áíéčžšýúľťňôäďĺŕ", "áéöíőóüúű", "ăîâşţșț", "čšžćđ")
TURKISH = ("ışğüçöâîû",)
LATIN = (WESTERN, CENTRAL, TURKISH)

CODE_PAGES = {
    "cp1252": WESTERN,
    "cp1251": CYRILLIC,
    "cp1256": ARABIC,
    "cp1250": CENTRAL,
    "cp1254": TURKISH,
    "cp1253": GREEK,
    "cp1255": HEBREW,
    "koi8_u": CYRILLIC,
    "iso8859_2": CENTRAL,
    "iso8859_5": CYRILLIC,
    "iso8859_6": ARABIC,
    "iso8859_7": GREEK,
    "iso8859_8": HEBREW,
    "iso8859_9": TURKISH,
    "iso8859_15": WESTERN,
    "cp866": CYRILLIC,
    "mac_cyrillic": CYRILLIC,
    "mac_roman": WESTERN,
}
"""Code pages with the letters of languages that are written in them; the first of equals wins."""

PUNCTUATION = "’«»—–“”„…‘•°№·€£©®§¿¡،؛؟\u00a0"

PUNCTUATION_SHARE = 0.1
"""Share of the characters beyond ASCII that are punctuation; 1 to 13 % in ru, ar, fr of FLORES."""

STRANGE, FOREIGN = log(1e-4), log(2e-3)
"""Log-probabilities of a character that the language does not use, and of a letter in Latin script:
foreign names bring those."""

WORD_START, INSIDE_WORD, MIXED_SCRIPT = log(0.2), log(0.8), log(1e-3)
"""Log-probabilities of what stands before a letter: no letter, one as expected, another script."""

FIRST_CAPITAL, NEXT_CAPITAL, CASE_SWITCH = log(0.1), log(0.9), log(0.02)
"""Log-probabilities of a capital at the start of a word, after a capital, after a small letter."""

ACCENT_AFTER_ACCENT = log(0.05)
"""Of what stands before an accented Latin letter, another one: *créée*."""

RARE = {
    "cp1250": log(0.6),
    "cp1254": log(0.6),
    "iso": log(0.2),
    "koi8": log(0.2),
    "cp866": log(0.1),
    "mac": log(1e-6),
}
"""Log-probabilities of code pages, beside those of cp1252; they decide when few letters do not."""

LEAST_LIKELY, LEAST_LIKELY_LATIN = -5.3, -6.6
"""Mean log-probability a character below which no code page is believed: that of Chinese taken for
Cyrillic. In Latin script few characters count, and a foreign name weighs more."""

SAMPLE_BYTES = 6_000
"""Bytes that a guess looks at, lines with bytes beyond ASCII only."""

_NEIGHBOURHOOD = re.compile(rb"[^\n]{0,80}[\x80-\xff][^\n]{0,80}")


def guess(data: bytes) -> str | None:
    """Return the likeliest code page, None when the bytes spell words in none of them."""
    sample = _sample(data)
    scores = {name: _likelihood(sample, name, letters) for name, letters in CODE_PAGES.items()}
    best = max(scores, key=scores.__getitem__)
    least = LEAST_LIKELY_LATIN if CODE_PAGES[best] in LATIN else LEAST_LIKELY
    return best if scores[best] >= least else None


def _sample(data: bytes) -> bytes:
    """Return the first stretches of the text that hold bytes beyond ASCII."""
    pieces: list[bytes] = []
    size = 0
    for match in _NEIGHBOURHOOD.finditer(data):
        pieces.append(match.group())
        size += len(pieces[-1])
        if size > SAMPLE_BYTES:
            break
    return b"\n".join(pieces)


def _likelihood(sample: bytes, name: str, languages: tuple[str, ...]) -> float:
    """Return the mean log-probability of the characters beyond ASCII, in the best language."""
    text = sample.decode(name, "replace")
    characters = Counter(one for one in text.lower() if one > "\x7f")
    latin = languages in LATIN
    strange = {one: FOREIGN if latin and one.isalpha() else STRANGE for one in characters}
    best = max(
        sum(count * table.get(one, strange[one]) for one, count in characters.items())
        for table in map(_table, languages)
    )
    prior = sum(share for kind, share in RARE.items() if name.startswith(kind))
    return (prior + best + _context(text, latin=latin)) / max(characters.total(), 1)


@cache
def _table(letters: str) -> dict[str, float]:
    """Return log-probabilities of the characters of a language beyond ASCII, by Zipf's law."""
    weights = {letter: 1 / (rank + 2) for rank, letter in enumerate(letters)}
    scale = (1 - PUNCTUATION_SHARE) / sum(weights.values())
    table = {letter: log(weight * scale) for letter, weight in weights.items()}
    marks = {mark: 1 / (rank + 2) for rank, mark in enumerate(PUNCTUATION)}
    scale = PUNCTUATION_SHARE / sum(marks.values())
    return table | {mark: log(weight * scale) for mark, weight in marks.items()}


def _context(text: str, *, latin: bool) -> float:
    """Return the log-probability of what stands around each letter beyond ASCII."""
    score = 0.0
    for before, character, after in zip("\n" + text, text, text[1:] + "\n", strict=False):
        if character > "\x7f" and character.isalpha():
            score += _before(before, character, latin=latin)
            if not latin and after.isascii() and after.isalpha():
                score += MIXED_SCRIPT
    return score


def _before(before: str, character: str, *, latin: bool) -> float:
    if not before.isalpha():
        return WORD_START + (FIRST_CAPITAL if character.isupper() else 0)
    case = 0.0
    if character.isupper():
        case = NEXT_CAPITAL if before.isupper() else CASE_SWITCH
    if before.isascii():
        return case + (INSIDE_WORD if latin else MIXED_SCRIPT)
    return case + (ACCENT_AFTER_ACCENT if latin else INSIDE_WORD)
