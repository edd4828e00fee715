"""How many source pieces are decoded at once: as the settings say, else as the memory of the GPU allows."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.translators.base import Decoding
    from pipeline.translators.checkpoint import Shape

USUAL = 4096
"""On a CPU more is not faster (measured on two cores from 512 to 8,192), and takes more memory."""

MOST = 1 << 18
"""Whatever the memory: the host has to hold the texts as well."""

SHARE = 0.5
"""Of the free memory that a batch may take: the estimate is rough, and other programs come and go."""

SHORTEST = 8
"""Pieces of the input for which the memory a piece is reckoned: a short one has many beams' logits a piece."""

_BYTES = {"int8": 4, "float32": 4, "float16": 2, "bfloat16": 2}


def token_budget(decoding: Decoding, shape: Shape) -> int:
    """Return the most source pieces of one batch."""
    if decoding.batch_tokens is not None:
        return decoding.batch_tokens
    free = free_gpu_bytes() if decoding.device == "cuda" else None
    if free is None:
        return USUAL
    return max(USUAL // 4, min(MOST, int(SHARE * free) // bytes_per_token(decoding, shape)))


def bytes_per_token(decoding: Decoding, shape: Shape) -> int:
    """Return about how much memory a source piece takes while it is decoded.

    Keys and values of both attentions, for a target three times as long as the source in each beam, and
    the logits of each beam with two copies of them.
    """
    width = _BYTES[decoding.compute_type]
    states = 2 * shape.decoder_layers * shape.d_model * width * (1 + 3)
    logits = 3 * 4 * (shape.decoder_vocab_size or shape.vocab_size) // SHORTEST
    return decoding.beam_size * (states + logits)


def free_gpu_bytes() -> int | None:
    """Return the free memory of the first GPU that this process may use; None: nothing tells."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0]
    query = ["--query-gpu=memory.free", "--format=csv,noheader,nounits", *([f"--id={chosen}"] if chosen else [])]
    try:
        answer = subprocess.run([program, *query], capture_output=True, text=True, timeout=20, check=True).stdout  # noqa: S603 # a fixed question
        return int(answer.split()[0]) * 2**20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
