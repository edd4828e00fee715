"""Articles with labelled lines: read from `tests/data/boilerplate`, and labelled by the stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.corpus import document_id
from pipeline.normalized import NormalizedText
from pipeline.records import Block, Document
from pipeline.stages.strip_boilerplate import StripBoilerplateConfig

if TYPE_CHECKING:
    from pathlib import Path

Line = tuple[int, str, str]
"""Number of the line (from 1), its label, its text."""


def article(text: str, uri: str = "article.txt") -> Document:
    """Return a document whose normalised text is the raw text."""
    return Document(id=document_id(uri, text), uri=uri, text=text, normalized=NormalizedText.identity(text))


def strip(text: str, **settings: object) -> Document:
    """Return the article with its blocks."""
    stage = StripBoilerplateConfig.model_validate(settings).build()
    with stage as opened:
        (document,) = opened([article(text)])
    return document


def read_labelled(path: Path) -> tuple[str, list[Line]]:
    """Return the article, and its lines that are not blank, of a file of `label<TAB>text`."""
    texts, lines = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        label, _, text = line.partition("\t")
        texts.append(text)
        if text:
            lines.append((number, label, text))
    return "\n".join(texts), lines


def line_labels(document: Document) -> dict[int, Block]:
    """Return the block of each line that is not blank, by its number."""
    found: dict[int, Block] = {}
    for block in document.blocks:
        first = document.text.count("\n", 0, block.span.start) + 1
        last = document.text.count("\n", 0, block.span.end) + 1
        found |= dict.fromkeys(range(first, last + 1), block)
    return found
