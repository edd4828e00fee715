"""The part of the report that is about the whole corpus: figures, charts, tables, units to look at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pipeline.corpus import model_revisions
from pipeline.report import charts
from pipeline.report.doubt import reasons
from pipeline.report.html import Html, element, join, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.report.tally import LabelTally, Suspect, Tally

_FIGURE = re.compile(r"[\d,.%−–]+")

MOST_RULES = 4
"""Rules named for a category; the others are counted."""

LONGEST_SHOWN = 600
"""Characters of a unit in the table of those to look at; the article shows all."""

SCORES = {
    "length_ratio": "Characters of English a character of source; 1 is as long as the source. The scale doubles.",
    "log_prob": "Mean log-probability a piece of English, by the model itself: the further below 0, the less sure.",
    "numbers": "Share of the numbers of both sides that are the same.",
    "language_probability": "How sure the language of the source is.",
    "aligned": "Share of the English characters that a word link covers.",
}
"""What the scores of the `score` stage mean; another is shown by its name alone."""


def overview(tally: Tally, signature: str) -> Html:
    """Return the figures, tables and charts of a corpus."""
    return join(
        _fate(tally),
        _card("Languages", _languages(tally)),
        *(_card(name, _histogram(tally, name), width="third") for name in tally.score_names()),
        _card("Stripped, by category", _labels(tally)),
        _card("Flags", _counts(("flag", "units"), tally.flags, tally.units, "flag"), width="half"),
        _card("Set aside whole or in part", _rejects(tally), width="half"),
        _card("Models", _models(tally, signature)),
    )


def suspects(found: Sequence[Suspect], page_of: Callable[[int], str], identifier: Callable[[Suspect], str]) -> Html:
    """Return the table of the most doubtful units; `page_of` names the page of an article's number."""
    if not found:
        return element("p", "Nothing was translated that anything speaks against.", class_="empty")
    rows = [
        [
            element("span", f"{one.doubt:.2f}", class_="number"),
            join(*(element("span", reason, class_="chip") for _, reason in reasons(one.unit))),
            quoted(_beginning(one.unit.source_raw), one.unit.source_language),
            quoted(_beginning(one.unit.target), "en"),
            element(
                "a",
                element("span", "Open ", class_="unseen"),
                quoted(one.unit.uri),
                f", sentence {one.unit.sentence + 1}",
                href=page_of(one.article) + link(article=identifier(one), unit=one.unit.sentence),
            ),
        ]
        for one in found
    ]
    return table(("doubt", "why", "source", "English", "where"), rows, "suspects")


def link(**wanted: str | int) -> str:
    """Return the address of the articles of a page, filtered, or of one article."""
    return f"#articles?{urlencode(wanted)}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], name: str = "") -> Html:
    """Return a table whose first column heads its rows; columns of figures are told by themselves."""
    kinds = [_kind(column) for column in zip(*rows, strict=True)]
    if not kinds:
        return element("p", "None.", class_="empty")
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell, class_=kind) for cell, kind in zip(row[1:], kinds[1:], strict=True)),
        )
        for row in rows
    ]
    unseen = element("span", "as a bar", class_="unseen")
    top = [element("th", title or unseen, scope="col", class_=kind) for title, kind in zip(head, kinds, strict=True)]
    content = element("table", element("thead", element("tr", *top)), element("tbody", *body), class_=name or None)
    return element("div", content, class_="scroll", tabindex=0, role="group", aria_label=f"Table of {head[0]}")


def _kind(cells: Sequence[str]) -> str | None:
    """Return the class of a column: figures stand at its end, bars give way on a narrow page."""
    if all(_FIGURE.fullmatch(cell) for cell in cells):
        return "figure"
    return "bars" if all(cell.startswith("<svg") for cell in cells) else None


