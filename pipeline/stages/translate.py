"""Translate every segment to English by the model of its language, each distinct text once a window."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field

from pipeline.batching import once_each, windows
from pipeline.config import TRANSIENT, lasting
from pipeline.languages import is_english, of_language
from pipeline.memory import Codec, Memory
from pipeline.packing import layout, pack, unpack
from pipeline.records import Flag, Translation
from pipeline.stages.base import Placement, Stage, StageConfig
from pipeline.translators import BACKENDS
from pipeline.translators.base import ComputeType, Decoding, Device
from pipeline.translators.guards import Guards, GuardSettings
from pipeline.translators.ladder import LADDER_VERSION, LadderSettings, Models, climb
from pipeline.translators.protected import bare
from pipeline.translators.store import ModelStore, identify
from pipeline.translators.wholes import Whole, has_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from pipeline.records import Document, Segment
    from pipeline.translators.base import Translator

Work: TypeAlias = "Callable[[list[str]], Sequence[Whole]]"
"""Makes the results of texts, in order."""

_FAKE = "fake"


MEMORY_ENDING = ".sqlite"


def _memory_name(path: Path | None) -> Path | None:
    """Refuse other endings: a file that turns out to be no memory is renamed, and it might be an article."""
    if path is not None and path.suffix != MEMORY_ENDING:
        raise ValueError(f"expected the name of a file that ends in {MEMORY_ENDING}, such as memory{MEMORY_ENDING}")
    return path


class TranslateConfig(StageConfig):
    """Settings of `translate`."""

    stage: Literal["translate"] = "translate"

    models: Path = Path("models/models.yaml")
    """The table of models; looked up in the current folder, then among those that come with the program."""

    languages: dict[str, str] | None = None
    """Model names by language, in place of the table's own; a language that is not named has no model."""

    backend: Literal["ctranslate2", "torch", "fake"] = "ctranslate2"
    """`ctranslate2`: the fast one; `torch`: the reference; `fake`: upper-cases, loads no model."""

    beam_size: int = Field(4, ge=1, le=64)
    """Hypotheses kept at each step; 1: greedy."""

    no_repeat_ngram_size: int = Field(0, ge=0, le=64)
    """Pieces in a row that no target may hold twice, against models that repeat themselves; 0: off."""

    fallback: dict[str, str] | None = None
    """Model names by language, for segments that stay faulty on every other rung of the ladder."""

    guards: GuardSettings = GuardSettings()
    """When a translation is taken to be faulty."""

    ladder: LadderSettings = LadderSettings()
    """What is tried when a translation is faulty."""

    compute_type: ComputeType | None = None
    """How numbers are held; null: int8 for `ctranslate2`, float32 for `torch`."""

    device: Device = "cpu"
    """Where the model runs."""

    window_segments: Annotated[int, TRANSIENT, Field(ge=1, le=1_000_000)] = 4096
    """Segments that are sorted and translated together: more is faster, and takes more memory."""

    batch_tokens: Annotated[int | None, TRANSIENT, Field(ge=1, le=1_000_000)] = None
    """Source pieces decoded at once; null: 4,096, and on a GPU what its free memory holds."""

    threads: Annotated[int, TRANSIENT, Field(ge=0, le=1024)] = 0
    """CPU threads; 0: one a core."""

    memory: Annotated[Path | None, TRANSIENT, AfterValidator(_memory_name)] = None
    """The file that keeps what was translated; several corpora and processes may share it. null: `OUTPUT.memory.sqlite`
    beside the corpus (for `fake`, which is faster than a memory: none)."""

    remember: Annotated[bool, TRANSIENT] = True
    """Whether the memory is used."""

    def build(self) -> Stage:
        """Return the stage, not yet opened."""
        return Translate(self)

    def placed(self, placement: Placement) -> Self:
        """Return the settings with the worker's threads and the memory beside the corpus, unless they are set."""
        beside = None if self.backend == _FAKE else Path(f"{placement.corpus.absolute()}.memory{MEMORY_ENDING}")
        return self.model_copy(update={"threads": self.threads or placement.threads, "memory": self.memory or beside})

    @property
    def numbers(self) -> ComputeType:
        """The compute type, chosen by the backend where the settings leave it open."""
        if self.compute_type is not None:
            return self.compute_type
        return "int8" if self.backend == "ctranslate2" else "float32"


@dataclass(frozen=True, slots=True)
class _Job:
    """A text to be translated by the first of these models, or at last by the second."""

    models: tuple[str, ...]
    text: str


