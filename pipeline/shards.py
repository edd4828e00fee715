"""Shards, the unit of work and of resume: how the input is cut, and the manifest of what is done."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ID_DIGITS = 12
"""Hexadecimal digits of a shard's id: 48 bits, so a billion shards meet a clash once in 500 runs."""

LONGEST = 4
"""A shard holds at most this many times the size asked for."""


class Article(Protocol):
    """What a shard is cut from: anything with a stable, unique name."""

    @property
    def uri(self) -> str:
        """The article's name, relative to the input's root."""


Ref = TypeVar("Ref", bound=Article)


@dataclass(frozen=True, slots=True)
class Shard(Generic[Ref]):
    """Some articles, in the order of the input; the id is a hash of their names."""

    id: str
    articles: tuple[Ref, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file of the corpus as it was written."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Proof that a shard is done: what went in, by which plan, what came out.

    `outputs` maps paths relative to the corpus to checksums; `counts` are `articles`, `dropped`,
    `units` and the characters of `corpus.Counts`. `knowledge` is a hash of what a look at the whole
    input has told of these articles alone, and left out where that is nothing.
    """

    shard: str
    plan_digest: str
    input_digest: str
    signature: str
    articles: tuple[str, ...]
    outputs: dict[str, Output]
    counts: dict[str, int]
    knowledge: str = ""

    def to_json(self) -> str:
        """Return JSON with sorted keys, so that equal manifests are equal bytes; its checksum is of all the rest."""
        content = asdict(self)
        return _json(content | {"checksum": _hash(_json(content))})


MANIFESTS = "manifests"
"""Folder of a corpus that holds the manifests."""

WHOLE = "corpus"
"""Stands for the shard in the manifest of the whole corpus, which comes last and lists every file."""


def whole_manifest(shards: Iterable[Manifest], outputs: dict[str, Output]) -> Manifest:
    """Return the manifest of a corpus: of its shards, at least one, and of the files beside them.

    The manifests are taken one by one; none is kept.
    """
    counts: Counter[str] = Counter()
    names: list[str] = []
    digest, knowledge = hashlib.sha256(), hashlib.sha256()
    plan_digest = signature = ""
    for one in shards:
        if not names:
            plan_digest, signature = one.plan_digest, one.signature
        digest.update(("\n" if names else "").encode() + one.input_digest.encode())
        knowledge.update(f"{one.knowledge}\n".encode())
        names.append(one.shard)
        counts.update(one.counts)
    return Manifest(
        shard=WHOLE,
        plan_digest=plan_digest,
        input_digest=digest.hexdigest(),
        signature=signature,
        articles=tuple(names),
        outputs=outputs,
        counts=dict(sorted(counts.items())),
        knowledge=knowledge.hexdigest(),
    )


_MANIFEST = TypeAdapter(Manifest)


def parse_manifest(text: str | bytes) -> Manifest | None:
    """Return the manifest, or None when the text is not what was written (cut off, damaged, of another version)."""
    try:
        manifest = _MANIFEST.validate_json(text)
    except ValidationError:
        return None
    written = manifest.to_json()
    return manifest if text in (written, written.encode("utf-8", "surrogatepass")) else None


def cut(articles: Iterable[Ref], size: int) -> Iterator[Shard[Ref]]:
    """Cut articles into shards of `size` on average and `LONGEST` times that at most.

    A shard ends after an article whose name's hash is 0 modulo `size`, so that an article that
    comes or goes changes its own shard and leaves the others (content-defined chunking).
    """
    pending: list[Ref] = []
    for article in articles:
        pending.append(article)
        ends = int(_hash(article.uri)[:16], 16) % size == 0
        if ends or len(pending) == size * LONGEST:
            yield _shard(pending)
            pending = []
    if pending:
        yield _shard(pending)


def in_share(shard: str, index: int, count: int) -> bool:
    """Whether the shard of this id is in share `index` (from 1) of `count`: every one is in exactly one."""
    return int(shard, 16) % count == index - 1


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _shard(articles: list[Ref]) -> Shard[Ref]:
    names = "\0".join(article.uri for article in articles)
    return Shard(_hash(names)[:ID_DIGITS], tuple(articles))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
