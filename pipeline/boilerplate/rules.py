"""Applies the rules to an article, in the order in which they speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.boilerplate.folding import tokens
from pipeline.boilerplate.line_rules import judge_characters, judge_phrases, judge_repetitions, judge_signatures
from pipeline.boilerplate.lists import judge_above, judge_below, judge_inside
from pipeline.boilerplate.page import Page
from pipeline.boilerplate.posts import judge_posts
from pipeline.boilerplate.region import find_body
from pipeline.boilerplate.titles import judge_title

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


def apply_rules(blocks: Sequence[Candidate], lexicon: Lexicon, *, title: str | None = None) -> Page:
    """Return the page with what the rules decided; a block without a verdict is text.

    `title` is the headline, where it is known from outside the article.
    """
    page = Page(
        blocks=tuple(blocks),
        lexicon=lexicon,
        given_title=" ".join(tokens(title)) if title else None,
    )
    for rule in RULES:
        rule(page)
    return page
