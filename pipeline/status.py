"""How far a corpus is, told by its manifests alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.shards import MANIFESTS, WHOLE, parse_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.shards import Manifest

FINISHED = f"{WHOLE}.json"
"""The manifest that is written last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`finished` when the last manifest stands; `broken` names manifests that cannot be read."""

    finished: bool
    shards: int
    counts: dict[str, int]
    signatures: tuple[str, ...]
    broken: tuple[str, ...]


def read_status(corpus: Path) -> Status:
    """Read the manifests of `corpus`; raise `InputError` where there are none to read."""
    folder = corpus / MANIFESTS
    if not folder.is_dir():
        raise InputError(f"{corpus}: expected a corpus (got no manifests); make one: newsbitext run")
    counts: Counter[str] = Counter()
    signatures, broken, shards = set(), [], 0
    for path in sorted(folder.glob("*.json")):
        if path.name == FINISHED:
            continue
        manifest = parse_manifest(path.read_bytes())
        if manifest is None:
            broken.append(path.name)
            continue
        shards += 1
        counts.update(manifest.counts)
        signatures.add(manifest.signature)
    return Status(
        finished=(folder / FINISHED).is_file(),
        shards=shards,
        counts=dict(counts),
        signatures=tuple(sorted(signatures)),
        broken=tuple(broken),
    )


def finished_manifest(corpus: Path) -> Manifest:
    """Return the last manifest, whose articles are the shards; `InputError` while some are missing."""
    path = corpus / MANIFESTS / FINISHED
    manifest = parse_manifest(path.read_bytes()) if path.is_file() else None
    if manifest is None:
        raise InputError(f"{corpus}: expected a finished corpus; finish it: newsbitext run")
    return manifest


def finished_shards(corpus: Path) -> tuple[str, ...]:
    """Return the ids of the shards in the order of the input; `InputError` while some are missing."""
    return finished_manifest(corpus).articles
