"""The account of every character: translated, passed through, or set aside with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.languages import is_blank
from pipeline.records import Flag, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.records import Document, Segment

TRANSLATED = "translated"
PASSED_THROUGH = "passed_through"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One range of the raw article and what became of it: an account, or a reason to set aside."""

    span: Span
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The balance of one article, in non-blank characters of the raw text.

    It balances when nothing is `missing` (in no entry) or `doubled` (in more than one).
    """

    total: int
    translated: int
    passed_through: int
    set_aside: dict[str, int]
    missing: tuple[Span, ...]
    doubled: tuple[Span, ...]

    @property
    def balances(self) -> bool:
        """Whether every non-blank character is accounted for exactly once."""
        return not self.missing and not self.doubled


def account(document: Document) -> Ledger:
    """Return the balance of a document that all stages have seen."""
    return balance(document.text, entries(document))


def entries(document: Document) -> list[Entry]:
    """Return what became of each range of the article, in order."""
    if document.drop is not None:
        whole = Span(start=0, end=len(document.text))
        return [Entry(span=whole, account=f"{document.drop.stage}:{_word(document.drop.reason)}")]
    stripped = [
        Entry(span=block.span, account=f"strip_boilerplate:{block.label}")
        for block in document.blocks
        if not block.kept
    ]
    kept = [Entry(span=segment.span, account=_account(segment)) for segment in document.segments]
    return sorted(stripped + kept, key=lambda entry: entry.span)


def balance(text: str, accounted: Iterable[Entry]) -> Ledger:
    """Balance entries, sorted by span, against the raw text."""
    totals: Counter[str] = Counter()
    missing: list[Span] = []
    doubled: list[Span] = []
    reached = 0
    for entry in accounted:
        span = entry.span
        missing += _solid(text, reached, span.start)
        doubled += _solid(text, span.start, min(reached, span.end))
        totals[entry.account] += count_characters(text[max(span.start, reached) : span.end])
        reached = max(reached, span.end)
    missing += _solid(text, reached, len(text))
    translated, passed_through = totals.pop(TRANSLATED, 0), totals.pop(PASSED_THROUGH, 0)
    return Ledger(
        total=count_characters(text),
        translated=translated,
        passed_through=passed_through,
        set_aside=dict(sorted(totals.items())),
        missing=tuple(missing),
        doubled=tuple(doubled),
    )


def count_characters(text: str) -> int:
    """Return how many characters are not blank."""
    return sum(len(word) if word.isalnum() else _count_solid(word) for word in text.split())


def _account(segment: Segment) -> str:
    if segment.drop is not None:
        return f"{segment.drop.stage}:{_word(segment.drop.reason)}"
    if segment.translation is None:
        return "untranslated"
    return PASSED_THROUGH if Flag.PASSTHROUGH in segment.flags else TRANSLATED


def _word(reason: str) -> str:
    """Return the machine word of a reason, without the details after the colon."""
    return reason.partition(":")[0]


def _count_solid(word: str) -> int:
    return sum(not is_blank(character) for character in word)


def _solid(text: str, start: int, end: int) -> list[Span]:
    """Return the range trimmed of blanks at both ends, if anything is left of it."""
    while start < end and is_blank(text[start]):
        start += 1
    while start < end and is_blank(text[end - 1]):
        end -= 1
    return [Span(start=start, end=end)] if start < end else []
