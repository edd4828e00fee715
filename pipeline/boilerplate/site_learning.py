"""Learns what the articles of a site share, from a bounded number of articles a site.

Which articles are looked at depends on hashes of their names, never on order or time, so the same
input gives the same memory on every machine. Held at once are at most `MOST_ARTICLES` articles with
`MOST_BLOCKS` lines each: some 300 bytes a line at the peak, and the text of lines that are repeated.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from math import ceil
from typing import TYPE_CHECKING

from pipeline.boilerplate.page import KEPT, is_prose
from pipeline.boilerplate.site_memory import RememberedLine, RememberedSite, Side, line_key
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Verdict

MOST_ARTICLES = 20_000
"""Articles that are looked at, of all sites together."""

MOST_BLOCKS = 200
"""Lines of an article that are looked at: the first half from its beginning, the other from its end."""

MIXED = 0.2
"""A line that stands among paragraphs in more than this share of its articles is a subhead or the like."""

STRIPPED = 0.5
"""A line that rules strip in this share of its articles is boilerplate among paragraphs, too."""

LEAST_SURE, MOST_SURE, STEP = 0.75, 0.95, 0.05
"""Confidence of a line on few, and on all, of the articles of its site; in steps, so that it is steady."""

LAST_LINES = 2
"""Lines at the end of a page that are its footer, when nothing else tells what they are."""

_ONE_OF_A_KIND = frozenset(
    {
        *KEPT,
        Label.TIMESTAMP,
        Label.BYLINE,
        Label.PHOTO_CREDIT,
        Label.CAPTION,
        Label.SOURCE_LINK,
        Label.REPEATED_TITLE,
        Label.SEPARATOR,
    }
)
"""Labels that say nothing about the lines beside."""

_LABELS = tuple(Label)
_CODES = {label: code for code, label in enumerate(_LABELS)}
_PROSE = 64
"""Added to the code of a label when the block reads as sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """On how many articles, and on which share of a site's, a line must stand."""

    articles: int
    share: float
    prose_share: float

    def needed(self, articles: int, *, prose: bool) -> int:
        """Return on how many of so many articles a line must stand."""
        return max(self.articles, ceil((self.prose_share if prose else self.share) * articles))


