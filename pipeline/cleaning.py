"""Cleaning of text: substitutions and repairs that keep the map to the raw characters.

All of them work on a whole text of lines that end in line feeds, and none crosses a line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from pipeline.normalized import Edit, NormalizedText

Replacement: TypeAlias = str | Callable[[re.Match[str]], str]


class Rule(NamedTuple):
    """A substitution: every match of the pattern, as `re.sub` does it.

    Where `needle` does not occur, neither does the pattern: looking for it first saves time.
    """

    pattern: re.Pattern[str]
    replacement: Replacement
    needle: str = ""


_LONGEST_ALIGNED = 2_000
"""Characters of a word up to which its letters are aligned (the cost grows with the square)."""

_ESCAPES = 3
"""How often a text may have been escaped one time over the other."""

_BREAKS = "\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
"""Ends of lines besides LF and CR, as `str.splitlines` has them."""

_SPACES = "\t\x1f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Spaces within a line, but for the plain one."""

# Code points that no reader sees: controls, soft hyphen, marks of direction (U+061C included) and
# of width, BOM, annotations; and those for private use, which are a web page's icons.
# Not U+0600-0605, U+06DD and the like: they are formats, but have a shape.
_UNSEEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ue000-\uf8ff\U000f0000-\U0010ffff"
)
_PICTURES = "\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff"
_CONNECTED = (
    "\u0620-\u064a\u066e-\u06d3\u06d5\u06ee-\u06ff\u0750-\u077f\u08a0-\u08c9"
    "\u0900-\u0dff\u1000-\u109f\u1780-\u17d3\u1800-\u18aa"
)
"""Letters of Arabic, Indic and neighbouring scripts, which spell with ZWNJ and ZWJ."""


def _tail_of_flag(tags: re.Match[str]) -> str:
    return tags.group() if tags.string.endswith("\U0001f3f4", 0, tags.start()) else ""


LINE_FEEDS = (Rule(re.compile(f"\r\n?|[{_BREAKS}]"), "\n"),)

INVISIBLE = (
    Rule(re.compile(f"[{_UNSEEN}]+"), ""),
    # Tags are unseen too, except as the tail of a flag such as that of Scotland.
    Rule(re.compile("[\U000e0001\U000e0020-\U000e007f]+"), _tail_of_flag),
    # ZWJ stays between pictures (families, professions), both joiners between connected letters.
    Rule(re.compile(f"(?<![{_CONNECTED}])\u200c+|\u200c+(?![{_CONNECTED}])"), "", "\u200c"),
    Rule(
        re.compile(f"(?<![{_PICTURES}{_CONNECTED}\ufe0f])\u200d+|\u200d+(?![{_PICTURES}{_CONNECTED}])"),
        "",
        "\u200d",
    ),
)
NO_JOINERS = (
    Rule(re.compile("(?<=[\u0620-\u06ff])\u200c+"), "", "\u200c"),
    Rule(re.compile("(?<=[\u0620-\u06ff])\u200d+"), "", "\u200d"),
)
"""For Arabic, which does not spell with joiners, unlike Persian and Urdu."""

ARABIC_FORMS = (
    Rule(re.compile("\u0640+"), ""),
    Rule(
        re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+"),
        lambda match: unicodedata.normalize("NFKC", match.group()).strip(),
    ),
)
"""Tatweel goes; the shapes that letters take in a word (presentation forms) become the letters."""

TIGHT_GUILLEMETS = (
    Rule(re.compile(f"(?<![^\\s(\\[{{\"'«-])«[ {_SPACES}]+"), "«", "«"),
    Rule(re.compile(f"[ {_SPACES}]+»(?![\\w(])"), "»", "»"),
)
"""French sets spaces inside « guillemets »; German and Danish turn »them« around."""

QUOTES = (
    Rule(re.compile("[«»“”„‟″❝❞＂〝〞]"), '"'),
    Rule(re.compile("[‘’‚‛′`´ʼ‹›＇]"), "'"),
)
DASHES = (Rule(re.compile("[‐‑‒–—―−⁃﹘﹣－]"), "-"),)

SPACING = (
    Rule(re.compile(f"[{_SPACES}][ {_SPACES}]*| [ {_SPACES}]+"), " "),
    Rule(re.compile(" +(?=[?!:;؟؛،]+(?:[\\s\"')\\]]|$))", re.MULTILINE), ""),
)
"""One plain space between words, and none before ? ! : ; as French typography sets it."""

EDGES = (Rule(re.compile(f"^[ {_SPACES}]+|[ {_SPACES}]+$", re.MULTILINE), ""),)

# Rules of sacremoses that are left out. They set spaces around brackets inside words ("élu(e)s",
# addresses) and around two apostrophes, or glue a word to a quote between no-break spaces.
_HARMFUL = frozenset(
    {
        (r"\(", r" ("),
        (r"\)", r") "),
        ("''", ' " '),
        ("\u00a0«\u00a0", '"'),
        ("\u00a0»\u00a0", '"'),
    }
)
# These only do, slowly, what a later rule does as well.
_REDUNDANT = frozenset({"([a-zA-Z])‘([a-zA-Z])", "([a-zA-Z])’([a-zA-Z])"})

_ENTITY = re.compile(r"&#?[0-9A-Za-z]{1,24};")


def apply(text: NormalizedText, rules: Iterable[Rule]) -> NormalizedText:
    """Apply the rules one after the other."""
    for pattern, replacement, needle in rules:
        if needle in text.text and pattern.search(text.text):
            text = text.substitute(pattern, _callable(replacement))
    return text


