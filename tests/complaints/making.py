"""Corpora made of a few lines, and translators with the faults that people complain of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from pipeline.formats.parquet import read_units
from pipeline.records import Attention, Span, Translation
from pipeline.translators.fake import Fake
from tests.running import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.corpus import TranslationUnit
    from pipeline.translators.base import Search

RUSSIAN = "Президент Казахстана выступил вечером с обращением к народу своей страны."
FRENCH = "Le président du pays a annoncé hier que les prix avaient augmenté de douze pour cent."
ARABIC = "أعلن رئيس كازاخستان حالة الطوارئ في البلاد اليوم بعد الاحتجاجات."

WORD = re.compile(r"\S+")
WORDS = "the government said on Tuesday that its new law would help families with small children at home".split()  # noqa: SIM905 # a sentence


class Maker:
    """Writes articles into a folder of their own and runs the pipeline over them."""

    def __init__(self, home: Path) -> None:
        self.articles = home / "articles"
        self.corpus = home / "corpus"
        self.articles.mkdir()

    def write(self, *articles: str) -> None:
        for number, text in enumerate(articles):
            (self.articles / f"{number:03}.txt").write_text(text, encoding="utf-8")

    def __call__(self, *articles: str, config: str = "minimal", settings: Sequence[str] = ()) -> list[TranslationUnit]:
        """Return the units of the articles, in order."""
        self.write(*articles)
        run(self.articles, self.corpus, *settings, config=config)
        paths = sorted((self.corpus / "units").rglob("*.parquet"))
        rows = [row for path in paths for row in read_units(path)]
        return sorted(rows, key=lambda row: (row.uri, row.sentence))


class Faulty(Fake):
    """Writes some English word for each word of the source, numbers as they are; subclasses add a fault."""

    def __init__(self, *_: object) -> None:
        """Take a checkpoint and how to decode it, as real ones do, and look at neither."""

    def write(self, text: str, search: Search | None) -> str:  # noqa: ARG002 # for subclasses
        """Return what the model makes of a text."""
        return english(text)

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:
        """Return what is written, each word aligned to the source word at its place."""
        return [_translation(text, self.write(text, search)) for text in texts]


class Recorder(Faulty):
    """Has no fault, and keeps what it was sent."""

    sent: ClassVar[list[str]] = []

    def write(self, text: str, search: Search | None) -> str:
        """Return some English."""
        self.sent.append(text)
        return super().write(text, search)


def english(text: str) -> str:
    """Return as many words as the text has, in no sense."""
    ends = (word[-1] if word[-1] in ".,:;!?" else "" for word in text.split())
    return " ".join(
        word if any(map(str.isdigit, word)) else WORDS[index % len(WORDS)] + end
        for index, (word, end) in enumerate(zip(text.split(), ends, strict=True))
    )


def _translation(source: str, target: str) -> Translation:
    import numpy as np

    spans = [tuple(Span(start=one.start(), end=one.end()) for one in WORD.finditer(text)) for text in (source, target)]
    weights = np.eye(len(spans[1]), len(spans[0]), dtype=np.float32)
    return Translation(
        text=target,
        model="faulty",
        log_prob=-1.0,
        attention=(Attention(source=spans[0], target=spans[1], weights=weights),),
    )
