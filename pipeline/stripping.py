"""Strips boilerplate from one article by itself: no configuration, no corpus, no model."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from pipeline.corpus import document_id
from pipeline.identification import Guess, Identifier
from pipeline.languages import canonical_tag
from pipeline.records import Document, Label, Meta
from pipeline.stages.normalize import Normalize, NormalizeConfig
from pipeline.stages.strip_boilerplate import StripBoilerplate, StripBoilerplateConfig

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from pipeline.boilerplate.site_memory import SiteMemory
    from pipeline.records import Block
    from pipeline.stages.base import Stage

ARTICLE = (Label.TITLE, Label.HEADING, Label.BODY)
"""What is the article's own; the rest is boilerplate."""

_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""What `str.splitlines` ends a line at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrippedBlock:
    """A line or paragraph: `text` is the article's `[start:end]`; `kept` says whether it stays."""

    start: int
    end: int
    label: Label
    rule: str
    confidence: float
    kept: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """An article without its boilerplate, and what was decided of each part of it.

    `text` are the kept blocks as they stand in the article, with the line breaks that stood between
    them. `blocks` are all, in order; they cover every character that is not blank. `meta` are the
    facts that were found, such as `title` and `published`. `language` is a BCP 47 tag.
    """

    text: str
    blocks: tuple[StrippedBlock, ...]
    meta: tuple[Meta, ...]
    language: str | None


def strip(
    text: str,
    *,
    language: str | None = None,
    title: str | None = None,
    keep: Iterable[str] = ARTICLE,
) -> Stripped:
    r"""Return an article of plain text without its boilerplate.

    `language` is a BCP 47 tag, guessed when None; `title` is the headline, where it is known from
    elsewhere; `keep` are the labels that stay (see `Label`). Raises ValueError for a tag or a label
    that is none.

    >>> page = "Bridge opens after two years of repairs\n\nThe old bridge opened on Monday.\n\nShare on Facebook\n"
    >>> strip(page).text
    'Bridge opens after two years of repairs\n\nThe old bridge opened on Monday.'
    >>> [block.label.value for block in strip(page).blocks]
    ['title', 'body', 'share_prompt']
    """
    document = Document(id=document_id("", text), uri="", text=text)
    return _opened(language, tuple(map(Label, keep))).strip(with_title(document, title))


def with_title(document: Document, title: str | None) -> Document:
    """Return the document with its headline as a fact, in place of one that it may have."""
    if title is None:
        return document
    others = tuple(fact for fact in document.meta if fact.name != "title")
    return replace(document, meta=(*others, Meta(name="title", value=title)))


class Stripper:
    """The stages that strip, opened once for many articles; `sites` is what a run has learned of theirs."""

    def __init__(
        self, *, language: str | None = None, keep: tuple[Label, ...] = ARTICLE, sites: SiteMemory | None = None
    ) -> None:
        identifier = Identifier() if language is None else _Given(canonical_tag(language))
        self._stages: tuple[Stage, ...] = (
            Normalize(NormalizeConfig(), identifier),
            StripBoilerplate(StripBoilerplateConfig(keep=keep), sites),
        )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for stage in self._stages:
            self._stack.enter_context(stage)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def strip(self, document: Document) -> Stripped:
        """Strip one article, as it was read; a dropped one has no blocks and no text."""
        (done,) = self._run([document])
        blocks = tuple(_stripped(done.text, block) for block in done.blocks)
        return Stripped(text=_kept_text(done.text, blocks), blocks=blocks, meta=done.meta, language=done.language)

    def _run(self, documents: Iterable[Document]) -> Iterable[Document]:
        for stage in self._stages:
            documents = stage(documents)
        return documents


class _Given(Identifier):
    """Tells the language that the user has told."""

    __slots__ = ("_language",)

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def identify(self, text: str) -> Guess:  # noqa: ARG002 # whatever the text
        return Guess(language=self._language, probability=1.0)


@lru_cache(maxsize=8)
def _opened(language: str | None, keep: tuple[Label, ...]) -> Stripper:
    return Stripper(language=language, keep=keep).__enter__()  # what it opens needs no closing


def _stripped(text: str, block: Block) -> StrippedBlock:
    return StrippedBlock(
        start=block.span.start,
        end=block.span.end,
        label=block.label,
        rule=block.rule,
        confidence=block.confidence,
        kept=block.kept,
        text=text[block.span.start : block.span.end],
    )


def _kept_text(text: str, blocks: Iterable[StrippedBlock]) -> str:
    """Join the kept blocks: an empty line, a line break or a space, as stood between two of them."""
    pieces: list[str] = []
    breaks = end = 0
    for block in blocks:
        breaks = max(breaks, len(_LINE_BREAK.findall(text[end : block.start])))
        end = block.end
        if block.kept:
            pieces += [(" ", "\n", "\n\n")[min(breaks, 2)] if pieces else "", block.text]
            breaks = 0
    return "".join(pieces)
