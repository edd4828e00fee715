"""The benchmark scores as the data's own scorer does, and says what it lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from models.boilerplate.pages import LabelledPage, Line, read_pages
from pipeline import strip
from pipeline.errors import InputError
from tests.bench.boilerplate import find_sets
from tests.bench.line_scores import score
from tests.bench.strippers import as_html, blocks_of_lines, keep_all
from tests.bench.with_sites import with_sites

if TYPE_CHECKING:
    from pathlib import Path


def page(*lines: tuple[str, str]) -> LabelledPage:
    """Return a page of (label, text) lines; a label with ? is doubtful."""
    made = tuple(
        Line(text=text, label=label.rstrip("?"), doubtful=label.endswith("?"), after_gap=True) for label, text in lines
    )
    return LabelledPage(id="made/1", set="made", language="en", variant="scrape", lines=made)


PAGE = page(
    ("title", "Bridge opens"),
    ("boilerplate", "Share"),
    ("body", "abcd"),
    ("body", "efghij"),
    ("boilerplate?", "31.12.2021"),
    ("boilerplate", "Read also"),
)


def test_precision_recall_and_characters_of_a_page() -> None:
    scores = score([(PAGE, [True, False, True, False, True, True])])

    assert (scores.pages, scores.lines) == (1, 4)
    assert scores.boilerplate == scores.body
    assert (scores.body.precision, scores.body.recall, scores.body.f1) == (50.0, 50.0, 50.0)
    assert scores.body_characters_kept == 40.0
    assert scores.boilerplate_characters_removed == 35.7


def test_a_page_without_a_class_does_not_count_for_it() -> None:
    clean = page(("body", "abcd"))

    assert score([(PAGE, [True] * 6), (clean, [True])]).boilerplate.recall == 0.0
    assert score([(PAGE, [True, False, True, True, True, False]), (clean, [True])]).boilerplate.recall == 100.0


def test_scores_are_those_of_the_scorer_that_comes_with_the_pages(shared: Path, tmp_path: Path) -> None:
    gold = shared / "boilerplate" / "open" / "cleanportal.jsonl.gz"
    if not gold.is_file():
        pytest.skip("needs the labelled pages, which are not part of the project")
    pages = [one for one in read_pages(gold) if one.variant == "scrape"]
    kept = [[len(line.text) > 60 for line in one.lines] for one in pages]
    rows = (
        {"id": one.id, "variant": one.variant, "labels": ["body" if keep else "boilerplate" for keep in flags]}
        for one, flags in zip(pages, kept, strict=True)
    )
    (tmp_path / "predicted.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    command = [shared / "boilerplate" / "score_lines.py", gold, tmp_path / "predicted.jsonl", "--variant", "scrape"]
    done = subprocess.run(
        [sys.executable, *map(str, command), "--json", "--by", "none"], capture_output=True, check=True
    )
    theirs = json.loads(done.stdout)["scrape"]
    ours = score(zip(pages, kept, strict=True))

    assert (theirs["pages"], theirs["lines"]) == (ours.pages, ours.lines)
    for name, measure in (("boilerplate", ours.boilerplate), ("body", ours.body)):
        figures = [theirs[f"{name}_{figure}"] for figure in ("P", "R", "F1")]
        assert figures == [measure.precision, measure.recall, measure.f1]
    assert theirs["body_char%"] == ours.body_characters_kept
    assert theirs["boil_char%"] == ours.boilerplate_characters_removed


def test_each_line_has_the_block_that_holds_it() -> None:
    made = page(("title", "Bridge opens after repairs"), ("body", "The bridge opened."), ("boilerplate", "Share"))
    blocks = blocks_of_lines(made, strip(made.text).blocks)

    assert [block.text for block in blocks if block] == [line.text for line in made.lines]


def test_a_line_without_characters_has_no_block_and_is_kept() -> None:
    made = page(("body", "The bridge opened."), ("body", "\u200b"))

    assert blocks_of_lines(made, strip(made.text).blocks)[1] is None


def test_all_pages_of_a_site_are_on_one_side() -> None:
    pages = [replace(PAGE, set="fundus", id=f"fundus/uk/Paper_2026_01_{day:02}") for day in range(1, 20)]

    assert {one.site for one in pages} == {"uk/Paper"}
    assert len({one.held for one in pages}) == 1


def test_sites_of_few_pages_are_not_compared() -> None:
    pages = [replace(PAGE, set="fundus", id=f"fundus/uk/Paper_2026_01_{day:02}") for day in range(1, 5)]

    assert with_sites(pages) == {}
    assert list(with_sites([*pages, replace(pages[0], id="fundus/uk/Paper_2026_01_09")])) == ["fundus/scrape"]


def test_keeping_all_keeps_all() -> None:
    assert keep_all(PAGE) == [True] * 6


def test_lines_are_escaped_in_html() -> None:
    assert "<p>a &lt; b</p>" in as_html(page(("body", "a < b")))


def test_a_folder_without_pages_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"got no open/\*\.jsonl\.gz.*BOILERPLATE=DIR"):
        find_sets(tmp_path, [])


def test_an_unknown_set_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "a.jsonl.gz").touch()

    with pytest.raises(InputError, match="expected some of a"):
        find_sets(tmp_path, ["b"])
