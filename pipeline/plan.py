"""The stages of a configuration: built, checked against each other, chained."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, TypeAlias

from pipeline import __version__
from pipeline.config import lasting
from pipeline.corpus import SCHEMA_VERSION
from pipeline.errors import ConfigError
from pipeline.stages import CONFIGS
from pipeline.stages.base import Flow, Placement
from pipeline.timing import READ, Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.config import Loaded, Source
    from pipeline.settings import Settings
    from pipeline.stages.base import Listing, Stage

OpenPlan: TypeAlias = Flow
"""All stages of a plan, opened and chained."""


@dataclass(frozen=True)
class Plan:
    """What is done to each article. It is picklable, and free until it is opened."""

    settings: Settings
    stages: tuple[Stage, ...]

    @contextmanager
    def open(self, stopwatch: Stopwatch | None = None) -> Iterator[OpenPlan]:
        """Load what the stages need; they are closed on leaving, also after a failure.

        `stopwatch` is told what each stage takes, and what it takes to get the documents.
        """
        timed = (stopwatch or Stopwatch()).timed
        with ExitStack() as stack:
            opened = [stack.enter_context(stage) for stage in self.stages]
            yield lambda documents: reduce(
                lambda flow, stage: timed(stage.name, stage(flow)), opened, timed(READ, documents)
            )

    def informed(self, listing: Listing) -> Plan:
        """Return the plan whose stages have looked at the whole input, as far as they need to."""
        stages: list[Stage] = []
        for number, stage in enumerate(self.stages):
            settings = self.settings.model_copy(update={"stages": self.settings.stages[:number]})
            stages.append(stage.informed(listing, Before(Plan(settings, tuple(stages)))))
        return replace(self, stages=tuple(stages))

    @property
    def learned(self) -> dict[str, str]:
        """What the stages learned of the input: the text of files beside the corpus, by name."""
        return {name: text for stage in self.stages for name, text in stage.learned().items()}

    def knowledge(self, places: Iterable[str]) -> str:
        """Hash what the stages learned of some articles alone, by their places; empty when that is nothing."""
        places = tuple(places)
        told = [stage.knowledge(places) for stage in self.stages]
        return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest() if any(told) else ""

    @cached_property
    def digest(self) -> str:
        """Hash everything that can change a row: lasting settings, stages, models, the schema."""
        content = {
            "schema": SCHEMA_VERSION,
            "settings": lasting(self.settings),
            "stages": [[stage.name, stage.version, stage.fingerprint()] for stage in self.stages],
        }
        text = json.dumps(content, ensure_ascii=True, sort_keys=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @cached_property
    def signature(self) -> str:
        """Name what shaped the translations: `lid:…|ssplit:…|mt:…|engine:…|beam:4|v:0.1.0`."""
        parts = [signature for stage in self.stages if (signature := stage.signature())]
        return "|".join([*parts, f"v:{__version__}"])

    @property
    def licences(self) -> dict[str, str]:
        """The licence of each model that may be used."""
        return {name: licence for stage in self.stages for name, licence in stage.licences().items()}


@dataclass(frozen=True)
class Before:
    """The stages before another, as a plan of their own."""

    plan: Plan

    @property
    def digest(self) -> str:
        """Hash everything that can change what they make of an article."""
        return self.plan.digest

    def __call__(self) -> AbstractContextManager[OpenPlan]:
        """Open a copy, so that the plan itself can still be sent to workers."""
        return deepcopy(self.plan).open()


def make_plan(loaded: Loaded[Settings]) -> Plan:
    """Build the stages; raise `ConfigError` when one stands twice or lacks what it requires."""
    settings = loaded.settings
    placement = Placement(workers=settings.workers, threads=_threads(settings), corpus=settings.output.beside)
    stages = tuple(config.placed(placement).build() for config in settings.stages)
    if faults := [*_repeated(stages, loaded.source), *_unmet(stages, loaded.source)]:
        raise ConfigError("\n".join(faults))
    return Plan(loaded.settings, stages)


def _threads(settings: Settings) -> int:
    """Return how many threads a worker has, 0 for one a core: workers of one machine divide its cores."""
    if settings.engine.name == "ray":
        return settings.engine.cpus_a_worker
    if settings.workers == 1:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // settings.workers)


def _repeated(stages: tuple[Stage, ...], source: Source) -> Iterator[str]:
    names = [stage.name for stage in stages]
    for i, name in enumerate(names):
        if (first := names.index(name)) < i:
            yield (
                f"{source.where(('stages', i))}: expected each stage once (got {name} again, "
                f"first at {source.where(('stages', first))}); remove one"
            )


def _unmet(stages: tuple[Stage, ...], source: Source) -> Iterator[str]:
    """Yield a fault for each stage that requires what no stage before it assigns."""
    assigned: set[str] = set()
    for i, stage in enumerate(stages):
        if missing := sorted(stage.requires - assigned):
            where = source.where(("stages", i))
            cures = dict.fromkeys(_cure(what, stage, stages) for what in missing)
            yield (
                f"{where}: {stage.name} requires {' and '.join(missing)}, which no stage before "
                f"it assigns; {', '.join(cures)}"
            )
        assigned |= stage.assigns


def _cure(what: str, stage: Stage, stages: tuple[Stage, ...]) -> str:
    for i, other in enumerate(stages):
        if what in other.assigns:
            return f"move stages[{i}] ({other.name}) before {stage.name}"
    makers = (name for name, assigns in _assigns().items() if what in assigns)
    return f"put {{stage: {next(makers, '…')}}} before it"


def _assigns() -> dict[str, frozenset[str]]:
    """Return what each known stage assigns."""
    built = [config.model_construct().build() for config in CONFIGS]
    return {stage.name: stage.assigns for stage in built}
