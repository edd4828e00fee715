"""The normal form of text that the model is trained on, which the pipeline repeats at run time."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_QUOTES = str.maketrans(
    {
        **dict.fromkeys("«»“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "ـ": None,
        "\u00ad": None,
    }
)
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def normalize(text: str) -> str:
    """Give NFC text with plain quotes, hyphens and single spaces, without invisible characters."""
    text = unicodedata.normalize("NFC", text)
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    return " ".join(kept.translate(_QUOTES).split())


def tighten_guillemets(text: str) -> str:
    """Drop the spaces that French sets inside guillemets: « mot » becomes «mot»."""
    return text.replace("« ", "«").replace(" »", "»")


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a zstd file, split on line feeds only."""
    with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n"):
            yield line.rstrip("\n")


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield source and English of a tab-separated zstd file, as they stand."""
    for line in read_lines(path):
        source, english, *_ = line.split("\t")
        yield source, english
