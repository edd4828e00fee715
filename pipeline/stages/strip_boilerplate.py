"""Labels every line or paragraph of an article; what is not the article's own is not kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.lexicon import fingerprint, load_lexicon
from pipeline.boilerplate.rules import judge
from pipeline.records import Block, Label, Meta
from pipeline.stages.base import Stage, StageConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Verdict
    from pipeline.records import Document


class StripBoilerplateConfig(StageConfig):
    """Which labels are kept, and how sure a rule must be to strip a block."""

    stage: Literal["strip_boilerplate"] = "strip_boilerplate"

    keep: tuple[Label, ...] = Field((Label.TITLE, Label.HEADING, Label.BODY), min_length=1)
    """Labels of the blocks that go on to be translated; the others are set aside with their label."""

    minimum_confidence: float = Field(0.5, ge=0.0, le=1.0)
    """A block whose rule is less sure than this probability is kept, whatever its label."""

    def build(self) -> Stage:
        return StripBoilerplate(self)


class StripBoilerplate(Stage):
    """Assigns blocks that cover every non-blank character once; an article never loses all of them."""

    name = "strip_boilerplate"
    version = 1
    requires = frozenset({"normalized"})
    assigns = frozenset({"blocks"})

    def __init__(self, config: StripBoilerplateConfig) -> None:
        self.config = config

    def __enter__(self) -> Self:
        load_lexicon()
        return self

    def fingerprint(self) -> str:
        """Digest the lexicons: their phrases shape the labels."""
        return fingerprint()

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            yield document if document.drop else self._strip(document)

    def _strip(self, document: Document) -> Document:
        candidates = read_blocks(document)
        given = next((fact.value for fact in document.meta if fact.name == "title"), None)
        verdicts = judge(candidates, load_lexicon(), title=given)
        blocks = tuple(map(self._block, candidates, verdicts))
        return replace(document, blocks=blocks, meta=document.meta + _facts(document, candidates, verdicts))

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
