"""Labels every line or paragraph of an article; what is not the article's own is not kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.lexicon import fingerprint, load_lexicon
from pipeline.boilerplate.rules import judge
from pipeline.boilerplate.site_memory import SiteMemory, recall
from pipeline.records import Block, Label, Meta
from pipeline.stages.base import Stage, StageConfig
from pipeline.stages.site_memory import SiteMemorySettings, learn_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Verdict
    from pipeline.records import Document
    from pipeline.stages.base import Listing, Opening

SITES = "sites.json"
"""The file that holds the site memory."""


class StripBoilerplateConfig(StageConfig):
    """Which labels are kept, and how sure a rule must be to strip a block."""

    stage: Literal["strip_boilerplate"] = "strip_boilerplate"

    keep: tuple[Label, ...] = Field((Label.TITLE, Label.HEADING, Label.BODY), min_length=1)
    """Labels of the blocks that go on to be translated; the others are set aside with their label."""

    minimum_confidence: float = Field(0.5, ge=0.0, le=1.0)
    """A block whose rule is less sure than this probability is kept, whatever its label."""

    site_memory: SiteMemorySettings | None = None
    """Look at the whole input first, and strip what many articles of a site repeat; null: do not."""

    def build(self) -> Stage:
        return StripBoilerplate(self)


class StripBoilerplate(Stage):
    """Assigns blocks that cover every non-blank character once; an article never loses all of them."""

    name = "strip_boilerplate"
    version = 1
    requires = frozenset({"normalized"})
    assigns = frozenset({"blocks"})

    def __init__(self, config: StripBoilerplateConfig, sites: SiteMemory | None = None) -> None:
        self.config = config
        self.sites = sites

    def __enter__(self) -> Self:
        load_lexicon()
        return self

    def fingerprint(self) -> str:
        """Digest the lexicons and what is known of sites: they shape the labels."""
        return fingerprint() if self.sites is None else f"{fingerprint()} {self.sites.digest}"

    def informed(self, listing: Listing, opening: Opening) -> Self:
        """Learn what the sites of the input repeat, if the settings ask for it."""
        settings = self.config.site_memory
        if settings is None:
            return self
        with type(self)(self.config) as rules:
            return type(self)(self.config, learn_sites(settings, listing(), opening, rules.judge))

    def learned(self) -> dict[str, str]:
        return {} if self.sites is None else {SITES: self.sites.to_json()}

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            yield document if document.drop else self._strip(document)

    def _strip(self, document: Document) -> Document:
        candidates, verdicts = self.judge(document)
        if self.sites is not None:
            verdicts = recall(candidates, verdicts, self.sites.lines(document))
        blocks = tuple(map(self._block, candidates, verdicts))
        return replace(document, blocks=blocks, meta=document.meta + _facts(document, candidates, verdicts))

    def judge(self, document: Document) -> tuple[tuple[Candidate, ...], tuple[Verdict, ...]]:
        """Return the blocks of an article, and what the rules say of each."""
        candidates = read_blocks(document)
        given = next((fact.value for fact in document.meta if fact.name == "title"), None)
        return candidates, judge(candidates, load_lexicon(), title=given)

    def _block(self, candidate: Candidate, verdict: Verdict) -> Block:
        return Block(
            span=candidate.span,
            label=verdict.label,
            rule=verdict.rule,
            confidence=verdict.confidence,
            kept=verdict.label in self.config.keep or verdict.confidence < self.config.minimum_confidence,
        )


def _facts(document: Document, candidates: tuple[Candidate, ...], verdicts: tuple[Verdict, ...]) -> tuple[Meta, ...]:
    """Return the headline and the first date line, unless the article came with them."""
    known = {fact.name for fact in document.meta}
    facts = []
    for name, label in (("title", Label.TITLE), ("published", Label.TIMESTAMP)):
        place = next((index for index, verdict in enumerate(verdicts) if verdict.label == label), None)
        if name not in known and place is not None:
            facts.append(Meta(name=name, value=candidates[place].text, span=candidates[place].span))
    return tuple(facts)
