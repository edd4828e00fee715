"""Bytes of an article to text: UTF-8, UTF-16, or the code page that the bytes look like."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace

from pipeline.formats import code_pages

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\xff\xd8\xff",
    b"\x7fELF",
    b"GIF8",
    b"PAR1",
    b"\x28\xb5\x2f\xfd",
)
"""First bytes of files that are no text, whatever their name says."""

CONTROL_SHARE = 0.05
"""A text with a larger share of control characters, tabs and breaks aside, is binary."""

REPAIR_SHARE = 0.02
"""UTF-8 with a smaller share of wrong places among what is not ASCII was damaged on its way."""

UTF_16 = ("utf-16-le", "utf-16-be")

HIGH_BYTES = bytes(range(8))
"""Every second byte of UTF-16 in an alphabet: Latin, Greek, Cyrillic, Hebrew, Arabic."""

MULTIBYTE = ("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr")
"""Legacy encodings of East Asia, which charset-normalizer tells apart."""

SAMPLE_BYTES = 50_000
"""Bytes that the guess of an East Asian encoding looks at; more do not change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text, in what encoding it was, whether that is a guess, what was mended or is wrong."""

    text: str
    encoding: str | None = None
    guessed: bool = False
    repair: str | None = None
    fault: str | None = None


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Decode an article; a byte order mark is not part of its text, line ends stay as they are.

    `fault` says why there is no text: `binary: …` or `undecodable: …`.
    """
    if encoding is not None:
        return _as_asked(data, encoding)
    for mark, name in BOMS:
        if data.startswith(mark):
            return _checked(_tolerant(data[len(mark) :], name))
    if data.startswith(MAGIC):
        return Decoded(text="", fault="binary: the first bytes are those of another kind of file")
    if data.count(0) > CONTROL_SHARE * len(data):
        return _without_mark(data)
    try:
        return _checked(Decoded(text=data.decode("utf-8"), encoding="utf-8"))
    except UnicodeDecodeError as error:
        return _damaged(data, error) or _checked(_guess(data))


def _as_asked(data: bytes, encoding: str) -> Decoded:
    for mark, name in BOMS:
        if data.startswith(mark) and codecs.lookup(name).name == codecs.lookup(encoding).name:
            data = data[len(mark) :]
    try:
        return _checked(Decoded(text=data.decode(encoding), encoding=encoding))
    except UnicodeDecodeError as error:
        got = f"byte 0x{data[error.start]:02x} at {error.start}"
        return Decoded(text="", fault=f"undecodable: expected {encoding} (got {got})")


def _tolerant(data: bytes, encoding: str) -> Decoded:
    """Decode in an encoding that is sure; what does not fit becomes U+FFFD, and is counted."""
    text = data.decode(encoding, "replace")
    own = "\ufffd".encode(encoding, "ignore")
    lost = text.count("\ufffd") - (data.count(own) if own else 0)
    repair = f"{lost} undecodable places replaced by U+FFFD" if lost > 0 else None
    return Decoded(text=text, encoding=encoding, repair=repair)


def _damaged(data: bytes, error: UnicodeDecodeError) -> Decoded | None:
    """Return UTF-8 that was cut off or has a few wrong bytes; None when it is something else.

    One byte after an ASCII letter, with only ASCII before, is no cut: *café* ends so in cp1252.
    """
    cut = len(data) - error.start
    whole = data[: error.start]
    lone = cut == 1 and whole.isascii() and whole[-1:].isalpha()
    if error.end == len(data) and error.reason == "unexpected end of data" and not lone:
        repair = f"{cut} bytes of a character cut off at the end"
        return _checked(Decoded(text=whole.decode("utf-8"), encoding="utf-8", repair=repair))
    damaged = _tolerant(data, "utf-8")
    other = sum(not character.isascii() for character in damaged.text)
    wrong = damaged.text.count("\ufffd")
    return None if wrong > REPAIR_SHARE * other else _checked(damaged)


def _without_mark(data: bytes) -> Decoded:
    """Decode UTF-16 without a mark, in the byte order that spells more words; else it is binary."""
    odd = "1 bytes of a character cut off at the end" if len(data) % 2 else None
    texts = {name: data[: len(data) // 2 * 2].decode(name, "replace") for name in UTF_16}
    best = max(texts, key=lambda name: texts[name].count(" ") + texts[name].count("\n"))
    text = texts[best]
    words = sum(character.isalpha() or character.isspace() for character in text)
    spelled = words > len(text) / 2 and len(data.translate(None, HIGH_BYTES)) < len(data) * 3 / 4
    if not spelled or "\0" in text or "\ufffd" in text:
        return Decoded(text="", fault="binary: zero bytes")
    return _checked(Decoded(text=text, encoding=best, guessed=True, repair=odd))


def _guess(data: bytes) -> Decoded:
    """Decode by the likeliest legacy encoding."""
    encoding = code_pages.guess(data) or _guess_multibyte(data)
    if encoding is None:
        return Decoded(text="", fault="undecodable: neither UTF-8 nor a known code page")
    return replace(_tolerant(data, encoding), guessed=True)


def _guess_multibyte(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    match = from_bytes(data[:SAMPLE_BYTES], cp_isolation=list(MULTIBYTE)).best()
    return match.encoding if match else None


def _checked(decoded: Decoded) -> Decoded:
    """Refuse what decodes but is no text."""
    text = decoded.text
    controls = sum(character < " " and character not in "\t\n\r\f\v" for character in text)
    if controls > CONTROL_SHARE * len(text):
        return Decoded(text="", fault=f"binary: {controls:,} control characters")
    return decoded
