from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.boilerplate import judging
from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.judging import judge
from pipeline.boilerplate.lexicon import load_lexicon
from pipeline.boilerplate.page import KEPT
from pipeline.records import Label
from tests.labelled import article

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.boilerplate.judging import Method
    from pipeline.boilerplate.page import Verdict

TEXT = (
    "The council agreed on Monday to pay for a late-night ferry across the harbour after a long campaign.",
    "Restaurant workers said that the last boat left before their shifts ended, and that they slept at the pier.",
    "The service will be tried for six months before the councillors look at the numbers again in autumn.",
)
TITLE = "Council agrees to pay for late-night ferry across harbour"


class Oracle:
    """A model that says what it is told."""

    def __init__(self, log_odds: list[float]) -> None:
        self.said = np.array(log_odds)

    def log_odds(self, _: NDArray[np.float32]) -> NDArray[np.float64]:
        return self.said


def told(monkeypatch: pytest.MonkeyPatch, lines: list[str], log_odds: list[float], method: Method) -> list[Verdict]:
    monkeypatch.setattr(judging, "load_forest", lambda: Oracle(log_odds))
    return list(judge(read_blocks(article("\n".join(lines))), load_lexicon(), method=method))


def test_what_a_rule_knows_by_the_line_itself_the_model_does_not_overrule(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, odds = [TITLE, *TEXT, "06.01.2022 09:03"], [5.0, -5.0, -5.0, -5.0, -5.0]

    both = told(monkeypatch, lines, odds, "both")
    model = told(monkeypatch, lines, odds, "model")

    assert [verdict.label for verdict in both] == ["title", "body", "body", "body", "timestamp"]
    assert [verdict.label in KEPT for verdict in model] == [True] * 5
    assert model[-1].rule == "model:body"


def test_a_block_that_only_the_model_strips_has_a_guessed_label_and_its_probability(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [TITLE, *TEXT[:2], "Ferries to the islands are late", TEXT[2]]

    verdict = told(monkeypatch, lines, [-5.0, -5.0, -5.0, 3.0, -5.0], "both")[3]

    assert verdict.label == Label.RELATED_NEWS
    assert verdict.rule == "model:related_news"
    assert verdict.confidence == 0.95


def test_where_both_agree_the_rule_is_named_and_the_model_says_how_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [TITLE, *TEXT, "Related news", "Ferries to the islands are late", "Harbour fees rise again in spring"]

    verdict = told(monkeypatch, lines, [-5.0] * 4 + [5.0, 4.0, 4.0], "both")[-1]

    assert (verdict.label, verdict.rule, verdict.confidence) == (Label.RELATED_NEWS, "under_heading", 0.98)


def test_an_article_of_which_the_model_leaves_nothing_keeps_what_no_rule_strips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdicts = told(monkeypatch, [*TEXT, "* * *"], [9.0] * 4, "model")

    assert [verdict.rule for verdict in verdicts[:3]] == ["nothing_else_left"] * 3
    assert verdicts[3].label == Label.SEPARATOR


def test_rules_alone_ask_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = told(monkeypatch, [TITLE, *TEXT], [], "rules")

    assert [verdict.label for verdict in verdicts] == ["title", "body", "body", "body"]


@pytest.mark.parametrize("method", ["model", "both"])
def test_an_article_that_is_clean_loses_nothing(method: Method) -> None:
    verdicts = judge(read_blocks(article("\n\n".join((TITLE, *TEXT)))), load_lexicon(), method=method)

    assert all(verdict.label in KEPT for verdict in verdicts)
