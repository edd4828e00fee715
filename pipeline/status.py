"""What the last manifest of a corpus tells: whether it is finished, and of which shards it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.shards import MANIFESTS, WHOLE, parse_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.shards import Manifest

FINISHED = f"{WHOLE}.json"
"""The manifest that is written last."""


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
