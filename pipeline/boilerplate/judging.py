"""Decides what every block of an article is: by the rules, by the model, or by both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from pipeline.boilerplate.decoding import probabilities, strip
from pipeline.boilerplate.features import measure, spared
from pipeline.boilerplate.forest import load_forest
from pipeline.boilerplate.guessing import governors, guess
from pipeline.boilerplate.page import KEPT, Source, Verdict, source_of
from pipeline.boilerplate.rules import apply_rules
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.lexicon import Lexicon
    from pipeline.boilerplate.page import Page

Method: TypeAlias = Literal["rules", "model", "both"]

SURE = 0.8
"""Confidence of verdicts that look at the line itself; those that look at its place are less sure."""

CERTAIN = 0.8
"""Confidence of a rule that knows what it strips by the line itself: it stands unless the model objects."""

CERTAIN_OUTSIDE = 0.7
"""The same outside the range of the text, where a phrase means what it says."""

BEYOND_DOUBT = 0.95
"""Confidence of a rule against which the model may not object: dates, marks, addresses, labels alone on a line."""

OBJECTION = -0.7
"""Log-odds below which the model objects: a phrase that anybody may write stands in a paragraph too."""

TEXT = Verdict(label=Label.BODY, rule="text", confidence=0.9)
"""What a block is that no rule has decided."""


def judge(
    blocks: Sequence[Candidate], lexicon: Lexicon, *, title: str | None = None, method: Method = "both"
) -> tuple[Verdict, ...]:
    """Return a verdict a block; at least one is kept, when there are blocks.

    `title` is the headline, where it is known from outside the article.
    """
    page = apply_rules(blocks, lexicon, title=title)
    if not blocks or method == "rules":
        verdicts = tuple(verdict or TEXT for verdict in page.verdicts)
    else:
        verdicts = _by_model(page, rules_too=method == "both")
    return verdicts if any(verdict.label in KEPT for verdict in verdicts) else _rescued(page, verdicts)


def _by_model(page: Page, *, rules_too: bool) -> tuple[Verdict, ...]:
    """Return what the model decides; rules that are certain stand, and where both agree the rule is named."""
    rows = measure(page)
    log_odds = load_forest().log_odds(rows)
    characters = np.array([len(block.text) or 1 for block in page.blocks], dtype=np.float64)
    stripped = strip(log_odds, characters, spared(rows))
    chances, odds = probabilities(log_odds).tolist(), log_odds.tolist()
    above = governors(page, stripped)
    verdicts: list[Verdict] = []
    for index, chance in enumerate(chances):
        said = page.verdicts[index] or TEXT
        boilerplate = stripped[index] and said.label != Label.TITLE
        if rules_too and _stands(page, index, odds[index]):
            verdicts.append(said)
            continue
        confidence = round(max(0.5, chance if boilerplate else 1 - chance), 2)
        if boilerplate == (said.label not in KEPT):
            verdicts.append(Verdict(label=said.label, rule=said.rule, confidence=confidence))
            continue
        label = guess(page, index, above[index]) if boilerplate else Label.BODY
        verdicts.append(Verdict(label=label, rule=f"model:{label.value}", confidence=confidence))
    return tuple(verdicts)


def _stands(page: Page, index: int, log_odds: float) -> bool:
    """Whether a rule knows a block for boilerplate by the line itself, whatever else the model says."""
    said = page.verdicts[index]
    if said is None or said.label in KEPT:
        return False
    if source_of(said) < Source.PHRASE_ANYWHERE and said.label != Label.SITE_HEADER:
        return False
    start, end = page.body
    certain = CERTAIN if start <= index < end else CERTAIN_OUTSIDE
    return said.confidence >= (certain if log_odds > OBJECTION else BEYOND_DOUBT)


def _rescued(page: Page, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Keep what only its place spoke against; where there is no such block, keep all but separators."""
    said = [verdict or TEXT for verdict in page.verdicts]
    rescue = [
        (verdict.confidence < SURE or verdict.label in KEPT) and bool(block.words)
        for verdict, block in zip(said, page.blocks, strict=True)
    ]
    if not any(rescue):
        rescue = [verdict.label != Label.SEPARATOR for verdict in verdicts]
    kept = Verdict(label=Label.BODY, rule="nothing_else_left", confidence=0.5)
    return tuple(kept if saved else verdict for saved, verdict in zip(rescue, verdicts, strict=True))
