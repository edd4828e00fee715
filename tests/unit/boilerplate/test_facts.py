from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.boilerplate.facts import NAMES
from tests.facts import Tally, read_facts, with_facts

DATA = Path(__file__).parents[2] / "data" / "facts"
ARTICLES = sorted(DATA.glob("*.txt"))
SEEDS = json.loads((DATA / "seeds.json").read_text(encoding="utf-8"))

RECALL = 0.9
"""Share of the facts of each name that are found at least; those that are found must all be right."""


def facts(text: str, language: str | None = "en") -> list[tuple[str, str]]:
    return [(fact.name, fact.value) for fact in with_facts(text, language).meta]


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_no_fact_of_a_hand_written_article_is_wrong(path: Path) -> None:
    language, text, expected = read_facts(path)

    assert [fact for fact in facts(text, language) if fact not in expected] == []


def test_nearly_all_facts_of_the_hand_written_articles_are_found() -> None:
    tally = Tally()
    for path in ARTICLES:
        language, text, expected = read_facts(path)
        tally.note(facts(text, language), expected)

    shares = {name: tally.right[name] / (tally.right[name] + tally.missed[name]) for name in NAMES}

    assert {name: share for name, share in shares.items() if share < RECALL} == {}


@pytest.mark.parametrize("seed", sorted(SEEDS))
def test_the_facts_of_a_seed_are_found(seeds: Path, seed: str) -> None:
    with (seeds / seed).open(encoding="utf-8", newline="") as file:
        found = facts(file.read(), SEEDS[seed]["language"])

    assert found == [(name, value) for name, value in SEEDS[seed]["facts"]]


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_a_fact_that_is_said_so_stands_where_its_span_says(path: Path) -> None:
    language, text, _ = read_facts(path)

    for fact in with_facts(text, language).meta:
        assert fact.span is not None
        if fact.name not in {"published", "updated"}:
            assert text[fact.span.start : fact.span.end] == fact.value


BODY = "\n\nThe council has voted to keep the old tram line open until the spring of next year.\n\nNobody objected."


def test_the_date_of_a_comment_is_not_the_articles() -> None:
    text = f"Council keeps the tram line open{BODY}\n\nComments\nBob Trent 6 May 2023 at 09:12\nAbout time."

    assert not any(name == "published" for name, _ in facts(text))


def test_a_name_that_the_text_tells_of_is_not_its_author() -> None:
    text = f"Mayor Denholm keeps the tram line open\nPaula Denholm\n4 May 2023{BODY}"

    assert not any(name == "author" for name, _ in facts(text))


def test_the_owner_of_the_copyright_is_the_site_only_when_the_page_names_it_elsewhere() -> None:
    text = f"Council keeps the tram line open{BODY}\n\n© 2023 Ellis Media Group"

    assert not any(name == "site" for name, _ in facts(text))
    assert ("site", "Ellis Media Group") in facts(f"{text}\nEllis Media Group: all the news of the region")


def test_a_shortened_address_is_not_the_articles_own() -> None:
    text = f"Council keeps the tram line open{BODY}\n\nSource: https://t.co/abcdef123"

    assert not any(name == "source_link" for name, _ in facts(text))


def test_a_credit_within_a_paragraph_and_the_site_behind_the_headline_are_facts() -> None:
    text = f"Council keeps the old tram line open | Ellis Courier{BODY} (Photo: Tom Askew)\n\nEllis Courier on Facebook"

    assert {("photo_credit", "Tom Askew"), ("site", "Ellis Courier")} <= set(facts(text))
