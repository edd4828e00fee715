"""Checks one stored document: its slices, its offsets, and the account of every character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.corpus import PARAGRAPH_BREAK, SENTENCE_BREAK, document_id, unit_id
from pipeline.ledger import PASSED_THROUGH, TRANSLATED, Entry, balance
from pipeline.paragraphs import paragraph_numbers
from pipeline.records import Flag, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.corpus import DocumentRow, TranslationUnit
    from pipeline.ledger import Ledger


def document_faults(document: DocumentRow, units: Sequence[TranslationUnit]) -> Iterator[str]:
    """Yield what is wrong with a document and its units, which come in the order of the text."""
    if document.document_id != document_id(document.place, document.text):
        yield f"expected the id {document_id(document.place, document.text)} of its name and text"
    yield from _english(document, units)
    paragraphs = paragraph_numbers(document.text, document.blocks)
    for number, unit in enumerate(units):
        where = f"unit {unit.unit_id}"
        yield from (f"{where}: {fault}" for fault in _unit(document, unit, number))
        yield from (f"{where}: {fault}" for fault in _block(document, unit, paragraphs))
    yield from _ledger(document, units)


def _unit(document: DocumentRow, unit: TranslationUnit, number: int) -> Iterator[str]:
    if (unit.document_id, unit.uri) != (document.document_id, document.uri):
        yield "expected the document's id and uri"
    if unit.unit_id != unit_id(document.document_id, Span(start=unit.source_start, end=unit.source_end)):
        yield "expected an id of the document's id and the source offsets"
    if unit.sentence != number:
        yield f"expected sentence {number} (got {unit.sentence})"
    if unit.source_raw != document.text[unit.source_start : unit.source_end]:
        yield f"expected source_raw to be the article's [{unit.source_start}:{unit.source_end}]"
    if not 0 <= unit.source_start < unit.source_end <= len(document.text):
        yield f"expected source offsets inside the article (got {unit.source_start}:{unit.source_end})"
    if unit.passthrough != (Flag.PASSTHROUGH in unit.flags) or unit.passthrough == bool(unit.model):
        yield "expected a model, or the flag passthrough"
    if unit.passthrough and unit.target != unit.source:
        yield "expected a target equal to the source that is passed through"
    yield from _words(unit)


def _block(document: DocumentRow, unit: TranslationUnit, paragraphs: Sequence[int]) -> Iterator[str]:
    """Yield a fault unless the unit stands inside a kept block of the paragraph whose number it has."""
    if not 0 <= unit.paragraph < len(document.blocks):
        yield f"expected paragraph to number a block (got {unit.paragraph})"
        return
    block = document.blocks[unit.paragraph]
    for other, paragraph in zip(document.blocks[unit.paragraph :], paragraphs[unit.paragraph :], strict=True):
        if other.start > unit.source_start:
            break
        if paragraph == unit.paragraph:
            block = other
    inside = block.start <= unit.source_start and unit.source_end <= block.end
    if not (block.kept and inside and paragraphs[unit.paragraph] == unit.paragraph):
        yield f"expected to stand inside a kept block (got block {unit.paragraph})"
    if unit.role != block.label:
        yield f"expected the role {block.label} of its block (got {unit.role})"


def _words(unit: TranslationUnit) -> Iterator[str]:
    for link in unit.word_alignment:
        source = unit.source_start <= link.source_start < link.source_end <= unit.source_end
        target = unit.target_start <= link.target_start < link.target_end <= unit.target_end
        if not (source and target and 0 <= link.probability <= 1):
            yield f"expected word links inside the unit, with a probability (got {link})"


def _english(document: DocumentRow, units: Sequence[TranslationUnit]) -> Iterator[str]:
    """Yield a fault unless the English document is its units, in order, with the breaks between."""
    pieces: list[str] = []
    length = 0
    for before, unit in zip((None, *units), units, strict=False):
        if before is not None:
            pieces.append(SENTENCE_BREAK if before.paragraph == unit.paragraph else PARAGRAPH_BREAK)
            length += len(pieces[-1])
        if (unit.target_start, unit.target_end) != (length, length + len(unit.target)):
            yield f"unit {unit.unit_id}: expected target offsets {length}:{length + len(unit.target)}"
        pieces.append(unit.target)
        length += len(unit.target)
    if "".join(pieces) != document.english:
        yield "expected english to be its units' targets, in order"


def _ledger(document: DocumentRow, units: Sequence[TranslationUnit]) -> Iterator[str]:
    """Yield a fault unless each non-blank character is translated, passed through or set aside once."""
    ledger = balance(document.text, _entries(document, units))
    for span in ledger.missing:
        yield f"expected an account of characters {span.start}:{span.end} (got none)"
    for span in ledger.doubled:
        yield f"expected one account of characters {span.start}:{span.end} (got several)"
    counts = document.counts
    expected = (len(units), len(units) + len(document.set_aside), *_characters(ledger))
    got = (
        counts.units,
        counts.segments,
        counts.characters,
        counts.translated_characters,
        counts.passthrough_characters,
        counts.set_aside_characters,
    )
    if document.drop_stage is None and expected != got:
        yield f"expected counts {expected} (got {got})"
    if document.drop_stage is not None and (units or counts.units or counts.set_aside_characters != ledger.total):
        yield "expected a dropped document to have no units and all its characters set aside"


def _entries(document: DocumentRow, units: Sequence[TranslationUnit]) -> list[Entry]:
    if document.drop_stage is not None:
        return [Entry(span=Span(start=0, end=len(document.text)), account=document.drop_stage)]
    found = [
        Entry(
            span=Span(start=unit.source_start, end=unit.source_end),
            account=PASSED_THROUGH if unit.passthrough else TRANSLATED,
        )
        for unit in units
    ]
    found += [
        Entry(span=Span(start=block.start, end=block.end), account=block.label)
        for block in document.blocks
        if not block.kept
    ]
    found += [Entry(span=Span(start=one.start, end=one.end), account=one.stage) for one in document.set_aside]
    return sorted(found, key=lambda entry: entry.span)


def _characters(ledger: Ledger) -> tuple[int, int, int, int]:
    return ledger.total, ledger.translated, ledger.passed_through, sum(ledger.set_aside.values())
