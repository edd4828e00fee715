"""The dataset card: what the corpus is, for people and for `datasets.load_dataset`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.corpus import model_revisions
from pipeline.formats.columns import DOCUMENT_COLUMNS, UNIT_COLUMNS
from pipeline.formats.files import atomic
from pipeline.formats.parquet import DOCUMENTS, UNITS, UNKNOWN, document_schema, unit_schema, units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.corpus import DocumentRow

CARD = "README.md"

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
"""The hub's words for the number of rows; more is `10M<n<100M`."""


SOURCE_FACTS = ("site", "agency")
"""Facts of an article that name where it comes from."""

MOST_SOURCES = 20

_TEXT = """
# An English parallel corpus of news articles

Made from news articles, scraped as plain text, by newsbitext {version}: normalised, stripped of boilerplate, cut into
segments, translated to English by machine, aligned word by word. Every English word leads back to characters of the raw
article, which is in the column `text` of the configuration `documents`.

```python
from datasets import load_dataset

units = load_dataset("path/to/this/folder")                    # all translation units
{example}articles = load_dataset("path/to/this/folder", "documents")    # the raw articles and their English
```

## What is in it

{articles} articles, {units} translation units.

{languages}

A unit that is passed through has its source as its target: it is English already, holds nothing to translate, or no
model is configured for its language (flag `no_model`).

| characters of the raw articles that are not blank | count | share |
| - | - | - |
{characters}

## Sources

The articles came as plain text; `uri` names each by its place in the input, and `meta` holds what the text says of
itself.

{sources}

## What was set aside, and why

Nothing is lost silently: `rejects.jsonl` holds each of these with its place in the article.

{set_aside}

## Models, flags and signature

{models}

{flags}

Signature: `{signature}`

## Columns

Offsets are half-open ranges of Unicode code points.

{unit_columns}

The configuration `documents` has one row an article:

{document_columns}

## Limits

- The English is machine translation: it can be wrong, also where it reads well. `log_prob`, `scores` and `flags` tell
  which units to distrust; none of them is a reference.
- What is boilerplate is a guess: some of it stays, and now and then a sentence of an article is set aside. `blocks` and
  `rejects.jsonl` show each decision.
- Word links come from the model's attention, or are equal words where nothing was translated. They are guesses with a
  probability.
- Languages are guessed per segment, and short segments have the language of their article.
- An agency's text stands as often as it was in the input. Where the stage `find_duplicates` ran, `near_duplicate_of` in
  `meta` marks the articles that repeat an earlier one.

## Licence

The articles belong to their publishers, who decide on their use: this card grants nothing. The licences above are those
of the models; newsbitext itself is under Apache-2.0.

## How to cite

Name newsbitext with the signature above, and the models with their revisions:

```bibtex
@misc{{newsbitext,
  title = {{English parallel corpus of {articles} news articles}},
  howpublished = {{Made by newsbitext {version}}},
  note = {{{signature}}}
}}
```"""


@dataclass(slots=True)
class _Tally:
    """What the card counts."""

    articles: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
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
            _count_article(tally, document)
            for unit in rows:
                language = unit.source_language or UNKNOWN
                tally.units[language] += 1
                tally.passthrough[language] += unit.passthrough
                tally.words[language] += len(unit.target.split())
                tally.flags.update(unit.flags)
                if unit.model:
                    tally.models[unit.model] += 1
    return tally


