"""How well and how fast boilerplate is told from articles, beside other tools, on labelled pages.

python -m tests.bench.boilerplate [FOLDER] [--sets NAME,...] [--full]: FOLDER holds `open/*.jsonl.gz`
and `baselines.tsv`. Prints tables in Markdown; a run over all sets writes them to
`tests/bench/boilerplate.md`, with all figures in `boilerplate.json` beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.boilerplate.pages import read_pages
from pipeline import strip
from pipeline.errors import InputError
from tests.bench.boilerplate_tables import tables
from tests.bench.line_scores import score
from tests.bench.speed import speeds
from tests.bench.strippers import blocks_of_lines, justext, keep_all
from tests.bench.with_sites import with_sites
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from models.boilerplate.pages import LabelledPage
    from tests.bench.line_scores import LineScores, Prediction

FOLDER = ROOT.parent / "shared" / "boilerplate"
RESULTS = Path(__file__).parent / "boilerplate"
"""Without its ending."""

PUBLISHED = ("keepall", "heur", "justext", "trafilatura", "readability", "resiliparse")
"""Methods of `baselines.tsv`; the last three read the original HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanLoss:
    """What is stripped of articles that have no boilerplate; characters are not blank."""

    articles: int
    touched: int
    percent_stripped: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that is measured. Scores are by group, then by method."""

    sets: dict[str, dict[str, LineScores]]
    splits: dict[str, dict[str, LineScores]]
    languages: dict[str, dict[str, LineScores]]
    site_memory: dict[str, dict[str, LineScores]]
    published: dict[str, dict[str, dict[str, float]]]
    labels: dict[str, dict[str, int]]
    clean: dict[str, CleanLoss]
    megabytes_a_second: dict[str, float]


def find_sets(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the files of labelled pages; raises `InputError` when they are not there."""
    paths = sorted((folder / "open").glob("*.jsonl.gz"))
    if not paths:
        raise InputError(
            f"{folder}: expected labelled pages (got no open/*.jsonl.gz); "
            "name their folder: make bench-boilerplate BOILERPLATE=DIR"
        )
    known = [path.name.partition(".")[0] for path in paths]
    if unknown := set(names) - set(known):
        raise InputError(f"--sets: expected some of {' '.join(known)} (got {' '.join(sorted(unknown))})")
    return [path for path, name in zip(paths, known, strict=True) if not names or name in names]


def measure(folder: Path, names: Sequence[str] = (), *, full: bool = False) -> Figures:
    """Measure everything on the sets named, else on all; with `full`, on whole pages, too."""
    pages = [page for path in find_sets(folder, names) for page in read_pages(path) if full or page.variant != "full"]
    labels: Counter[tuple[str, str]] = Counter()
    ours = [_label(page, labels) for page in pages]
    methods: dict[str, list[Prediction]] = {
        "newsbitext": ours,
        "justext": [(page, justext(page)) for page in pages],
        "keep_all": [(page, keep_all(page)) for page in pages],
    }
    scraped = [page for page in pages if page.variant != "full"]
    own = {"newsbitext": ours}
    return Figures(
        sets=_grouped(methods, lambda page: f"{page.set}/{page.variant}"),
        splits=_grouped(own, lambda page: f"{_origin(page)}/{'held' if page.held else 'dev'}/{page.variant}"),
        languages=_grouped(own, lambda page: f"{page.language}/{page.variant}"),
        site_memory=with_sites(pages),
        published=read_published(folder / "baselines.tsv"),
        labels={
            label: {"boilerplate": labels[label, "boilerplate"], "body": labels[label, "body"]}
            for label, _ in sorted(labels)
        },
        clean=clean_losses(scraped),
        megabytes_a_second=speeds(scraped),
    )


def read_published(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Return the published figures of all pages of each set, by set/variant, then by method."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    if not path.exists():
        return found
    head, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    for row in (dict(zip(head, row, strict=True)) for row in rows):
        if row["language"] == "ALL" and row["method"] in PUBLISHED:
            group = found.setdefault(f"{row['set']}/{row['variant']}", {})
            group[row["method"]] = {
                name: float(row[name]) for name in ("pages", "boilerplate_F1", "body_F1", "body_char%")
            }
    return found


def clean_losses(pages: Iterable[LabelledPage]) -> dict[str, CleanLoss]:
    """Strip articles that are made of nothing but the body lines of pages; by source."""
    counts: dict[str, Counter[str]] = {}
    for page in pages:
        lines = [line for line in page.lines if line.label in ("body", "title") and not line.doubtful]
        text = "".join(("\n" if line.after_gap else "") + line.text + "\n" for line in lines)
        lost = [len("".join(block.text.split())) for block in strip(text).blocks if not block.kept]
        count = counts.setdefault(page.set, Counter())
        count.update(articles=1, touched=bool(lost), lost=sum(lost), characters=len("".join(text.split())))
    return {
        source: CleanLoss(
            articles=count["articles"],
            touched=count["touched"],
            percent_stripped=round(100 * count["lost"] / max(1, count["characters"]), 3),
        )
        for source, count in counts.items()
    }


def _label(page: LabelledPage, labels: Counter[tuple[str, str]]) -> Prediction:
    """Return what is kept of a page; count the labels of its lines by what they should be."""
    blocks = blocks_of_lines(page, strip(page.text).blocks)
    labels.update(
        (block.label.value, line.label)
        for line, block in zip(page.lines, blocks, strict=True)
        if block is not None and not line.doubtful
    )
    return page, [block is None or block.kept for block in blocks]


def _origin(page: LabelledPage) -> str:
    """Return the source of a page, without a language of its own."""
    return page.set.partition("_")[0]


def _grouped(
    methods: dict[str, list[Prediction]], group: Callable[[LabelledPage], str]
) -> dict[str, dict[str, LineScores]]:
    names = sorted({group(page) for page, _ in next(iter(methods.values()))})
    return {
        name: {
            method: score(one for one in predictions if group(one[0]) == name)
            for method, predictions in methods.items()
        }
        for name in names
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="of labelled pages")
    parser.add_argument("--sets", default="", help="some of them only, with commas between")
    parser.add_argument("--full", action="store_true", help="whole pages, too, which takes twice as long")
    options = parser.parse_args()
    names = [name for name in options.sets.split(",") if name]
    try:
        figures = measure(options.folder, names, full=options.full)
    except InputError as error:
        sys.exit(f"error: {error}")
    text = tables(figures)
    print(text)
    if not names:
        RESULTS.with_suffix(".md").write_text(text, encoding="utf-8")
        rows = json.dumps(asdict(figures), ensure_ascii=False, indent=1, sort_keys=True)
        RESULTS.with_suffix(".json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
