"""Measure translations without a reference; nothing is decided here."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from pipeline.batching import once_each, windows
from pipeline.config import TRANSIENT
from pipeline.identification import Identifier, library_version
from pipeline.languages import is_english
from pipeline.records import Score
from pipeline.stages.base import Stage, StageConfig
from pipeline.translators.round_trip import RoundTrip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from pipeline.records import Document, Segment, Translation

Metric: TypeAlias = Literal[
    "log_prob", "length_ratio", "numbers", "language_probability", "aligned", "english", "round_trip"
]

DECIMALS = 4

_NUMBER = re.compile(r"\d+(?:[.,:/'٫٬\u00a0\u202f -]\d+)*")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'٬\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:[.,٫]\d+)?")
_DECIMAL = re.compile(r"\d+[.,٫]\d+")


class ScoreConfig(StageConfig):
    """Settings of `score`."""

    stage: Literal["score"] = "score"

    metrics: tuple[Metric, ...] = ("log_prob", "length_ratio", "numbers")
    """What is measured: `log_prob` (mean natural log-probability a target piece), `length_ratio`
    (characters of the target a character of the source), `numbers` (share of the numbers of both sides
    that match, 1 when there are none), `language_probability`, `aligned` (share of the target's
    characters that a word link covers), `english` (probability that the target is English, from 0 to 1), `round_trip`
    (chrF, from 0 to 1, of the target translated back, against the source; only for languages that `round_trip`
    names a model for). Only what a model translated is measured."""

    round_trip: dict[str, str] | None = None
    """Models that translate English back, by the language that they write; the embedded model does not."""

    models: Path = Path("models/models.yaml")
    """The table of those models."""

    window_segments: Annotated[int, TRANSIENT, Field(ge=1, le=1_000_000)] = 4096
    """Segments that are translated back together."""

    @model_validator(mode="after")
    def _has_models(self) -> Self:
        if ("round_trip" in self.metrics) != bool(self.round_trip):
            raise ValueError("expected the metric round_trip and models under round_trip, or neither")
        return self

    def build(self) -> Stage:
        """Return the stage, not yet opened."""
        return Scoring(self)


class Scoring(Stage):
    """Gives each translated segment one `Score` a metric, in the order of the settings."""

    name: ClassVar[str] = "score"
    version: ClassVar[int] = 1
    requires: ClassVar[frozenset[str]] = frozenset({"segments", "segments.translation"})
    assigns: ClassVar[frozenset[str]] = frozenset({"segments.scores"})

    def __init__(self, config: ScoreConfig) -> None:
        self.config = config
        self._back = RoundTrip(config.models, config.round_trip or {})
        self._identifier = Identifier()

    def fingerprint(self) -> str:
        """Return the content of the models that translate back, and the library that knows English."""
        identified = library_version() if "english" in self.config.metrics else ""
        return "\n".join(filter(None, [identified, self._back.identify()]))

    def licences(self) -> dict[str, str]:
        """Return the licence of each model that translates back."""
        return self._back.licences()

    def __enter__(self) -> Self:
        self._back.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._back.__exit__(kind, error, trace)

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents with their segments measured."""
        if not self.config.round_trip:
            yield from (self._scored(document, {}) for document in documents)
            return
        for window in windows(documents, self.config.window_segments):
            jobs = (
                job for document in window for segment in document.segments if (job := self._job(document, segment))
            )
            found = once_each(self._returned, jobs)
            yield from (self._scored(document, found) for document in window)

    def _scored(self, document: Document, back: dict[_Job, float]) -> Document:
        if document.drop is not None:
            return document
        segments = (
            self._measured(segment, back.get(self._job(document, segment) or _NOTHING)) for segment in document.segments
        )
        return replace(document, segments=tuple(segments))

    def _measured(self, segment: Segment, back: float | None) -> Segment:
        translation = segment.translation
        if segment.drop is not None or translation is None or translation.model is None:
            return segment
        values = ((metric, self._value(metric, segment, translation, back)) for metric in self.config.metrics)
        scores = tuple(
            Score(name=metric, value=round(value, DECIMALS)) for metric, value in values if value is not None
        )
        return replace(segment, scores=scores)

    def _value(self, metric: Metric, segment: Segment, translation: Translation, back: float | None) -> float | None:
        if metric == "round_trip":
            return back
        if metric == "english":
            guess = self._identifier.identify(translation.text)
            return guess.probability if is_english(guess.language) else 1 - guess.probability
        return _METRICS[metric](segment, translation)

    def _job(self, document: Document, segment: Segment) -> _Job | None:
        """Return what is to be translated back, None when nothing is."""
        translation, model = segment.translation, self._back.model(segment.language)
        dropped = document.drop is not None or segment.drop is not None
        if dropped or translation is None or translation.model is None or model is None:
            return None
        return _Job(model, segment.text, translation.text)

    def _returned(self, jobs: list[_Job]) -> list[float]:
        """Return the likeness of distinct jobs, model by model; in the order of the jobs."""
        found: dict[_Job, float] = {}
        for model in sorted({job.model for job in jobs}):
            own = [job for job in jobs if job.model == model]
            likeness = self._back.likeness(model, [(job.source, job.english) for job in own])
            found.update(zip(own, likeness, strict=True))
        return [found[job] for job in jobs]


@dataclass(frozen=True, slots=True)
class _Job:
    """A segment and its English, to be translated back by a model."""

    model: str
    source: str
    english: str


_NOTHING = _Job("", "", "")


def numbers(text: str) -> Counter[str]:
    """Return the numbers of a text, written alike whatever the digits and separators of its locale.

    `1 234,50`, `1,234.50` and `١٬٢٣٤٫٥٠` are one number; a date or a score is its parts.
    """
    text = _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group())), text)
    return Counter(number for match in _NUMBER.finditer(text) for number in _canonical(match.group()))


def _canonical(found: str) -> Iterator[str]:
    position = 0
    while position < len(found):
        if not found[position].isdigit():
            position += 1
            continue
        whole = _GROUPED.match(found, position) or _DECIMAL.match(found, position)
        if whole and not _goes_on(found, whole.end()):
            yield re.sub(r"\D", "", whole.group()).lstrip("0") or "0"
            position = whole.end()
            continue
        end = position
        while end < len(found) and found[end].isdigit():
            end += 1
        yield found[position:end].lstrip("0") or "0"
        position = end


def _goes_on(found: str, end: int) -> bool:
    """Whether a dot or digit follows: it was the start of a date, not a decimal."""
    return end < len(found) and (found[end].isdigit() or found[end] in ".,/:")


def _number_share(segment: Segment, translation: Translation) -> float:
    source, target = numbers(segment.text), numbers(translation.text)
    total = source.total() + target.total()
    return 2 * (source & target).total() / total if total else 1.0


def _length_ratio(segment: Segment, translation: Translation) -> float:
    return len(translation.text) / max(1, len(segment.text))


def _aligned(_: Segment, translation: Translation) -> float:
    covered = {place for link in translation.words for place in range(link.target.start, link.target.end)}
    total = sum(not character.isspace() for character in translation.text)
    return len(covered) / total if total else 0.0


_METRICS: dict[Metric, Callable[[Segment, Translation], float | None]] = {
    "log_prob": lambda _, translation: translation.log_prob,
    "length_ratio": _length_ratio,
    "numbers": _number_share,
    "language_probability": lambda segment, _: segment.language_probability,
    "aligned": _aligned,
}
