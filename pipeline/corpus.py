"""The rows of a corpus: translation units and documents, and how they are made from a document."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from pipeline.ledger import account
from pipeline.records import Attempt, Flag, Label, Score, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.records import Document, Segment, Translation

SCHEMA_VERSION = 3
"""Raise it when a column, or a count of manifests, changes: corpora written before are then made anew, never mixed."""

ROW = "row"
"""The fact (`Meta`) that tells the place in the input of an article with a uri of its own."""

SENTENCE_BREAK = " "
PARAGRAPH_BREAK = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedWords:
    """A word link: source offsets into the raw article, target offsets into the English document."""

    source_start: int
    source_end: int
    target_start: int
    target_end: int
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationUnit:
    """One row of the corpus: a source segment and its English.

    `source_raw` is `Document.text[source_start:source_end]`, `source` its normalised form; `target`
    is the English document's `[target_start:target_end]`. `paragraph` numbers the blocks of the
    article from 0 (see `Segment.paragraph`), `sentence` the units of the document from 0. `log_prob` is the mean
    log-probability a target piece (natural logarithm). `attempts` is empty when the first try stood.
    """

    unit_id: str
    document_id: str
    uri: str
    paragraph: int
    sentence: int
    role: Label
    source_language: str | None
    language_probability: float | None
    source_raw: str
    source_start: int
    source_end: int
    source: str
    target: str
    target_start: int
    target_end: int
    word_alignment: tuple[AlignedWords, ...]
    model: str | None
    signature: str
    log_prob: float | None
    scores: tuple[Score, ...]
    flags: tuple[Flag, ...]
    attempts: tuple[Attempt, ...]
    passthrough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """A block as stored: `records.Block` with its span flattened."""

    start: int
    end: int
    label: Label
    rule: str
    confidence: float
    kept: bool

    @property
    def span(self) -> Span:
        return Span(start=self.start, end=self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A segment that is not in the corpus, with the stage that set it aside and why."""

    start: int
    end: int
    role: Label
    stage: str
    reason: str
    source: str
    target: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaRow:
    """A fact about the article; `start` and `end` are None when it stands outside of the text."""

    name: str
    value: str
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The account of one article; characters are the non-blank ones of the raw text."""

    segments: int
    units: int
    characters: int
    translated_characters: int
    passthrough_characters: int
    set_aside_characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One article as stored: the raw text, its English, and what became of each part."""

    document_id: str
    uri: str
    text: str
    english: str
    language: str | None
    language_probability: float | None
    blocks: tuple[BlockRow, ...]
    set_aside: tuple[SetAside, ...]
    meta: tuple[MetaRow, ...]
    drop_stage: str | None
    drop_reason: str | None
    counts: Counts

    @property
    def place(self) -> str:
        """Where the article stands in the input: its uri, or the row that gave it a uri of its own."""
        return next((fact.value for fact in self.meta if fact.name == ROW), self.uri)


_REASON = re.compile(r"[a-z][a-z0-9_]*")


def row_counts(row: DocumentRow) -> dict[str, int]:
    """Return what a manifest counts of an article.

    `dropped` articles and `set_aside` segments are also counted by stage and reason, as
    `set_aside:filter:length_ratio`; of a reason its first word, so that there are only a few.
    """
    counts = Counter(articles=1, dropped=int(row.drop_stage is not None), **asdict(row.counts))
    if row.drop_stage is not None:
        counts[_fate("dropped", row.drop_stage, row.drop_reason)] += 1
    for one in row.set_aside:
        counts[_fate("set_aside", one.stage, one.reason)] += 1
    return dict(counts)


def _fate(name: str, stage: str, reason: str | None) -> str:
    word = _REASON.match(reason or "")
    return f"{name}:{stage}:{word[0] if word else 'other'}"


def document_id(place: str, text: str) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of an article's place in the input, NUL, its text.

    The place is the uri unless a row names itself: `DocumentRow.place`.
    """
    content = f"{place}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:16]


def unit_id(document: str, span: Span) -> str:
    """Return the document's id and the raw range: unique, and stable when other segments change."""
    return f"{document}-{span.start}-{span.end}"


