"""Rewrites a small checkpoint in the ways in which MarianMT checkpoints were saved over the years."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import torch

SHARED = "model.shared.weight"
TIES = ("lm_head.weight", "model.decoder.embed_tokens.weight", "model.encoder.embed_tokens.weight")

OLD_FIELDS = {
    "add_bias_logits": False,
    "add_final_layer_norm": False,
    "classifier_dropout": 0.0,
    "extra_pos_embeddings": 0,
    "force_bos_token_to_be_generated": False,
    "normalize_before": False,
    "normalize_embedding": False,
    "num_hidden_layers": 2,
    "static_position_embeddings": True,
}
"""Of `config.json` in 2020, which nobody reads any more."""

NEW_FIELDS = ("decoder_vocab_size", "dtype", "share_encoder_decoder_embeddings", "tie_word_embeddings")
"""That such a file does not have."""


def copied(folder: Path, target: Path) -> Path:
    return shutil.copytree(folder, target)


def old(folder: Path) -> None:
    """2020: every tied tensor under each of its names, positions stored, a configuration of old fields."""
    import torch
    from transformers import MarianMTModel

    positions = MarianMTModel.from_pretrained(folder).model.encoder.embed_positions.weight.detach().clone()

    def spread(weights: dict[str, torch.Tensor]) -> None:
        weights.update({name: weights[SHARED].clone() for name in TIES})
        weights.update({f"model.{side}.embed_positions.weight": positions.clone() for side in ("encoder", "decoder")})

    rewrite(folder, spread)
    config = json.loads((folder / "config.json").read_text())
    kept = {name: value for name, value in config.items() if name not in NEW_FIELDS}
    (folder / "config.json").write_text(json.dumps(kept | OLD_FIELDS))
    assert positions.dtype == torch.float32


def pickled(folder: Path) -> None:
    """Likewise, as a pickle."""
    import torch
    from safetensors.torch import load_file

    old(folder)
    weights = load_file(folder / "model.safetensors")
    weights.update(dict.fromkeys(TIES, weights[SHARED]))  # one tensor of four names
    torch.save(weights, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def tied_once(folder: Path) -> None:
    """Now: the embeddings once, under one name."""
    rewrite(folder, lambda weights: [weights.pop(name, None) for name in TIES])


def rewrite(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Change the tensors of a checkpoint in place."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(
        {name: tensor.contiguous() for name, tensor in weights.items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
