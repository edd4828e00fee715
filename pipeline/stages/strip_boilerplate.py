"""Labels every line or paragraph of an article; what is not the article's own is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, field_validator

from pipeline.boilerplate import lexicon
from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.dates import library_version
from pipeline.boilerplate.facts import find_facts
from pipeline.boilerplate.leftovers import cut_leftovers, find_leftovers, without_leftovers
from pipeline.boilerplate.phrasebook import load_phrasebook
from pipeline.boilerplate.site_memory import SiteMemory, recall
from pipeline.boilerplate.sites import article_host, by_site, host_name
from pipeline.languages import UNDETERMINED, canonical_tag, of_language
from pipeline.records import Block, Label
from pipeline.stages.base import Stage, StageConfig
from pipeline.stages.site_memory import SiteMemorySettings, learn_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ValidatorFunctionWrapHandler

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.leftovers import Cuts
    from pipeline.boilerplate.page import Verdict
    from pipeline.records import Document, Meta, Span
    from pipeline.stages.base import Before, Listing

SITES = "sites.json"
"""The file that holds the site memory."""


def _language(tag: str) -> str:
    """Return the canonical tag; pydantic reports the ValueError with the key."""
    return canonical_tag(tag)


def _site(text: str) -> str:
    host = host_name(text)
    if host is None:
        raise ValueError("expected a host such as example.org")
    return host


Labels: TypeAlias = Annotated[tuple[Label, ...], Field(min_length=1)]
Language: TypeAlias = Annotated[str, AfterValidator(_language)]
Site: TypeAlias = Annotated[str, AfterValidator(_site)]


class StripBoilerplateConfig(StageConfig):
    """Which labels are kept, who decides, and how sure it must be to strip a block."""

    stage: Literal["strip_boilerplate"] = "strip_boilerplate"

    keep: tuple[Label, ...] = Field((Label.TITLE, Label.HEADING, Label.BODY), min_length=1)
    """Labels of the blocks that go on to be translated; the others are set aside with their label."""

    keep_by_language: dict[Language, Labels] = Field({})
    """In place of `keep` for articles in a language (as `normalize` guessed it): `pt` is for pt-BR too."""

    keep_by_site: dict[Site, Labels] = Field({})
    """In place of both for articles of a site, by host: `example.org` is for news.example.org too."""

    method: Literal["rules", "model", "both"] = "both"
    """Who decides: the rules, the learned model (which hears them), or the rules where certain and else the model."""

    minimum_confidence: float = Field(0.5, ge=0.0, le=1.0)
    """A block of which rule or model is less sure than this probability is kept, whatever its label."""

    site_memory: SiteMemorySettings | None = None
    """Look at the whole input first, and strip what many articles of a site repeat; null: do not."""

    @field_validator("keep_by_language", "keep_by_site", mode="wrap")
    @classmethod
    def _each_once(cls, given: object, validate: ValidatorFunctionWrapHandler) -> dict[str, tuple[Label, ...]]:
        """Refuse two names of one language or site, such as `fr` and `fra`: one would be lost silently."""
        settings: dict[str, tuple[Label, ...]] = validate(given)
        if isinstance(given, Mapping) and len(settings) < len(given):
            raise ValueError("expected each language or site once, by one of its names")
        return settings

    def build(self) -> Stage:
        return StripBoilerplate(self)


class StripBoilerplate(Stage):
    """Assigns blocks that cover every non-blank character once; an article never loses all of them."""

    name = "strip_boilerplate"
    version = 2
    requires = frozenset({"normalized"})
    assigns = frozenset({"blocks"})

    def __init__(self, config: StripBoilerplateConfig, sites: SiteMemory | None = None) -> None:
        self.config = config
        self.sites = sites

    def __enter__(self) -> Self:
        lexicon.load_lexicon()
        load_phrasebook()
        if self.config.method != "rules":
            from pipeline.boilerplate.forest import load_forest

            load_forest()
        return self

    def fingerprint(self) -> str:
        """Digest lexicons, weights and what is known of sites, which shape the labels; name the library of dates."""
        parts = [lexicon.fingerprint(), library_version()]
        if self.config.method != "rules":
            from pipeline.boilerplate import forest

            parts.append(forest.fingerprint())
        if self.sites is not None:
            parts.append(self.sites.digest)
        return " ".join(parts)

    def informed(self, listing: Listing, before: Before) -> Self:
        """Learn what the sites of the input repeat, if the settings ask for it."""
        settings = self.config.site_memory
        if settings is None:
            return self
        with type(self)(self.config) as rules:
            return type(self)(self.config, learn_sites(settings, listing(), before, rules.judge))

    def learned(self) -> dict[str, str]:
        return {} if self.sites is None else {SITES: self.sites.to_json()}

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            yield document if document.drop else self._strip(document)

    def _strip(self, document: Document) -> Document:
        candidates, leftovers, verdicts = self._judged(document)
        if self.sites is not None:
            verdicts = recall(candidates, verdicts, self.sites.lines(document))
        facts = find_facts(document, candidates, verdicts, leftovers)
        keep = self._keep(document, facts)
        cut = cut_leftovers(document, candidates, verdicts, leftovers)
        blocks: list[Block] = []
        for index, (candidate, verdict) in enumerate(zip(candidates, verdicts, strict=True)):
            if index in cut:
                blocks += (self._block(part.span, part.verdict, keep) for part in cut[index])
            else:
                blocks.append(self._block(candidate.span, verdict, keep))
        return replace(document, blocks=tuple(blocks), meta=document.meta + facts)

    def judge(self, document: Document) -> tuple[tuple[Candidate, ...], tuple[Verdict, ...]]:
        """Return the blocks of an article, and what rules and model say of each."""
        candidates, _, verdicts = self._judged(document)
        return candidates, verdicts

    def _judged(self, document: Document) -> tuple[tuple[Candidate, ...], Cuts, tuple[Verdict, ...]]:
        from pipeline.boilerplate.judging import judge

        candidates = read_blocks(document)
        given = next((fact.value for fact in document.meta if fact.name == "title"), None)
        leftovers = find_leftovers(candidates)
        told = without_leftovers(candidates, leftovers)
        verdicts = judge(told, lexicon.load_lexicon(), title=given, method=self.config.method)
        return candidates, leftovers, verdicts

    def _keep(self, document: Document, facts: tuple[Meta, ...]) -> tuple[Label, ...]:
        """Return the labels to keep: the site's, else the language's, else those for all."""
        config = self.config
        if config.keep_by_site:
            labels = by_site(article_host(document, facts), config.keep_by_site)
            if labels is not None:
                return labels
        return of_language(config.keep_by_language, document.language or UNDETERMINED) or config.keep

    def _block(self, span: Span, verdict: Verdict, keep: tuple[Label, ...]) -> Block:
        return Block(
            span=span,
            label=verdict.label,
            rule=verdict.rule,
            confidence=verdict.confidence,
            kept=verdict.label in keep or verdict.confidence < self.config.minimum_confidence,
        )