def model_revisions(signature: str) -> dict[str, str]:
    """Return the revision of each model that a signature names as `mt:<model>@<revision>,…`."""
    named = next((part[3:] for part in signature.split("|") if part.startswith("mt:")), "")
    pairs = (one.partition("@") for one in named.split(","))
    return {name: revision for name, _, revision in pairs if revision}


def english_text(document: Document) -> tuple[str, tuple[Span, ...]]:
    """Return the English document, and where in it each unit's target stands.

    Units of one block are joined by a space, blocks by an empty line.
    """
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    paragraph: int | None = None
    for segment, translation in _translated(document):
        if paragraph is not None:
            pieces.append(SENTENCE_BREAK if segment.paragraph == paragraph else PARAGRAPH_BREAK)
            length += len(pieces[-1])
        pieces.append(translation.text)
        spans.append(Span(start=length, end=length + len(translation.text)))
        length += len(translation.text)
        paragraph = segment.paragraph
    return "".join(pieces), tuple(spans)


def units(document: Document, signature: str) -> tuple[TranslationUnit, ...]:
    """Return the rows of a document, in the order of its text."""
    _, targets = english_text(document)
    rows = zip(_translated(document), targets, strict=True)
    return tuple(
        replace(_unit(document, segment, translation, target), sentence=index, signature=signature)
        for index, ((segment, translation), target) in enumerate(rows)
    )


def document_row(document: Document) -> DocumentRow:
    """Return the row of a document that all stages have seen."""
    drop = document.drop
    return DocumentRow(
        document_id=document.id,
        uri=document.uri,
        text=document.text,
        english=english_text(document)[0],
        language=document.language,
        language_probability=document.language_probability,
        blocks=tuple(
            BlockRow(
                start=block.span.start,
                end=block.span.end,
                label=block.label,
                rule=block.rule,
                confidence=block.confidence,
                kept=block.kept,
            )
            for block in document.blocks
        ),
        set_aside=tuple(_set_aside(document)),
        meta=tuple(
            MetaRow(
                name=fact.name,
                value=fact.value,
                start=fact.span.start if fact.span else None,
                end=fact.span.end if fact.span else None,
            )
            for fact in document.meta
        ),
        drop_stage=drop.stage if drop else None,
        drop_reason=drop.reason if drop else None,
        counts=_counts(document),
    )


def _translated(document: Document) -> Iterator[tuple[Segment, Translation]]:
    if document.drop is not None:
        return
    for segment in document.segments:
        if segment.drop is None and segment.translation is not None:
            yield segment, segment.translation


def _unit(document: Document, segment: Segment, translation: Translation, target: Span) -> TranslationUnit:
    """Return the row of one segment, its number and signature still open."""
    span = segment.span
    return TranslationUnit(
        unit_id=unit_id(document.id, span),
        document_id=document.id,
        uri=document.uri,
        paragraph=segment.paragraph,
        sentence=0,
        role=segment.role,
        source_language=segment.language,
        language_probability=segment.language_probability,
        source_raw=document.text[span.start : span.end],
        source_start=span.start,
        source_end=span.end,
        source=segment.text,
        target=translation.text,
        target_start=target.start,
        target_end=target.end,
        word_alignment=tuple(
            AlignedWords(
                source_start=link.source.start,
                source_end=link.source.end,
                target_start=target.start + link.target.start,
                target_end=target.start + link.target.end,
                probability=link.probability,
            )
            for link in translation.words
        ),
        model=translation.model,
        signature="",
        log_prob=translation.log_prob,
        scores=segment.scores,
        flags=segment.flags,
        attempts=translation.attempts,
        passthrough=Flag.PASSTHROUGH in segment.flags,
    )


def _set_aside(document: Document) -> Iterator[SetAside]:
    for segment in document.segments:
        if segment.drop is not None:
            yield SetAside(
                start=segment.span.start,
                end=segment.span.end,
                role=segment.role,
                stage=segment.drop.stage,
                reason=segment.drop.reason,
                source=segment.text,
                target=segment.translation.text if segment.translation else None,
            )


def _counts(document: Document) -> Counts:
    ledger = account(document)
    return Counts(
        segments=len(document.segments),
        units=sum(1 for _ in _translated(document)),
        characters=ledger.total,
        translated_characters=ledger.translated,
        passthrough_characters=ledger.passed_through,
        set_aside_characters=sum(ledger.set_aside.values()),
    )
