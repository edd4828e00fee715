"""Hostile articles as bytes: texts in any encoding, damaged, or no text at all; the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.hostile.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAGIC = (
    *(b"\x7fELF\x02\x01\x01", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"%PDF-1.7\n", b"\x1f\x8b\x08", b"GIF89a"),
    *(
        b"\xff\xd8\xff\xe0",
        b"PAR1",
        b"\x28\xb5\x2f\xfd",
        b"BZh9",
        b"\xfd7zXZ\0",
        b"MZ\x90",
        b"\xca\xfe\xba\xbe",
        b"\x80\x04\x95",
    ),
)

MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"+/v8-", b"\xf7\x64\x4c")

WRONG = (
    b"\xc0\x80",
    b"\xe0\x80\xaf",
    b"\xf8\x88\x80\x80\x80",
    b"\xed\xa0\x80",
    b"\xff",
    b"\xfe",
    b"\x80",
    b"\xd0",
    b"\xf4\x90\x80\x80",
)
"""What UTF-8 forbids: overlong, surrogates, beyond the last character, lone and missing bytes."""

ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"),
    *("cp1251", "koi8-r", "cp1252", "cp1256", "iso8859-5", "iso8859-6", "latin-1", "gb18030", "big5", "shift_jis"),
    *("euc_kr", "cp866", "cp037", "mac_cyrillic"),
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """An article that means harm, and of which kind it is."""

    kind: str
    content: bytes


def _text(chance: random.Random) -> tuple[str, str]:
    kind = chance.choice(sorted(TEXTS))
    return kind, TEXTS[kind](chance)


def _plain(chance: random.Random) -> Hostile:
    kind, text = _text(chance)
    return Hostile(kind, text.encode("utf-8", "surrogatepass"))


def _encoded(chance: random.Random) -> Hostile:
    encoding = chance.choice(ENCODINGS)
    _, text = _text(chance)
    return Hostile(f"in {encoding}", text.encode(encoding, "replace"))


def _damaged(chance: random.Random) -> Hostile:
    """Return a text with bytes that are flipped, lost, cut off or forbidden."""
    content = bytearray(_text(chance)[1].encode(chance.choice(("utf-8", "utf-16", "cp1251")), "replace"))
    for _ in range(chance.randint(1, 20)):
        place = chance.randrange(len(content) + 1)
        what = chance.choice((*WRONG, *MARKS, b"\0", b""))
        content[place : place + chance.randint(0, 3)] = what
    return Hostile("damaged", bytes(content[: chance.choice((None, None, len(content) - 1, len(content) // 2))]))


def _mixed(chance: random.Random) -> Hostile:
    parts = [_text(chance)[1][:300].encode(chance.choice(ENCODINGS), "replace") for _ in range(chance.randint(2, 4))]
    return Hostile("mixed encodings", b"\n".join(parts))


def _binary(chance: random.Random) -> Hostile:
    return Hostile("binary", chance.choice(MAGIC) + chance.randbytes(chance.randint(0, 2000)))


def _noise(chance: random.Random) -> Hostile:
    return Hostile("noise", chance.randbytes(chance.randint(0, 600)))


def _tiny(chance: random.Random) -> Hostile:
    tiny = (
        b"",
        b"\0",
        b"\n",
        b" ",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"a",
        b"\xd0",
        b".",
        b"\x1b",
        b"\r",
        b"\xff",
        b"{",
        b"\0\0\0\0",
    )
    return Hostile("tiny", chance.choice(tiny))


def _marked(chance: random.Random) -> Hostile:
    """Return a text with a byte order mark that is not its own, or stands inside."""
    content = _text(chance)[1].encode(chance.choice(ENCODINGS), "replace")
    place = chance.choice((0, len(content) // 2))
    return Hostile("byte order marks", content[:place] + chance.choice(MARKS) + content[place:])


def _zeros(chance: random.Random) -> Hostile:
    content = _text(chance)[1].encode()
    return Hostile("zero bytes", b"\0".join((content[:200], content[200:400], b"\0" * chance.randint(0, 50))))


MAKERS: tuple[tuple[Callable[[random.Random], Hostile], int], ...] = (
    (_plain, 12),
    (_encoded, 3),
    (_damaged, 3),
    (_mixed, 1),
    (_binary, 1),
    (_noise, 1),
    (_tiny, 1),
    (_marked, 1),
    (_zeros, 1),
)
"""Kinds of articles, and how often each is made."""


def articles(seed: int, count: int) -> Iterator[Hostile]:
    """Yield hostile articles; article n of a seed does not depend on how many are asked for."""
    makers, weights = zip(*MAKERS, strict=True)
    before: Hostile | None = None
    for number in range(count):
        chance = random.Random(f"{seed} {number}")  # noqa: S311 # no secret
        (make,) = chance.choices(makers, weights)
        one = before if before and chance.random() < 0.01 else make(chance)  # a story posted again
        yield one
        before = one
