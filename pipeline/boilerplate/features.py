"""Measures what tells text from boilerplate on a page, in numbers that know no language.

One row a feature, one column a block. What a line says enters only through the phrases and rules
that spoke on it; everything else is shape, place, company, and the words it shares with the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from pipeline.boilerplate.page import Source, family_of, source_of
from pipeline.boilerplate.shape import Kind, kinds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.boilerplate.page import Page

    Rows: TypeAlias = NDArray[np.float32]

OWN = (
    "words", "blank_before", "blank_after", "same_on_page", "closed", "prose", "title_like", "opinion", "source",
    "family", "heading", "topic",
)  # fmt: skip
"""What the block and the rules say of it. `opinion` is the rules' confidence, negative for text."""

SHAPE = (
    "characters", "upper_share", "digit_share", "pause_share", "colon_share", "dash_share", "bracket_share",
    "divider_share", "capitalised", "word_length", "first", "last",
)  # fmt: skip
"""What the block's characters are."""

NEAR = (
    "words", "blank_before", "closed", "prose", "opinion", "family", "topic", "characters", "digit_share",
    "pause_share", "capitalised", "first", "last",
)  # fmt: skip
"""Of these the blocks around say theirs, as far as `REACH`."""

REACH = 3
BEYOND = -2.0
"""What stands for a block before the first or after the last."""

AROUND = ("closed", "prose", "title_like", "opinion", "topic", "characters", "capitalised")
"""Of these the means of the blocks around are taken, as far as each of `WIDTHS`."""

WIDTHS = (2, 5, 10)

PLACE = (
    "index", "from_end", "prose_before", "prose_after", "since_heading", "heading_family", "in_body", "after_body",
    "before_body",
)  # fmt: skip
"""Where the block stands."""

WHOLE = (
    "lines", "all_characters", "mean_characters", "closed_lines", "prose_lines", "prose_characters", "sure_lines",
    "stripped_lines", "body_share",
)  # fmt: skip
"""What the page is, the same for all its blocks."""

FARTHEST = 30
"""Blocks beyond which a distance counts no more."""

_BASE = OWN + SHAPE
_NEAR = [_BASE.index(name) for name in NEAR]
_AROUND = [_BASE.index(name) for name in AROUND]
_STEPS = [step for step in range(-REACH, REACH + 1) if step]
_PROSE, _CLOSED, _OPINION = OWN.index("prose"), OWN.index("closed"), OWN.index("opinion")
_SOURCE, _FAMILY, _HEADING = OWN.index("source"), OWN.index("family"), OWN.index("heading")

NAMES: tuple[str, ...] = (
    *_BASE,
    *(f"{name}{step:+d}" for step in _STEPS for name in NEAR),
    *(f"{name}~{width}" for width in WIDTHS for name in AROUND),
    *PLACE,
    *WHOLE,
)
"""The features, in the order of the rows."""

_BEFORE, _AFTER, _FIRST = NAMES.index("prose-1"), NAMES.index("prose+1"), NAMES.index("first")


def measure(page: Page) -> Rows:
    """Return the features of every block: shape (features, blocks); the page has a block."""
    count = len(page.blocks)
    shape, lengths = _shape(page)
    base = np.concatenate([_own(page), shape])
    parts = [base, *_near(base[_NEAR]), *_around(base[_AROUND]), _place(page, base, lengths)]
    return np.concatenate([*parts, np.repeat(_whole(page, base, lengths)[:, None], count, axis=1)])


def spared(rows: Rows) -> NDArray[np.bool_]:
    """Return which blocks no rule has decided that stand between two paragraphs, or begin in lower case."""
    undecided = rows[_SOURCE] == Source.NOTHING
    between: NDArray[np.bool_] = (rows[_BEFORE] > 0) & (rows[_AFTER] > 0)
    doubtful: NDArray[np.bool_] = undecided & (between | (rows[_FIRST] == Kind.LOWER))
    return doubtful


