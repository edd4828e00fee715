"""Sets of sentences with reference translations, from files of `SOURCE<TAB>ENGLISH` a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.compressed import open_unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ENDINGS = (".tsv", ".tsv.gz", ".tsv.zst")

_NAME = re.compile(r"(?P<set>.+)\.(?P<language>[a-z]{2,3})-en(?P<version>(?:\.[^.]+)*)")
"""The name of a file that tells its language, such as `newstest2021.ru-en.refB`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSet:
    """Sentences of one language, each with its English; `name` is that of the file without endings."""

    name: str
    language: str
    sources: tuple[str, ...]
    references: tuple[str, ...]


def read_sets(paths: Sequence[Path], language: str | None = None, limit: int | None = None) -> list[ReferenceSet]:
    """Read files, and those in folders; of each the first `limit` lines.

    The language is in the name (`<set>.<xx>-en.tsv`), or the same for all. Raises `InputError`.
    """
    files = [file for path in paths for file in _files(path)]
    return [_read(file, language, limit) for file in files]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.name.endswith(ENDINGS) and _NAME.fullmatch(_stem(file)))
    if not found:
        raise InputError(f"{path}: expected files named <set>.<xx>-en.tsv, .tsv.gz or .tsv.zst (got none)")
    return found


def _stem(path: Path) -> str:
    return path.name.rpartition(".tsv")[0] or path.name


def _read(path: Path, language: str | None, limit: int | None) -> ReferenceSet:
    named = _NAME.fullmatch(_stem(path))
    tag = language or (named["language"] if named else None)
    if tag is None:
        raise InputError(f"{path}: expected a name such as <set>.<xx>-en.tsv, which tells the language; or --language")
    pairs = []
    for pair in _pairs(path):
        pairs.append(pair)
        if len(pairs) == limit:
            break
    if not pairs:
        raise InputError(f"{path}: expected lines of SOURCE<TAB>ENGLISH (got none)")
    sources, references = zip(*pairs, strict=True)
    name = f"{named['set']}{named['version']}" if named else _stem(path)
    return ReferenceSet(name=name, language=tag, sources=sources, references=references)


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the pairs; only a line feed ends a line, only a tab a field."""
    try:
        with open_unpacked(path) as stream:
            for number, line in enumerate(stream, 1):
                source, *rest = line.decode("utf-8").removesuffix("\n").removesuffix("\r").split("\t")
                if not rest or not source.strip():
                    raise InputError(f"{path}:{number}: expected SOURCE<TAB>ENGLISH (got {source[:40]!r})")
                yield source, rest[0]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{path}: expected UTF-8 lines of SOURCE<TAB>ENGLISH (got {reason})") from error
