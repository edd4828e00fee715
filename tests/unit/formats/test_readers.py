"""Any input is listed in one order, and a bad article is set aside without stopping the others."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import zstandard

from pipeline.errors import InputError
from pipeline.formats.readers import (
    article_digest,
    list_articles,
    read_article,
)
from tests.reading import PACKERS, TEXT, facts, read, reason, settings, uris


def test_a_directory_is_read_with_its_subdirectories_in_the_order_of_names(tmp_path: Path) -> None:
    names = ["b.txt", "a/z.txt", "a.txt", "a/b/c.txt", "Ж.txt", "B.txt", "a-b.txt", "a b/x.txt", "a.d/y.txt"]
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
