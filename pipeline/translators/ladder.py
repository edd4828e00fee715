"""The ladder: a translation that the guards find faulty is tried again, otherwise, and the best try stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from pipeline.records import Attempt, Flag
from pipeline.translators import casing
from pipeline.translators.layout import clauses, lay_out, translate
from pipeline.translators.overlong import any_length
from pipeline.translators.repair import with_numbers
from pipeline.translators.wholes import Text, Whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.translators.base import Search, Translator
    from pipeline.translators.guards import Guards

LADDER_VERSION = 1
"""Raise it when the ladder or a guard changes what comes out: translations kept from before are then made anew."""

PLAIN = "plain"

Rung: TypeAlias = Literal["around", "decapitalise", "resplit", "penalise", "widen", "repair", "fallback"]

Capitals: TypeAlias = Literal["all_caps", "title_case"]

ALL_RUNGS: tuple[Rung, ...] = ("around", "decapitalise", "resplit", "penalise", "widen", "repair", "fallback")

_NO_SENSE = frozenset(
    {Flag.EMPTY, Flag.REPETITIVE, Flag.COPIED, Flag.WRONG_LANGUAGE, Flag.LENGTH_MISMATCH, Flag.UNFINISHED}
)

CURES: Mapping[Rung, frozenset[Flag]] = {
    "around": frozenset({Flag.PROTECTED_CHANGED}),
    "decapitalise": _NO_SENSE,
    "resplit": _NO_SENSE | {Flag.PROTECTED_CHANGED},
    "penalise": frozenset({Flag.REPETITIVE, Flag.UNFINISHED, Flag.LENGTH_MISMATCH}),
    "widen": _NO_SENSE | {Flag.SPECIAL_TOKEN},
    "repair": frozenset({Flag.NUMBER_MISMATCH}),
    "fallback": _NO_SENSE | {Flag.SPECIAL_TOKEN, Flag.PROTECTED_CHANGED, Flag.NUMBER_MISMATCH},
}
"""What each rung is tried against: what it has been seen to cure, at a price worth it."""

_TESTS: Mapping[Capitals, Callable[[str], bool]] = {
    "all_caps": casing.is_all_caps,
    "title_case": casing.is_title_case,
}

WEIGHTS: Mapping[Flag, int] = {
    Flag.EMPTY: 32,
    Flag.PROTECTED_CHANGED: 16,
    Flag.COPIED: 8,
    Flag.WRONG_LANGUAGE: 8,
    Flag.SPECIAL_TOKEN: 8,
    Flag.REPETITIVE: 4,
    Flag.UNFINISHED: 4,
    Flag.LENGTH_MISMATCH: 4,
    Flag.NUMBER_MISMATCH: 2,
}
"""How bad a fault is; of several tries the lightest stands, then the likeliest, then the mended, then the first."""


class LadderSettings(BaseModel):
    """What is tried, in this order, when a guard finds a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    rungs: tuple[Rung, ...] = ALL_RUNGS
    """`around`: prices and codes are left out and put back; `decapitalise`: lines in capitals or title case
    are read in sentence case; `resplit`: clause by clause; `penalise`: against repetition; `widen`: a wider
    beam; `repair`: wrong numbers are put right by the model's attention; `fallback`: the language's model
    in `fallback`. Each is tried only against faults that it can cure."""

    recase_first: tuple[Capitals, ...] = ("all_caps", "title_case")
    """Lines that are read in sentence case at once, not only when they fail."""

    clause_tokens: int = Field(24, ge=4)
    """Pieces of a clause, at most, when a segment is split anew."""

    penalised_ngram_size: int = Field(3, ge=1, le=64)
    """Pieces in a row that may not stand twice when repetition is penalised."""

    repetition_penalty: float = Field(1.2, ge=1)
    """What the chance of a piece that stands already is divided by when repetition is penalised."""

    wide_beam_size: int = Field(10, ge=1, le=64)
    """Hypotheses of the wider beam."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What translates: the model, how it searches, and the model to fall back on."""

    main: Translator
    search: Search
    fallback: Translator | None = None


@dataclass(slots=True)
class _Climb:
    """One text on its way up: how the model reads it, and the tries so far."""

    text: Text
    around: bool = False
    tries: list[tuple[str, Whole]] = field(default_factory=list)

    @property
    def best(self) -> int:
        """The number of the try that stands."""
        return min(range(len(self.tries)), key=lambda index: (*_badness(*self.tries[index]), index))

    @property
    def flags(self) -> frozenset[Flag]:
        """What is wrong with it."""
        return frozenset(self.tries[self.best][1].flags)


def climb(models: Models, texts: Sequence[str], settings: LadderSettings, guards: Guards) -> list[Whole]:
    """Translate texts of any length, each as well as the ladder can.

    What is still faulty on the last rung is returned with its flags. The result of a text does not
    depend on the others.
    """
    tests = [_TESTS[name] for name in settings.recase_first]
    chosen = [text for text in texts if any(test(text) for test in tests)]
    readings = dict(zip(chosen, casing.restore(chosen, models.main), strict=True))
    ladder = _Ladder(models, settings, guards)
    pairs = [Text(source=text, reading=readings.get(text, text)) for text in texts]
    return any_length(models.main, pairs, ladder.climb)


