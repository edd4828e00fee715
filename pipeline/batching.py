"""Windows over documents: what is worked on together, with order and count kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pipeline.records import Document

MOST_CHARACTERS = 4_000_000
"""Of raw text in one window, whatever its number of segments: it bounds the memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def windows(
    documents: Iterable[Document], max_segments: int, max_characters: int = MOST_CHARACTERS
) -> Iterator[list[Document]]:
    """Yield the documents in order, in lists that together have about `max_segments` segments.

    A window ends with the document that fills it: it holds at least one, however large.
    """
    window: list[Document] = []
    segments = characters = 0
    for document in documents:
        window.append(document)
        segments += len(document.segments)
        characters += len(document.text)
        if segments >= max_segments or characters >= max_characters:
            yield window
            window, segments, characters = [], 0, 0
    if window:
        yield window


def once_each(work: Callable[[list[Item]], Sequence[Result]], items: Iterable[Item]) -> dict[Item, Result]:
    """Do the work on each distinct item once, in the order of their first appearance."""
    distinct = list(dict.fromkeys(items))
    return dict(zip(distinct, work(distinct), strict=True)) if distinct else {}