def _own(page: Page) -> Rows:
    blocks, verdicts = page.blocks, page.verdicts
    same: dict[tuple[str, ...], int] = {}
    for block in blocks:
        same[block.words] = block.repeats
    vocabulary = set().union(*[block.words for block in blocks if block.prose])
    gaps = [min(block.blank_lines_before, REACH) for block in blocks]
    families = [-1 if verdict is None else family_of(verdict.label) for verdict in verdicts]
    own = np.array(
        [
            [block.length for block in blocks],
            gaps,
            [*gaps[1:], REACH],
            [same[block.words] for block in blocks],
            [block.closed for block in blocks],
            [block.prose for block in blocks],
            [block.title_like for block in blocks],
            [0.0 if verdict is None else verdict.confidence for verdict in verdicts],
            [source_of(verdict) for verdict in verdicts],
            families,
            [index in page.headings for index in range(len(blocks))],
            [
                -1.0 if block.prose or not block.words else len(vocabulary.intersection(block.words)) / len(block.words)
                for block in blocks
            ],
        ],
        dtype=np.float32,
    )
    own[0] = np.log1p(own[0])
    np.negative(own[_OPINION], out=own[_OPINION], where=own[_FAMILY] == 0)
    return own


def _shape(page: Page) -> tuple[Rows, NDArray[np.intp]]:
    kinds, starts, lengths = kinds_of([block.text or " " for block in page.blocks])
    count = len(starts)
    owners = np.repeat(np.arange(0, count * len(Kind), len(Kind)), lengths)
    counts = np.bincount(owners + kinds, minlength=count * len(Kind)).reshape(count, len(Kind)).T
    begins = np.flatnonzero(kinds == Kind.SPACE) + 1
    begins = np.concatenate([starts, begins[begins < len(kinds)]])
    capitals = begins[kinds[begins] == Kind.UPPER]
    capitalised = np.bincount(owners[capitals] // len(Kind), minlength=count)
    words = counts[Kind.SPACE] + 1
    cased = np.maximum(counts[Kind.UPPER] + counts[Kind.LOWER], 1)
    rows = [
        np.log1p(lengths),
        counts[Kind.UPPER] / cased,
        counts[Kind.DIGIT] / lengths,
        counts[Kind.PAUSE] / words,
        counts[Kind.COLON] / words,
        *(counts[[Kind.DASH, Kind.BRACKET, Kind.DIVIDER]] / lengths),
        capitalised / words,
        lengths / words,
        kinds[starts],
        kinds[starts + lengths - 1],
    ]
    return np.array(rows, dtype=np.float32), lengths


def _near(rows: Rows) -> list[Rows]:
    """Return the rows as the blocks before and after have them."""
    size, count = rows.shape
    padded = np.full((size, count + 2 * REACH), BEYOND, dtype=np.float32)
    padded[:, REACH:-REACH] = rows
    return [padded[:, REACH + step : REACH + step + count] for step in _STEPS]


def _around(rows: Rows) -> list[Rows]:
    """Return the means of the rows over the blocks around each, itself among them."""
    size, count = rows.shape
    sums = np.zeros((size, count + 1))
    np.cumsum(rows, axis=1, dtype=np.float64, out=sums[:, 1:])
    places = np.arange(count)
    means = []
    for width in WIDTHS:
        first, last = np.maximum(places - width, 0), np.minimum(places + width + 1, count)
        means.append(((sums[:, last] - sums[:, first]) / (last - first)).astype(np.float32))
    return means


def _place(page: Page, base: Rows, lengths: NDArray[np.intp]) -> Rows:
    count = len(page.blocks)
    places = np.arange(count)
    prose = lengths * (base[_PROSE] > 0)
    read = np.cumsum(prose)
    heading = np.maximum.accumulate(np.where(base[_HEADING] > 0, places, -1))
    heading = np.concatenate([[-1], heading[:-1]])
    start, end = page.body
    rows = [
        places,
        places[::-1],
        np.log1p(read - prose),
        np.log1p(read[-1] - read),
        np.where(heading < 0, FARTHEST, np.minimum(places - heading, FARTHEST)),
        np.where(heading < 0, -1, base[_FAMILY][heading]),
        (places >= start) & (places < end),
        np.clip(places - end, -FARTHEST, FARTHEST),
        np.clip(start - places, -FARTHEST, FARTHEST),
    ]
    return np.array(rows, dtype=np.float32)


def _whole(page: Page, base: Rows, lengths: NDArray[np.intp]) -> Rows:
    count, characters = len(page.blocks), int(lengths.sum())
    prose = base[_PROSE] > 0
    start, end = page.body
    return np.array(
        [
            np.log1p(count),
            np.log1p(characters),
            np.log1p(characters / count),
            base[_CLOSED].sum() / count,
            np.count_nonzero(prose) / count,
            int(lengths[prose].sum()) / characters,
            np.count_nonzero(base[_SOURCE] >= Source.REPETITION) / count,
            np.count_nonzero(base[_FAMILY] > 0) / count,
            int(lengths[start:end].sum()) / characters,
        ],
        dtype=np.float32,
    )
