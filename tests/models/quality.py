"""Measures the embedded model on FLORES-200 dev, for the floors that the tests hold.

python -m tests.models.quality SHARED prints what stands under `translation` in floors.json.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.stages.normalize import NormalizeConfig
from pipeline.translators.base import Decoding
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.store import ModelStore
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pipeline.translators.checkpoint import Checkpoint

LANGUAGES = ("ru", "ar", "fr")
LINES = 150
MARGIN = 0.5
"""Points that a floor lies below what was measured: what another processor may change."""


def checkpoint() -> Checkpoint:
    """Return the model that comes with the program."""
    return ModelStore(ROOT / "models" / "models.yaml").open("ruarfr-en-small")


def pairs(
    shared: Path, language: str, *, lines: int | None = LINES, part: str = "dev/flores200-dev"
) -> tuple[list[str], list[str]]:
    """Return the first lines (None: all) of a set: sources, normalised as articles are, and references."""
    import zstandard

    from pipeline.records import Document

    path = shared / "mt" / f"{part}.{language}-en.tsv.zst"
    with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        rows = [line.rstrip("\n").split("\t") for line in io.TextIOWrapper(stream, "utf-8", newline="\n")][:lines]
    with NormalizeConfig().build() as stage:
        documents = list(stage([Document(id=row[0], uri="", text=row[0]) for row in rows]))
    sources = [document.normalized.text for document in documents if document.normalized is not None]
    return sources, [row[1] for row in rows]


def measure(shared: Path) -> dict[str, dict[str, float]]:
    """Return BLEU and chrF of each language, as the default configuration translates."""
    import sacrebleu

    found: dict[str, dict[str, float]] = {}
    with MarianCTranslate2(
        checkpoint(), Decoding(beam_size=4, compute_type="int8", no_repeat_ngram_size=5)
    ) as translator:
        for language in LANGUAGES:
            sources, references = pairs(shared, language)
            targets = [one.text for one in translator.translate(sources)]
            found[language] = {
                "bleu": round(sacrebleu.corpus_bleu(targets, [references]).score, 2),
                "chrf": round(sacrebleu.corpus_chrf(targets, [references]).score, 2),
            }
    return found


if __name__ == "__main__":
    measured = measure(Path(sys.argv[1]))
    floors = {
        language: {name: round(value - MARGIN, 2) for name, value in scores.items()}
        for language, scores in measured.items()
    }
    sys.stdout.write(json.dumps({"measured": measured, "floors": floors}, indent=2) + "\n")
