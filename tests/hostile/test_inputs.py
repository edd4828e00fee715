"""Hostile rows, files and folders: each is read or set aside with a reason, in little time and memory."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import socket
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.formats.parquet import read_documents
from tests.hostile.checking import ALL_FORMATS, command, file_faults, reject_faults
from tests.running import problems, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.corpus import DocumentRow

NEWS = "Президент страны подписал закон о бюджете.\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a folder with one good article."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "good.txt").write_text(NEWS, encoding="utf-8")
    return folder


def documents(source: Path, *overrides: str) -> dict[str, DocumentRow]:
    """Run a folder in all formats, assert that nothing is wrong, and return its documents by their places."""
    corpus = source.parent / "corpus"
    run(source, corpus, ALL_FORMATS, *overrides)
    rows = {row.place: row for path in corpus.glob("documents/*") for row in read_documents(path)}

    assert problems(corpus, source) == ()
    assert list(reject_faults(corpus)) == []
    assert list(file_faults(corpus)) == []
    assert rows["good.txt"].counts.units == 1
    return rows


ROWS: dict[str, tuple[bytes, str | None]] = {
    "a list": (b"[1, 2]", "invalid_json: expected an object"),
    "a number of 10,000 digits": (b'{"text": ' + b"1" * 10_000 + b"}", "invalid_json"),
    "such a number beside the text": (b'{"text": "a b.", "n": ' + b"1" * 10_000 + b"}", "invalid_json"),
    "no number": (b'{"text": "a b.", "n": NaN, "m": -Infinity, "k": 1e999}', None),
    "a text that is a number": (b'{"text": 1}', "invalid_row"),
    "a text that is null": (b'{"text": null}', "invalid_row"),
    "a text that is a list": (b'{"text": ["a"]}', "invalid_row"),
    "no text": (b'{"uri": "a"}', "invalid_row"),
    "keys twice": (b'{"text": "a b.", "text": "c d."}', None),
    "100,000 levels": (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "invalid_json"),
    "an open depth": (b'{"a":' * 50_000, "invalid_json"),
    "a key of 1 MB": (b'{"text": "a b.", "' + b"k" * 1_000_000 + b'": 1}', None),
    "a byte order mark": (b'\xef\xbb\xbf{"text": "a b."}', None),
    "a zero byte": (b'{"text": "a\0 b."}', "invalid_json"),
    "no UTF-8": (b'{"text": "\xff\xfe"}', "invalid_json"),
    "lone surrogates": (b'{"text": "a \\ud800 b.", "\\udfff": "\\ud800", "uri": "\\udc00"}', None),
    "escaped controls": (b'{"text": "\\u0000\\u001b[2J\\u202e a b.", "uri": "\\u0000\\n\\u001b[2J"}', None),
    "a path": (b'{"text": "a b.", "uri": "../../../etc/passwd"}', None),
    "an absolute path": (b'{"text": "a b.", "uri": "/etc/passwd"}', None),
    "a device": (b'{"text": "a b.", "uri": "CON"}', None),
    "a blank uri": (b'{"text": "a b.", "uri": " "}', None),
    "a uri that is a list": (b'{"text": "a b.", "uri": ["a"]}', None),
    "a uri of 10,000 characters": (b'{"text": "a b.", "uri": "' + b"u/" * 5_000 + b'"}', None),
    "a uri as markup": (b'{"text": "a b.", "uri": "</script><script>alert(1)</script>"}', None),
    "facts of the program's own": (b'{"text": "a b.", "row": "x", "uri": "u", "encoding_repair": "y"}', None),
    "the same uri": (b'{"text": "c d.", "uri": "u"}', None),
    "an empty text": (b'{"text": ""}', "empty"),
    "half a row": (b'{"text": "a b', "invalid_json"),
}


def test_every_row_is_read_or_set_aside_with_a_reason(source: Path) -> None:
    (source / "rows.jsonl").write_bytes(b"\r\n".join(content for content, _ in ROWS.values()))
    found = documents(source)

    for number, (name, (_, reason)) in enumerate(ROWS.items()):
        drop = found[f"rows.jsonl#{number}"].drop_reason
        assert (drop is None) == (reason is None), (name, drop)
        assert (drop or "").startswith(reason or ""), (name, drop)
    assert not list(source.parent.glob("etc"))


def _table(**columns: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def _damaged(content: bytes) -> bytes:
    place = content.index(b"PAR1", 0) + 20
    return content[:place] + b"\xff" * 30 + content[place + 30 :]


TABLES: dict[str, bytes] = {
    "numbers": _table(text=[1, 2]),
    "nulls": _table(text=pa.array([None, "a b."], pa.string())),
    "lists": _table(text=[["a"], []]),
    "bytes": _table(text=[b"\xff\xfe"]),
    "nested": _table(text=[{"a": {"b": "c"}}]),
    "no-text": _table(other=["a"]),
    "no-rows": _table(text=pa.array([], pa.string())),
    "no-columns": _table(),
    "times": _table(text=["a b."], at=pa.array([2**62], pa.timestamp("ns"))),
    "damaged": _damaged(_table(text=["Президент подписал закон."] * 100)),
    "cut": _table(text=["a b."] * 10)[:-20],
    "not": b"PAR1 this is none PAR1",
    "empty": b"",
}


def test_every_table_is_read_or_set_aside_with_a_reason(source: Path) -> None:
    for name, content in TABLES.items():
        (source / f"{name}.parquet").write_bytes(content)
    found = documents(source)

    for name in ("numbers", "lists", "bytes", "nested", "no-text"):
        assert str(found[f"{name}.parquet#0"].drop_reason).startswith("invalid_row"), name
    for name in ("damaged", "cut", "not", "empty"):
        assert str(found[f"{name}.parquet#0"].drop_reason).startswith("unreadable"), name


def _zeros(megabytes: int) -> bytes:
    packer = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join([*(packer.compress(b"a" * (1 << 20)) for _ in range(megabytes)), packer.flush()])


PACKED: dict[str, tuple[bytes, str | None]] = {
    "bomb.txt.gz": (gzip.compress(b"a" * 20_000_000, 1), "too_long"),
    "bomb.txt.zst": (_zeros(100), "too_long"),
    "line.jsonl.gz": (gzip.compress(b'{"text": "' + b"a" * 20_000_000, 1), "too_long"),
    "nested.txt.gz": (gzip.compress(gzip.compress(NEWS.encode())), "binary"),
    "cut.txt.gz": (gzip.compress(NEWS.encode() * 9)[:-9], "unreadable"),
    "cut.txt.zst": (zstandard.compress(NEWS.encode() * 9)[:-3], "unreadable"),
    "members.txt.gz": (gzip.compress(NEWS.encode()) * 3, None),
    "tail.txt.gz": (gzip.compress(NEWS.encode()) + b"garbage", "unreadable"),
    "wrong.txt.gz": (NEWS.encode(), "unreadable"),
    "other.txt.zst": (gzip.compress(NEWS.encode()), "unreadable"),
    "empty.txt.gz": (b"", "empty"),
    "nothing.txt.zst": (zstandard.compress(b""), "empty"),
}


def test_every_packed_file_is_read_or_set_aside_with_a_reason(source: Path) -> None:
    for name, (content, _) in PACKED.items():
        (source / name).write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = documents(source)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    for name, (_, reason) in PACKED.items():
        drop = (found.get(name) or found[f"{name}#0"]).drop_reason
        assert (drop is None) == (reason is None), (name, drop)
        assert (drop or "").startswith(reason or ""), (name, drop)
    assert grown < 300_000  # kilobytes


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")


def _socket(folder: Path) -> None:
    here = os.getcwd()  # noqa: PTH109 # a socket's path must be short
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.txt")
    os.chdir(here)


def _device(folder: Path) -> None:
    (folder / "zero.txt").symlink_to("/dev/zero")


def _loop(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")


def _rows_in_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.jsonl")
    os.mkfifo(folder / "pipe.parquet")


FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_pipe, "pipe.txt"),
    "socket": (_socket, "socket.txt"),
    "device": (_device, "zero.txt"),
    "loop": (_loop, "self.txt"),
    "rows in a pipe": (_rows_in_a_pipe, "pipe.jsonl#0"),
    "a table in a pipe": (_rows_in_a_pipe, "pipe.parquet#0"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_set_aside_and_never_waited_for(source: Path, name: str) -> None:
    make, uri = FILES[name]
    make(source)
    found = documents(source)

    assert str(found[uri].drop_reason).startswith("unreadable")


NAMES = (
    *("a\nb.txt", "a'b\"c.txt", "-rf.txt", "--help.txt", "a\tb.txt", "\x1b[31mred\x1b[0m.txt", "\u202etxt.exe.txt"),
    *(
        "é.txt",
        "e\u0301.txt",
        "A.txt",
        "a.txt",
        "con.txt",
        " .txt",
        "a#1.txt",
        "%s{0}${x}.txt",
        "<b>&.txt",
        "*?[a].txt",
    ),
    *("x" * 240 + ".txt", "a\x85b\u2028c.txt", "=cmd().txt", "|||.txt"),
)


def test_every_file_name_names_its_article(source: Path) -> None:
    for name in NAMES:
        (source / name).write_text(NEWS, encoding="utf-8")
    (source / os.fsdecode(b"\xff\xfe.txt")).write_text(NEWS, encoding="utf-8")
    found = documents(source, "shards.articles=2")

    assert len(found) == len(NAMES) + 2
    assert set(NAMES) < set(found)


def test_file_names_that_are_written_alike_are_both_kept(source: Path) -> None:
    (source / "\\xff.txt").write_text(NEWS, encoding="utf-8")
    (source / os.fsdecode(b"\xff.txt")).write_text("Другая статья.\n", encoding="utf-8")
    corpus = source.parent / "corpus"
    run(source, corpus)
    texts = {row.uri: row.text for path in corpus.glob("documents/*") for row in read_documents(path)}

    assert texts == {"good.txt": NEWS, "\\\\xff.txt": NEWS, "\\xff.txt": "Другая статья.\n"}
    assert problems(corpus, source) == ()


def test_no_escape_of_a_file_name_reaches_the_terminal(source: Path) -> None:
    (source / "\x1b]0;owned\x07\u202e.txt").write_bytes(b"\xff" * 99)
    (source / "\x1b[31m").mkdir()
    outputs = [
        command("plan", "minimal", "-i", source, "-o", source.parent / "\x1b[31mcorpus"),
        command("run", "minimal", "-i", source / "\x1b[31m", "-o", source.parent / "corpus2"),
        command("check", "\x1b[31m\u202e.yaml", "--set", "\x1b[31m=1"),
    ]

    for one in outputs:
        assert "\x1b" not in one.stdout + one.stderr
        assert "\u202e" not in one.stdout + one.stderr
        assert "\x07" not in one.stdout + one.stderr


def test_a_folder_deeper_than_the_longest_path_is_read_or_refused_in_one_line(source: Path) -> None:
    here = os.getcwd()  # noqa: PTH109 # back to where it was
    os.chdir(source)
    for _ in range(25):
        os.mkdir("d" * 200)  # noqa: PTH102 # a whole path would be too long
        os.chdir("d" * 200)
    os.chdir(here)
    result = command("run", "minimal", "-i", source, "-o", source.parent / "corpus")

    assert "Traceback" not in result.stderr
    assert result.code in (0, 3), result.stderr


def test_a_uri_in_a_row_reaches_no_path(source: Path) -> None:
    rows = [{"text": NEWS, "uri": uri} for uri in ("../../../escaped.txt", "/tmp/escaped.txt", "a/../../b", "\0")]  # noqa: S108 # none is opened
    (source / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    before = set(source.parent.rglob("*"))
    documents(source)
    made = set(source.parent.rglob("*")) - before

    assert all(path.is_relative_to(source.parent / "corpus") for path in made)
