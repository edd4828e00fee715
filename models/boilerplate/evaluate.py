"""Judges labelled pages as the stage does, and tables what came of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from models.boilerplate.pages import USUAL, blocks_of, clean, read_pages
from models.boilerplate.score import score
from pipeline.boilerplate.judging import judge
from pipeline.boilerplate.lexicon import load_lexicon
from pipeline.boilerplate.page import KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from models.boilerplate.pages import LabelledPage
    from pipeline.boilerplate.judging import Method

Judged: TypeAlias = "defaultdict[tuple[str, str], list[tuple[LabelledPage, Sequence[bool]]]]"
"""By set and variant: pages, and whether each line was stripped."""


def held_pages(data: Path) -> Iterator[LabelledPage]:
    """Yield the pages of the held sites as they are, and the text of each alone."""
    for path in sorted(data.glob("*.jsonl.gz")):
        for page in read_pages(path):
            if page.held and page.variant in USUAL:
                yield page
                text = clean(page)
                if text:
                    yield text


def judged_pages(data: Path, method: Method) -> Judged:
    """Judge the held pages."""
    judged: Judged = defaultdict(list)
    for page in held_pages(data):
        blocks, places = blocks_of(page)
        verdicts = judge(blocks, load_lexicon(), method=method)
        judged[page.set, page.variant].append((page, [verdicts[place].label not in KEPT for place in places]))
    return judged


def held_table(data: Path, method: Method) -> list[str]:
    return table(judged_pages(data, method))


def table(judged: Judged) -> list[str]:
    """Return a row a set: pages, boilerplate F1 / body F1 / % of body characters kept; % lost of clean articles."""
    rows = []
    for name in sorted({name for name, _ in judged}):
        pages = [pair for variant in USUAL for pair in judged[name, variant]]
        lost = 100 - score(judged[name, "clean"]).kept
        rows.append(f"{name:12} {len(pages):4} {score(pages)!s:22} {lost:6.2f}")
    alone = [pair for (_, variant), pairs in judged.items() if variant == "clean" for pair in pairs]
    return [*rows, f"clean articles: {100 - score(alone).kept:.2f} % of the characters lost"]
