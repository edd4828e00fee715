"""Scores translations against references with sacreBLEU: of configurations, or of finished corpora.

BLEU (Papineni et al. 2002) and chrF (Popović 2015) of each set, with 95 % intervals by bootstrap and, against the first
system, the p-value of a paired bootstrap test (Koehn 2004).
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.corpus import english_text
from pipeline.errors import ConfigError, InputError
from pipeline.formats.files import atomic
from pipeline.formats.parquet import units
from pipeline.records import Block, Document, Label, Span
from pipeline.status import finished_shards

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.plan import Plan
    from pipeline.references import ReferenceSet

STAGES = ("normalize", "split_sentences", "translate")
"""What a line goes through: it is text already, in a language that is known."""


class System(Protocol):
    """What gives translations of a set; None where it has none of a line."""

    @property
    def name(self) -> str: ...

    def translate(self, references: ReferenceSet) -> list[str | None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricScore:
    """One metric of one system on one set.

    `mean` and `interval` (half its width, 95 %) are of the bootstrap; `p_value` that of a difference to
    the first system, None for the first.
    """

    metric: str
    score: float
    mean: float
    interval: float
    p_value: float | None
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetScore:
    """The scores of one system on the `scored` of `lines` that every system has a translation of."""

    set: str
    language: str
    system: str
    lines: int
    scored: int
    scores: tuple[MetricScore, ...]


@dataclass(frozen=True, slots=True)
class PlanSystem:
    """A configuration, whose stages translate the lines as they translate articles."""

    name: str
    plan: Plan

    def translate(self, references: ReferenceSet) -> list[str | None]:
        """Translate every line, split into sentences, which are joined by a space."""
        with ExitStack() as stack:
            stages = [stack.enter_context(stage) for stage in self.plan.stages if stage.name in STAGES]
            if missing := sorted(set(STAGES) - {stage.name for stage in stages}):
                raise ConfigError(f"{self.name}: stages: expected {' and '.join(missing)} to evaluate it (got none)")
            documents = _documents(references)
            for stage in stages:
                documents = _told(stage(documents), references.language)
            return [english_text(document)[0] for document in documents]


@dataclass(frozen=True, slots=True)
class CorpusSystem:
    """A finished corpus: its articles and units are looked up by their source."""

    corpus: Path

    @property
    def name(self) -> str:
        return str(self.corpus)

    def translate(self, references: ReferenceSet) -> list[str | None]:
        """Return the English of the articles and units whose source is a line, white space aside."""
        wanted = {_plain(source) for source in references.sources}
        found: dict[str, str] = {}
        for shard in finished_shards(self.corpus):
            for document, own in units(self.corpus, shard):
                sides = [(document.text, document.english), *((unit.source_raw, unit.target) for unit in own)]
                for source, target in sides:
                    if (plain := _plain(source)) in wanted and target:
                        found.setdefault(plain, target)
        return [found.get(_plain(source)) for source in references.sources]


@dataclass(frozen=True, slots=True)
class Saved:
    """A system whose translations are also left in `<folder>/<set>.<language>-en.<system>.txt`, a line each.

    Other metrics, such as COMET, are then a matter of their own programs.
    """

    system: System
    folder: Path

    @property
    def name(self) -> str:
        return self.system.name

    def translate(self, references: ReferenceSet) -> list[str | None]:
        """Translate and write; a line without a translation is empty."""
        found = self.system.translate(references)
        slug = re.sub(r"[^\w.-]+", "-", self.name).strip("-")
        path = self.folder / f"{references.name}.{references.language}-en.{slug}.txt"
        with atomic(path) as stream:
            stream.writelines(f"{' '.join((text or '').split())}\n".encode() for text in found)
        return found


def evaluate(systems: Sequence[System], sets: Iterable[ReferenceSet], samples: int) -> Iterator[SetScore]:
    """Yield the scores of every set, system by system; raise `InputError` when a set has no line in common."""
    for one in sets:
        outputs = [system.translate(one) for system in systems]
        kept = [number for number in range(len(one.sources)) if all(output[number] is not None for output in outputs)]
        if not kept:
            raise InputError(f"{one.name}: expected lines that every system has translated (got none)")
        texts = [[output[number] or "" for number in kept] for output in outputs]
        scores = score(texts, [one.references[number] for number in kept], samples)
        for system, own in zip(systems, scores, strict=True):
            yield SetScore(
                set=one.name,
                language=one.language,
                system=system.name,
                lines=len(one.sources),
                scored=len(kept),
                scores=tuple(own),
            )


def score(outputs: Sequence[Sequence[str]], references: Sequence[str], samples: int) -> list[list[MetricScore]]:
    """Return BLEU and chrF of each system's output; the others are compared with the first."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.significance import PairedTest

    metrics: dict[str, Any] = {"BLEU": BLEU(), "chrF": CHRF()}
    named: list[tuple[str, Sequence[str]]] = [(str(number), list(output)) for number, output in enumerate(outputs)]
    test = PairedTest(named, metrics, [list(references)], test_type="bs", n_samples=samples)
    signatures, results = test()
    found = [
        [_metric_score(name, results[name][number], str(signature)) for name, signature in signatures.items()]
        for number in range(len(outputs))
    ]
    return [found[0], *map(partial(_unlike, found[0]), found[1:])]


def _metric_score(name: str, result: Any, signature: str) -> MetricScore:  # noqa: ANN401 # typed as str or Result
    return MetricScore(
        metric=name,
        score=float(result.score),
        mean=float(result.mean),
        interval=float(result.ci),
        p_value=None if result.p_value is None else float(result.p_value),
        signature=signature,
    )


def _unlike(first: list[MetricScore], other: list[MetricScore]) -> list[MetricScore]:
    """Return the scores with a p-value of 1 where they are those of the first system.

    sacreBLEU gives the smallest one there, since no sample is off by more than nothing.
    """
    return [
        replace(score, p_value=1.0) if score.score == usual.score else score
        for usual, score in zip(first, other, strict=True)
    ]


def _documents(references: ReferenceSet) -> Iterator[Document]:
    for number, source in enumerate(references.sources):
        yield Document(id=str(number), uri=f"{references.name}:{number + 1}", text=source)


def _told(documents: Iterable[Document], language: str) -> Iterator[Document]:
    """Yield the documents as one block of text in a known language, whatever a stage guessed."""
    for document in documents:
        whole = Block(
            span=Span(start=0, end=len(document.text)), label=Label.BODY, rule="reference", confidence=1.0, kept=True
        )
        segments = tuple(replace(segment, language=language) for segment in document.segments)
        yield replace(document, language=language, blocks=(whole,), segments=segments)


def _plain(text: str) -> str:
    return " ".join(text.split())