class _Ladder:
    """The rungs, for texts that the model can read at once."""

    def __init__(self, models: Models, settings: LadderSettings, guards: Guards) -> None:
        self._models = models
        self._settings = settings
        self._guards = guards
        self._ways: Mapping[Rung, Callable[[list[_Climb]], list[Whole | None]]] = {
            "around": self._around,
            "decapitalise": self._decapitalise,
            "resplit": self._resplit,
            "penalise": self._penalise,
            "widen": self._widen,
            "repair": self._repair,
            "fallback": self._fallback,
        }

    def climb(self, texts: list[Text]) -> list[Whole]:
        """Translate every text, and those that fail again on each rung that may help."""
        climbs = [_Climb(text) for text in texts]
        for one, whole in zip(climbs, self._translate(climbs), strict=True):
            one.tries.append((PLAIN, self._judged(one.text, whole)))
        for rung in self._settings.rungs:
            failing = [one for one in climbs if one.flags & CURES[rung]]
            for one, tried in zip(failing, self._ways[rung](failing), strict=True):
                if tried is not None:
                    one.tries.append((rung, self._judged(one.text, tried)))
        return [_result(one) for one in climbs]

    def _judged(self, text: Text, whole: Whole) -> Whole:
        translation = whole.translation
        flags: list[Flag] = [Flag.EMPTY] if whole.kept or not translation.text else []
        if translation.text:
            flags += self._guards.flags(text.source, translation.text, finished=translation.finished)
        if text.reading != text.source:
            flags.append(Flag.RECASED)
        return replace(whole, flags=tuple(flags))

    def _translate(self, climbs: Sequence[_Climb], search: Search | None = None) -> list[Whole]:
        layouts = [lay_out(one.text, around=one.around) for one in climbs]
        return translate(self._models.main, [one.text.source for one in climbs], layouts, search)

    def _repair(self, climbs: list[_Climb]) -> list[Whole | None]:
        return [_repaired(one) for one in climbs]

    def _around(self, climbs: list[_Climb]) -> list[Whole | None]:
        for one in climbs:
            one.around = True
        return [*self._translate(climbs)]

    def _decapitalise(self, climbs: list[_Climb]) -> list[Whole | None]:
        cased = [one for one in climbs if any(test(one.text.reading) for test in _TESTS.values())]
        readings = casing.restore([one.text.reading for one in cased], self._models.main)
        for one, reading in zip(cased, readings, strict=True):
            one.text = Text(source=one.text.source, reading=reading)
        return _among(climbs, cased, self._translate(cased))

    def _resplit(self, climbs: list[_Climb]) -> list[Whole | None]:
        limit = self._settings.clause_tokens
        layouts = [clauses(one.text, self._models.main, limit, around=one.around) for one in climbs]
        split = [(one, layout) for one, layout in zip(climbs, layouts, strict=True) if layout is not None]
        chosen = [one for one, _ in split]
        sources = [one.text.source for one in chosen]
        return _among(climbs, chosen, translate(self._models.main, sources, [layout for _, layout in split]))

    def _penalise(self, climbs: list[_Climb]) -> list[Whole | None]:
        search, size = self._models.search, self._settings.penalised_ngram_size
        search = replace(
            search,
            no_repeat_ngram_size=min(size, search.no_repeat_ngram_size or size),
            repetition_penalty=self._settings.repetition_penalty,
        )
        return [*self._translate(climbs, search)]

    def _widen(self, climbs: list[_Climb]) -> list[Whole | None]:
        if self._settings.wide_beam_size <= self._models.search.beam_size:
            return [None] * len(climbs)
        return [*self._translate(climbs, replace(self._models.search, beam_size=self._settings.wide_beam_size))]

    def _fallback(self, climbs: list[_Climb]) -> list[Whole | None]:
        other = self._models.fallback
        if other is None:
            return [None] * len(climbs)
        around = {one.text: one.around for one in climbs}

        def work(parts: list[Text]) -> list[Whole]:
            layouts = [lay_out(part, around=around.get(part, True)) for part in parts]
            return translate(other, [part.source for part in parts], layouts)

        return [*any_length(other, [one.text for one in climbs], work)]


def _repaired(one: _Climb) -> Whole | None:
    whole = one.tries[one.best][1]
    translation = with_numbers(one.text.source, whole.translation)
    return None if translation is None else replace(whole, translation=translation)


def _among(climbs: Sequence[_Climb], chosen: Sequence[_Climb], wholes: Sequence[Whole]) -> list[Whole | None]:
    """Return what came of each climb; None for those that were not chosen."""
    found = {id(one): whole for one, whole in zip(chosen, wholes, strict=True)}
    return [found.get(id(one)) for one in climbs]


def _badness(rung: str, whole: Whole) -> tuple[int, float, bool]:
    log_prob = whole.translation.log_prob
    weight = sum(WEIGHTS.get(flag, 0) for flag in whole.flags)
    return weight, -log_prob if log_prob is not None else 0.0, rung != "repair"


def _result(one: _Climb) -> Whole:
    """Return the try that stands, with all tries when there were several."""
    best = one.best
    _, whole = one.tries[best]
    if len(one.tries) == 1:
        return whole
    attempts = tuple(
        Attempt(
            rung=rung,
            text=tried.translation.text,
            log_prob=tried.translation.log_prob,
            flags=tried.flags,
            chosen=index == best,
        )
        for index, (rung, tried) in enumerate(one.tries)
    )
    return replace(whole, translation=replace(whole.translation, attempts=attempts))
