"""Link English words to the raw characters they come from: by the model's own attention, or by known pairs of words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field

from pipeline.languages import primary
from pipeline.pairing import digest, pair_words, word_pairs
from pipeline.records import Flag, Span, WordLink
from pipeline.stages.base import Stage, StageConfig
from pipeline.words import Word, find_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.pairing import WordPairs
    from pipeline.records import Attention, Document, Segment

ATTENTION_SHARE = 0.003
"""What full attention to a word counts beside a table of word pairs: more than a pair that is not known, less than
one that is. The best of 0.003 to 0.3 on half of the alignments made by hand, with two models."""

MOST_CELLS = 1 << 20
"""Pairs of words of one input of the model that are compared, at most; beyond, only words that own a piece are: a text
without spaces may have 100,000 words and few pieces, and the square of them fits no memory."""

DECIMALS = 4
"""To which probabilities are rounded: what is beyond differs between machines."""


class AlignWordsConfig(StageConfig):
    """Settings of `align_words`."""

    stage: Literal["align_words"] = "align_words"

    method: Literal["attention", "lexicon", "both"] = "attention"
    """`attention`: what the model looked at; `lexicon`: tables of word pairs and the letters of names, for the
    languages that have a table (ar, fr, ru), the others by attention; `both`: the tables, and attention where they
    know nothing."""

    min_probability: Annotated[float, Field(gt=0, le=1)] = 0.15
    """Attention of a target word to a source word (both whole) from which on they are linked (`attention`)."""

    relative_probability: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Further source words of a target word are linked from this share of its best one's attention (`attention`)."""

    min_agreement: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Probability that two words belong together from which on they are linked (`lexicon`, `both`)."""

    def build(self) -> Stage:
        """Return the stage, not yet opened."""
        return AlignWords(self)


class AlignWords(Stage):
    """Gives each translation its word links, source spans into the raw article.

    By attention, words are linked to words and punctuation to punctuation. A segment that passed through
    is linked to itself, word by word. A segment that was translated piece by piece is linked so.
    """

    name: ClassVar[str] = "align_words"
    version: ClassVar[int] = 1
    requires: ClassVar[frozenset[str]] = frozenset(
        {"normalized", "segments", "segments.language", "segments.translation"}
    )
    assigns: ClassVar[frozenset[str]] = frozenset({"segments.translation.words"})

    def __init__(self, config: AlignWordsConfig) -> None:
        self.config = config

    def fingerprint(self) -> str:
        """Return the content of the tables, where they are used."""
        return "" if self.config.method == "attention" else digest()

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents with the words of their segments linked, and the attention gone."""
        for document in documents:
            if document.drop is not None or document.normalized is None:
                yield document
                continue
            segments = tuple(self._linked(document, segment) for segment in document.segments)
            yield replace(document, segments=segments)

    def _linked(self, document: Document, segment: Segment) -> Segment:
        translation = segment.translation
        if segment.drop is not None or translation is None:
            return segment
        source = find_words(segment.text, segment.language)
        if Flag.PASSTHROUGH in segment.flags:
            links = [(word.span, word.span, 1.0) for word in source]
        else:
            target = find_words(translation.text, "en")
            pairs = self._table(segment.language)
            links = [
                link
                for one in translation.attention
                for link in self._links(Sides.of(segment.text, translation.text, one, source, target), pairs)
            ]
        words = [
            WordLink(source=raw, target=target_span, probability=round(probability, DECIMALS))
            for source_span, target_span, probability in links
            if len(raw := _raw(document, segment, source_span))
        ]
        words.sort(key=lambda link: (link.target, link.source))
        return replace(segment, translation=replace(translation, words=tuple(words), attention=()))

    def _table(self, language: str | None) -> WordPairs | None:
        """Return the table of a language, None where attention alone decides."""
        if self.config.method == "attention" or language is None:
            return None
        return word_pairs(primary(language))

    def _links(self, sides: Sides, pairs: WordPairs | None) -> Iterator[tuple[Span, Span, float]]:
        """Yield source span, target span and probability of what is linked in one input of the model."""
        if len(sides.source) * len(sides.target) > MOST_CELLS:
            sides = sides.with_pieces()
        if not sides.source or not sides.target:
            return
        attention = _between_words(sides.attention, sides.source, sides.target)
        if pairs is None:
            yield from self._by_attention(attention, sides)
            return
        seen = attention.astype(float) * ATTENTION_SHARE if self.config.method == "both" else None
        table = pair_words(pairs, sides.source_words, sides.target_words, seen)
        for row, column in zip(*(table >= self.config.min_agreement).nonzero(), strict=True):
            yield sides.source[column].span, sides.target[row].span, min(float(table[row, column]), 1.0)

    def _by_attention(self, attention: NDArray[np.float32], sides: Sides) -> Iterator[tuple[Span, Span, float]]:
        table = attention * _same_kind(sides.source, sides.target)
        if not table.size:
            return
        least = (table.max(axis=1) * self.config.relative_probability).clip(min=self.config.min_probability)
        for row, column in zip(*((table > 0) & (table >= least[:, None])).nonzero(), strict=True):
            yield sides.source[column].span, sides.target[row].span, min(float(table[row, column]), 1.0)


