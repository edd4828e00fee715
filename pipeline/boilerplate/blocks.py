"""Cuts an article into candidate blocks: lines, or paragraphs that were wrapped at a column."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import TYPE_CHECKING

from pipeline.boilerplate.folding import count_words, has_asian_letters, tokens, tokens_of_lines
from pipeline.boilerplate.wrapping import wrapped_runs
from pipeline.languages import is_blank
from pipeline.normalized import NormalizedText
from pipeline.records import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.records import Document

_CLOSED = re.compile(
    r"[.!?…。！？؟۔।॥．｡](?:[\"'”’»“)\]］）」』›*]|\s|[\U0001F300-\U0001FAFF])*"
    r"(?:\s?[(\[][^()\[\]]{1,24}[)\]])?$"
)
_LINK = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/|t\.co/|t\.me/|bit\.ly/)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@\w{2,}")
_HASHTAG = re.compile(r"(?<!\w)#\w{2,}")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_FINAL = frozenset(".!?…。！？؟۔।॥．｡")
_BULLET = re.compile(r"[-–—•·*▪►»>‣◦●■]\s|\(?\d{1,2}[.)]\s|[a-zа-я]\)\s", re.IGNORECASE)
_SCRIPTS = (
    ("Latin", re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
    ("Cyrillic", re.compile("[\u0400-\u052f]")),
    ("Arabic", re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")),
    ("Greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("Hebrew", re.compile("[\u0590-\u05ff]")),
    ("Asian", re.compile("[\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af]")),
)
PROSE_WORDS = 8
"""A closed line of so many words is a sentence, not a label."""

LONG_WORDS = 25
"""A line of so many words is prose even without a full stop: no headline is as long."""

TITLE_WORDS = range(3, 31)
"""Words of a headline."""

_SAMPLE = 2_000
"""Characters read to tell the script of an article, from its longest lines."""

_SAMPLE_OF_LINE = 200
"""Of which so many from one line at most."""


@dataclass(slots=True)  # frozen, it takes three times as long to make, and every line is one
class Candidate:
    """A line, or a hard-wrapped paragraph, with what can be measured of it; nobody changes it.

    `span` is raw and trimmed of blanks; `text` is normalised, its line breaks are spaces. `words`
    are folded and without numbers (see `folding.tokens`); `length` counts words, numbers included.
    `repeats` says how many blocks before it have the same words; `closed`, whether it ends in a
    sentence's final mark, quotes aside; `prose`, whether it reads as sentences rather than as a
    label, a headline or an entry of a list; `digits`, whether it has any.
    """

    span: Span
    text: str
    words: tuple[str, ...]
    length: int
    blank_lines_before: int
    repeats: int
    wrapped: bool
    closed: bool
    prose: bool
    digits: bool

    @property
    def digit_share(self) -> float:
        return self._share(sum(map(str.isdigit, self.text)))

    @property
    def uppercase_share(self) -> float:
        """Capital letters, as a share of the letters that have a case."""
        upper = sum(map(str.isupper, self.text))
        cased = upper + sum(map(str.islower, self.text))
        return upper / cased if cased else 0.0

    @property
    def link_share(self) -> float:
        """Characters of web addresses, as a share of all."""
        return self._share(sum(len(match) for match in _LINK.findall(self.text)))

    @property
    def marks(self) -> int:
        """Handles, hashtags and web addresses: what a post on a social network has."""
        if not any(sign in self.text for sign in "@#/"):
            return 0
        return sum(len(pattern.findall(self.text)) for pattern in (_HANDLE, _HASHTAG, _LINK))

    @property
    def letters(self) -> int:
        return len(_LETTER.findall(self.text))

    @property
    def bulleted(self) -> bool:
        """Whether it begins with a bullet or a number, as the items of a list do."""
        return bool(_BULLET.match(self.text))

    @property
    def title_like(self) -> bool:
        """Whether it could be a headline: some words, and no full stop at the end."""
        return self.length in TITLE_WORDS and not self.closed and not self.text.endswith((":", ",", ";"))

    def script_share(self, script: str | None) -> float:
        """Return the share of its letters that are of a script (1 when it has no letters)."""
        letters = self.letters
        pattern = next((pattern for name, pattern in _SCRIPTS if name == script), None)
        return len(pattern.findall(self.text)) / letters if pattern and letters else 1.0

    def _share(self, count: int) -> float:
        return count / len(self.text) if self.text else 0.0


def read_blocks(document: Document) -> tuple[Candidate, ...]:
    """Return the candidates of an article: every non-blank character is in exactly one."""
    lines = list(_lines(document.text))
    gaps = [gap for _, _, gap in lines]
    runs = wrapped_runs([document.text[start:end] for start, end, _ in lines], gaps)
    spans = [Span(start=lines[first][0], end=lines[last][1]) for first, last in runs]
    texts = _normalized(document, spans)
    spaced = not has_asian_letters(document.text)
    seen: dict[tuple[str, ...], int] = {}
    blocks = []
    for (first, last), span, text, found in zip(runs, spans, texts, tokens_of_lines(texts), strict=True):
        digits = _DIGIT.search(text) is not None
        words = tuple([word for word in found if not word.isdecimal()] if digits else found)
        repeats = seen.get(words, 0)
        seen[words] = repeats + 1
        length = count_words(text, found, spaced=spaced)
        closed = _is_closed(text)
        prose = _is_prose(text, length, closed=closed)
        wrapped, gap = last > first, gaps[first]
        blocks.append(Candidate(span, text, words, length, gap, repeats, wrapped, closed, prose, digits))
    return tuple(blocks)


def with_text(block: Candidate, text: str) -> Candidate:
    """Return a block as if it said no more than `text`, a part of it."""
    found = tokens(text)
    length, closed, digits = count_words(text, found), _is_closed(text), _DIGIT.search(text) is not None
    words = tuple([word for word in found if not word.isdecimal()])
    prose = _is_prose(text, length, closed=closed)
    return replace(block, text=text, words=words, length=length, closed=closed, prose=prose, digits=digits)


def _is_prose(text: str, length: int, *, closed: bool) -> bool:
    return length >= LONG_WORDS or (length >= PROSE_WORDS and (closed or text.endswith((":", "："))))


def _normalized(document: Document, spans: Sequence[Span]) -> list[str]:
    """Return the normalised text of each span, its line breaks as spaces."""
    normalized = document.normalized or NormalizedText.identity(document.text)
    if normalized.text != document.text:
        spans = [normalized.from_raw(span) for span in spans]
    texts = [normalized.text[span.start : span.end] for span in spans]
    return [text.replace("\n", " ").strip() for text in texts]


def _is_closed(text: str) -> bool:
    end = text[-1:]
    if end.isalpha() or end.isdecimal() or end == ",":
        return False
    return end in _FINAL or _CLOSED.search(text[-40:]) is not None


def main_script(blocks: Iterable[Candidate]) -> str | None:
    """Return the script that most letters of the article's longest lines are written in."""
    longest = nlargest(_SAMPLE // _SAMPLE_OF_LINE, blocks, key=lambda block: len(block.text))
    sample = "\n".join(block.text[:_SAMPLE_OF_LINE] for block in longest)
    counts = [(len(pattern.findall(sample)), name) for name, pattern in _SCRIPTS]
    best, name = max(counts)
    return name if best else None


def _lines(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start and end of the lines that are not blank, trimmed, and the number of blank lines before each."""
    position = blank = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if not stripped:
            start = end = position
        elif stripped[0].isalnum() and stripped[-1].isprintable():
            start = position + line.index(stripped[0])
            end = start + len(stripped)
        else:
            start, end = _trimmed(text, position, position + len(line))
        position += len(line)
        if start == end:
            blank += 1
        else:
            yield start, end, blank
            blank = 0


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or is_blank(text[start])):
        start += 1
    while start < end and (text[end - 1].isspace() or is_blank(text[end - 1])):
        end -= 1
    return start, end
