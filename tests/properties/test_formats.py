"""Whatever the characters: what is written comes back, and every export can be read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.corpus import DocumentRow, TranslationUnit
from pipeline.formats import jsonl, markup, moses, tmx, xces
from pipeline.formats.decoding import decode
from pipeline.formats.parquet import ShardWriter, units
from tests.corpora import SHARD, TEXT, shards, unit_rows

Rows = list[tuple[DocumentRow, list[TranslationUnit]]]


def write(folder: str, rows: Rows) -> Path:
    corpus = Path(folder) / "corpus"
    with ShardWriter(corpus, SHARD) as writer:
        for document, own in rows:
            writer.write(document, own)
    return corpus


@given(rows=shards())
@settings(deadline=None, max_examples=40)
def test_rows_come_back_from_parquet_as_they_were(rows: Rows) -> None:
    with TemporaryDirectory() as folder:
        assert list(units(write(folder, rows), SHARD)) == rows


@given(rows=shards())
@settings(deadline=None, max_examples=15)
def test_the_same_rows_are_the_same_bytes(rows: Rows) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        first, second = write(one, rows), write(other, rows)
        files = sorted(path.relative_to(first) for path in first.rglob("*.parquet"))

        assert files == sorted(path.relative_to(second) for path in second.rglob("*.parquet"))
        assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


@given(rows=shards())
@settings(deadline=None, max_examples=40)
def test_every_export_can_be_read_and_holds_every_unit(rows: Rows) -> None:
    with TemporaryDirectory() as folder:
        corpus = write(folder, rows)
        exports = corpus / "exports"
        every = [unit for _, own in rows for unit in own]
        translated = [unit for unit in every if not unit.passthrough]

        (lines,) = jsonl.export(corpus, [SHARD], exports)
        assert [json.loads(line) for line in lines.read_bytes().splitlines()] == [
            json.loads(json.dumps(asdict(unit))) for unit in every
        ]
        (memory,) = tmx.export(corpus, [SHARD], exports)
        assert sides(memory) == [(clean(unit.source), clean(unit.target)) for unit in translated]
        for path in xces.export(corpus, [SHARD], exports):
            ET.parse(path)  # noqa: S314 # our own file
        for path in moses.export(corpus, [SHARD], exports):
            source = path.name.partition("-en.")[0]
            own = [unit for unit in translated if (unit.source_language or "und") == source]
            assert len(path.read_text(encoding="utf-8").splitlines()) == len(own)


def sides(path: Path) -> list[tuple[str, str]]:
    found = []
    for unit in ET.parse(path).iter("tu"):  # noqa: S314 # our own file
        source, target = (segment.text or "" for segment in unit.iter("seg"))
        found.append((source, target))
    return found


def clean(text: str) -> str:
    """Return what XML can hold of a text."""
    spaced = "".join(" " if one in "\v\f\x1c\x1d\x1e\x1f" else one for one in text)
    return "".join(one for one in spaced if one in "\t\n\r" or " " <= one not in "\ufffe\uffff")


@given(text=TEXT)
def test_markup_gives_back_all_that_xml_can_hold(text: str) -> None:
    element = ET.fromstring(markup.element("s", text, xml_lang=text))  # noqa: S314 # our own

    assert (element.text or "") == clean(text)
    assert list(element.attrib.values()) == [clean(text)]


@given(unit=unit_rows())
def test_token_links_stay_inside_both_lines(unit: TranslationUnit) -> None:
    sources, targets = len(unit.source.split()), len(unit.target.split())

    for source, target in moses.token_links(unit):
        assert 0 <= source < sources
        assert 0 <= target < targets


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_utf_8_is_never_taken_for_anything_else(text: str) -> None:
    decoded = decode(text.encode())

    assert decoded.fault or text.startswith("\ufeff") or decoded.text == text
    assert not decoded.guessed


@given(data=st.binary(max_size=300))
def test_any_bytes_are_text_or_have_a_fault(data: bytes) -> None:
    decoded = decode(data)

    decoded.text.encode()
    assert decoded.fault is None or decoded.text == ""
