"""Proves a finished corpus: every slice, count and checksum is derived anew from the raw articles."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from itertools import zip_longest
from typing import TYPE_CHECKING

from pipeline.audit import document_faults
from pipeline.claims import UNLISTED
from pipeline.corpus import row_counts
from pipeline.errors import InputError
from pipeline.formats import files, readers
from pipeline.formats.jsonl import REJECTS, rejects
from pipeline.formats.parquet import documents, units
from pipeline.shards import MANIFESTS, WHOLE, Manifest, parse_manifest, whole_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef, Input

FINISHED = f"{WHOLE}.json"

UNITS_EXPORT = "exports/corpus.jsonl"

MOST_PROBLEMS = 100
"""Problems that a report lists; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was checked, and the first `MOST_PROBLEMS` of `found` problems, a line each."""

    documents: int
    units: int
    characters: int
    files: int
    found: int
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    """Counts of what was checked."""

    counts: Counter[str] = field(default_factory=Counter)
    found: int = 0
    problems: list[str] = field(default_factory=list)

    def note(self, problems: Iterable[str]) -> None:
        for problem in problems:
            self.found += 1
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)


def verify(corpus: Path, source: Input | None = None) -> Report:
    """Check a corpus against itself and, when the input is given, against its bytes.

    Raises `InputError` when there is no corpus to check.
    """
    if not (corpus / MANIFESTS).is_dir():
        raise InputError(f"{corpus}: expected a corpus (got no manifests); make one: newsbitext run")
    tally = _Tally()
    whole = _manifest(corpus, FINISHED)
    if whole is None:
        tally.note([f"{corpus}: expected a finished corpus (got no readable {FINISHED}); run it again"])
    else:
        manifests = [_manifest(corpus, f"{shard}.json") for shard in whole.articles]
        shards = [manifest for manifest in manifests if manifest is not None]
        tally.note(_files(corpus, whole, shards))
        for manifest in shards:
            tally.note(_shard(corpus, manifest, tally.counts))
        tally.note(_whole(corpus, whole, shards))
        tally.note(_derived(corpus, whole))
        if source is not None:
            tally.note(_input(source, shards))
        tally.counts["files"] = len(whole.outputs) + sum(len(one.outputs) for one in shards) + 1
    return Report(
        documents=tally.counts["documents"],
        units=tally.counts["units"],
        characters=tally.counts["characters"],
        files=tally.counts["files"],
        found=tally.found,
        problems=tuple(tally.problems),
    )


def _manifest(corpus: Path, name: str) -> Manifest | None:
    try:
        return parse_manifest((corpus / MANIFESTS / name).read_bytes())
    except OSError:
        return None


def _files(corpus: Path, whole: Manifest, shards: list[Manifest]) -> Iterator[str]:
    """Compare the files on disk with those in the manifests, both ways."""
    listed = {name: output for one in (whole, *shards) for name, output in one.outputs.items()}
    for name, output in sorted(listed.items()):
        path = corpus / name
        if not path.is_file():
            yield f"{path}: expected a file that the manifest lists (got none)"
        elif not files.matches(path, output):
            yield f"{path}: expected sha256 {output.sha256} in {output.bytes} bytes (got others)"
    known = {*listed, f"{MANIFESTS}/{FINISHED}"}
    for path in sorted(corpus.rglob("*")):
        name = path.relative_to(corpus).as_posix()
        if path.is_file() and name not in known and name.partition("/")[0] not in UNLISTED:
            yield f"{path}: expected only files that a manifest lists (got this one)"
    for shard in set(whole.articles) - {one.shard for one in shards}:
        yield f"{corpus}: expected the manifest of shard {shard} (got none that can be read)"


def _shard(corpus: Path, manifest: Manifest, seen: Counter[str]) -> Iterator[str]:
    """Check each document of a shard, then what the manifest counts."""
    counts: Counter[str] = Counter()
    names: list[str] = []
    try:
        for document, rows in units(corpus, manifest.shard):
            where = f"{corpus}: document {document.document_id} ({document.uri})"
            yield from (f"{where}: {fault}" for fault in document_faults(document, rows))
            yield from (
                f"{where}: unit {row.unit_id}: expected the signature of the manifest"
                for row in rows
                if row.signature != manifest.signature
            )
            counts.update(row_counts(document))
            names.append(document.place)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"{corpus}: shard {manifest.shard}: expected rows that can be read (got: {error})"
    if tuple(names) != manifest.articles:
        yield f"{corpus}: shard {manifest.shard}: expected the articles of its manifest, in order"
    if dict(counts) != manifest.counts:
        yield f"{corpus}: shard {manifest.shard}: expected counts {manifest.counts} (got {dict(counts)})"
    seen.update(documents=counts["articles"], units=counts["units"], characters=counts["characters"])


def _whole(corpus: Path, whole: Manifest, shards: list[Manifest]) -> Iterator[str]:
    """Derive the last manifest from those of the shards; nothing else has its checksum."""
    path = corpus / MANIFESTS / FINISHED
    if path.read_bytes() != whole.to_json().encode():
        yield f"{path}: expected the bytes that a run writes (got others)"
    if len(shards) < len(whole.articles) or not shards:
        return
    expected = whole_manifest(shards, whole.outputs)
    for name in (one.name for one in fields(Manifest)):
        wanted, got = getattr(expected, name), getattr(whole, name)
        if wanted != got:
            yield f"{path}: {name}: expected {wanted} (got {got})"
    if any((one.plan_digest, one.signature) != (shards[0].plan_digest, shards[0].signature) for one in shards):
        yield f"{path}: expected all shards to be made by one plan (got several); run it again"


def _derived(corpus: Path, whole: Manifest) -> Iterator[str]:
    """Derive the JSON lines anew and compare them, line by line."""
    set_aside = (row for shard in whole.articles for one in documents(corpus, shard) for row in rejects(one))
    yield from _same_lines(corpus / REJECTS, set_aside)
    if UNITS_EXPORT in whole.outputs:
        rows = (asdict(row) for shard in whole.articles for _, own in units(corpus, shard) for row in own)
        yield from _same_lines(corpus / UNITS_EXPORT, rows)


def _same_lines(path: Path, rows: Iterator[dict[str, object]]) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", newline="\n") as stream:
            for number, (line, row) in enumerate(zip_longest(stream, rows), 1):
                expected = None if row is None else json.dumps(row, ensure_ascii=False) + "\n"
                if line != expected:
                    yield f"{path}:{number}: expected the line that the Parquet files give"
                    return
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"{path}: expected lines that the Parquet files give (got: {error})"


def _input(source: Input, shards: list[Manifest]) -> Iterator[str]:
    """Compare the input's bytes with those that the shards were made from."""
    listed = readers.list_articles(source)
    ahead: dict[str, ArticleRef] = {}
    for manifest in shards:
        refs = (_find(name, listed, ahead) for name in manifest.articles)
        found = [ref for ref in refs if ref is not None]
        if len(found) < len(manifest.articles):
            yield f"{source.path}: expected all articles of shard {manifest.shard} (got {len(found)})"
        elif readers.input_digest(found) != manifest.input_digest:
            yield f"{source.path}: expected the bytes that shard {manifest.shard} was made from (got others)"
    if more := len(ahead) + sum(1 for _ in listed):
        yield f"{source.path}: expected no other articles than the corpus has (got {more} more)"


def _find(name: str, listed: Iterator[ArticleRef], ahead: dict[str, ArticleRef]) -> ArticleRef | None:
    """Return an article by its name; `ahead` keeps those listed before it, which are none in a corpus of this input."""
    if name in ahead:
        return ahead.pop(name)
    for article in listed:
        if article.uri == name:
            return article
        ahead[article.uri] = article
    return None
