"""Normalised text that remembers, for every character, where in the raw text it came from.

The map is a list of chunks: each takes `raw` characters of the raw text to `normalised` characters
of the new text. A chunk of equal lengths maps one to one; any other maps as a whole. Every edit
composes with the map before it, so that offsets never need guessing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Self, TypeAlias

from pipeline.records import Span

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Sequence

Edit: TypeAlias = tuple[int, int, str]
"""Replace the half-open range of the present text by a string."""


@dataclass(slots=True)
class _Chunks:
    """Collects chunks in order; neighbours that map one to one become one chunk."""

    raw: list[int] = field(default_factory=lambda: [0])
    text: list[int] = field(default_factory=lambda: [0])

    def add(self, raw_length: int, text_length: int) -> None:
        """Append one chunk; an insertion (nothing raw) joins the chunk before it."""
        if raw_length == 0 and text_length == 0:
            return
        many = len(self.raw) > 1
        joins = many and (
            raw_length == 0 or self.raw[-1] == self.raw[-2] or (raw_length == text_length and self._last_is_equal())
        )
        if joins and raw_length == 0 and self._last_is_equal():
            self._split_last_character()
        if joins:
            self.raw[-1] += raw_length
            self.text[-1] += text_length
        else:
            self.raw.append(self.raw[-1] + raw_length)
            self.text.append(self.text[-1] + text_length)

    def _last_is_equal(self) -> bool:
        return self.raw[-1] - self.raw[-2] == self.text[-1] - self.text[-2]

    def _split_last_character(self) -> None:
        if self.raw[-1] - self.raw[-2] > 1:
            self.raw.insert(-1, self.raw[-1] - 1)
            self.text.insert(-1, self.text[-1] - 1)


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """A text and its map to the raw text it was made from.

    Chunk k takes raw characters `raw_anchors[k]` to `raw_anchors[k + 1]` to the characters of `text`
    from `text_anchors[k]` to `text_anchors[k + 1]`; the first anchors are 0, the last the lengths.
    """

    text: str
    raw_anchors: tuple[int, ...]
    text_anchors: tuple[int, ...]

    @classmethod
    def identity(cls, raw: str) -> Self:
        """Return the raw text, mapped to itself."""
        anchors = (0, len(raw)) if raw else (0,)
        return cls(raw, anchors, anchors)

    @classmethod
    def joined(cls, parts: Sequence[NormalizedText], separators: Sequence[tuple[str, str]]) -> Self:
        """Join parts; after part i stands `separators[i]` = (raw, normalised), if there is one.

        A text of lines has as many separators as parts when it ends in a line break, else one less.
        """
        chunks = _Chunks()
        pieces: list[str] = []
        for index, part in enumerate(parts):
            _copy(part, (0, len(part.text)), (0, part.raw_anchors[-1]), chunks)
            pieces.append(part.text)
            if index < len(separators):
                raw, text = separators[index]
                chunks.add(len(raw), len(text))
                pieces.append(text)
        return cls("".join(pieces), tuple(chunks.raw), tuple(chunks.text))

    def to_raw(self, start: int, end: int) -> Span:
        """Return the smallest raw range that covers the characters [start, end) of `text`.

        An empty range gives the empty raw range where `start` could be cut.
        """
        if start >= end:
            position = self._raw_before(self.snap(start))
            return Span(start=position, end=position)
        first = bisect_right(self.text_anchors, start) - 1
        last = bisect_right(self.text_anchors, end - 1) - 1
        raw_start, raw_end = self.raw_anchors[first], self.raw_anchors[last + 1]
        if self._is_equal(first):
            raw_start += start - self.text_anchors[first]
        if self._is_equal(last):
            raw_end -= self.text_anchors[last + 1] - end
        return Span(start=raw_start, end=raw_end)

    def from_raw(self, span: Span) -> Span:
        """Return the range of `text` whose characters come from the raw range (not a raw offset)."""
        start = self._text_at(span.start, after=False)
        return Span(start=start, end=max(start, self._text_at(span.end, after=True)))

    def snap(self, position: int) -> int:
        """Return the next place in `text`, at or after `position`, that is a cut in the raw text too."""
        chunk = bisect_right(self.text_anchors, position) - 1
        inside = chunk < len(self.text_anchors) - 1 and position > self.text_anchors[chunk]
        return self.text_anchors[chunk + 1] if inside and not self._is_equal(chunk) else position

    def edited(self, edits: Sequence[Edit]) -> NormalizedText:
        """Return the text after the edits, which are sorted and do not overlap.

        An edit that cuts a chunk which maps as a whole takes in the rest of that chunk.
        """
        if not edits:
            return self
        chunks = _Chunks()
        pieces: list[str] = []
        position = raw_position = 0
        for start, end, replacement in self._widened(edits):
            raw_start = self._raw_after(start)
            raw_end = self._raw_before(end) if end > start else raw_start
            _copy(self, (position, start), (raw_position, raw_start), chunks)
            chunks.add(raw_end - raw_start, len(replacement))
            pieces += self.text[position:start], replacement
            position, raw_position = end, raw_end
        _copy(self, (position, len(self.text)), (raw_position, self.raw_anchors[-1]), chunks)
        pieces.append(self.text[position:])
        return NormalizedText("".join(pieces), tuple(chunks.raw), tuple(chunks.text))

    def substitute(self, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str]) -> NormalizedText:
        """Return what `pattern.sub(replacement, text)` gives, with the map kept."""
        edits: list[Edit] = []
        for match in pattern.finditer(self.text):
            new = match.expand(replacement) if isinstance(replacement, str) else replacement(match)
            if new != match.group():
                edits.append(_trimmed(match.start(), match.group(), new))
        return self.edited(edits)

    def rewritten(self, after: str) -> NormalizedText:
        """Return `after`, aligned to the present text by the fewest edits.

        For functions that keep no offsets (ftfy, NFC). Costs length x length / 64: give it lines
        or shorter pieces.
        """
        if after == self.text:
            return self
        from rapidfuzz.distance import Levenshtein

        return self.edited(
            [
                (code.src_start, code.src_end, after[code.dest_start : code.dest_end])
                for code in Levenshtein.opcodes(self.text, after)
                if code.tag != "equal"
            ]
        )

    def _is_equal(self, chunk: int) -> bool:
        raw, text = self.raw_anchors, self.text_anchors
        return raw[chunk + 1] - raw[chunk] == text[chunk + 1] - text[chunk]

    def _raw_before(self, position: int) -> int:
        """Raw offset of a clean cut, before what was deleted there."""
        chunk = bisect_left(self.text_anchors, position)
        if chunk < len(self.text_anchors) and self.text_anchors[chunk] == position:
            return self.raw_anchors[chunk]
        return self.raw_anchors[chunk - 1] + position - self.text_anchors[chunk - 1]

    def _raw_after(self, position: int) -> int:
        """Raw offset of a clean cut, after what was deleted there."""
        chunk = bisect_right(self.text_anchors, position) - 1
        return self.raw_anchors[chunk] + position - self.text_anchors[chunk]

    def _text_at(self, raw_position: int, *, after: bool) -> int:
        """Place in `text` of a raw offset; inside a chunk that maps as a whole, its start or end."""
        chunk = bisect_right(self.raw_anchors, raw_position) - 1
        offset = raw_position - self.raw_anchors[chunk]
        if offset == 0 or chunk == len(self.raw_anchors) - 1:
            return self.text_anchors[chunk]
        if self._is_equal(chunk):
            return self.text_anchors[chunk] + offset
        return self.text_anchors[chunk + 1] if after else self.text_anchors[chunk]

    def _widened(self, edits: Iterable[Edit]) -> list[Edit]:
        """Widen edits to clean cuts, and join those that then touch the same chunk."""
        wide: list[Edit] = []
        for start, end, replacement in edits:
            first, last = self._floor(start), self.snap(end)
            new = replacement + self.text[end:last]
            if wide and first < wide[-1][1]:
                before, reach, text = wide.pop()
                # The earlier edit took [start, reach) along unchanged: this one has it now.
                wide.append((before, last, text[: len(text) - (reach - start)] + new))
            else:
                wide.append((first, last, self.text[first:start] + new))
        return wide

    def _floor(self, position: int) -> int:
        chunk = bisect_right(self.text_anchors, position) - 1
        inside = chunk < len(self.text_anchors) - 1 and position > self.text_anchors[chunk]
        return self.text_anchors[chunk] if inside and not self._is_equal(chunk) else position


def _copy(source: NormalizedText, text: tuple[int, int], raw: tuple[int, int], chunks: _Chunks) -> None:
    """Copy the chunks of `source` between two clean cuts, given in both texts."""
    first = bisect_left(source.raw_anchors, raw[0])
    cuts = [raw[0]]
    text_cuts = [text[0]]
    for index in range(first, len(source.raw_anchors)):
        if source.raw_anchors[index] >= raw[1]:
            break
        if source.raw_anchors[index] > raw[0]:
            cuts.append(source.raw_anchors[index])
            text_cuts.append(source.text_anchors[index])
    cuts.append(raw[1])
    text_cuts.append(text[1])
    for (raw_start, raw_end), (text_start, text_end) in zip(pairwise(cuts), pairwise(text_cuts), strict=True):
        chunks.add(raw_end - raw_start, text_end - text_start)


def _trimmed(start: int, old: str, new: str) -> Edit:
    """Return the edit from `old` to `new` without the ends that they share."""
    shortest = min(len(old), len(new))
    head = 0
    while head < shortest and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shortest - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return start + head, start + len(old) - tail, new[head : len(new) - tail]
