"""Cuts stretches of boilerplate out of kept paragraphs: links to other news, code, credits, the site's name.

Lines were judged whole before; here is what stands within one. A stretch is cut only where a sentence
could begin and end, unless it is no language at all (code, addresses of pictures), so that what is
left are whole sentences. Both sides stay blocks of their own, which cover the paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from pipeline.boilerplate.blocks import with_text
from pipeline.boilerplate.furniture import raw_span
from pipeline.boilerplate.leftover_rules import find_stretches, find_suspects, title_tail
from pipeline.boilerplate.page import KEPT, Verdict
from pipeline.boilerplate.phrasebook import load_phrasebook
from pipeline.languages import is_blank
from pipeline.records import Label, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.leftover_rules import Stretch
    from pipeline.records import Document


PROSE_WORDS = 8
"""Words from which what is left of a line is a paragraph that is judged without its leftovers."""


TELLING = frozenset({"credit_in_brackets", "more_at_end", "media_link"})
"""Leftovers from which follows what the text before them is."""

LONGEST_POST = 280
"""Characters of a post on the network that pictures are most often linked from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A block as it will be stored, still without the word whether it is kept."""

    span: Span
    verdict: Verdict


Cuts: TypeAlias = "dict[int, list[Stretch]]"
"""The leftovers of blocks, by their places; each of the blocks keeps some words."""


def find_leftovers(blocks: Sequence[Candidate]) -> Cuts:
    """Return where leftovers may be cut; a block that is nothing else is left to the rules for lines."""
    book = load_phrasebook()
    cuts: Cuts = {}
    for index in find_suspects([block.text for block in blocks], book):
        text = blocks[index].text
        apart = _apart(text, find_stretches(text, book))
        if apart:
            cuts[index] = apart
    return cuts


def without_leftovers(blocks: Sequence[Candidate], cuts: Cuts) -> tuple[Candidate, ...]:
    """Return the blocks as they should be judged: a phrase in a leftover says nothing about its paragraph.

    What tells something stays: a credit marks a caption, "read more" a teaser, the address of a picture
    an embedded post, where the text before it is short enough for one.
    """
    judged = list(blocks)
    for index, apart in cuts.items():
        rest = _rest(blocks[index], apart)
        telling = {stretch.rule for stretch in apart} & TELLING
        if telling == {"media_link"} and len(rest.text) > LONGEST_POST:
            telling = set()
        if rest.closed and rest.length >= PROSE_WORDS and not telling:
            judged[index] = rest
    return tuple(judged)


def cut_leftovers(
    document: Document, blocks: Sequence[Candidate], verdicts: Sequence[Verdict], cuts: Cuts
) -> dict[int, tuple[Part, ...]]:
    """Return the parts of those blocks that are kept but for their leftovers, by their places."""
    labels = [verdict.label for verdict in verdicts]
    cuts = dict(cuts)
    if Label.TITLE in labels:
        title = labels.index(Label.TITLE)
        text = blocks[title].text
        tail = title_tail(text, frozenset(site for site, label in _texts(blocks, labels) if label == Label.SITE_HEADER))
        if tail:
            cuts[title] = _apart(text, [*cuts.get(title, ()), *tail])
    return {
        index: tuple(_parts(document, blocks[index], verdicts[index], apart))
        for index, apart in cuts.items()
        if apart and labels[index] in KEPT
    }


def _texts(blocks: Sequence[Candidate], labels: Sequence[Label]) -> Iterator[tuple[str, Label]]:
    return ((block.text, label) for block, label in zip(blocks, labels, strict=True))


def _rest(block: Candidate, apart: Sequence[Stretch]) -> Candidate:
    """Return a block without its leftovers."""
    cuts = [(0, 0), *((stretch.start, stretch.end) for stretch in apart), (len(block.text), len(block.text))]
    kept = (block.text[end:start].strip() for (_, end), (start, _) in pairwise(cuts))
    return with_text(block, " ".join(filter(None, kept)))


def _parts(document: Document, block: Candidate, verdict: Verdict, apart: Sequence[Stretch]) -> Iterator[Part]:
    """Yield the stretches of a block and what is between them, in order."""
    reached = block.span.start
    for stretch in apart:
        wide = raw_span(document, block, stretch.start, stretch.end)
        span = _trimmed(document.text, max(wide.start, reached), min(wide.end, block.span.end))
        if span is None:
            continue
        before = _trimmed(document.text, reached, span.start)
        if before:
            yield Part(span=before, verdict=verdict)
        yield Part(span=span, verdict=Verdict(label=stretch.label, rule=stretch.rule, confidence=stretch.confidence))
        reached = span.end
    rest = _trimmed(document.text, reached, block.span.end)
    if rest:
        yield Part(span=rest, verdict=verdict)


def _apart(text: str, stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return the stretches in order, apart from each other, each with the marks that are left beside it.

    None where no word would be left: the line was judged as a whole.
    """
    apart: list[Stretch] = []
    left = False
    for stretch in sorted(stretches, key=lambda stretch: (stretch.start, -stretch.end)):
        reached = apart[-1].end if apart else 0
        if stretch.start < reached:
            continue
        words = any(map(str.isalnum, text[reached : stretch.start]))
        apart.append(stretch if words else replace(stretch, start=reached))
        left = left or words
    if apart and not any(map(str.isalnum, text[apart[-1].end :])):
        apart[-1] = replace(apart[-1], end=len(text))
    else:
        left = True
    return apart if left else []


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return the raw range without blanks at its ends, or None when nothing else is in it."""
    while start < end and is_blank(text[start]):
        start += 1
    while start < end and is_blank(text[end - 1]):
        end -= 1
    return Span(start=start, end=end) if start < end else None
