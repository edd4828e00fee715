"""Articles to translate: real segments in the order of their documents, as many as are asked for."""

from __future__ import annotations

import io
import itertools
import re
from functools import partial
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LANGUAGES = ("ru", "ar", "fr")
_NUMBER = re.compile(r"\d+")

PARAGRAPHS = 20
"""Of an article: about as many as news articles have."""


def write_articles(folder: Path, segments: int, shared: Path | None) -> str:
    """Write articles of about `segments` segments, one language after the other; return where they are from."""
    real = shared is not None and (shared / "mt").is_dir()
    sources = [_lines(shared, language) if real and shared else _mutated(language) for language in LANGUAGES]
    articles = (zip(*[iter(one)] * PARAGRAPHS, strict=False) for one in sources)
    rows = itertools.chain.from_iterable(itertools.zip_longest(*articles))
    folder.mkdir(parents=True, exist_ok=True)
    left = segments
    for number, paragraphs in enumerate(one for one in rows if one):
        if left <= 0:
            break
        own = paragraphs[: max(left, 2)]
        left -= len(own)
        (folder / f"{number:05}.txt").write_text("\n\n".join(own) + "\n", encoding="utf-8")
    return "FLORES-200 dev, then news" if real else "the seeds, repeated with other words"


def write_short(folder: Path, segments: int) -> None:
    """Write articles of short segments that are all different, for measurements of memory."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (f"Министр номер {number} подписал закон {number * 7}." for number in range(segments))
    for number, paragraphs in enumerate(zip(*[lines] * PARAGRAPHS, strict=False)):
        (folder / f"{number:05}.txt").write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def _lines(shared: Path, language: str) -> Iterator[str]:
    for path in (
        shared / "mt" / "dev" / f"flores200-dev.{language}-en.tsv.zst",
        shared / "mt" / "train" / f"news.{language}.tsv.zst",
    ):
        yield from (line.partition("\t")[0] for line in _text(path))


def _text(path: Path) -> Iterable[str]:
    import zstandard

    with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        yield from io.TextIOWrapper(stream, "utf-8", newline="\n")


def _mutated(language: str) -> Iterator[str]:
    """Yield the long lines of the seeds again and again, each time with other words left out and other numbers."""
    scripts = {"ru": "[а-яА-Я]", "ar": "[\u0621-\u064a]", "fr": "[a-zéèà]"}
    seeds = sorted((ROOT / "seeds").glob("*.txt"))
    chosen = {"ru": seeds[:1], "ar": seeds[1:2], "fr": seeds[3:]}[language]
    lines = [line.strip() for seed in chosen for line in seed.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if len(line) > 80 and re.search(scripts[language], line)]
    for turn in itertools.count():
        for line in lines:
            words = line.split()
            kept = [word for place, word in enumerate(words) if not turn or (place + turn) % 17]
            yield _NUMBER.sub(partial(_larger, by=turn), " ".join(kept))


def _larger(match: re.Match[str], by: int) -> str:
    return str(int(match.group()) + by)