@dataclass(slots=True)
class Sample:
    """Chooses the articles to look at: of each site those whose names have the lowest hashes."""

    most: int
    sites: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, site: str, name: str, place: int) -> None:
        """Offer an article; `place` numbers it in the input."""
        self.counts[site] += 1
        rank = -int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        chosen = self.sites.setdefault(site, [])
        if len(chosen) < self.most:
            heappush(chosen, (rank, -place))
        else:
            heappushpop(chosen, (rank, -place))

    def chosen(self, fewest: int) -> dict[int, str]:
        """Return places in the input, in order, and their sites; sites with fewer articles are left out.

        Where sites are many, each has fewer articles, and beyond that the smallest have none.
        """
        names = sorted((name for name, count in self.counts.items() if count >= fewest), key=self._size)
        most = max(fewest, min(self.most, MOST_ARTICLES // max(1, len(names))))
        found = {
            -place: name
            for name in names[: MOST_ARTICLES // most]
            for _, place in sorted(self.sites[name], reverse=True)[:most]
        }
        return dict(sorted(found.items()))

    def _size(self, name: str) -> tuple[int, str]:
        return -self.counts[name], name


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of an article: hashes (0: never remembered), and codes of their labels and kinds."""

    hashes: array[int]
    codes: bytes

    def __iter__(self) -> Iterator[tuple[int, Label, bool]]:
        """Yield hash, label and whether it reads as sentences."""
        for line, code in zip(self.hashes, self.codes, strict=True):
            yield line, _LABELS[code % _PROSE], code >= _PROSE

    def paragraphs(self) -> set[int]:
        """Return the hashes of what was taken for paragraphs of the text."""
        return {line for line, label, prose in self if prose and line and label in KEPT}


@dataclass(slots=True)
class SiteLearner:
    """Gathers the articles of one site, then says what they share."""

    articles: list[Lines] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def add(self, blocks: Sequence[Candidate], verdicts: Sequence[Verdict]) -> None:
        """Take an article as the rules see it."""
        half = MOST_BLOCKS // 2
        places = [place for place in range(len(blocks)) if place < half or place >= len(blocks) - half]
        hashes: array[int] = array("Q")
        codes = bytearray()
        for place in places:
            hashes.append(self._hash(line_key(blocks[place])))
            codes.append(_CODES[verdicts[place].label] + _PROSE * is_prose(blocks[place]))
        self.articles.append(Lines(hashes, bytes(codes)))

    def learn(self, thresholds: Thresholds, count: int) -> RememberedSite:
        """Return what is remembered of the site, which has `count` articles."""
        articles = _without_copies(self.articles)
        frequency = Counter(line for article in articles for line in set(article.hashes) if line)
        prose = {line for article in articles for line, _, is_sentence in article if is_sentence}
        common = {
            line for line, found in frequency.items() if found >= thresholds.needed(len(articles), prose=line in prose)
        }
        tallies = _tally(articles, common)
        lines = []
        for line, tally in tallies.items():
            sides = tally.sides(thresholds.needed(len(articles), prose=line in prose), prose=line in prose)
            if sides:
                lines.append(
                    RememberedLine(
                        line=self.texts[line],
                        label=tally.label(),
                        confidence=_confidence(frequency[line] / len(articles)),
                        sides=sides,
                        articles=frequency[line],
                    )
                )
        lines.sort(key=lambda one: (-one.articles, one.line))
        return RememberedSite(articles=count, looked_at=len(self.articles), lines=tuple(lines))

    def _hash(self, key: str | None) -> int:
        """Return a hash that is not 0; keep the text of what is met again."""
        if key is None:
            return 0
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        line = int.from_bytes(digest, "big") or 1
        if line in self.seen:
            self.texts.setdefault(line, key)
        self.seen.add(line)
        return line


@dataclass(slots=True)
class _Tally:
    """What was seen of one line: the articles where it stands on each side, and its labels."""

    places: Counter[Side] = field(default_factory=Counter)
    stripped: int = 0
    labels: Counter[Label] = field(default_factory=Counter)
    neighbours: Counter[Label] = field(default_factory=Counter)
    guesses: Counter[Label] = field(default_factory=Counter)

    def sides(self, needed: int, *, prose: bool) -> tuple[Side, ...]:
        """Return where the line is boilerplate.

        A short line among paragraphs may be a subhead that the site uses again and again: it is
        boilerplate only where rules say so, too.
        """
        total = self.places.total()
        inside = self.places[Side.INSIDE]
        furniture = prose or self.stripped >= STRIPPED * total
        if not furniture and inside > MIXED * total:
            return ()
        found = [side for side in (Side.ABOVE, Side.BELOW) if self.places[side] >= needed]
        if furniture and inside >= needed:
            found.append(Side.INSIDE)
        return tuple(sorted(found))

    def label(self) -> Label:
        """Return what rules say of it elsewhere, else of its neighbours, else what its place tells."""
        votes = +self.labels or self.neighbours or self.guesses or Counter({Label.RELATED_NEWS: 1})
        return max(votes, key=lambda label: (votes[label], label))


def _without_copies(articles: Sequence[Lines]) -> list[Lines]:
    """Leave out articles most of whose paragraphs stand in others, too: copies and updates.

    Paragraphs that more than half of all articles have are the site's, and do not count.
    """
    paragraphs = [article.paragraphs() for article in articles]
    frequency = Counter(line for lines in paragraphs for line in lines)
    kept = []
    for article, lines in zip(articles, paragraphs, strict=True):
        own = sum(frequency[line] == 1 for line in lines)
        shared = sum(1 < frequency[line] <= len(articles) / 2 for line in lines)
        if own and own >= shared:
            kept.append(article)
    return kept


def _tally(articles: Iterable[Lines], common: set[int]) -> dict[int, _Tally]:
    tallies = {line: _Tally() for line in sorted(common)}
    for article in articles:
        rows = list(article)
        own = [
            place for place, (line, label, prose) in enumerate(rows) if prose and label in KEPT and line not in common
        ]
        met: set[tuple[int, Side]] = set()
        for place, (line, label, _) in enumerate(rows):
            if line not in tallies or not own:
                continue
            tally = tallies[line]
            side = Side.ABOVE if place < own[0] else Side.BELOW if place > own[-1] else Side.INSIDE
            if (line, side) not in met:
                met.add((line, side))
                tally.places[side] += 1
                tally.stripped += label not in KEPT
            if label not in KEPT:
                tally.labels[label] += label != Label.REPEATED_TITLE
            else:
                tally.neighbours.update(_neighbours(rows, place))
                tally.guesses[_guess(side, place, len(rows))] += 1
    return tallies


def _neighbours(rows: Sequence[tuple[int, Label, bool]], place: int) -> list[Label]:
    """Return the labels of the lines before and after that are boilerplate."""
    beside = (*rows[max(0, place - 1) : place], *rows[place + 1 : place + 2])
    return [label for _, label, _ in beside if label not in _ONE_OF_A_KIND]


def _guess(side: Side, place: int, lines: int) -> Label:
    if side == Side.ABOVE and place == 0:
        return Label.SITE_HEADER
    return Label.LEGAL_FOOTER if side == Side.BELOW and place >= lines - LAST_LINES else Label.NAVIGATION


def _confidence(share: float) -> float:
    sure = LEAST_SURE + (MOST_SURE - LEAST_SURE) * share
    return round(round(sure / STEP) * STEP, 2)
