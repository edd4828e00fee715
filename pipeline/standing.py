"""How the shards of a corpus stand: each file that tells is read once, several at a time."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from pipeline.formats import files, readers
from pipeline.shards import MANIFESTS, Manifest, Output, Shard, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.plan import Plan

THREADS = 8
"""That read and digest files: a disk, or a network, answers several questions at once."""


class State(StrEnum):
    """How a shard stands; only `done` is left alone."""

    DONE = "done"
    MISSING = "missing"
    STALE = "stale"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a shard stands, and its manifest when that can be read."""

    shard: str
    state: State
    manifest: Manifest | None


def manifest_path(corpus: Path, name: str) -> Path:
    """Return where the manifest of a shard, or of the whole corpus, stands."""
    return corpus / MANIFESTS / f"{name}.json"


def read_manifest(path: Path) -> tuple[Manifest, Output] | None:
    """Return a manifest and what its own file is; None when it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    manifest = parse_manifest(content)
    if manifest is None:
        return None
    return manifest, Output(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def standings(plan: Plan, shards: Iterable[Shard[ArticleRef]]) -> Iterator[Standing]:
    """Yield how each shard of a corpus stands, in order; the input and the files of done shards are read."""
    ahead: deque[Callable[[], Standing]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for shard in shards:
            work = partial(_standing, plan, shard)
            # Rows stand one after the other in one file, which is read forwards by one reader.
            apart = all(article.format == "text" for article in shard.articles)
            ahead.append(_promised(pool.submit(work)) if apart else work)
            if len(ahead) > THREADS:
                yield ahead.popleft()()
        while ahead:
            yield ahead.popleft()()


def _promised(future: Future[Standing]) -> Callable[[], Standing]:
    return future.result


def knowledge_of(plan: Plan, shard: Shard[ArticleRef]) -> str:
    """Hash what stages have learned of the articles of a shard alone."""
    return plan.knowledge(article.uri for article in shard.articles)


def _standing(plan: Plan, shard: Shard[ArticleRef]) -> Standing:
    corpus = plan.settings.output.path
    path = manifest_path(corpus, shard.id)
    if not path.exists():
        return Standing(shard.id, State.MISSING, None)
    found = read_manifest(path)
    if found is None:
        return Standing(shard.id, State.CORRUPT, None)
    manifest, _ = found
    planned = manifest.plan_digest == plan.digest and manifest.knowledge == knowledge_of(plan, shard)
    if not planned or manifest.input_digest != readers.input_digest(shard.articles):
        return Standing(shard.id, State.STALE, manifest)
    whole = all(files.matches(corpus / name, output) for name, output in manifest.outputs.items())
    return Standing(shard.id, State.DONE if whole else State.CORRUPT, manifest)
