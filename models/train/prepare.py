"""Step 1: read, normalise and derive the pairs; one text file a domain and language."""

from __future__ import annotations

import json
import zlib
from itertools import islice
from typing import TYPE_CHECKING

from models.train.augment import Pair, derive
from models.train.names import names
from models.train.overlap import Copies
from models.train.text import normalize, read_lines, read_pairs, tighten_guillemets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from models.train.recipe import Domain, Place, Recipe

_DERIVED_FROM = ("news", "general")


def _pair(source: str, english: str) -> Pair:
    # The run-time normaliser may or may not close up French guillemets: half of the lines each.
    if zlib.crc32(source.encode()) & 1:
        source = tighten_guillemets(source)
    return normalize(source), normalize(english).replace("…", "...")


def _domain_pairs(domain: Domain, language: str, place: Place, copies: Copies) -> list[Pair]:
    paths = [place.data / "train" / f"{name}.{language}.tsv.zst" for name in domain.files]
    raw = (pair for path in paths if path.exists() for pair in read_pairs(path))
    pairs = (_pair(*pair) for pair in (islice(raw, domain.lines) if domain.lines else raw))
    return [pair for pair in pairs if pair[0] and pair[1] and copies.of(pair) is None]


def _write(path: Path, pairs: Iterable[Pair]) -> int:
    lines = [f"{source}\t{english}\n" for source, english in pairs]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return len(lines)


def _english_pairs(recipe: Recipe, place: Place, copies: Copies) -> list[Pair]:
    path = place.data / "mono" / f"{recipe.english.file}.tsv.zst"
    lines = islice(read_lines(path), recipe.english.lines)
    texts = [normalize(line.split("\t")[0]) for line in lines]
    return [(text, text) for text in texts if copies.of((text, text)) is None]


def prepare(recipe: Recipe, place: Place) -> None:
    """Write `pairs/<domain>.<language>.tsv`, the dev sets beside them and `pairs/counts.json`.

    A pair that copies an evaluation line is left out.
    """
    folder = place.work / "pairs"
    copies = Copies(place.data)
    counts: dict[str, int] = {}
    for language in recipe.languages:
        seeds: list[Pair] = []
        for domain in recipe.domains:
            pairs = _domain_pairs(domain, language, place, copies)
            name = f"{domain.name}.{language}"
            counts[name] = _write(folder / f"{name}.tsv", pairs)
            seeds += pairs if domain.name in _DERIVED_FROM else []
        name = f"augmented.{language}"
        counts[name] = _write(folder / f"{name}.tsv", derive(seeds, recipe.augment, recipe.seed))
        if recipe.names is not None:
            pairs = [_pair(*pair) for pair in names(recipe.names, language, recipe.seed)]
            counts[f"names.{language}"] = _write(folder / f"names.{language}.tsv", pairs)
        dev = place.data / "dev" / f"flores200-dev.{language}-en.tsv.zst"
        _write(folder / f"dev.{language}.tsv", (_pair(*pair) for pair in read_pairs(dev)))
    counts["english.en"] = _write(folder / "english.en.tsv", _english_pairs(recipe, place, copies))
    (folder / "counts.json").write_text(json.dumps(counts, indent=1), encoding="utf-8")
