"""Tells which kept blocks are one paragraph: those that stand on one line of the article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.records import Label, Span


class LabelledBlock(Protocol):
    """What is asked of a block."""

    @property
    def span(self) -> Span: ...

    @property
    def label(self) -> Label: ...

    @property
    def kept(self) -> bool: ...


def paragraph_numbers(text: str, blocks: Iterable[LabelledBlock]) -> tuple[int, ...]:
    """Return the number of each block's paragraph: the index of the first block of it.

    A kept block goes on with the paragraph of the kept block before it when they have the same label
    and no line ends between them: what stood there was cut out of the paragraph.
    """
    numbers: list[int] = []
    before: LabelledBlock | None = None
    paragraph = 0
    for index, block in enumerate(blocks):
        if not block.kept:
            numbers.append(index)
            continue
        goes_on = before is not None and before.label == block.label and _is_one_line(text, before.span, block.span)
        paragraph = paragraph if goes_on else index
        numbers.append(paragraph)
        before = block
    return tuple(numbers)


def _is_one_line(text: str, first: Span, second: Span) -> bool:
    between = text[first.end : second.start]
    return between.isprintable() or len(f"{between}x".splitlines()) == 1
