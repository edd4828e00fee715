"""Decides what every block of an article is: the rules, in the order in which they speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.boilerplate.blocks import main_script
from pipeline.boilerplate.folding import tokens
from pipeline.boilerplate.line_rules import judge_characters, judge_phrases, judge_repetitions, judge_signatures
from pipeline.boilerplate.lists import judge_above, judge_below, judge_inside
from pipeline.boilerplate.page import KEPT, Page, Verdict
from pipeline.boilerplate.posts import judge_posts
from pipeline.boilerplate.region import find_body
from pipeline.boilerplate.titles import judge_title
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.lexicon import Lexicon

RULES = (
    judge_characters,
    judge_phrases,
    judge_posts,
    judge_signatures,
    judge_repetitions,
    find_body,
    judge_title,
    judge_inside,
    judge_above,
    judge_below,
)
"""Each decides blocks that are still open; characters and phrases first, then the sequence."""

SURE = 0.8
"""Confidence of verdicts that look at the line itself; those that look at its place are less sure."""


def judge(blocks: Sequence[Candidate], lexicon: Lexicon, *, title: str | None = None) -> tuple[Verdict, ...]:
    """Return a verdict a block; at least one is kept, when there are blocks.

    `title` is the headline, where it is known from outside the article.
    """
    page = Page(
        blocks=tuple(blocks),
        lexicon=lexicon,
        script=main_script(blocks),
        given_title=" ".join(tokens(title)) if title else None,
    )
    for rule in RULES:
        rule(page)
    verdicts = tuple(verdict or Verdict(label=Label.BODY, rule="text", confidence=0.9) for verdict in page.verdicts)
    return verdicts if any(verdict.label in KEPT for verdict in verdicts) else _rescued(page, verdicts)


def _rescued(page: Page, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Keep what only its place spoke against; where there is no such block, keep all but separators."""
    rescue = [
        verdict.confidence < SURE and bool(block.words) for verdict, block in zip(verdicts, page.blocks, strict=True)
    ]
    if not any(rescue):
        rescue = [verdict.label != Label.SEPARATOR for verdict in verdicts]
    kept = Verdict(label=Label.BODY, rule="nothing_else_left", confidence=0.5)
    return tuple(kept if saved else verdict for saved, verdict in zip(rescue, verdicts, strict=True))