def _count_article(tally: _Tally, document: DocumentRow) -> None:
    counts = document.counts
    tally.articles[document.language or UNKNOWN] += 1
    tally.sources.update({f"{one.name}: {one.value}" for one in document.meta if one.name in SOURCE_FACTS})
    tally.characters["translated"] += counts.translated_characters
    tally.characters["passed through"] += counts.passthrough_characters
    tally.characters["set aside"] += counts.set_aside_characters
    if document.drop_stage:
        tally.dropped[f"{document.drop_stage}: {_word(document.drop_reason)}"] += 1
    tally.labels.update(block.label for block in document.blocks if not block.kept)
    tally.set_aside.update(f"{one.stage}: {_word(one.reason)}" for one in document.set_aside)


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
    languages = sorted({*tally.units, "en"} - {UNKNOWN})
    return [
        "---",
        "pretty_name: News articles with their English translations",
        "language:",
        *(f"- '{language}'" for language in languages),
        "license: other",
        "license_name: texts-of-their-publishers",
        "license_link: README.md#licence",
        "annotations_creators:",
        "- machine-generated",
        "language_creators:",
        "- found",
        "- machine-generated",
        "source_datasets:",
        "- original",
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
    return _TEXT.format(
        version=__version__,
        articles=f"{tally.articles.total():,}",
        units=f"{tally.units.total():,}",
        example=_example(tally),
        languages=_languages(tally),
        characters=_characters(tally),
        sources=_sources(tally),
        set_aside=_set_aside(tally),
        models=_models(tally, signature, licences),
        flags=_table(("flag", "units"), [(flag, f"{count:,}") for flag, count in sorted(tally.flags.items())]),
        signature=signature,
        unit_columns=_columns(unit_schema().names, UNIT_COLUMNS),
        document_columns=_columns(document_schema().names, DOCUMENT_COLUMNS),
    ).split("\n")


def _example(tally: _Tally) -> str:
    """Return the line that loads the largest language, if there is any."""
    if not tally.units:
        return ""
    language = max(sorted(tally.units), key=lambda name: tally.units[name])
    call = f'one = load_dataset("path/to/this/folder", "{language}")'
    return f"{call:<63}# those from one language\n"


def _languages(tally: _Tally) -> str:
    rows = [
        (name, *(f"{counts[name]:,}" for counts in (tally.articles, tally.units, tally.passthrough, tally.words)))
        for name in sorted({*tally.articles, *tally.units})
    ]
    return _table(("source language", "articles", "units", "of them passed through", "English words"), rows)


def _characters(tally: _Tally) -> str:
    total = max(tally.characters.total(), 1)
    return "\n".join(f"| {name} | {count:,} | {count / total:.1%} |" for name, count in tally.characters.items())


def _sources(tally: _Tally) -> str:
    """Return what the articles name as their site or agency, the most frequent first."""
    if not tally.sources:
        return "No article names its site or agency."
    ordered = sorted(tally.sources.items(), key=lambda item: (-item[1], item[0]))
    rows = [(*_quoted(name).split(": ", 1), f"{count:,}") for name, count in ordered[:MOST_SOURCES]]
    rest = len(ordered) - len(rows)
    return _table(("fact", "source", "articles"), rows) + (f"\n\nAnd {rest:,} more." if rest else "")


def _set_aside(tally: _Tally) -> str:
    rows = [
        (what, why, f"{count:,}")
        for what, counts in (("article", tally.dropped), ("block", tally.labels), ("segment", tally.set_aside))
        for why, count in sorted(counts.items())
    ]
    return _table(("what", "why", "count"), rows)


def _models(tally: _Tally, signature: str, licences: Mapping[str, str]) -> str:
    revisions = model_revisions(signature)
    rows = [
        (name, revisions.get(name, "not named"), licences.get(name, "unknown"), f"{count:,}")
        for name, count in sorted(tally.models.items())
    ]
    return _table(("model", "revision", "licence", "units"), rows)


def _columns(names: Sequence[str], meanings: Mapping[str, str]) -> str:
    return _table(("column", "meaning"), [(f"`{name}`", meanings.get(name, "")) for name in names])


def _quoted(text: str) -> str:
    """Return words of an article such that Markdown shows them as they are."""
    return re.sub(r"([\\`*_\[\]<>&!#])", r"\\\1", " ".join(text.split()))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, or `None.` when it would be empty."""
    if not rows:
        return "None."
    lines = [head, ["-"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
