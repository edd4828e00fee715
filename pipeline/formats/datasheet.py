"""The dataset card: what the corpus is, for people and for `datasets.load_dataset`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.formats.files import atomic
from pipeline.formats.parquet import DOCUMENTS, UNITS, units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CARD = "README.md"

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
"""The hub's words for the number of rows; more is `10M<n<100M`."""


_TEXT = """
# An English parallel corpus of news articles

Made from news articles, scraped as plain text, by newsbitext: normalised, stripped of boilerplate, cut into segments,
translated to English by machine, aligned word by word. Every English word leads back to characters of the raw
article, which is in the column `text` of the configuration `documents`.

```python
from datasets import load_dataset

units = load_dataset("path/to/this/folder")                    # all translation units
articles = load_dataset("path/to/this/folder", "documents")    # the raw articles and their English
```

## What is in it

{articles} articles, {units} translation units.

{languages}

A unit that is passed through has its source as its target: it is English already, holds nothing to translate, or no
model is configured for its language (flag `no_model`).

## What was set aside, and why

Nothing is lost silently: `rejects.jsonl` holds each of these with its place in the article.

{set_aside}

## Models, flags and signature

{models}

{flags}

Signature: `{signature}`

## Limits

The English is machine translation: it can be wrong, also where it reads well. `log_prob`, `scores` and `flags` tell
which units to distrust. Languages are guessed per segment, and short segments have the language of their article.
The articles belong to their publishers; the licences above are those of the models.

## How to cite

Name newsbitext with the signature above, and the models with their revisions."""


@dataclass(slots=True)
class _Tally:
    """What the card counts."""

    articles: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    passthrough: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)


def write_card(corpus: Path, shards: Sequence[str], signature: str, licences: Mapping[str, str]) -> Path:
    """Write `README.md` of a corpus; `licences` names the licence of each model."""
    tally = _count(corpus, shards)
    with atomic(corpus / CARD) as stream:
        text = "\n".join([*_header(tally), *_body(tally, signature, licences), ""])
        stream.write(text.encode())
    return corpus / CARD


def _count(corpus: Path, shards: Sequence[str]) -> _Tally:
    tally = _Tally()
    for shard in shards:
        for document, rows in units(corpus, shard):
            tally.articles += 1
            if document.drop_stage:
                tally.dropped[f"{document.drop_stage}: {_word(document.drop_reason)}"] += 1
            tally.labels.update(block.label for block in document.blocks if not block.kept)
            tally.set_aside.update(f"{one.stage}: {_word(one.reason)}" for one in document.set_aside)
            for unit in rows:
                language = unit.source_language or "und"
                tally.units[language] += 1
                tally.passthrough[language] += unit.passthrough
                tally.words[language] += len(unit.target.split())
                tally.flags.update(unit.flags)
                if unit.model:
                    tally.models[unit.model] += 1
    return tally


def _word(reason: str | None) -> str:
    return (reason or "").partition(":")[0]


def _header(tally: _Tally) -> list[str]:
    """Return the YAML that the hub and `datasets` read; a language is a configuration of its own."""
    rows = tally.units.total()
    size = next((name for limit, name in SIZES if rows < limit), "10M<n<100M")
    configs = [("default", f"{UNITS}/*/*.parquet"), ("documents", f"{DOCUMENTS}/*.parquet")]
    configs += [(language, f"{UNITS}/{language}/*.parquet") for language in sorted(tally.units)]
    if not rows:
        configs = configs[1:2]
    languages = sorted({*tally.units, "en"} - {"und"})
    return [
        "---",
        "pretty_name: News articles with their English translations",
        "language:",
        *(f"- '{language}'" for language in languages),
        "multilinguality:",
        "- translation",
        "task_categories:",
        "- translation",
        "size_categories:",
        f"- {size}",
        "tags:",
        "- machine-generated",
        "- parallel-corpus",
        "- word-alignment",
        "configs:",
        *(
            line
            for name, files in configs
            for line in (
                f"- config_name: '{name}'",
                f"  data_files: '{files}'",
                *(["  default: true"] if name == "default" else []),
            )
        ),
        "---",
    ]


def _body(tally: _Tally, signature: str, licences: Mapping[str, str]) -> list[str]:
    languages = [
        (language, f"{count:,}", f"{tally.passthrough[language]:,}", f"{tally.words[language]:,}")
        for language, count in sorted(tally.units.items())
    ]
    set_aside = [
        (what, why, f"{count:,}")
        for what, counts in (("article", tally.dropped), ("block", tally.labels), ("segment", tally.set_aside))
        for why, count in sorted(counts.items())
    ]
    models = [(name, licences.get(name, "unknown"), f"{count:,}") for name, count in sorted(tally.models.items())]
    flags = [(flag, f"{count:,}") for flag, count in sorted(tally.flags.items())]
    return _TEXT.format(
        articles=f"{tally.articles:,}",
        units=f"{tally.units.total():,}",
        languages=_table(("source language", "units", "of them passed through", "English words"), languages),
        set_aside=_table(("what", "why", "count"), set_aside),
        models=_table(("model", "licence", "units"), models),
        flags=_table(("flag", "units"), flags),
        signature=signature,
    ).split("\n")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, or `None.` when it would be empty."""
    if not rows:
        return "None."
    lines = [head, ["-"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
