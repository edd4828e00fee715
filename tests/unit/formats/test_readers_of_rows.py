"""JSONL and Parquet: an article a row, each read cheaply, a bad one by itself."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.formats.readers import (
    article_digest,
    input_digest,
    list_articles,
    read_article,
    spool_stdin,
)
from tests.reading import PACKERS, TEXT, facts, read, settings, uris

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef

LINES = [
    {"text": "Первый", "uri": "https://news.example/1", "site": "example", "year": 2022, "x": [1]},
    {"text": "Второй\u2028\n"},
]


def jsonl(rows: list[object], end: str = "\n") -> bytes:
    return end.join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


@pytest.mark.parametrize("ending", ["", *PACKERS])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n"])
def test_json_lines_are_one_article_each(tmp_path: Path, ending: str, end: str) -> None:
    pack = PACKERS.get(ending, bytes)
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(pack(jsonl([*LINES], end)))
    first, second = read(tmp_path)

    assert first.text == "Первый"
    assert first.uri == "https://news.example/1"
    assert facts(first) == {"site": "example", "year": "2022", "row": f"a.jsonl{ending}#0"}
    assert second.text == "Второй\u2028\n"
    assert second.uri == f"a.jsonl{ending}#{end.count(chr(10))}"
    assert second.meta == ()


@pytest.mark.parametrize("ending", ["", *PACKERS])
def test_json_lines_can_be_read_in_any_order(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    texts = [f"text {number} {'x' * number * 100}" for number in range(50)]
    path.write_bytes(PACKERS.get(ending, bytes)(jsonl([{"text": text} for text in texts])))
    source = settings(path)
    refs = list(list_articles(source))
    order = [*range(49, -1, -1), *range(50), *range(0, 50, 7), *range(1, 50, 3)]

    assert [read_article(refs[index], source).text for index in order] == [texts[index] for index in order]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"text": "cut', "invalid_json: "),
        (b"[1, 2]", "invalid_json: expected an object (got list)"),
        (b'{"text": "\xff"}', "invalid_json: "),
        (b"{" * 100_000, "invalid_json: "),
        (b'{"text": 1' + b"0" * 5_000 + b"}", "invalid_json: "),
        (b'{"body": "text"}', "invalid_row: expected text in the field 'text' (got nothing)"),
        (b'{"text": null}', "invalid_row: expected text in the field 'text' (got nothing)"),
        (b'{"text": ["a"]}', "invalid_row: expected text in the field 'text' (got list)"),
        (b'{"text": ""}', "empty: "),
        (b'{"text": " \\n"}', "blank: "),
    ],
    ids=range(10),
)
def test_a_bad_line_says_why_and_stops_no_other(tmp_path: Path, line: bytes, expected: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl([LINES[0]]) + b"\n" + line + b"\n" + jsonl([LINES[1]]))
    before, bad, after = read(path)

    assert bad.drop is not None
    assert bad.drop.reason.startswith(expected)
    assert before.drop is after.drop is None


def test_half_a_surrogate_pair_in_json_is_replaced_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(rb'{"text": "a\ud83d b\ud83d\ude00", "uri": "\udc00", "k\ud800": "v\udfff"}')
    (document,) = read(path)

    assert document.text == "a\ufffd b😀"
    assert document.uri == "\ufffd"
    assert facts(document)["k\ufffd"] == "v\ufffd"
    assert "U+FFFD" in facts(document)["encoding_repair"]


def test_the_fields_of_rows_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl([{"body": "Текст", "url": "u:1", "text": "teaser"}]))
    (document,) = read(path, text_field="body", uri_field="url")

    assert (document.text, document.uri) == ("Текст", "u:1")
    assert facts(document)["text"] == "teaser"


def test_two_rows_with_the_same_uri_and_text_are_two_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl([LINES[0], LINES[0]]))
    documents = read(path)

    assert len({document.id for document in documents}) == 2


def parquet(path: Path, rows: int = 10, group: int = 3) -> None:
    texts = [f"Текст {number}" for number in range(rows)]
    table = pa.table({"text": texts, "uri": [f"u:{i}" for i in range(rows)], "n": range(rows)})
    pq.write_table(table, path, row_group_size=group)


def test_rows_of_parquet_are_one_article_each(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet")
    documents = read(tmp_path)

    assert [document.text for document in documents] == [f"Текст {i}" for i in range(10)]
    assert documents[4].uri == "u:4"
    assert facts(documents[4]) == {"n": "4", "row": "a.parquet#4"}


def test_a_parquet_file_without_the_column_gives_bad_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": ["a", None]}), tmp_path / "a.parquet")
    documents = read(tmp_path)

    assert [document.drop is not None for document in documents] == [True, True]


def test_a_damaged_parquet_file_is_one_unreadable_article(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nonsense")
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")
    bad, good = read(tmp_path)

    assert bad.drop is not None
    assert bad.drop.reason.startswith("unreadable: ")
    assert "\n" not in bad.drop.reason
    assert (bad.uri, good.text) == ("a.parquet#0", TEXT)
    assert len({article_digest(ref) for ref in list_articles(settings(tmp_path))}) == 2


@pytest.mark.parametrize("ending", PACKERS)
def test_the_lines_before_a_damage_are_read_and_the_damage_is_told(tmp_path: Path, ending: str) -> None:
    texts = [f"text {number} {number * 7919 % 10007}" for number in range(5_000)]
    packed = PACKERS[ending](jsonl([{"text": text} for text in texts]))
    (tmp_path / f"a.jsonl{ending}").write_bytes(packed[: len(packed) // 2])
    *whole, last = read(tmp_path)

    assert [document.text for document in whole] == texts[: len(whole)]
    assert all(document.drop is None for document in whole)
    assert last.drop is not None
    assert last.drop.reason == "unreadable: damaged compression: it is cut off"


def test_formats_mix_in_a_directory_and_one_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.jsonl").write_bytes(jsonl([LINES[0]]))
    parquet(tmp_path / "c.parquet", rows=1)

    assert uris(tmp_path) == ["a.txt", "b.jsonl#0", "c.parquet#0"]
    assert uris(tmp_path, format="jsonl") == ["b.jsonl#0"]


def test_a_format_that_is_named_holds_for_a_file_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / "export.dat"
    path.write_bytes(jsonl([*LINES]))

    assert len(uris(path, format="jsonl")) == 2


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.jsonl.gz"])
def test_the_digest_changes_with_the_bytes_only(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    pack = PACKERS.get(path.suffix, bytes)

    def digest(text: str) -> str:
        path.write_bytes(pack(jsonl([{"text": text}])))
        os.utime(path, ns=(0, len(text)))
        return input_digest(list_articles(settings(path)))

    first, changed, again = digest("text"), digest("texts"), digest("text")

    assert first == again != changed


@pytest.mark.parametrize(
    ("data", "kind", "expected"),
    [
        (TEXT.encode(), "auto", "stdin.txt"),
        (jsonl([*LINES]), "auto", "stdin.jsonl"),
        (jsonl([*LINES]), "text", "stdin.txt"),
        (b"", "auto", "stdin.txt"),
    ],
)
def test_standard_input_is_spooled_as_what_it_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, kind: str, expected: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    path = spool_stdin(tmp_path / "input", kind)

    assert path == tmp_path / "input" / expected
    assert path.read_bytes() == data


def test_refs_are_small_and_hold_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl([{"text": "x" * 1_000_000}]))
    (ref,) = list_articles(settings(path))

    assert len(repr(ref)) < 400 + len(str(path))
    assert size(ref) == 1_000_000 + len('{"text": ""}')


def size(ref: ArticleRef) -> int:
    return ref.length
