"""What newsbitext is measured against: the same checkpoint and segments, run as people run them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.translators.base import most_target_tokens
from pipeline.translators.conversion import converted
from pipeline.translators.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.translators.base import Decoding
    from pipeline.translators.checkpoint import Checkpoint

PEERS = Path(".peers")
"""Where `make bench` installs argostranslate: its dependencies do not go with ours."""

BATCH = 32
"""The batch of the usual script around transformers' `generate`."""

BARE_BATCH_TOKENS = 1024
"""Of 256, 512, 1,024, 2,048 and 4,096, with which bare CTranslate2 was fastest on two cores (beam 4, int8)."""


def transformers(
    checkpoint: Checkpoint, decoding: Decoding, texts: Sequence[str], batch: int = BATCH
) -> Callable[[], None]:
    """Return a run of `generate` in batches, in the order of the texts, as the model's card shows it."""
    import torch
    from transformers import GenerationConfig, MarianMTModel, MarianTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(decoding.threads)
    model = MarianMTModel.from_pretrained(checkpoint.folder, local_files_only=True, dtype=torch.float32).eval()
    tokenizer = MarianTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
    model.generation_config = GenerationConfig()  # what the checkpoint's own says would be mixed in
    settings = GenerationConfig(
        num_beams=decoding.beam_size,
        no_repeat_ngram_size=decoding.no_repeat_ngram_size,
        max_new_tokens=longest_target(checkpoint, texts),
        pad_token_id=checkpoint.shape.pad_token_id,
        eos_token_id=checkpoint.shape.eos_token_id,
        decoder_start_token_id=checkpoint.shape.decoder_start_token_id,
        bad_words_ids=[[checkpoint.shape.pad_token_id]],
    )

    def run() -> None:
        for first in range(0, len(texts), batch):
            inputs = tokenizer(list(texts[first : first + batch]), return_tensors="pt", padding=True)
            with torch.inference_mode():
                found = model.generate(**inputs, generation_config=settings)
            tokenizer.batch_decode(found, skip_special_tokens=True)

    return run


def bare(checkpoint: Checkpoint, decoding: Decoding, texts: Sequence[str], **others: object) -> Callable[[], None]:
    """Return a run of CTranslate2 alone on tokens that are there already, the longest first: the limit.

    No text, no scores, no attention. `others` are passed to the engine's call.
    """
    tokenizer = Tokenizer(checkpoint)
    tokens = sorted((tokenizer.framed(one.tokens) for one in tokenizer.encode(texts)), key=len, reverse=True)
    engine = bare_engine(converted(checkpoint), decoding)
    settings = {"max_batch_size": BARE_BATCH_TOKENS, "batch_type": "tokens", **others}

    def run() -> None:
        engine.translate_batch(
            tokens,
            beam_size=decoding.beam_size,
            no_repeat_ngram_size=decoding.no_repeat_ngram_size,
            max_input_length=0,
            max_decoding_length=longest_target(checkpoint, texts),
            **settings,
        )

    return run


def bare_engine(folder: Path, decoding: Decoding) -> Any:  # noqa: ANN401 # CTranslate2 carries no types
    """Return an engine that uses the cores as newsbitext does: one worker each."""
    import ctranslate2

    return ctranslate2.Translator(
        str(folder), compute_type=decoding.compute_type, inter_threads=decoding.threads, intra_threads=1
    )


def longest_target(checkpoint: Checkpoint, texts: Sequence[str]) -> int:
    """Return the limit that newsbitext would set for the longest of the texts."""
    return most_target_tokens(max(Tokenizer(checkpoint).count(texts)), checkpoint.max_target_tokens - 1)


def argos(checkpoint: Checkpoint, decoding: Decoding, texts: Sequence[str], home: Path) -> Callable[[], None]:
    """Return a run of argostranslate, with the checkpoint packed as one of its packages.

    It gets one segment a call, as it translates a paragraph a call, and is spared its own sentence splitting.
    Raises `ImportError` where it is not installed.
    """
    sys.path.append(str(PEERS))
    os.environ.update(
        ARGOS_PACKAGES_DIR=str(home),
        ARGOS_INTER_THREADS="1",
        ARGOS_INTRA_THREADS=str(decoding.threads),
        ARGOS_COMPUTE_TYPE=decoding.compute_type,
        ARGOS_BEAM_SIZE=str(decoding.beam_size),
    )
    from argostranslate.package import Package
    from argostranslate.translate import PackageTranslation

    translation = PackageTranslation(None, None, Package(_packed(checkpoint, home / "packed")))
    translation.sentencizer = _Whole()

    def run() -> None:
        for text in texts:
            translation.hypotheses(text, num_hypotheses=1)

    return run


class _Whole:
    """A sentence splitter that splits nothing."""

    def split_sentences(self, text: str) -> list[str]:
        return [text]


def _packed(checkpoint: Checkpoint, folder: Path) -> Path:
    model = folder / "model"
    model.mkdir(parents=True)
    for file in converted(checkpoint).iterdir():
        (model / file.name).symlink_to(file)
    config = model / "config.json"
    settings = json.loads(config.read_text()) | {"add_source_eos": True}
    config.unlink()
    config.write_text(json.dumps(settings))
    (folder / "sentencepiece.model").symlink_to(checkpoint.path("source.spm").resolve())
    names = {"from_code": "ru", "from_name": "Russian", "to_code": "en", "to_name": "English"}
    versions = {"package_version": "1.0", "argos_version": "1.9"}
    (folder / "metadata.json").write_text(json.dumps(names | versions))
    return folder
