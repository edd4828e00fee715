"""The nouns that flow through the pipeline: frozen records, changed with `dataclasses.replace`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.normalized import NormalizedText


class Label(StrEnum):
    """What a block is: the first three are kept by default, the rest is boilerplate."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    SITE_HEADER = "site_header"
    NAVIGATION = "navigation"
    BREADCRUMB = "breadcrumb"
    TIMESTAMP = "timestamp"
    BYLINE = "byline"
    PHOTO_CREDIT = "photo_credit"
    CAPTION = "caption"
    RELATED_NEWS = "related_news"
    TAGS = "tags"
    SHARE_PROMPT = "share_prompt"
    COMMENT_FORM = "comment_form"
    COMMENTS = "comments"
    NEWSLETTER_APPEAL = "newsletter_appeal"
    DONATION_APPEAL = "donation_appeal"
    SUBSCRIPTION_WALL = "subscription_wall"
    ADVERTISEMENT = "advertisement"
    COOKIE_NOTICE = "cookie_notice"
    LEGAL_FOOTER = "legal_footer"
    SOURCE_LINK = "source_link"
    EMBEDDED_POST = "embedded_post"
    REPEATED_TITLE = "repeated_title"
    SEPARATOR = "separator"


class Flag(StrEnum):
    """What is remarkable about a segment's translation; several may hold at once."""

    PASSTHROUGH = "passthrough"
    """The source text itself stands as the target: it is English already, or has no model."""
    NO_MODEL = "no_model"
    """No model is configured for the segment's language; it is passed through untranslated."""
    SPLIT = "split"
    """Longer than the model's limit: translated piece by piece and rejoined."""
    EMPTY = "empty"
    """The model gave no text; the segment is passed through instead."""
    FALLBACK_LANGUAGE = "fallback_language"
    """Too short to tell its language: it has the document's."""
    REPETITIVE = "repetitive"
    """The model repeats a word, a phrase or a character as the source does not."""
    COPIED = "copied"
    """The model left much of the source as it was."""
    LENGTH_MISMATCH = "length_mismatch"
    """The target is far shorter or longer than the source lets expect."""
    UNFINISHED = "unfinished"
    """The model was still writing when it reached the most pieces that it may."""
    SPECIAL_TOKEN = "special_token"  # noqa: S105 # no password
    """A piece of the model's own language, such as <pad>, stands in the target and not in the source."""
    NUMBER_MISMATCH = "number_mismatch"
    """A number of the source is missing in the target, or the other way round."""
    PROTECTED_CHANGED = "protected_changed"
    """An address, handle, hashtag, emoji, price or code of the source is missing in the target."""
    WRONG_LANGUAGE = "wrong_language"
    """The target reads like another language than English."""
    RECASED = "recased"
    """The model read the source in other capitals: it is all capitals, or a capital starts each word."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A half-open code-point range; into `Document.text` unless the field says otherwise."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Why something was set aside, and by which stage; `transient` faults are tried again."""

    stage: str
    reason: str
    transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A labelled stretch of the article; the blocks cover its non-blank characters once.

    `rule` names what decided; `confidence` is its probability in [0, 1]. `kept` says whether the
    configuration wants this label in the corpus.
    """

    span: Span
    label: Label
    rule: str
    confidence: float
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """One fact about the article, and where in it the fact stands (None: from outside)."""

    name: str
    value: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLink:
    """One source word aligned to one target word.

    `source` points into `Document.text`, `target` into `Translation.text`; probability in [0, 1].
    """

    source: Span
    target: Span
    probability: float


ATTENTION_STEPS = 1024
"""To whole parts of which attention is rounded: kept results take a sixth of the space, and sums are exact."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attention:
    """Cross-attention of one input of the model, between sub-word pieces.

    `source` spans point into `Segment.text`, `target` spans into `Translation.text`.
    `weights` has shape (target pieces, source pieces); each row sums to at most 1 (what is
    missing went to the end-of-sentence piece), but for the rounding to steps of 1 / `ATTENTION_STEPS`.
    """

    source: tuple[Span, ...]
    target: tuple[Span, ...]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at translating a segment, or a piece of one that was split.

    `rung` names what was done differently (`plain`: nothing), `flags` what was found wrong with the
    text, `log_prob` is that of `Translation`. `chosen`: its text is (part of) the translation.
    """

    rung: str
    text: str
    log_prob: float | None
    flags: tuple[Flag, ...]
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The English of one segment; `model` is None when the source passed through.

    `log_prob` is the mean log-probability a target piece (natural logarithm), None when no model
    spoke. `attention` lives until `align_words` has turned it into `words`; a segment that was
    translated piece by piece has one for each. `finished` is False when the model was cut off.
    `attempts` is empty when the first try stood; of a split segment, it has those at each piece.
    """

    text: str
    model: str | None = None
    log_prob: float | None = None
    words: tuple[WordLink, ...] = ()
    attention: tuple[Attention, ...] = ()
    finished: bool = True
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One measurement of a segment, such as `length_ratio`; units are the metric's own."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A sentence-like unit of a kept block; the segments of a block cover it.

    `span` is raw; `text` is the normalised text, found at `normalized_start` in
    `Document.normalized` (line breaks inside a segment are spaces in `text`, one for one).
    `paragraph` is the index of the segment's block among all blocks of the document, or of the first
    block of its paragraph, where boilerplate was cut out of that.
    """

    span: Span
    text: str
    normalized_start: int
    paragraph: int
    role: Label
    language: str | None = None
    language_probability: float | None = None
    translation: Translation | None = None
    scores: tuple[Score, ...] = ()
    flags: tuple[Flag, ...] = ()
    drop: Drop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article. `text` is exactly what was decoded from the file: nobody edits it.

    `id` is a hash of `uri` and `text` (see `document_id`); `uri` is relative to the input's root.
    """

    id: str
    uri: str
    text: str
    meta: tuple[Meta, ...] = ()
    normalized: NormalizedText | None = None
    language: str | None = None
    language_probability: float | None = None
    blocks: tuple[Block, ...] = ()
    segments: tuple[Segment, ...] = ()
    drop: Drop | None = None
