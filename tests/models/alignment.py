"""Measures word alignment against the links made by hand, and chooses the head that a model aligns with.

python -m tests.models.alignment [MODEL] [--write] [--peer SHARED [--pairs N]]

MODEL is a folder (models/ruarfr-en-small). Layer, head and thresholds are chosen on the sentences of even
numbers and reported on the odd ones; `--write` leaves the head in MODEL/alignment.json. `--peer` runs
eflomal on the training pairs of SHARED, with the gold sentences among them, and on the gold sentences alone.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.train.word_pairs import eflomal, sentences, split
from pipeline.stages.align_words import AlignWordsConfig
from pipeline.translators.checkpoint import ALIGNMENT, AlignmentHead, open_checkpoint
from tests.conftest import ROOT
from tests.models.forced import Attended, Forced, documents
from tests.models.gold import LANGUAGES, Agreement, GoldPair, Links, read_gold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.records import Document
    from pipeline.translators.checkpoint import Checkpoint

DEFAULT = ROOT / "models" / "ruarfr-en-small"
LEAST = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
RELATIVE = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def attend(checkpoint: Checkpoint, pairs: Sequence[GoldPair]) -> list[Attended]:
    """Let the model read every pair, once for all heads."""
    with Forced(checkpoint) as model:
        return [model.attended(document, pair.target) for document, pair in zip(documents(pairs), pairs, strict=True)]


def stage_links(config: AlignWordsConfig, pairs: Sequence[GoldPair], found: Iterable[Document]) -> list[Links]:
    """Return the links that the stage draws, as numbers of words."""
    with config.build() as stage:
        aligned = list(stage(found))
    translations = [document.segments[0].translation for document in aligned]
    return [
        pair.numbered((link.source, link.target) for link in one.words) if one else frozenset()
        for pair, one in zip(pairs, translations, strict=True)
    ]


def agreement(
    attended: Sequence[Attended], pairs: Sequence[GoldPair], head: AlignmentHead, config: AlignWordsConfig
) -> Agreement:
    """Compare what a head leads to with the gold links."""
    return Agreement.of(pairs, stage_links(config, pairs, [one.seen_by(head) for one in attended]))


def heads(checkpoint: Checkpoint) -> list[AlignmentHead]:
    """Return every layer's mean and every head."""
    numbers = (None, *range(checkpoint.shape.decoder_attention_heads))
    return [
        AlignmentHead(layer=layer, head=head) for layer in range(checkpoint.shape.decoder_layers) for head in numbers
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the head if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument("--write", action="store_true", help="leave the chosen head in MODEL/alignment.json")
    parser.add_argument("--peer", type=Path, metavar="SHARED", help="run eflomal on the training pairs there")
    parser.add_argument("--pairs", type=int, default=20_000, help="training pairs a language for eflomal")
    asked = parser.parse_args(arguments)
    gold = read_gold()
    head = _choose(open_checkpoint(asked.model.name, asked.model), gold)
    if asked.write:
        record = {"layer": head.layer, "head": head.head}
        (asked.model / ALIGNMENT).write_text(json.dumps(record) + "\n", encoding="utf-8")
    if asked.peer:
        _show("eflomal, gold sentences alone", gold, _peer(gold, None, 0))
        _show(f"eflomal, with {asked.pairs:,} pairs a language", gold, _peer(gold, asked.peer, asked.pairs))


def _choose(checkpoint: Checkpoint, gold: Sequence[GoldPair]) -> AlignmentHead:
    """Find the best head, then the best thresholds for it; print both, and what the rest gives."""
    attended = attend(checkpoint, gold)
    chosen = [(one, pair) for one, pair in zip(attended, gold, strict=True) if pair.chooses]
    mine, pairs = [one for one, _ in chosen], [pair for _, pair in chosen]
    usual = AlignWordsConfig()
    scored = [(agreement(mine, pairs, head, usual), head) for head in heads(checkpoint)]
    scored.sort(key=lambda one: one[0].error_rate)
    for found, head in scored[:5]:
        _line(f"layer {head.layer} head {head.head} (even sentences)", found)
    best = scored[0][1]
    grid = [
        AlignWordsConfig(min_probability=least, relative_probability=relative)
        for least, relative in itertools.product(LEAST, RELATIVE)
    ]
    tuned = min(grid, key=lambda config: agreement(mine, pairs, best, config).error_rate)
    seen = [one.seen_by(best) for one in attended]
    for name, config in (("usual", usual), ("tuned", tuned)):
        numbers = f"{config.min_probability} {config.relative_probability}"
        _show(f"{checkpoint.name}, {name} thresholds {numbers}", gold, stage_links(config, gold, seen))
    _show_current(checkpoint, attended, gold)
    _show("method lexicon", gold, stage_links(AlignWordsConfig(method="lexicon"), gold, seen))
    _show(f"{checkpoint.name}, method both", gold, stage_links(AlignWordsConfig(method="both"), gold, seen))
    return best


def _show_current(checkpoint: Checkpoint, attended: Sequence[Attended], gold: Sequence[GoldPair]) -> None:
    head = checkpoint.alignment
    links = stage_links(AlignWordsConfig(), gold, [one.seen_by(head) for one in attended])
    _show(f"{checkpoint.name}, as it is: layer {head.layer} head {head.head}", gold, links)


def _show(name: str, gold: Sequence[GoldPair], links: Sequence[Links]) -> None:
    """Print the measures of the odd sentences by language, of all odd and of all."""
    print(name)
    both = list(zip(gold, links, strict=True))
    rows = {
        f"{language}, odd": [one for one in both if one[0].language == language and not one[0].chooses]
        for language in LANGUAGES
    }
    rows |= {"all, odd": [one for one in both if not one[0].chooses], "all": both}
    for row, own in rows.items():
        _line(row, Agreement.of([pair for pair, _ in own], [made for _, made in own]))


def _line(name: str, found: Agreement) -> None:
    print(f"  {name:<36} AER {found.error_rate:.3f}  precision {found.precision:.3f}  recall {found.recall:.3f}")


def _peer(gold: Sequence[GoldPair], shared: Path | None, count: int) -> list[Links]:
    """Return eflomal's links of the gold pairs, aligned together with `count` others a language."""
    links: dict[str, Links] = {}
    for language in LANGUAGES:
        own = [pair for pair in gold if pair.language == language]
        pairs = [(split(pair.source, language), split(pair.target, "en")) for pair in own]
        others = itertools.islice(sentences(shared / "mt", language), count) if shared else ()
        links |= zip((pair.id for pair in own), eflomal([*pairs, *others]), strict=False)
    return [links[pair.id] for pair in gold]


if __name__ == "__main__":
    main(sys.argv[1:])
