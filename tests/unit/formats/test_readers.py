"""Any input is listed in one order, and a bad article is set aside without stopping the others."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.errors import InputError
from pipeline.formats.readers import (
    article_digest,
    input_digest,
    list_articles,
    read_article,
    spool_stdin,
)
from pipeline.settings import InputSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.formats.readers import ArticleRef
    from pipeline.records import Document

TEXT = "Заголовок\n\nПервое предложение.\r\nВторое.\n"
PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}


def settings(path: Path | str, **others: object) -> InputSettings:
    return InputSettings.model_validate({"path": str(path), **others})


def uris(path: Path | str, **others: object) -> list[str]:
    return [ref.uri for ref in list_articles(settings(path, **others))]


def read(path: Path | str, **others: object) -> list[Document]:
    source = settings(path, **others)
    return [read_article(ref, source) for ref in list_articles(source)]


def reason(path: Path, data: bytes, **others: object) -> str:
    """Write one article, read it, and return why it is dropped."""
    path.write_bytes(data)
    (document,) = read(path, **others)
    assert document.drop is not None
    assert document.drop.stage == "read"
    return document.drop.reason


def facts(document: Document) -> dict[str, str]:
    return {fact.name: fact.value for fact in document.meta}


def test_a_directory_is_read_with_its_subdirectories_in_the_order_of_names(tmp_path: Path) -> None:
    names = ["b.txt", "a/z.txt", "a.txt", "a/b/c.txt", "Ж.txt", "B.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")

    assert uris(tmp_path) == sorted(names)


def test_hidden_files_and_files_that_are_no_articles_are_left_out(tmp_path: Path) -> None:
    for name in ("a.txt", "README.md", ".hidden.txt", "picture.png", ".git/x.txt", "LICENSE"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")

    assert uris(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("names", [[], ["README.md"], [".hidden.txt"]])
def test_a_directory_without_articles_is_an_error_with_its_cure(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()

    with pytest.raises(InputError, match=r"expected articles \(got none .*\); name another --input"):
        uris(tmp_path)


@pytest.mark.parametrize("name", ["nothing", "nothing/*.txt"])
def test_an_input_that_does_not_exist_is_an_error_with_its_cure(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="name another --input"):
        uris(tmp_path / name)


def test_a_glob_takes_the_files_that_match(tmp_path: Path) -> None:
    for name in ("one/a.txt", "two/a.txt", "two/b.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")

    assert uris(tmp_path / "*" / "a.txt") == ["one/a.txt", "two/a.txt"]


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "[a]*.txt"
    path.write_text(TEXT, encoding="utf-8")

    assert uris(path) == ["[a]*.txt"]


def test_a_single_file_of_any_name_is_an_article(tmp_path: Path) -> None:
    path = tmp_path / "article"
    path.write_text("Заголовок\n\nПервое.\n", encoding="utf-8")

    assert [document.text for document in read(path)] == ["Заголовок\n\nПервое.\n"]
    assert uris(path) == ["article"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    documents = read(tmp_path)

    assert [document.uri for document in documents] == ["a.txt", "self.txt"]
    assert [document.drop is None for document in documents] == [True, False]


def test_a_name_that_is_no_utf_8_becomes_a_uri_that_is(tmp_path: Path) -> None:
    name = os.fsdecode("статья.txt".encode("cp1251"))
    (tmp_path / name).write_text(TEXT, encoding="utf-8")
    (document,) = read(tmp_path)

    assert document.uri == r"\xf1\xf2\xe0\xf2\xfc\xff.txt"
    assert document.text == TEXT


def test_the_text_is_decoded_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    (document,) = read(path)

    assert document.text == TEXT
    assert document.drop is None
    assert facts(document) == {"encoding": "utf-8"}


def test_a_guess_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode("cp1251"))
    (document,) = read(path)

    assert document.text == TEXT
    assert facts(document) == {"encoding": "cp1251", "encoding_guessed": "true"}


def test_a_repair_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((TEXT + "я").encode()[:-1])
    (document,) = read(path)

    assert document.text == TEXT
    assert facts(document)["encoding_repair"] == "1 bytes of a character cut off at the end"


@pytest.mark.parametrize("ending", PACKERS)
def test_a_compressed_article_is_unpacked(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"a.txt{ending}").write_bytes(PACKERS[ending](TEXT.encode()))
    (document,) = read(tmp_path)

    assert document.uri == f"a.txt{ending}"
    assert document.text == TEXT


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty: "),
        (b" \n\t\r\n\xc2\xa0\xe2\x80\x8b\n", "blank: "),
        (b"%PDF-1.7 \xe2\xe3\xcf\xd3", "binary: "),
        (b"article\0with\0zeros", "binary: "),
        (bytes(range(1, 32)) * 9, "binary: "),
        (bytes(range(128, 256)) * 9, "undecodable: "),
    ],
    ids=["empty", "blank", "magic", "zeros", "controls", "noise"],
)
def test_a_bad_article_says_why_in_a_word(tmp_path: Path, data: bytes, expected: str) -> None:
    assert reason(tmp_path / "a.txt", data).startswith(expected)


def test_a_line_of_50_megabytes_is_too_long_and_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    (document,) = read(path)

    assert document.drop is not None
    assert document.drop.reason.startswith("too_long: ")
    assert document.text == ""


def test_an_article_of_too_many_characters_is_too_long(tmp_path: Path) -> None:
    expected = "too_long: 6 characters (limit 5)"

    assert reason(tmp_path / "a.txt", b"abcdef", max_article_characters=5) == expected


def test_a_compression_bomb_is_too_long(tmp_path: Path) -> None:
    bomb = zstandard.compress(b"a" * 100_000_000)

    assert reason(tmp_path / "a.txt.zst", bomb).startswith("too_long: ")


@pytest.mark.parametrize("ending", PACKERS)
def test_damaged_compression_is_unreadable(tmp_path: Path, ending: str) -> None:
    packed = PACKERS[ending](TEXT.encode())

    assert "damaged compression" in reason(tmp_path / f"a.txt{ending}", packed[:-9])


def test_an_article_that_vanishes_is_unreadable_for_now(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    source = settings(path)
    (ref,) = list_articles(source)
    path.unlink()
    document = read_article(ref, source)

    assert document.drop is not None
    assert document.drop.transient
    assert document.drop.reason == "unreadable: No such file or directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_article_that_may_not_be_read_is_unreadable_for_now(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0)
    (document,) = read(path)

    assert document.drop is not None
    assert document.drop.transient
    assert document.drop.reason == "unreadable: Permission denied"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails on reading")
def test_an_article_whose_bytes_cannot_be_read_is_unreadable_for_now(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("/proc/self/mem")
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")
    first, second = read(tmp_path)

    assert first.drop is not None
    assert first.drop.transient
    assert first.drop.reason == "unreadable: Input/output error"
    assert second.drop is None


def test_a_pipe_and_a_socket_do_not_stop_the_others(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "z.txt").write_text(TEXT, encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket.txt"))
        documents = read(tmp_path)
        digests = [article_digest(ref) for ref in list_articles(settings(tmp_path))]

    assert [document.drop.reason if document.drop else None for document in documents] == [
        "unreadable: not a regular file",
        "unreadable: not a regular file",
        None,
    ]
    assert len(digests) == 3


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


def test_a_damaged_parquet_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nonsense")

    with pytest.raises(InputError, match=r"a\.parquet: expected to read its rows"):
        uris(tmp_path)


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
