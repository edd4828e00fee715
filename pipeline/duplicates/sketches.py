"""Sketches of articles: a hash of the text that is kept, and a MinHash signature that likens it to others.

A signature is the same on every machine: SHA-1 of the shingles, permutations from a fixed seed by a
generator whose stream numpy has frozen (`RandomState`), 32-bit arithmetic that wraps around.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

from pipeline.duplicates.marks import PERMUTATIONS
from pipeline.duplicates.shingles import SHINGLE_WORDS, find_shingles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.records import Document

VERSION = 1
"""Raise it when the sketch of an article changes."""

SEED, SCHEME = 1, "affine32"

SHINGLES_AT_ONCE = 4096
"""Shingles that are permuted together: 2 MB."""

MOST_SEEN = 10_000
"""Texts whose signatures are at hand, should they come again."""

UNDATED: Final = 99_999_999
"""Stands for the date of an article that tells none: after all others."""

RECORD = np.dtype(
    [
        ("key", "S16"),
        ("check", "<u4"),
        ("id", "<u8"),
        ("date", "<i4"),
        ("text", "S16"),
        ("words", "?"),
        ("signature", "<u4", (PERMUTATIONS,)),
    ]
)
"""A sketch: `key` names the article and its bytes, `text` is a hash of what is kept of it (empty: nothing to
compare), `words` whether it has a signature, `check` a checksum of the rest."""

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)", re.ASCII)


def fingerprint() -> str:
    """Name all that shapes a sketch beside the stages before."""
    import datasketch

    return f"{VERSION} datasketch-{datasketch.__version__} {SCHEME} {SEED} {PERMUTATIONS} {SHINGLE_WORDS}"


class Sketcher:
    """Sketches articles; a text that comes again costs no second signature."""

    def __init__(self) -> None:
        from datasketch import MinHash

        self._empty = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme=SCHEME)
        self._seen: dict[bytes, NDArray[np.uint32] | None] = {}

    def sketch(self, document: Document | None, key: bytes) -> bytes:
        """Return the record of an article; None stands for one that cannot be compared."""
        record = np.zeros((), RECORD)
        record["key"] = key
        text = "" if document is None else kept_text(document)
        if document is not None and text:
            record["id"] = int(document.id, 16)
            record["date"] = _date(document)
            record["text"] = digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            signature = self._signature(text, digest)
            if signature is not None:
                record["words"], record["signature"] = True, signature
        record["check"] = _checksum(record.tobytes())
        return record.tobytes()

    def _signature(self, text: str, digest: bytes) -> NDArray[np.uint32] | None:
        if digest not in self._seen:
            if len(self._seen) == MOST_SEEN:
                self._seen.clear()
            self._seen[digest] = self._minhash(text)
        return self._seen[digest]

    def _minhash(self, text: str) -> NDArray[np.uint32] | None:
        shingles = sorted(find_shingles(text))
        if not shingles:
            return None
        sketch = self._empty.copy()
        for start in range(0, len(shingles), SHINGLES_AT_ONCE):
            sketch.update_batch(shingles[start : start + SHINGLES_AT_ONCE])
        return np.asarray(sketch.hashvalues, np.uint32)


def is_sound(record: bytes) -> bool:
    """Whether the bytes are a record as it was written."""
    return int(np.frombuffer(record, RECORD)[0]["check"]) == _checksum(record)


def kept_text(document: Document) -> str:
    """Return the text of the blocks that are kept, with one space for each stretch of white space."""
    normalized = document.normalized
    if normalized is None:
        raise ValueError(f"{document.uri}: expected normalised text (got None); normalize first")
    spans = (normalized.from_raw(block.span) for block in document.blocks if block.kept)
    return " ".join(word for span in spans for word in normalized.text[span.start : span.end].split())


def _checksum(record: bytes) -> int:
    start = RECORD.fields["check"][1] if RECORD.fields else 0
    return crc32(record[start + 4 :], crc32(record[:start]))


def _date(document: Document) -> int:
    told = next((fact.value for fact in document.meta if fact.name == "published"), "")
    match = _DATE.match(told.strip())
    return int("".join(match.groups())) if match else UNDATED
