"""Plain text, a unit a line, as Moses, fast_align and most trainers of translation models read it.

For each source language `moses/<xx>-en.<xx>` and `.en` hold the two sides, `.align` the words that
belong together (Pharaoh format: `0-0 1-2`, source before target, numbers of tokens between spaces),
`.ids` the unit ids. Any white space inside a line is one space, so that all tools count the same
tokens.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from contextlib import ExitStack
from itertools import product
from typing import IO, TYPE_CHECKING

from pipeline.formats.bitext import TARGET_LANGUAGE, from_raw, language, pairs
from pipeline.formats.files import atomic
from pipeline.records import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.corpus import TranslationUnit

_TOKEN = re.compile(r"\S+")

MOST_PAIRS = 400
"""Pairs of tokens that one stretch of the raw article gives, at most: more, and they are linked in order instead.

A run of signs such as ﷺ stands for many words but maps as a whole: each of them would be linked to all.
"""


class _Files:
    """The four files of one language pair, open until all shards are written."""

    def __init__(self, stack: ExitStack, folder: Path, source: str) -> None:
        self.paths = [
            folder / f"{source}-{TARGET_LANGUAGE}.{ending}" for ending in (source, TARGET_LANGUAGE, "align", "ids")
        ]
        self._streams: list[IO[bytes]] = [stack.enter_context(atomic(path)) for path in self.paths]

    def write(self, unit: TranslationUnit) -> None:
        links = " ".join(f"{source}-{target}" for source, target in token_links(unit))
        lines = (" ".join(unit.source.split()), " ".join(unit.target.split()), links, unit.unit_id)
        for stream, line in zip(self._streams, lines, strict=True):
            stream.write(f"{line}\n".encode())


def export(corpus: Path, shards: Sequence[str], folder: Path) -> list[Path]:
    """Write four files a source language; there are none for a corpus without translations."""
    files: dict[str, _Files] = {}
    with ExitStack() as stack:
        for shard in shards:
            for _, unit in pairs(corpus, shard):
                source = language(unit)
                if source not in files:
                    files[source] = _Files(stack, folder / "moses", source)
                files[source].write(unit)
    return [path for source in sorted(files) for path in files[source].paths]


def token_links(unit: TranslationUnit) -> list[tuple[int, int]]:
    """Return the pairs of tokens between spaces that the word alignment joins, in order.

    Alignments point into the raw article; here they are taken to `source`.
    """
    if not unit.word_alignment:
        return []
    raw = from_raw(unit)
    sources, targets = _Tokens(unit.source), _Tokens(unit.target)
    linked: defaultdict[range, set[int]] = defaultdict(set)
    for link in unit.word_alignment:
        start, end = link.source_start - unit.source_start, link.source_end - unit.source_start
        source = raw.from_raw(Span(start=start, end=end))
        start, end = link.target_start - unit.target_start, link.target_end - unit.target_start
        linked[sources.within(source.start, source.end)].update(targets.within(start, end))
    return sorted({pair for own, others in linked.items() for pair in _joined(own, sorted(others))})


def _joined(own: Sequence[int], others: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each token of one side with each of the other; of too many, with the one as far along."""
    longest = max(len(own), len(others))
    if len(own) * len(others) <= MOST_PAIRS:
        yield from product(own, others)
    elif own:
        yield from ((own[n * len(own) // longest], others[n * len(others) // longest]) for n in range(longest))


class _Tokens:
    """Where the tokens of a text are."""

    def __init__(self, text: str) -> None:
        spans = [match.span() for match in _TOKEN.finditer(text)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def within(self, start: int, end: int) -> range:
        """Return the numbers of the tokens that share a character with [start, end)."""
        return range(bisect_right(self._ends, start), bisect_left(self._starts, end))
