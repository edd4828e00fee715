"""Tools that see nothing but the lines, each as `<p>` of a page; and which block holds which line."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from models.boilerplate.pages import ranges
from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.boilerplate.pages import LabelledPage
    from pipeline import StrippedBlock

_STOP_WORDS = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "it": "Italian",
    "lt": "Lithuanian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}
"""Names of jusText's lists, for the languages of the pages."""


def blocks_of_lines(page: LabelledPage, blocks: Sequence[StrippedBlock]) -> list[StrippedBlock | None]:
    """Return the block that has most of each line; None for a line without one."""
    best: list[tuple[int, StrippedBlock | None]] = [(0, None)] * len(page.lines)
    first = 0
    for number, (start, end) in enumerate(ranges(page)):
        while first < len(blocks) and blocks[first].end <= start:
            first += 1
        for block in blocks[first:]:
            if block.start >= end:
                break
            shared = min(end, block.end) - max(start, block.start)
            best[number] = max(best[number], (shared, block), key=lambda one: one[0])
    return [block for _, block in best]


def keep_all(page: LabelledPage) -> list[bool]:
    """Keep every line."""
    return [True] * len(page.lines)


def justext(page: LabelledPage) -> list[bool]:
    """Keep the lines that jusText keeps."""
    paragraphs = iter(run_justext(as_html(page), page.language))
    kept = [not line.text.strip() or not next(paragraphs).is_boilerplate for line in page.lines]
    if next(paragraphs, None) is not None:
        raise ValueError(f"{page.id}: expected a paragraph a line")
    return kept


def run_justext(html: str, language: str) -> Sequence[Any]:
    """Return the paragraphs of a page; without stop words of its language only lengths count."""
    library = _library("justext")
    name = _STOP_WORDS.get(language.partition("-")[0])
    words = library.get_stoplist(name) if name else frozenset()
    limits = {} if name else {"stopwords_low": 0, "stopwords_high": 0}
    paragraphs: Sequence[Any] = library.justext(html.encode(), words, encoding="utf-8", **limits)
    return paragraphs


def run_trafilatura(html: str) -> str | None:
    """Return the text of a page."""
    text: str | None = _library("trafilatura").extract(html)
    return text


def as_html(page: LabelledPage) -> str:
    """Return the lines as paragraphs of the plainest page."""
    paragraphs = "\n".join(f"<p>{escape(line.text)}</p>" for line in page.lines)
    return f"<!DOCTYPE html><html><head><title></title></head><body>\n{paragraphs}\n</body></html>"


def _library(name: str) -> Any:  # noqa: ANN401 # libraries without types
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(
            f"{name}: expected the tools to compare with; install them: pip install -e '.[bench]'"
        ) from error
