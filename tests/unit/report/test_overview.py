"""The figures, charts and tables of the first page are those of the corpus."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.corpus import document_row, units
from pipeline.records import Drop, Flag, Score
from pipeline.report import charts, tally
from pipeline.report.doubt import HARMLESS, doubt, reasons
from pipeline.report.html import element, quoted
from pipeline.report.overview import overview, suspects, table
from pipeline.report.tally import Tally
from tests.corpora import SIGNATURE
from tests.documents import document

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.corpus import TranslationUnit
    from pipeline.records import Document

SOURCE = "Предложение из многих слов, достаточно длинное."


def counted(*documents: Document) -> Tally:
    found = Tally()
    for one in documents:
        found.add(document_row(one), units(one, SIGNATURE))
    return found


def unit(**changes: object) -> TranslationUnit:
    return replace(units(document(), SIGNATURE)[0], source=SOURCE, **changes)  # type: ignore[arg-type] # as given


def words(html: str) -> str:
    """Return the text of HTML, an element's apart from its neighbour's."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_tables_count_languages_categories_flags_and_models() -> None:
    shown = words(overview(counted(document("a.txt"), document("b.txt")), "lid:x|mt:m@599478b8259f|v:1"))

    assert "articles 2 translation units 6" in shown
    assert "ru 2 4 0" in shown
    assert "en 0 2 2 2" in shown
    assert "related_news 2 24 ru 2 by_hand 2" in shown
    assert "passthrough 2 33.3%" in shown
    assert "m 599478b8259f 4" in shown


def test_the_reasons_of_dropped_articles_are_counted_without_their_details() -> None:
    dropped = [replace(document(uri), drop=Drop(stage="read", reason=f"too_long: {uri}")) for uri in ("a", "b")]

    assert "article read: too_long 2" in words(overview(counted(*dropped), SIGNATURE))


def test_characters_add_up_to_the_whole() -> None:
    counts = counted(document()).characters

    assert counts["translated"] + counts["passed_through"] + counts["set_aside"] == counts["total"]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"flags": (Flag.REPETITIVE,)}, {"flags": ()}),
        ({"log_prob": -2.0}, {"log_prob": -0.5}),
        ({"scores": (Score(name="length_ratio", value=0.1),)}, {"scores": (Score(name="length_ratio", value=0.9),)}),
        ({"scores": (Score(name="length_ratio", value=9.0),)}, {"scores": (Score(name="length_ratio", value=1.1),)}),
        ({"scores": (Score(name="numbers", value=0.0),)}, {"scores": (Score(name="numbers", value=1.0),)}),
    ],
)
def test_what_speaks_against_a_unit_raises_its_doubt(worse: dict[str, object], better: dict[str, object]) -> None:
    assert doubt(unit(**worse)) > doubt(unit(**better))


def test_how_a_unit_was_made_is_no_reason_for_doubt() -> None:
    passed = unit(flags=tuple(HARMLESS), log_prob=None)

    assert list(reasons(passed)) == []


def test_the_script_of_the_page_takes_the_same_flags_for_harmless(root: Path) -> None:
    script = (root / "pipeline" / "report" / "page" / "elements.js").read_text(encoding="utf-8")
    named = re.search(r"HARMLESS = new Set\(\[([^]]*)\]\)", script)

    assert named is not None
    assert set(re.findall(r'"(\w+)"', named.group(1))) == HARMLESS


def test_the_most_doubtful_units_come_first_and_no_more_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_DOUBTFUL", 3)
    found = Tally()
    row = document_row(document())
    for number, probability in enumerate((-0.2, -3.0, -1.0, -2.0, -3.0)):
        found.add(row, [unit(log_prob=probability, sentence=number)])

    assert [(one.doubt, one.article) for one in found.worst()] == [(3.0, 1), (3.0, 4), (2.0, 3)]


def test_a_histogram_draws_every_value_once_and_says_what_it_shows() -> None:
    counts = Counter({-0.5: 3, -1.25: 4, -7.0: 1})
    drawn = charts.histogram("log_prob", counts)
    bars = [int(count) for count in re.findall(r": (\d+) units</title>", drawn)]

    assert sum(bars) == 8
    assert 'aria-label="Histogram of log_prob: 8 units, median −1.25, nine of ten between −7.00 and −0.50"' in drawn


@pytest.mark.parametrize("values", [{0.0: 1}, {1.0: 5}, {-0.01: 2}, {37.2: 1, 41.0: 2}, {100.0: 1, 0.02: 1}])
@pytest.mark.parametrize("name", ["length_ratio", "log_prob", "chrf"])
def test_any_values_of_any_score_can_be_drawn(name: str, values: dict[float, int]) -> None:
    drawn = charts.histogram(name, values)

    assert sum(int(count) for count in re.findall(r": (\d+) units</title>", drawn)) == sum(values.values())
    assert "nan" not in drawn


def test_quantiles_are_values_that_were_counted() -> None:
    counts = {1.0: 1, 2.0: 2, 3.0: 1}

    assert [charts.quantile(counts, share) for share in (0.0, 0.25, 0.5, 1.0)] == [1.0, 1.0, 2.0, 3.0]


def test_text_is_escaped_unless_it_is_html_already() -> None:
    assert element("p", "<b>", element("i", "&"), title='"') == '<p title="&quot;">&lt;b&gt;<i>&amp;</i></p>'


def test_quoted_words_are_isolated_with_their_language() -> None:
    assert quoted("مرحبا", "ar") == '<bdi dir="auto" lang="ar">مرحبا</bdi>'


def test_a_table_without_rows_says_so() -> None:
    assert "None." in table(("a", "b"), [])


def test_a_very_long_unit_is_shown_by_its_beginning() -> None:
    found = Tally()
    found.add(document_row(document()), [unit(target="word " * 100_000)])
    shown = suspects(found.worst(), lambda _: "", lambda one: one.unit.document_id)

    assert "word word …</bdi>" in shown
    assert len(shown) < 5_000
