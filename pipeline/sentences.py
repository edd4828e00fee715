"""Where sentences end: the one door to the sentence splitting library, with our corrections."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pipeline.languages import primary

LIBRARY = "sentencex"

_LISTS = Path(__file__).parent / "abbreviations"

# The library never cuts within quotes or brackets, and without a closing one not until the end: it
# reads spaces in their place. So it does for lone surrogates, which it cannot take.
_MASK = re.compile('["“”«»„()\\[\\]{}\ud800-\udfff]')

_CLOSING = "\"'”»’)]}"
_STOPS = re.compile(r"[.?!…؟。！？।۔]+[\"'”»’)\]}]*")  # noqa: RUF001
_LAST_WORD = re.compile(r"[^\s\"'(«\[/]*$")
_EACH_LETTER = re.compile(r"(?:[^\W\d_]{1,2}[.-])*[^\W\d_]{1,2}")
_CONTINUES_ELLIPSIS = frozenset({"ثم", "لكن", "ولكن", "أو", "بل"})
_LIST_MARK = re.compile(r"\(?\d{1,3}|\(?[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """What does not end a sentence in one language; see `abbreviations/README.md`."""

    never: frozenset[str] = frozenset()
    before_number: frozenset[str] = frozenset()
    may_end: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Place:
    """A place where a sentence may end: between `left` and `right`, blanks and quotes apart."""

    sentence: str  # from its beginning to the stop, with closing quotes
    stop: str
    word: str  # the last word, lower case, without the stop
    right: str
    glued: bool  # nothing stands between
    after_number: bool = field(default=False)
