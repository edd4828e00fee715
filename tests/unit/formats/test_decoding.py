"""Bytes become the text that they were, or are refused; a guess is always said to be one."""

from __future__ import annotations

import codecs
import random

import pytest

from pipeline.formats.decoding import decode

RUSSIAN = "Президент Казахстана обратился к главам государств ОДКБ за помощью."
ARABIC = "أعلن الرئيس حالة الطوارئ في البلاد بعد احتجاجات واسعة."
FRENCH = "Le président a décrété l’état d’urgence où « la sécurité » était menacée."
POLISH = "Prezydent powiedział, że żaden człowiek nie zginął w środę."
GREEK = "Ο πρόεδρος της χώρας δήλωσε ότι η κατάσταση είναι κρίσιμη."
TURKISH = "Cumhurbaşkanı yaptığı açıklamada olağanüstü hâl ilan edildiğini söyledi."
CHINESE = "总统表示,该国局势严重,安全部队已经控制了首都的机场。"


@pytest.mark.parametrize("text", [RUSSIAN, ARABIC, FRENCH, CHINESE, "plain", "\t a \r\n b \r c \n"])
def test_utf_8_comes_back_exactly_and_is_no_guess(text: str) -> None:
    decoded = decode(text.encode())

    assert (decoded.text, decoded.encoding, decoded.guessed) == (text, "utf-8", False)
    assert decoded.repair is decoded.fault is None


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding_and_is_not_part_of_the_text(mark: bytes, encoding: str) -> None:
    decoded = decode(mark + RUSSIAN.encode(encoding))

    assert (decoded.text, decoded.encoding, decoded.guessed) == (RUSSIAN, encoding, False)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [RUSSIAN, ARABIC, FRENCH])
def test_utf_16_without_a_mark_is_recognised(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))

    assert (decoded.text, decoded.encoding, decoded.guessed) == (text, encoding, True)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((RUSSIAN, name) for name in ("cp1251", "koi8_r", "cp866", "iso8859_5")),
        *((ARABIC, name) for name in ("cp1256", "iso8859_6")),
        (FRENCH, "cp1252"),
        (FRENCH.replace("’", "'"), "iso8859_1"),
        *((POLISH, name) for name in ("cp1250", "iso8859_2")),
        *((GREEK, name) for name in ("cp1253", "iso8859_7")),
        (TURKISH, "cp1254"),
        (CHINESE, "gb18030"),
        ("Токаев", "cp1251"),
        ("Токаев", "koi8_r"),
        ("L’été à Nîmes", "cp1252"),
        ("Le président est au café", "cp1252"),
        ("Plain English. " * 5_000 + "A café in Orléans, a « déjà vu ».", "cp1252"),
        ("Plain English.\n" * 5_000 + RUSSIAN, "cp1251"),
    ],
)
def test_a_legacy_code_page_is_recognised_and_said_to_be_a_guess(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))

    assert decoded.text == text
    assert decoded.guessed
    assert decoded.encoding is not None


def test_an_encoding_that_is_asked_for_is_used() -> None:
    decoded = decode(RUSSIAN.encode("koi8_r"), "koi8_r")

    assert (decoded.text, decoded.encoding, decoded.guessed) == (RUSSIAN, "koi8_r", False)


def test_bytes_that_do_not_fit_the_encoding_asked_for_are_refused() -> None:
    decoded = decode(RUSSIAN.encode("cp1251"), "utf-8")

    assert decoded.text == ""
    assert decoded.fault == "undecodable: expected utf-8 (got byte 0xcf at 0)"


@pytest.mark.parametrize("cut", [1, 2])
def test_utf_8_that_is_cut_off_keeps_all_but_the_cut_character(cut: int) -> None:
    decoded = decode((RUSSIAN + "€").encode()[:-cut])

    assert (decoded.text, decoded.encoding) == (RUSSIAN, "utf-8")
    assert decoded.repair == f"{3 - cut} bytes of a character cut off at the end"


def test_a_few_wrong_bytes_do_not_make_utf_8_another_encoding() -> None:
    data = (RUSSIAN * 3).encode().replace("з".encode(), b"\xff", 1)
    decoded = decode(data)

    assert decoded.encoding == "utf-8"
    assert decoded.text == (RUSSIAN * 3).replace("з", "\ufffd", 1)
    assert decoded.repair == "1 undecodable places replaced by U+FFFD"


def test_a_replacement_character_of_the_article_itself_is_no_repair() -> None:
    assert decode(f"{RUSSIAN}\ufffd".encode()).repair is None


def test_a_byte_that_the_guessed_code_page_lacks_is_replaced_and_recorded() -> None:
    decoded = decode(RUSSIAN.encode("cp1251") * 9 + b"\x98")

    assert decoded.text == RUSSIAN * 9 + "\ufffd"
    assert decoded.repair == "1 undecodable places replaced by U+FFFD"


def test_random_bytes_are_no_text() -> None:
    decoded = decode(bytes(range(256)) * 4)

    assert decoded.text == ""
    assert decoded.fault is not None


def test_a_stray_zero_byte_does_not_cost_the_article() -> None:
    text = f"{RUSSIAN} \0{RUSSIAN}"

    assert decode(text.encode()).text == text


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4 some text",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04 zip",
        b"\x1f\x8b\x08 gzip inside",
        b"text with \0 in it",
        b"\x01\x02\x03\x04 controls",
    ],
    ids=range(6),
)
def test_what_is_no_text_is_refused_as_binary(data: bytes) -> None:
    decoded = decode(data)

    assert decoded.text == ""
    assert str(decoded.fault).startswith("binary: ")


def test_noise_is_refused() -> None:
    noise = random.Random(0).randbytes(4_000).replace(b"\0", b"")  # noqa: S311 # no secret
    decoded = decode(noise)

    assert decoded.text == ""
    assert str(decoded.fault).startswith(("undecodable: ", "binary: "))
