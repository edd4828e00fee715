"""Where sentences end: the one door to the sentence splitting library, with our corrections."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.languages import primary

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = "sentencex"

_LISTS = Path(__file__).parent / "abbreviations"

# The library never cuts within quotes and brackets, nor, without a closing one, for long after it:
# it reads spaces in their place. Likewise for lone surrogates, which it cannot take.
_MASK = re.compile('["“”«»„()\\[\\]{}\ud800-\udfff]')

_END = re.compile(r"""(?P<stop>[.?!…؟۔。！？।]+)(?P<closing>["'”’»)\]}]*)(?P<gap>\s*)""")
_LAST_WORD = re.compile(r"""[^\s"“”'’«»(\[/]*\Z""")
_OPENING = re.compile(r"""["'“‘«„(\[{]*""")
_INITIALS = re.compile(r"(?:[^\W\d_][.-]+)*[^\W\d_]")
_LIST_MARK = re.compile(r"\(?(?:\d{1,3}|[^\W\d_])")
_DASH = re.compile(r"-\s*")

_LONGEST_WORD = 40
"""Characters of a word that are looked at, so that a text without spaces costs no square time."""

_LONGEST_PIECE = 10_000
"""Characters that the library sees at once: in some languages its time grows with the square."""

_ARABIC_CONTINUATIONS = frozenset({"ثم", "لكن", "ولكن", "أو", "بل"})
"""First words of what goes on after an ellipsis, in a script without capitals."""


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """What does not end a sentence in one language; `abbreviations/README.md` says how."""

    never: frozenset[str] = frozenset()
    before_number: frozenset[str] = frozenset()
    may_end: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A place in a text where a sentence may end."""

    after: int
    """Where the next word begins, after opening quotes and brackets."""
    stop: str
    """The full stop or other marks."""
    closing: str
    """The quotes and brackets that close right after it."""
    glued: bool
    """Whether the next word follows without a space."""
    word: str
    """The word before the stop, in lower case."""
    left: str
    """The last characters before the stop, from the beginning of the sentence."""
    right: str
    """The next characters, without opening quotes and brackets."""
    opened: bool
    """Whether a quote or bracket opens before the next word."""


def sentence_starts(text: str, language: str) -> list[int]:
    """Return the offsets, after the first, at which the sentences of a text begin.

    `language` is a BCP 47 tag; the text is normalised, without line breaks. What is closed after a
    stop (quotes, brackets) belongs to the sentence before, what is opened to the one after.
    """
    abbreviations = load_abbreviations(primary(language))
    library = _library_ends(text, primary(language))
    starts: list[int] = []
    begin = 0
    for match in _END.finditer(text):
        start = match.end()
        if start == len(text):
            break
        place = _place(text, match, begin)
        found = any(end in library for end in range(match.end("stop"), place.after + 1))
        if (found and not _goes_on(place, abbreviations)) or _ends_anyway(place, abbreviations):
            starts.append(start)
            begin = start
    return starts


def library_version() -> str:
    """Return the name and version of the library."""
    from importlib.metadata import version

    return f"{LIBRARY}-{version(LIBRARY)}"


def digest() -> str:
    """Hash the lists of abbreviations."""
    files = sorted(_LISTS.glob("*.txt"))
    content = b"".join(file.name.encode() + file.read_bytes() for file in files)
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=256)
def load_abbreviations(language: str) -> Abbreviations:
    """Return the lists for a primary subtag; empty when there is no file."""
    file = _LISTS / f"{language}.txt"
    if not language.isalnum() or not file.is_file():
        return Abbreviations()
    lists: dict[str, set[str]] = {"[never]": set(), "[before number]": set(), "[may end]": set()}
    section = lists["[never]"]
    for line in file.read_text(encoding="utf-8").splitlines():
        word = line.partition("#")[0].strip()
        if word in lists:
            section = lists[word]
        elif word:
            section.add(word.lower())
    return Abbreviations(*map(frozenset, lists.values()))


def _library_ends(text: str, language: str) -> frozenset[int]:
    """Return the offsets after which the library begins a new sentence."""
    from sentencex import get_sentence_boundaries  # type: ignore[import-untyped] # it has no types

    masked = _MASK.sub(" ", text)
    ends: set[int] = set()
    start = 0
    while start < len(masked):
        end = _end_of_piece(masked, start)
        found = get_sentence_boundaries(language, masked[start:end])
        ends.update(start + one["end_index"] for one in found)
        start = end
    return frozenset(ends)


def _end_of_piece(text: str, start: int) -> int:
    """Return where the library's next piece ends: after a space, if one is near enough."""
    end = start + _LONGEST_PIECE
    if end >= len(text):
        return len(text)
    return text.rfind(" ", start, end) + 1 or end


def _place(text: str, match: re.Match[str], begin: int) -> _Place:
    before = text[max(begin, match.start() - _LONGEST_WORD) : match.start()]
    found = _LAST_WORD.search(before)
    opening = _OPENING.match(text, match.end())
    after = opening.end() if opening else match.end()
    return _Place(
        after=after,
        stop=match["stop"],
        closing=match["closing"],
        glued=not match["gap"],
        word=found.group().lower() if found else "",
        left=before,
        right=text[after : after + _LONGEST_WORD],
        opened=after > match.end(),
    )


def _goes_on(place: _Place, abbreviations: Abbreviations) -> bool:
    """Whether the sentence goes on after a stop at which the library ends it."""
    right = place.right
    if not right or right[0] in ",;:)%»”" or _begins_small(right):
        return True
    if place.glued:
        return _is_within_word(place)
    if _leads_on(place):
        return True
    if place.stop == ".":
        return _is_abbreviation(place, abbreviations)
    return not right[0].isupper() and not place.opened and _goes_on_without_capitals(place)


def _ends_anyway(place: _Place, abbreviations: Abbreviations) -> bool:
    """Whether a sentence ends where the library sees an abbreviation or an address."""
    if place.stop != "." or place.glued or not place.right[:1].isupper():
        return False
    return "@" in place.word or any(word in abbreviations.may_end for word in _last_words(place))


def _is_abbreviation(place: _Place, abbreviations: Abbreviations) -> bool:
    if place.closing:
        return False
    if any(word in abbreviations.never for word in _last_words(place)):
        return True
    if place.right[0].isdigit() and place.word in abbreviations.before_number:
        return True
    if _INITIALS.fullmatch(place.word) and not place.opened:
        return True
    return len(place.left) == len(place.word) and bool(_LIST_MARK.fullmatch(place.word))


def _last_words(place: _Place) -> Iterator[str]:
    """Yield the word before the stop, and it with the one before (`т. д`, `av. j.-c`)."""
    yield place.word
    pair = place.left.lower().split()[-2:]
    if len(pair) > 1:
        yield " ".join(pair)


def _begins_small(right: str) -> bool:
    """Whether the next word begins with a small letter, and is no name such as iPhone."""
    return right[0].islower() and not right[1:2].isupper()


def _leads_on(place: _Place) -> bool:
    """Whether the next word is after a dash that leads on, as in `"…!" - said he`."""
    dash = _DASH.match(place.right)
    if not dash:
        return False
    after = place.right[dash.end() : dash.end() + 1]
    return after.islower() or (place.stop != "." and after.isalpha() and not after.isupper())


def _is_within_word(place: _Place) -> bool:
    """Whether a stop without a space after it is one inside an abbreviation, number or address."""
    if place.closing or place.opened:
        return not place.right[0].isalpha()
    return not place.word.isalpha() or len(place.word) <= len("St.") or place.right[0] in "-."


def _goes_on_without_capitals(place: _Place) -> bool:
    """Whether what follows ? ! … goes on, in a script that cannot show it by a small letter."""
    if not place.right[0].isalpha():
        return False
    if place.stop[0] in "?!؟" or place.closing:
        return bool(place.closing)
    return place.right.split(maxsplit=1)[0] in _ARABIC_CONTINUATIONS