@dataclass(frozen=True, slots=True)
class Sides:
    """The words of what one input of the model was, and became; `*_words` are their letters."""

    attention: Attention
    source: list[Word]
    target: list[Word]
    source_words: list[str]
    target_words: list[str]

    @classmethod
    def of(cls, text: str, english: str, attention: Attention, source: Sequence[Word], target: Sequence[Word]) -> Self:
        """Return those of the segment's words that the input can touch."""
        own, other = _within(source, attention.source), _within(target, attention.target)
        return cls(attention, own, other, _letters(text, own), _letters(english, other))

    def with_pieces(self) -> Self:
        """Return the words that own a piece: to the others the model paid no attention."""
        source, target = _owning(self.source, self.attention.source), _owning(self.target, self.attention.target)
        return replace(
            self,
            source=[self.source[index] for index in source],
            target=[self.target[index] for index in target],
            source_words=[self.source_words[index] for index in source],
            target_words=[self.target_words[index] for index in target],
        )


def _letters(text: str, words: Sequence[Word]) -> list[str]:
    return [text[word.span.start : word.span.end] for word in words]


def _within(words: Sequence[Word], pieces: Sequence[Span]) -> list[Word]:
    """Return the words that a run of pieces can touch."""
    if not pieces:
        return []
    start, end = pieces[0].start, max(piece.end for piece in pieces)
    first = bisect_right(words, start, key=lambda word: word.span.end)
    return list(words[first : bisect_left(words, end, lo=first, key=lambda word: word.span.start)])


def _owning(words: Sequence[Word], pieces: Sequence[Span]) -> list[int]:
    """Return the indices of the words that own a piece."""
    return sorted({int(owner) for owner in _owners(pieces, words) if owner >= 0})


def _between_words(attention: Attention, source: Sequence[Word], target: Sequence[Word]) -> NDArray[np.float32]:
    """Return the attention of whole target words (rows) to whole source words (columns).

    Over the pieces of a source word attention adds up; over those of a target word it is averaged.
    """
    import numpy as np

    table = np.zeros((len(target), len(source)), dtype=np.float32)
    if not table.size:
        return table
    columns = _owners(attention.source, source)
    rows = _owners(attention.target, target)
    piece_rows = np.flatnonzero(rows >= 0)
    piece_columns = np.flatnonzero(columns >= 0)
    weights = attention.weights[np.ix_(piece_rows, piece_columns)]
    np.add.at(table, (rows[piece_rows][:, None], columns[piece_columns][None, :]), weights)
    counts = np.bincount(rows[piece_rows], minlength=len(target))
    table /= np.maximum(counts, 1).astype(np.float32)[:, None]
    return table


def _same_kind(source: Sequence[Word], target: Sequence[Word]) -> NDArray[np.bool_]:
    """Return which source words (columns) may be linked to which target words (rows): signs to signs."""
    import numpy as np

    rows, columns = (np.array([word.sign for word in words], dtype=np.bool_) for words in (target, source))
    same: NDArray[np.bool_] = rows[:, None] == columns[None, :]
    return same


def _owners(pieces: Sequence[Span], words: Sequence[Word]) -> NDArray[np.int64]:
    """Return for each piece the index of the word that holds most of it, -1 for none.

    A piece of no characters (one byte of several) belongs to the word at its place.
    """
    import numpy as np

    starts = [word.span.start for word in words]
    owners = np.full(len(pieces), -1, dtype=np.int64)
    for number, piece in enumerate(pieces):
        first = max(bisect_right(starts, piece.start) - 1, 0)
        last = max(bisect_right(starts, max(piece.end - 1, piece.start)) - 1, 0)
        shares = [(_shared(piece, words[index].span), -index) for index in range(first, last + 1)]
        most, index = max(shares, default=(0, 0))
        if most:
            owners[number] = -index
    return owners


def _shared(piece: Span, word: Span) -> int:
    end = max(piece.end, piece.start + 1)
    return max(0, min(end, word.end) - max(piece.start, word.start))


def _raw(document: Document, segment: Segment, span: Span) -> Span:
    """Return the raw range of a range of the segment's text."""
    if document.normalized is None:
        return Span(start=0, end=0)
    place = segment.normalized_start
    raw = document.normalized.to_raw(place + span.start, place + span.end)
    start = max(raw.start, segment.span.start)
    return Span(start=start, end=max(start, min(raw.end, segment.span.end)))