class Translate(Stage):
    """Gives every segment a `Translation`; what cannot be translated passes through, flagged."""

    name: ClassVar[str] = "translate"
    version: ClassVar[int] = 3
    requires: ClassVar[frozenset[str]] = frozenset({"segments", "segments.language"})
    assigns: ClassVar[frozenset[str]] = frozenset({"segments.translation"})

    def __init__(self, config: TranslateConfig) -> None:
        self.config = config
        self._stack = ExitStack()
        self._opened: dict[str, Translator] = {}
        self._routes: dict[str, str] = {}
        self._memory: Memory[Whole] | None = None
        self._tally: Counter[str] = Counter()
        self._guards = Guards(config.guards)

    def signature(self) -> str:
        """Return `mt:<model>@<revision>|engine:ct2-int8|beam:4`."""
        config = self.config
        if config.backend == _FAKE:
            return "mt:fake"
        store = ModelStore(config.models)
        names = sorted(self._names(store))
        models = ",".join(f"{name}@{store.pin(name).revision}" for name in names)
        engine = {"ctranslate2": "ct2"}.get(config.backend, config.backend)
        ngram = f"|ngram:{config.no_repeat_ngram_size}" if config.no_repeat_ngram_size else ""
        return f"mt:{models}|engine:{engine}-{config.numbers}|beam:{config.beam_size}{ngram}"

    def fingerprint(self) -> str:
        """Return the content of the models, as the lock pins it, and the engine's version."""
        if self.config.backend == _FAKE:
            return ""
        store = ModelStore(self.config.models)
        models = {name: name for name in self._names(store)}
        return f"{_engine_version(self.config.backend)}\nladder {LADDER_VERSION}\n{identify(store, models)}"

    def licences(self) -> dict[str, str]:
        """Return the licence of each model of the table."""
        if self.config.backend == _FAKE:
            return {}
        store = ModelStore(self.config.models)
        return {name: store.pin(name).licence for name in self._names(store)}

    def __enter__(self) -> Self:
        """Check the files of every model that may be needed; a model is loaded when its first text comes."""
        if self.config.backend == _FAKE:
            return self
        store = ModelStore(self.config.models)
        self._routes = self._table(store)
        for name in sorted(self._names(store)):
            store.open(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened, self._memory = {}, None
        self._stack.__exit__(kind, error, trace)

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents in order, a window at a time."""
        for window in windows(documents, self.config.window_segments):
            found = once_each(self._run, self.jobs(window))
            yield from (self._assigned(document, found) for document in window)

    def jobs(self, documents: Iterable[Document]) -> Iterator[_Job]:
        """Yield what is to be translated, in order, as often as it stands there."""
        for document in documents:
            if document.drop is None:
                yield from (job for segment in document.segments if (job := self._job(segment)) is not None)

    def recipe(self, *models: str) -> str:
        """Name all that shapes what models make of a text: results of one recipe stand for each other."""
        settings = lasting(self.config)
        del settings["models"], settings["languages"], settings["fallback"]
        content = {"models": models, "stage": self.version, "settings": settings, "layout": layout(Whole)}
        content["ladder"] = LADDER_VERSION
        if self.config.backend != _FAKE:
            content["content"] = identify(ModelStore(self.config.models), {name: name for name in models})
            content["engine"] = _engine_version(self.config.backend)
        return json.dumps(content, sort_keys=True)

    def recipes(self) -> set[str]:
        """Return the recipes of all models that may be needed."""
        if self.config.backend == _FAKE:
            return {self.recipe(_FAKE)}
        routes = self._table(ModelStore(self.config.models))
        languages = {*routes, *(self.config.fallback or {})}
        pairs = {self._models(routes, language) for language in languages}
        return {self.recipe(*models) for models in pairs | {(model,) for model in routes.values()} if models}

    def tally(self) -> Counter[str]:
        """Return how many distinct segments were `translated` and `remembered`, and the `attempts` of the ladder."""
        tally, self._tally = self._tally, Counter()
        return tally

    def _table(self, store: ModelStore) -> dict[str, str]:
        return dict(store.table.languages if self.config.languages is None else self.config.languages)

    def _names(self, store: ModelStore) -> set[str]:
        """Return the models that may be needed."""
        return {*self._table(store).values(), *(self.config.fallback or {}).values()}

    def _models(self, routes: Mapping[str, str], language: str | None) -> tuple[str, ...]:
        """Return the model of a language, or of its primary subtag (`fr` serves `fr-CA`), and the fallback's."""
        if self.config.backend == _FAKE:
            return (_FAKE,) if language else ()
        model, fallback = of_language(routes, language), of_language(self.config.fallback or {}, language)
        if model is None:
            return ()
        return (model,) if fallback is None or fallback == model else (model, fallback)

    def _job(self, segment: Segment) -> _Job | None:
        if segment.drop is not None or is_english(segment.language) or not is_translatable(segment.text):
            return None
        models = self._models(self._routes, segment.language)
        return _Job(models, segment.text) if models else None

    def _run(self, jobs: list[_Job]) -> list[Whole]:
        """Translate distinct jobs, model by model; results in the order of the jobs."""
        by_models: defaultdict[tuple[str, ...], list[_Job]] = defaultdict(list)
        for job in jobs:
            by_models[job.models].append(job)
        found: dict[_Job, Whole] = {}
        for models, own in sorted(by_models.items()):
            wholes = self._recalled(models, [job.text for job in own], partial(self._translate, models))
            found.update(zip(own, wholes, strict=True))
        return [found[job] for job in jobs]

    def _recalled(self, models: tuple[str, ...], texts: list[str], work: Work) -> list[Whole]:
        """Return the results of distinct texts; `work` makes those that the memory does not have, and then it does."""
        memory, recipe = self._opened_memory(), self.recipe(*models)
        found = memory.find(recipe, texts) if memory else {}
        missing = [text for text in texts if text not in found]
        self._tally += Counter(translated=len(missing), remembered=len(found))
        if missing:
            made = dict(zip(missing, work(missing), strict=True))
            self._tally += Counter(attempts=sum(len(whole.translation.attempts) for whole in made.values()))
            if memory:
                memory.store(recipe, made)
            found |= made
        return [found[text] for text in texts]

    def _opened_memory(self) -> Memory[Whole] | None:
        """Return the memory, opened when the first text comes."""
        if self._memory is None and self.config.memory is not None and self.config.remember:
            memory = Memory(self.config.memory, Codec(pack, partial(unpack, Whole)))
            self._memory = self._stack.enter_context(memory)
        return self._memory

    def _translate(self, models: tuple[str, ...], texts: list[str]) -> list[Whole]:
        main, *fallback = (self._translator(name) for name in models)
        opened = Models(main=main, search=self._decoding.search, fallback=fallback[0] if fallback else None)
        return climb(opened, texts, self._ladder, self._guards)

    @property
    def _ladder(self) -> LadderSettings:
        """The ladder: none for the fake, which has one answer only."""
        return self.config.ladder if self.config.backend != _FAKE else LadderSettings(rungs=(), recase_first=())

    def _translator(self, name: str) -> Translator:
        if name not in self._opened:
            config = self.config
            backend = resolve_name(BACKENDS[config.backend])
            build = backend if config.backend == _FAKE else partial(backend, *self._model_settings(name))
            self._opened[name] = self._stack.enter_context(build())
        return self._opened[name]

    def _model_settings(self, name: str) -> tuple[object, Decoding]:
        return ModelStore(self.config.models).open(name), self._decoding

    @property
    def _decoding(self) -> Decoding:
        config = self.config
        return Decoding(
            beam_size=config.beam_size,
            no_repeat_ngram_size=config.no_repeat_ngram_size,
            compute_type=config.numbers,
            device=config.device,
            threads=config.threads,
            batch_tokens=config.batch_tokens,
        )

    def _assigned(self, document: Document, found: dict[_Job, Whole]) -> Document:
        if document.drop is not None:
            return document
        return replace(document, segments=tuple(self._translated(segment, found) for segment in document.segments))

    def _translated(self, segment: Segment, found: dict[_Job, Whole]) -> Segment:
        if segment.drop is not None:
            return segment
        job = self._job(segment)
        if job is not None:
            return _with_result(segment, found[job])
        without_model = not is_english(segment.language) and not self._models(self._routes, segment.language)
        reasons = (Flag.NO_MODEL,) if without_model and has_letters(segment.text) else ()
        return _passed(segment, *reasons)


def is_translatable(text: str) -> bool:
    """Whether letters are left when addresses, handles and the like are taken out."""
    return has_letters(text) and has_letters(bare(text))


def _with_result(segment: Segment, whole: Whole) -> Segment:
    translation = whole.translation
    if not translation.text or translation.model is None:
        passed = _passed(segment, Flag.EMPTY)
        return replace(passed, translation=Translation(text=segment.text, attempts=translation.attempts))
    found = [Flag.SPLIT] if whole.pieces > 1 else []
    return replace(segment, translation=translation, flags=_joined(segment.flags, [*found, *whole.flags]))


def _passed(segment: Segment, *reasons: Flag) -> Segment:
    return replace(
        segment,
        translation=Translation(text=segment.text),
        flags=_joined(segment.flags, [Flag.PASSTHROUGH, *reasons]),
    )


def _joined(old: Sequence[Flag], new: Sequence[Flag]) -> tuple[Flag, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _engine_version(backend: str) -> str:
    from importlib.metadata import version

    packages = {"ctranslate2": ("ctranslate2",), "torch": ("torch", "transformers")}[backend]
    return " ".join(f"{package} {version(package)}" for package in (*packages, "sentencepiece"))