def _beginning(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _card(title: str, *content: str, width: str = "wide") -> Html:
    return element("section", element("h3", title), *content, class_=f"card {width}")


def _fate(tally: Tally) -> Html:
    total = max(tally.characters["total"], 1)
    parts = (("translated", "translated"), ("passed_through", "passed through"), ("set_aside", "set aside"))
    figures = [
        (f"{tally.articles:,}", "articles"),
        (f"{tally.units:,}", "translation units"),
        (f"{sum(one.words for one in tally.languages.values()):,}", "English words"),
        (f"{tally.characters['total']:,}", "characters of raw text, blanks left out"),
    ]
    legend = [
        element(
            "li",
            element("span", class_=f"swatch {kind}", aria_hidden="true"),
            element("b", f"{tally.characters[kind] / total:.1%}"),
            f" {name} ",
            element("span", f"{tally.characters[kind]:,} characters", class_="quiet"),
        )
        for kind, name in parts
    ]
    return element(
        "section",
        element("h3", "What became of every character"),
        element(
            "dl",
            *(element("div", element("dt", name), element("dd", value)) for value, name in figures),
            class_="figures",
        ),
        charts.stacked([(kind, tally.characters[kind]) for kind, _ in parts]),
        element("ul", *legend, class_="legend"),
        class_="card wide fate",
    )


def _languages(tally: Tally) -> Html:
    most = max((one.units for one in tally.languages.values()), default=1)
    medians = [name for name in ("length_ratio", "log_prob") if name in tally.score_names()]
    rows = [
        [
            element("a", name, href=link(language=name)),
            f"{one.articles:,}",
            f"{one.units:,}",
            charts.bar(one.units / max(most, 1), "translated"),
            f"{one.passthrough:,}",
            f"{one.words:,}",
            *(
                charts.figure(charts.quantile(one.scores[score], 0.5)) if one.scores.get(score) else "–"
                for score in medians
            ),
        ]
        for name, one in sorted(tally.languages.items(), key=lambda item: (-item[1].units, item[0]))
    ]
    columns = ("articles", "units", "", "passed through", "English words", *(f"median {name}" for name in medians))
    return table(("language", *columns), rows, "numbers")


def _histogram(tally: Tally, name: str) -> Html:
    counts = tally.scores(name)
    note = SCORES.get(name)
    return join(
        charts.histogram(name, counts),
        element("p", charts.summary(counts) + ".", class_="quiet"),
        *([element("p", note, class_="quiet")] if note else []),
    )


def _labels(tally: Tally) -> Html:
    most = max((one.characters for one in tally.labels.values()), default=1)
    rows = [
        [
            element(
                "a", element("span", class_="swatch", data_label=name, aria_hidden="true"), name, href=link(label=name)
            ),
            f"{one.blocks:,}",
            f"{one.characters:,}",
            charts.bar(one.characters / max(most, 1), "set_aside"),
            _listed(one.languages),
            _rules(one),
        ]
        for name, one in sorted(tally.labels.items(), key=lambda item: (-item[1].characters, item[0]))
    ]
    return table(("category", "blocks", "characters", "", "languages", "decided by"), rows, "numbers labels")


def _rules(label: LabelTally) -> str:
    rest = len(label.rules) - MOST_RULES
    return _listed(label.rules, MOST_RULES) + (f" and {rest} more" if rest > 0 else "")


def _listed(counts: Mapping[str, int], most: int = 12) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return " · ".join(f"{name} {count:,}" for name, count in ordered)


def _counts(head: tuple[str, str], counts: Mapping[str, int], total: int, filtered: str) -> Html:
    rows = [
        [
            element("a", name, href=link(**{filtered: name})),
            f"{count:,}",
            charts.bar(count / max(total, 1), "translated"),
            f"{count / max(total, 1):.1%}",
        ]
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return table((*head, "", "share"), rows, "numbers")


def _rejects(tally: Tally) -> Html:
    rows = [
        [what, element("a", why, href=link(aside=why.partition(":")[0])), f"{count:,}"]
        for what, counts in (("article", tally.dropped), ("segment", tally.set_aside))
        for why, count in sorted(counts.items())
    ]
    note = element("p", "Blocks that were stripped are counted by category.", class_="quiet")
    return join(table(("what", "why", "count"), rows, "numbers"), note)


def _models(tally: Tally, signature: str) -> Html:
    revisions = model_revisions(signature)
    rows = [
        [name, element("code", revisions.get(name) or "not named in the signature"), f"{count:,}"]
        for name, count in sorted(tally.models.items())
    ]
    lines = element("p", "Signature, which names everything that shaped the English: ", element("code", signature))
    return join(table(("model", "revision", "units"), rows), lines)
