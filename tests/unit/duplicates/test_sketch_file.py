"""Sketches are kept between runs; what is damaged, or made by another recipe, is not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.duplicates.sketch_file import RECIPE_BYTES, KnownSketches, write_sketches
from pipeline.duplicates.sketches import RECORD, Sketcher
from pipeline.errors import OutputError
from tests.unit.duplicates.test_sketches import kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

RECIPE, OTHER = b"r" * RECIPE_BYTES, b"s" * RECIPE_BYTES
KEYS = [b"9" * 16, b"1" * 15 + b"\0", b"5" * 16]
RECORDS = [Sketcher().sketch(kept(f"Text number {key.hex()}."), key) for key in KEYS]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "new" / "corpus.sketches"
    written = write_sketches(path, RECIPE, RECORDS)
    assert [record.tobytes() for record in written] == RECORDS
    return path


def found(file: Path, recipe: bytes = RECIPE, keys: Sequence[bytes] = KEYS) -> list[bytes | None]:
    with KnownSketches(file, recipe) as known:
        return [known.find(key) for key in keys]


def test_a_file_that_is_replaced_while_it_is_read_does_no_harm(file: Path) -> None:
    with KnownSketches(file, RECIPE) as known:
        write_sketches(file, RECIPE, RECORDS[1:])

        assert [known.find(key) for key in KEYS] == RECORDS
    assert found(file) == [None, *RECORDS[1:]]


def test_what_was_written_is_found_again(file: Path) -> None:
    assert found(file) == RECORDS
    assert found(file, keys=[b"z" * 16, b"\0" * 16]) == [None, None]


def test_another_recipe_knows_nothing(file: Path) -> None:
    assert found(file, OTHER) == [None, None, None]


def test_a_damaged_sketch_is_not_used_and_the_others_are(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[RECIPE_BYTES + 100] ^= 4
    file.write_bytes(content)

    assert found(file) == [None, *RECORDS[1:]]


@pytest.mark.parametrize("size", [0, 10, RECIPE_BYTES, RECIPE_BYTES + 1])
def test_of_a_file_cut_short_nothing_is_used(file: Path, size: int) -> None:
    file.write_bytes(file.read_bytes()[:size])

    assert found(file) == [None, None, None]


def test_a_file_cut_in_the_middle_keeps_what_is_whole(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: RECIPE_BYTES + RECORD.itemsize + 9])

    assert found(file) == [RECORDS[0], None, None]


def test_a_missing_file_knows_nothing(tmp_path: Path) -> None:
    assert found(tmp_path / "none") == [None, None, None]


def test_no_articles_are_a_file_without_sketches(tmp_path: Path) -> None:
    assert len(write_sketches(tmp_path / "corpus.sketches", RECIPE, [])) == 0


def test_a_fault_leaves_the_old_file_and_nothing_beside_it(file: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield RECORDS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sketches(file, RECIPE, broken())

    assert list(file.parent.iterdir()) == [file]
    assert found(file) == RECORDS


def test_what_was_sketched_before_a_crash_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.duplicates.sketch_file.FIRST_KEPT", 2)

    def broken() -> Iterator[bytes]:
        yield from RECORDS
        raise KeyboardInterrupt

    file.unlink()
    with pytest.raises(KeyboardInterrupt):
        write_sketches(file, RECIPE, broken())

    assert found(file)[:2] == RECORDS[:2]


def test_what_is_known_is_not_replaced_by_less(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.duplicates.sketch_file.FIRST_KEPT", 1)

    def broken() -> Iterator[bytes]:
        yield from RECORDS[1:]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sketches(file, RECIPE, broken(), known=3)

    assert found(file) == RECORDS


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match=r"file/corpus\.sketches: expected to write sketches"):
        write_sketches(tmp_path / "file" / "corpus.sketches", RECIPE, RECORDS)
