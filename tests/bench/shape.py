"""How much faster the embedded model's shape decodes than that of an OPUS-MT base model, on the same pieces.

python -m tests.bench.shape [--lines 64] [--rounds 3]. The base model has random weights, as its shape alone decides its
speed (6 and 6 layers, 512 wide, 58,101 pieces: Tiedemann and Thottingal 2020); both decode as many pieces as the
sources have, in 8-bit integers with a beam of 4, in one thread, by turns.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.conversion import converted
from tests.checkpoints import foreign_sentences
from tests.conftest import ROOT

EMBEDDED = ROOT / "models" / "ruarfr-en-small"
BASE_PIECES = 58_101


def write_base(folder: Path) -> Path:
    """Write a checkpoint of the base shape, with the embedded model's tokenizer and pieces that never occur."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder.mkdir()
    for name in ("source.spm", "target.spm", "tokenizer_config.json"):
        if (EMBEDDED / name).exists():
            shutil.copyfile(EMBEDDED / name, folder / name)
    pieces = list(json.loads((EMBEDDED / "vocab.json").read_text(encoding="utf-8")))[:-1]
    pieces += [f"unused{number}" for number in range(BASE_PIECES - 1 - len(pieces))]
    (folder / "vocab.json").write_text(json.dumps({piece: n for n, piece in enumerate([*pieces, "<pad>"])}))
    torch.manual_seed(1)
    config = MarianConfig(
        vocab_size=BASE_PIECES,
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        activation_function="swish",
        pad_token_id=BASE_PIECES - 1,
        decoder_start_token_id=BASE_PIECES - 1,
        eos_token_id=0,
        bos_token_id=0,
    )
    MarianMTModel(config).save_pretrained(folder)
    return folder


def opened(checkpoint: Path) -> Any:  # noqa: ANN401 # CTranslate2 carries no types
    """Convert a checkpoint, and load it."""
    import ctranslate2

    folder = converted(open_checkpoint(checkpoint.name, checkpoint))
    return ctranslate2.Translator(str(folder), compute_type="int8", inter_threads=1, intra_threads=1)


def seconds(translator: Any, rows: list[list[str]]) -> float:  # noqa: ANN401 # likewise
    """Decode each row to its own length, in batches of one length."""
    start = time.perf_counter()
    for length in sorted({len(row) for row in rows}):
        same = [row for row in rows if len(row) == length]
        translator.translate_batch(same, beam_size=4, min_decoding_length=length, max_decoding_length=length)
    return time.perf_counter() - start


def main() -> None:
    import sentencepiece

    parser = argparse.ArgumentParser(prog="python -m tests.bench.shape", description=__doc__)
    parser.add_argument("--lines", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    model = sentencepiece.SentencePieceProcessor(model_file=str(EMBEDDED / "source.spm"))
    rows = [[*model.encode(text, out_type=str), "</s>"] for text in foreign_sentences()[: given.lines]]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ["NEWSBITEXT_CACHE"] = str(home / "cache")
        base, ours = opened(write_base(home / "base")), opened(EMBEDDED)
        seconds(ours, rows), seconds(base, rows)  # kernels are chosen at the first call
        ratios = [seconds(base, rows) / seconds(ours, rows) for _ in range(given.rounds)]
    size = (EMBEDDED / "model.safetensors").stat().st_size / 1e6
    sys.stdout.write(f"ratio {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f}), {size:.1f} MB\n")


if __name__ == "__main__":
    main()
