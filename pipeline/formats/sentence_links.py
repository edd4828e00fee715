"""Which sentences of a unit's two sides belong together: m to n, in order.

A unit is made sentence by sentence, so most are one link. A model may write two sentences for one, and a
source that was not split holds several; there the word links tell which belong together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from pipeline.formats.bitext import TARGET_LANGUAGE, from_raw, language
from pipeline.records import Span
from pipeline.sentences import sentence_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.corpus import TranslationUnit

LEAST_SHARE = 0.3
"""Of a sentence's word links that go to another from which on the two are linked: fewer are slips."""

DECIMALS = 4

Cells = dict[tuple[int, int], float]
"""Probability of the word links between a source and a target sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceLink:
    """Sentences that are linked: numbers from 0, in order, and never none on a side.

    `certainty` is the share of their word links, by probability, that stay inside the link: 1 for a
    unit that is one link, where there is nothing else to be linked to.
    """

    sources: range
    targets: range
    certainty: float

    @property
    def sides(self) -> tuple[range, range]:
        """Both, source first."""
        return self.sources, self.targets


def sentences(text: str, tag: str) -> list[Span]:
    """Return the sentences of one side, without the white space between them; one at least."""
    starts = [0, *sentence_starts(text, tag), len(text)]
    spans = [_trimmed(text, start, end) for start, end in pairwise(starts)]
    return [span for span in spans if len(span)] or [Span(start=0, end=len(text))]


def sides(unit: TranslationUnit) -> tuple[list[Span], list[Span]]:
    """Return the sentences of `source` and of `target`."""
    return sentences(unit.source, language(unit)), sentences(unit.target, TARGET_LANGUAGE)


def sentence_links(unit: TranslationUnit, sources: Sequence[Span], targets: Sequence[Span]) -> list[SentenceLink]:
    """Return the links of a unit in order; each sentence of both sides is in exactly one."""
    whole = SentenceLink(sources=range(len(sources)), targets=range(len(targets)), certainty=1.0)
    if len(sources) == 1 or len(targets) == 1:
        return [whole]
    cells = _cells(unit, sources, targets)
    if not cells:
        return [whole]
    cuts = list(_cuts(cells, len(sources), len(targets)))
    return [
        SentenceLink(sources=range(left[0], right[0]), targets=range(left[1], right[1]), certainty=certainty)
        for (left, right), certainty in zip(pairwise(cuts), _certainties(cells, cuts), strict=True)
    ]


def _cells(unit: TranslationUnit, sources: Sequence[Span], targets: Sequence[Span]) -> Cells:
    raw = from_raw(unit)
    found: defaultdict[tuple[int, int], float] = defaultdict(float)
    for link in unit.word_alignment:
        start, end = link.source_start - unit.source_start, link.source_end - unit.source_start
        place = raw.from_raw(Span(start=start, end=end)).start
        found[_owner(sources, place), _owner(targets, link.target_start - unit.target_start)] += link.probability
    return dict(found)


def _owner(spans: Sequence[Span], place: int) -> int:
    """Return the last sentence that begins at or before a place."""
    return max(bisect_right(spans, place, key=lambda span: span.start) - 1, 0)


def _cuts(cells: Cells, sources: int, targets: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of boundaries that no strong cell crosses, from (0, 0) to the ends of both sides."""
    rows, columns = _sums(cells, 0), _sums(cells, 1)
    strong = [(i, j) for (i, j), value in cells.items() if value >= LEAST_SHARE * min(rows[i], columns[j])]
    first, furthest = [targets] * (sources + 1), [-1] * (sources + 1)
    for i, j in strong:
        first[i], furthest[i + 1] = min(first[i], j), max(furthest[i + 1], j)
    furthest = list(accumulate(furthest, max))
    first = list(accumulate(reversed(first), min))[::-1]
    last = (0, 0)
    yield last
    for i in range(1, sources):
        if not 0 <= furthest[i] < first[i] < targets:
            continue
        cut = (i, furthest[i] + 1)
        if cut[1] > last[1]:
            yield cut
            last = cut
    yield sources, targets


def _sums(cells: Cells, side: int) -> dict[int, float]:
    found: defaultdict[int, float] = defaultdict(float)
    for place, value in cells.items():
        found[place[side]] += value
    return found


def _certainties(cells: Cells, cuts: Sequence[tuple[int, int]]) -> Iterator[float]:
    """Yield for each link, between one cut and the next, how much of what touches it stays inside."""
    inside: defaultdict[int, float] = defaultdict(float)
    touching: defaultdict[int, float] = defaultdict(float)
    for (i, j), value in cells.items():
        by_source = bisect_right(cuts, i, key=lambda cut: cut[0]) - 1
        by_target = bisect_right(cuts, j, key=lambda cut: cut[1]) - 1
        inside[by_source] += value if by_source == by_target else 0
        for link in {by_source, by_target}:
            touching[link] += value
    for link in range(len(cuts) - 1):
        yield round(inside[link] / touching[link], DECIMALS) if touching[link] else 0.0


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return Span(start=first, end=max(first, start + len(piece.rstrip())))
