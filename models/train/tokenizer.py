"""Step 2: the joint vocabulary, and every pair as arrays of piece numbers."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING

import numpy as np
import sentencepiece

if TYPE_CHECKING:
    from pathlib import Path

    from models.train.recipe import Place, Recipe

END, UNKNOWN = 0, 1


def _pairs(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]


def _vocabulary_sample(recipe: Recipe, place: Place) -> list[str]:
    """Draw lines: every language weighs alike, news twice, English as much as one language."""
    chance = random.Random(recipe.seed)  # noqa: S311 - a reproducible choice, no secret
    share = recipe.vocabulary.sample_lines // (len(recipe.languages) + 1)
    sample: list[str] = []
    english: list[str] = []
    for language in recipe.languages:
        lines: list[str] = []
        for domain in recipe.domains:
            pairs = _pairs(place.work / "pairs" / f"{domain.name}.{language}.tsv")
            if domain.name == "software":
                pairs = pairs[:8000]
            weight = 3 if domain.name == "news" else 1
            limited = pairs if domain.name == "news" else chance.sample(pairs, min(len(pairs), 30000))
            lines += [source for source, _ in limited] * weight
            english += [text for _, text in limited] * weight
        sample += chance.sample(lines, min(len(lines), share))
    return sample + chance.sample(english, min(len(english), share))


def train_vocabulary(recipe: Recipe, place: Place) -> None:
    """Train `vocabulary/source.spm`; write it as target.spm and, in Marian's order, vocab.json."""
    folder = place.work / "vocabulary"
    folder.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_vocabulary_sample(recipe, place)),
        model_prefix=str(folder / "joint"),
        model_type="unigram",
        vocab_size=recipe.vocabulary.pieces,
        character_coverage=recipe.vocabulary.character_coverage,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        bos_id=-1,
        pad_id=-1,
        eos_id=END,
        unk_id=UNKNOWN,
        num_threads=recipe.training.threads,
        max_sentence_length=2000,
        train_extremely_large_corpus=False,
    )
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(folder / "joint.model", folder / name)
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    pieces = [model.id_to_piece(number) for number in range(model.get_piece_size())]
    table = {piece: number for number, piece in enumerate([*pieces, "<pad>"])}
    text = json.dumps(table, ensure_ascii=False, indent=1)
    (folder / "vocab.json").write_text(text, encoding="utf-8")


def _save(path: Path, rows: list[list[int]]) -> None:
    flat = np.fromiter((n for row in rows for n in (*row, END)), dtype=np.int16)
    starts = np.cumsum([0, *(len(row) + 1 for row in rows)], dtype=np.int64)
    np.save(path.with_name(path.name + ".pieces.npy"), flat)
    np.save(path.with_name(path.name + ".starts.npy"), starts)


def _width(piece: str) -> int:
    """Count the bytes of a piece; a byte that stands for itself is written <0x41>."""
    return 1 if piece.startswith("<0x") else len(piece.encode())


def encode(recipe: Recipe, place: Place) -> None:
    """Write `arrays/<name>.<source0, source1 ...|target>`: pieces and starts, each row ended."""
    folder = place.work / "arrays"
    folder.mkdir(parents=True, exist_ok=True)
    model = sentencepiece.SentencePieceProcessor(model_file=str(place.work / "vocabulary/source.spm"))
    sentencepiece.set_random_generator_seed(recipe.seed)
    widths = [_width(model.id_to_piece(number)) for number in range(model.get_piece_size())]
    np.save(folder / "widths.npy", np.array(widths, dtype=np.int64))
    samplings = {domain.name: domain.samplings for domain in recipe.domains}
    for path in sorted((place.work / "pairs").glob("*.tsv")):
        name = path.stem
        if (folder / f"{name}.done").exists():
            continue
        pairs = _pairs(path)
        sources, targets = [p[0] for p in pairs], [p[1] for p in pairs]
        _save(folder / f"{name}.target", model.encode(targets))
        _save(folder / f"{name}.source0", model.encode(sources))
        for variant in range(samplings.get(name.split(".")[0], 0)):
            sampled = [
                model.encode(
                    text,
                    enable_sampling=True,
                    alpha=recipe.vocabulary.sampling_alpha,
                    nbest_size=-1,
                )
                for text in sources
            ]
            _save(folder / f"{name}.source{variant + 1}", sampled)
        (folder / f"{name}.done").touch()