def _callable(replacement: Replacement) -> Replacement:
    """Spare `Match.expand`, which is slow, where nothing is to be expanded."""
    if isinstance(replacement, str) and "\\" not in replacement:
        return lambda _: replacement
    return replacement


@lru_cache(maxsize=64)
def moses_rules(language: str, *, quote_commas: bool, numbers: bool) -> tuple[Rule, ...]:
    """Return the substitutions of sacremoses' MosesPunctNormalizer that do no harm, in its order.

    `language` is a primary subtag. `quote_commas` and `numbers` are its `norm_quote_commas`
    (moves a comma or a stop over a quote) and `norm_numbers` (writes a decimal mark for the
    no-break space in 2 500), the only rules that depend on the language.
    """
    from sacremoses import MosesPunctNormalizer

    normalizer = MosesPunctNormalizer(lang=language, norm_quote_commas=quote_commas, norm_numbers=numbers)
    return tuple(
        Rule(_within_lines(pattern), replacement, _needle(pattern))
        for pattern, replacement in normalizer.substitutions
        if (pattern, replacement) not in _HARMFUL and pattern not in _REDUNDANT
    )


def _within_lines(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that was written for one line; runs of one space need no replacement."""
    single = pattern.replace(r"\s", r"[^\S\n]").replace("[^<]", r"[^<\n]")
    return re.compile("  +" if single == " +" else single)


def _needle(pattern: str) -> str:
    """Return what must occur for a rule of sacremoses to match: itself, or its odd character."""
    if pattern == re.escape(pattern).replace("\\ ", " "):
        return pattern
    return next((character for character in pattern if not character.isascii()), "")


def unescape(text: NormalizedText) -> NormalizedText:
    """Resolve HTML entities, also those that were escaped twice (`&amp;nbsp;`)."""
    from ftfy.fixes import unescape_html

    for _ in range(_ESCAPES):
        if "&" not in text.text:
            break
        text = text.substitute(_ENTITY, lambda match: _one_line(unescape_html(match.group())))
    return text


def repair_encoding(text: NormalizedText) -> NormalizedText:
    """Undo mojibake, ligatures and stray surrogates with ftfy; a repaired word maps as a whole."""
    if text.text.isascii() or not _suspicious().search(text.text):
        return text
    from ftfy import TextFixerConfig, fix_and_explain

    config = TextFixerConfig(
        unescape_html=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )

    def repair(line: str) -> str:
        if not _suspicious().search(line):
            return line
        return _one_line(fix_and_explain(line, config).text)

    return _by_lines(text, repair, _as_whole)


def compose(text: NormalizedText) -> NormalizedText:
    """Compose characters (NFC)."""
    if unicodedata.is_normalized("NFC", text.text):
        return text
    return _by_lines(text, lambda line: unicodedata.normalize("NFC", line), _by_letters)


def _one_line(text: str) -> str:
    """Return text from an entity or mojibake: a line break in it is none of the article's."""
    return re.sub(f"[\n\r{_BREAKS}]", " ", text)


@lru_cache(maxsize=1)
def _suspicious() -> re.Pattern[str]:
    """Return what every text has that ftfy would repair; it spares its costly search in most lines.

    In mojibake of UTF-8, a lead byte stands before a continuation byte, both decoded as some
    legacy encoding. A Cyrillic letter before a quote, a dash or ё is common, and no evidence.
    """
    from ftfy.chardata import CHARMAP_ENCODINGS

    lead = set().union(*(_decoded(0xC2, 0xF5, name) for name in CHARMAP_ENCODINGS))
    after = set().union(*(_decoded(0x80, 0xC0, name) for name in CHARMAP_ENCODINGS))
    cyrillic = {character for character in lead if "\u0400" <= character <= "\u04ff"}
    after_cyrillic = after - set("«»“”„’‘‚…–—ё№\u00a0іїєґў")
    return re.compile(
        f"[{_class(lead - cyrillic)}][{_class(after)}]"
        f"|[{_class(cyrillic)}][{_class(after_cyrillic)}]"
        "|Ã |[\x80-\x9f\x1b\ufb00-\ufb06\ud800-\udfff\ufffd]"
    )


def _decoded(first: int, end: int, encoding: str) -> str:
    return bytes(range(first, end)).decode(encoding, "ignore")


def _class(characters: Iterable[str]) -> str:
    return "".join(map(re.escape, sorted(characters)))


def _by_lines(
    text: NormalizedText,
    change: Callable[[str], str],
    align: Callable[[int, str, str], list[Edit]],
) -> NormalizedText:
    """Change each line, aligned word by word, and within a word as `align` does."""
    edits: list[Edit] = []
    position = 0
    for line in text.text.split("\n"):
        if (after := change(line)) != line:
            old, new = line.split(" "), after.split(" ")
            if len(old) != len(new):  # a byte of the mojibake was itself a space
                old, new = [line], [after]
            start = position
            for word, now in zip(old, new, strict=True):
                if word != now:
                    edits += align(start, word, now)
                start += len(word) + 1
        position += len(line) + 1
    return text.edited(edits)


def _by_letters(start: int, word: str, after: str) -> list[Edit]:
    """Return the fewest edits, which find the letters that each letter comes from."""
    if len(word) > _LONGEST_ALIGNED:
        return _as_whole(start, word, after)
    from rapidfuzz.distance import Levenshtein

    return [
        (start + code.src_start, start + code.src_end, after[code.dest_start : code.dest_end])
        for code in Levenshtein.opcodes(word, after)
        if code.tag != "equal"
    ]


def _as_whole(start: int, word: str, after: str) -> list[Edit]:
    """Return one edit: in mojibake no letter comes from one letter."""
    return [(start, start + len(word), after)]
