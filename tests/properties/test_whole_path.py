"""Whatever the article, the whole path accounts for every character and every offset points home."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.audit import document_faults
from pipeline.config import load
from pipeline.corpus import document_id, document_row, units
from pipeline.ledger import account
from pipeline.plan import make_plan
from pipeline.records import Document
from pipeline.settings import Settings
from tests.conftest import ROOT
from tests.strategies import articles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.plan import OpenPlan


@pytest.fixture(scope="module")
def plan() -> Iterator[OpenPlan]:
    """Open all stages with the fake translator."""
    loaded = load(ROOT / "configs" / "minimal.yaml", Settings, [])
    with make_plan(loaded).open() as opened:
        yield opened


def through(plan: OpenPlan, text: str, uri: str = "any.txt") -> Document:
    """Run one article through all stages."""
    (result,) = plan([Document(id=document_id(uri, text), uri=uri, text=text)])
    return result


def check(document: Document, text: str) -> None:
    """Assert the promises for one finished document."""
    ledger = account(document)
    row = document_row(document)
    rows = units(document, "v:1")

    assert document.text == text
    assert ledger.balances, (ledger.missing, ledger.doubled)
    assert "untranslated" not in ledger.set_aside
    assert list(document_faults(row, rows)) == []
    for unit in rows:
        assert unit.source_raw == text[unit.source_start : unit.source_end]
        assert unit.target == row.english[unit.target_start : unit.target_end] != ""
        for link in unit.word_alignment:
            assert unit.source_start <= link.source_start < link.source_end <= unit.source_end
            assert unit.target_start <= link.target_start < link.target_end <= unit.target_end


@given(text=articles())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_keeps_the_promises(plan: OpenPlan, text: str) -> None:
    check(through(plan, text), text)


@given(texts=st.lists(articles(), min_size=2, max_size=5))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_comes_out_the_same_alone_and_among_others(plan: OpenPlan, texts: list[str]) -> None:
    documents = [
        Document(id=document_id(f"{index}.txt", text), uri=f"{index}.txt", text=text)
        for index, text in enumerate(texts)
    ]
    together = [units(document, "v:1") for document in plan(documents)]
    alone = [units(next(iter(plan([document]))), "v:1") for document in documents]

    assert together == alone


@pytest.mark.parametrize("seed", range(20))
def test_mutilated_seeds_keep_the_promises(plan: OpenPlan, seed: int) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    text = mutilate(texts, random.Random(seed))  # noqa: S311 # no secret

    check(through(plan, text), text)


def mutilate(texts: list[str], chance: random.Random) -> str:
    """Return an article made of shuffled, cut, doubled and garbled pieces of `texts`."""
    marks = ["\u200f", "\u00ad", "\u0640\u0640", "\u00a0", "\r", "\x0c", "\ufeff", "\u2028", "&nbsp;", "🙂", "\0"]
    leftovers = [
        " Читайте также: Мост закрыт.",
        " (adsbygoogle = window.adsbygoogle || []).push({});",
        " <br/>",
        " (Photo: AFP)",
    ]
    lines = [line for text in texts for line in text.splitlines()]
    chosen = chance.sample(lines, k=chance.randint(1, len(lines)))
    for _ in range(chance.randint(0, 30)):
        index = chance.randrange(len(chosen))
        line = chosen[index]
        place = chance.randint(0, len(line))
        chosen[index] = chance.choice(
            [
                line[:place],
                line.upper(),
                line + " " + chance.choice(lines),
                line[:place] + chance.choice(marks) + line[place:],
                line[:place] + chance.choice(leftovers) + line[place:],
                line * chance.randint(2, 5),
                line.encode().decode("cp1252", "replace"),
            ]
        )
    return chance.choice(["\n", "\r\n", "\n\n", "\r"]).join(chosen)
