"""The stored form: bounded groups of rows, one file a language, no file of a shard that failed."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from pipeline.corpus import DocumentRow, TranslationUnit, document_row, units
from pipeline.formats import parquet
from pipeline.formats.parquet import ShardWriter, document_schema, read_documents, read_units, unit_schema
from tests.corpora import SHARD, store
from tests.documents import document

if TYPE_CHECKING:
    from pathlib import Path


def test_columns_are_the_fields_of_the_rows() -> None:
    assert unit_schema().names == [field.name for field in fields(TranslationUnit)]
    assert document_schema().names == [field.name for field in fields(DocumentRow)]


def test_units_stand_in_a_folder_of_their_language(tmp_path: Path) -> None:
    corpus = store(tmp_path / "corpus")
    found = {
        language: {row.source_language for row in read_units(corpus / "units" / language / f"{SHARD}.parquet")}
        for language in ("ru", "en")
    }

    assert found == {"ru": {"ru"}, "en": {"en"}}


def test_units_of_no_known_language_have_a_folder_too(tmp_path: Path) -> None:
    whole = document()
    segments = tuple(replace(segment, language=None) for segment in whole.segments)
    corpus = store(tmp_path / "corpus", [replace(whole, segments=segments)])

    assert [path.name for path in (corpus / "units").iterdir()] == ["und"]


def test_a_document_gets_its_units_of_all_languages_in_order(tmp_path: Path) -> None:
    corpus = store(tmp_path / "corpus")
    rows = list(parquet.units(corpus, SHARD))

    assert [row.uri for row, _ in rows] == ["a.txt", "b.txt"]
    assert [[unit.source_language for unit in own] for _, own in rows] == [["ru", "ru", "en"]] * 2


def test_the_footer_names_no_clock_and_no_machine(tmp_path: Path) -> None:
    corpus = store(tmp_path / "corpus")
    metadata = pq.read_metadata(corpus / "documents" / f"{SHARD}.parquet").metadata

    assert set(metadata) == {b"ARROW:schema"}


def test_groups_of_rows_are_bounded_by_rows_and_by_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_GROUP", 5)
    monkeypatch.setattr(parquet, "CHARACTERS_A_GROUP", 1_000)
    rows = [replace(document_row(document()), uri=f"{number}", text="a" * length) for number, length in LENGTHS]
    with ShardWriter(tmp_path, SHARD) as writer:
        for row in rows:
            writer.write(row, [])
    path = tmp_path / "documents" / f"{SHARD}.parquet"
    metadata = pq.read_metadata(path)

    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [5, 2, 1, 1]
    assert list(read_documents(path)) == rows


LENGTHS = list(enumerate([1, 1, 1, 1, 1, 500, 500, 5_000, 10]))


def test_a_fault_leaves_no_file_of_the_shard(tmp_path: Path) -> None:
    whole = document()

    def fail() -> None:
        with ShardWriter(tmp_path, SHARD) as writer:
            writer.write(document_row(whole), units(whole, "v:1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_disk_that_fills_up_is_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    code = (
        "import os, sys; from dataclasses import replace; from pathlib import Path\n"
        "from pipeline.corpus import document_row; from pipeline.errors import OutputError\n"
        "from pipeline.formats.parquet import ShardWriter; from tests.documents import document\n"
        "row = replace(document_row(document()), text=os.urandom(300_000).hex())\n"
        "try:\n"
        "    with ShardWriter(Path(sys.argv[1]), 'shard') as writer: writer.write(row, [])\n"
        "except OutputError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "documents/shard.parquet: expected to write it (got: " in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    corpus = store(tmp_path / "corpus")
    path = corpus / "documents" / f"{SHARD}.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["uri"]), path)

    with pytest.raises(ValueError, match="expected the columns of schema"):
        list(read_documents(path))
