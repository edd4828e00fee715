"""Renders the figures of the boilerplate benchmark as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.bench.boilerplate import Figures
    from tests.bench.line_scores import LineScores

FEWEST_PAGES = 4
"""Pages below which the figures of a language are chance."""

_KEPT = (Label.TITLE, Label.HEADING, Label.BODY)
_SCORES = ("pages", "boilerplate P", "R", "F1", "body P", "R", "F1", "body characters kept")


def tables(figures: Figures) -> str:
    """Return all tables, each under its heading."""
    return "\n".join(_lines(figures)) + "\n"


def _lines(figures: Figures) -> Iterator[str]:
    yield "# Boilerplate benchmark"
    yield ""
    yield "Written by `make bench-boilerplate`. Scores are percentages, macro over pages, of lines that are neither"
    yield "title nor doubtful; the share of body characters is over all pages. P, R: precision, recall."
    yield from _section("By set", "F1 of boilerplate / F1 of body / body characters kept.")
    yield from _beside(figures)
    yield from _section("By set, in full", "newsbitext.")
    yield from _table(("set", *_SCORES), ((name, *_row(group["newsbitext"])) for name, group in figures.sets.items()))
    yield from _section("By language", f"newsbitext, all sets together; languages of {FEWEST_PAGES} pages or more.")
    languages = {name: group["newsbitext"] for name, group in figures.languages.items()}
    rows = ((name, *_row(scores)) for name, scores in languages.items() if scores.pages >= FEWEST_PAGES)
    yield from _table(("language", *_SCORES), rows)
    yield from _section("Sites held out", "newsbitext; no model is trained on the sites of `held`.")
    rows = ((name, *_row(group["newsbitext"])) for name, group in figures.splits.items())
    yield from _table(("set", *_SCORES), rows)
    yield from _section("Site memory", "newsbitext, the pages of sites that have five or more.")
    rows = (
        (name, method, *_row(scores)) for name, group in figures.site_memory.items() for method, scores in group.items()
    )
    yield from _table(("set", "by", *_SCORES), rows)
    yield from _section("Labels", "Lines that newsbitext gave each label, by what they are.")
    labels = (
        (label, "kept" if label in _KEPT else "stripped", str(counts["boilerplate"]), str(counts["body"]))
        for label, counts in figures.labels.items()
    )
    yield from _table(("label", "is", "boilerplate lines", "body lines"), labels)
    yield from _section("Clean articles", "Articles made of the body lines of the pages (`scrape` and `plain`) alone.")
    yield from _table(
        ("source", "articles", "touched", "% of characters stripped"),
        (
            (source, str(loss.articles), str(loss.touched), f"{loss.percent_stripped:.3f}")
            for source, loss in figures.clean.items()
        ),
    )
    yield from _section("Speed", "MB of text a second on one thread, the best of three turns, all in one run.")
    yield from _table(("tool", "MB/s"), ((name, f"{speed:.2f}") for name, speed in figures.megabytes_a_second.items()))


def _beside(figures: Figures) -> Iterator[str]:
    """Compare with what sees the lines, on the same pages, and with what was published of more pages."""
    published = sorted({method for group in figures.published.values() for method in group} - {"keepall"})
    head = ("set", "pages", "newsbitext", "jusText", "keep all", *(f"{method} (published)" for method in published))
    rows = []
    for name, group in figures.sets.items():
        others = figures.published.get(name, {})
        rows.append(
            (
                name,
                str(group["newsbitext"].pages),
                *(_short(group[method]) for method in ("newsbitext", "justext", "keep_all")),
                *(_published(others.get(method)) for method in published),
            )
        )
    yield from _table(head, rows)
    if published:
        yield ""
        yield "Published figures are of all pages of a set, of which these are a part. `heur` and `justext`"
        yield "see the lines; `readability`, `resiliparse` and `trafilatura` read the original HTML."
        yield 'Our model was trained on a part of these sites; those it never saw stand under "Sites held out".'


def _short(scores: LineScores) -> str:
    return f"{scores.boilerplate.f1} / {scores.body.f1} / {scores.body_characters_kept}"


def _published(figures: dict[str, float] | None) -> str:
    if figures is None:
        return "–"
    return f"{figures['boilerplate_F1']} / {figures['body_F1']} / {figures['body_char%']}"


def _row(scores: LineScores) -> tuple[str, ...]:
    boilerplate, body = scores.boilerplate, scores.body
    figures = (boilerplate.precision, boilerplate.recall, boilerplate.f1, body.precision, body.recall, body.f1)
    return (str(scores.pages), *map(str, figures), str(scores.body_characters_kept))


def _section(heading: str, text: str) -> Iterator[str]:
    yield from ("", f"## {heading}", "", text, "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'-|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
