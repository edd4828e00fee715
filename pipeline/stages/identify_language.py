"""Tells the language of each segment, and from them the language of the article."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from pipeline.identification import NO_GUESS, Guess, Identifier, library_version
from pipeline.languages import UNDETERMINED, primary, scripts, text_script
from pipeline.records import Flag
from pipeline.stages.base import Stage, StageConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.records import Document, Segment


class IdentifyLanguageConfig(StageConfig):
    """Gives each segment its language; what is too short to tell has the article's."""

    stage: Literal["identify_language"] = "identify_language"

    min_letters: int = Field(20, ge=0)
    """Letters below which a segment is not trusted to tell its language."""

    min_probability: float = Field(0.8, ge=0, le=1)
    """Probability below which a segment is not taken to be in another language than the article."""

    def build(self) -> IdentifyLanguage:
        return IdentifyLanguage(self)


@dataclass(slots=True)
class IdentifyLanguage(Stage):
    """Assigns the language of each segment and the article.

    The article's language is the one of most letters of its kept segments. A short or uncertain
    segment has the article's language (`Flag.FALLBACK_LANGUAGE`), but never when it is written in
    a script that the article's language is not: an English post in an Arabic article is English.
    """

    name: ClassVar[str] = "identify_language"
    version: ClassVar[int] = 1
    requires: ClassVar[frozenset[str]] = frozenset({"segments"})
    assigns: ClassVar[frozenset[str]] = frozenset({"language", "segments.language"})

    config: IdentifyLanguageConfig
    identifier: Identifier = field(default_factory=Identifier)

    def signature(self) -> str:
        return f"lid:{library_version()}"

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            yield document if document.drop is not None else self._identify(document)

    def _identify(self, document: Document) -> Document:
        guesses = [self._guess(segment) for segment in document.segments]
        article = self._article(document, guesses)
        segments = (
            self._decide(segment, guess, article) for segment, guess in zip(document.segments, guesses, strict=True)
        )
        return replace(
            document,
            language=article.language,
            language_probability=article.probability,
            segments=tuple(segments),
        )

    def _guess(self, segment: Segment) -> Guess:
        return self.identifier.identify(segment.text) if segment.drop is None else NO_GUESS

    def _article(self, document: Document, guesses: Sequence[Guess]) -> Guess:
        """Return the language with the most probable letters; its probability is its share of them.

        Without letters in the segments, what was guessed from the whole article stands.
        """
        weights: dict[str, float] = defaultdict(float)
        letters = 0
        for segment, guess in zip(document.segments, guesses, strict=True):
            if guess.language != UNDETERMINED:
                count = count_letters(segment.text)
                weights[guess.language] += guess.probability * count
                letters += count
        if not weights:
            language = document.language or UNDETERMINED
            return Guess(language=language, probability=document.language_probability or 0.0)
        best = max(weights, key=weights.__getitem__)
        return Guess(language=best, probability=round(min(1.0, weights[best] / letters), 4))

    def _decide(self, segment: Segment, guess: Guess, article: Guess) -> Segment:
        if segment.drop is not None:
            return segment
        if self._is_trusted(segment, guess, article):
            return replace(segment, language=guess.language, language_probability=guess.probability)
        return replace(
            segment,
            language=article.language,
            language_probability=article.probability,
            flags=(*segment.flags, Flag.FALLBACK_LANGUAGE),
        )

    def _is_trusted(self, segment: Segment, guess: Guess, article: Guess) -> bool:
        if guess.language == UNDETERMINED:
            return False
        if primary(guess.language) == primary(article.language):
            return True
        if is_in_foreign_script(segment.text, article.language):
            return True
        enough = count_letters(segment.text) >= self.config.min_letters
        return enough and guess.probability >= self.config.min_probability


def count_letters(text: str) -> int:
    """Return how many letters a text has."""
    return sum(map(str.isalpha, text))


def is_in_foreign_script(text: str, language: str) -> bool:
    """Whether most letters of a text are in a script that a language is not mostly written in."""
    script, usual = text_script(text), scripts(language)
    return script is not None and bool(usual) and script not in usual
