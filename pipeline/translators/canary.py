"""A few sentences that a model must make sense of before it is trusted with articles.

Weights that were tied wrongly, shuffled or half read load without an error and then write fluent
nonsense; no flag of a single translation tells it apart. Plain sentences with known words in them do.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ModelError
from pipeline.events import emit
from pipeline.languages import primary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.translators.base import Translator
    from pipeline.translators.checkpoint import Checkpoint

log = logging.getLogger(__name__)

SENTENCES = Path(__file__).with_name("canaries.txt")

MOST_SENTENCES = 9
"""Tried at a load, whatever the number of languages: it keeps the cost to a fraction of a second."""

LEAST_SHARE = 0.5
"""Of the sentences whose translation must hold one of its words. A model that ignores its source gets one
in three. An undertrained model of 10 million weights (BLEU below 10) got 9 of 9; shuffled weights none."""

_WORDS = "="


@dataclass(frozen=True, slots=True)
class Canary:
    """A sentence, and words of which any translation holds one, also as the start of a longer word."""

    text: str
    words: tuple[str, ...]

    def is_understood(self, target: str) -> bool:
        """Whether the target holds one of the words."""
        written = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in target.casefold()).split())}"
        return any(f" {word}" in written for word in self.words)


def check(translator: Translator, checkpoint: Checkpoint) -> None:
    """Translate canary sentences of the model's languages; raise `ModelError` when they come out as gibberish.

    Nothing is checked for a checkpoint without languages: it is not from a table, or the table says `canary: off`.
    """
    canaries = chosen(checkpoint.languages)
    if not canaries:
        if checkpoint.languages:
            emit(log, "canary_skipped", model=checkpoint.name, languages=",".join(checkpoint.languages))
        return
    targets = [one.text for one in translator.translate([canary.text for canary in canaries])]
    pairs = list(zip(canaries, targets, strict=True))
    missed = [(canary.text, target) for canary, target in pairs if not canary.is_understood(target)]
    if len(canaries) - len(missed) < LEAST_SHARE * len(canaries):
        source, target = missed[0]
        raise ModelError(
            f"{checkpoint.folder}: the model {checkpoint.name} writes gibberish: {len(missed)} of {len(canaries)} "
            f"plain sentences lost their meaning ({source!r} came out as {target[:80]!r}); its weights are damaged or "
            "do not fit these libraries, or its languages are wrong in the model table; fetch it again, or load it "
            "all the same with canary: off in the table"
        )


def chosen(languages: Sequence[str]) -> list[Canary]:
    """Return sentences of the languages, as evenly as their number allows."""
    known = _canaries()
    own = [known[tag] for tag in dict.fromkeys(primary(one) for one in languages) if tag in known]
    turns = max(map(len, own), default=0)
    # One language more, one place on: so that many languages do not all try the same sentence.
    ordered = [one[(turn + place) % len(one)] for turn in range(turns) for place, one in enumerate(own)]
    return ordered[:MOST_SENTENCES]


@lru_cache(maxsize=1)
def _canaries() -> dict[str, list[Canary]]:
    rows = [line.split("\t") for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    words = {number: tuple(content.split()) for kind, number, content in rows if kind == _WORDS}
    found: dict[str, list[Canary]] = {}
    for language, number, text in rows:
        if language != _WORDS:
            found.setdefault(language, []).append(Canary(text, words[number]))
    return found
