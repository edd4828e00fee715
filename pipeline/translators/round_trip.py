"""Translates English back and tells how much of the source returns."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Self

from pipeline.languages import of_language
from pipeline.translators import BACKENDS
from pipeline.translators.base import Decoding
from pipeline.translators.layout import translate_any_length
from pipeline.translators.store import ModelStore
from pipeline.translators.wholes import has_letters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from pipeline.translators.base import Translator

FAKE = "fake"
"""The name of a model that upper-cases, for tests."""

DECODING = Decoding(beam_size=1, compute_type="int8", threads=1)
"""Greedy: what comes back is compared, not read."""


class RoundTrip:
    """The models from English, by the language that they write; each is loaded when its first text comes."""

    def __init__(self, table: Path, models: Mapping[str, str]) -> None:
        self._table = table
        self._models = dict(models)
        self._stack = ExitStack()
        self._opened: dict[str, Translator] = {}

    def __enter__(self) -> Self:
        for name in self._names():
            ModelStore(self._table).open(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened = {}
        self._stack.__exit__(kind, error, trace)

    def identify(self) -> str:
        """Return the content of the models, as the lock pins it."""
        lines = [f"{language} {name}" for language, name in sorted(self._models.items())]
        return "\n".join(
            [*lines, *(f"{name} {ModelStore(self._table).pin(name).content_hash}" for name in self._names())]
        )

    def licences(self) -> dict[str, str]:
        """Return the licence of each model."""
        return {name: ModelStore(self._table).pin(name).licence for name in self._names()}

    def model(self, language: str | None) -> str | None:
        """Return the model that writes a language, or its primary subtag."""
        return of_language(self._models, language)

    def likeness(self, model: str, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each source and English the chrF, from 0 to 1, of what comes back against the source.

        chrF as sacreBLEU counts it for a sentence (Popović 2015); 0 where there is nothing to translate.
        """
        from sacrebleu.metrics.chrf import CHRF

        metric = CHRF()
        wanted = [index for index, (_, english) in enumerate(pairs) if has_letters(english)]
        wholes = translate_any_length(self._translator(model), [pairs[index][1] for index in wanted])
        found = [0.0] * len(pairs)
        for index, whole in zip(wanted, wholes, strict=True):
            found[index] = metric.sentence_score(whole.translation.text, [pairs[index][0]]).score / 100
        return found

    def _names(self) -> list[str]:
        return sorted(set(self._models.values()) - {FAKE})

    def _translator(self, name: str) -> Translator:
        if name not in self._opened:
            backend = resolve_name(BACKENDS[FAKE if name == FAKE else "ctranslate2"])
            build = backend if name == FAKE else partial(backend, ModelStore(self._table).open(name), DECODING)
            self._opened[name] = self._stack.enter_context(build())
        return self._opened[name]
