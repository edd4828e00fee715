"""Step 7: weights, vocabulary and settings as a folder that MarianMT and CTranslate2 load."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file
from transformers import GenerationConfig, MarianTokenizer

from models.train.network import make_model
from models.train.tokenizer import END

if TYPE_CHECKING:
    from pathlib import Path

    from models.train.recipe import Place, Recipe

_BEAM = 4  # Marian's usual beam; 6 gave nothing on the dev sets
_LONGEST = 512


def _generation(filler: int) -> GenerationConfig:
    return GenerationConfig(
        bad_words_ids=[[filler]],
        bos_token_id=END,
        eos_token_id=END,
        forced_eos_token_id=END,
        pad_token_id=filler,
        decoder_start_token_id=filler,
        max_length=_LONGEST,
        num_beams=_BEAM,
    )


def package(recipe: Recipe, place: Place, weights: Path, folder: Path) -> str:
    """Write the checkpoint into `folder`, each file by a rename; give the weights' SHA-256.

    The file holds fp16 numbers; `config.json` says float32, so that CPUs compute in it.
    """
    aside = place.work / "package"
    shutil.rmtree(aside, ignore_errors=True)
    model = make_model(recipe)
    missing, unknown = model.load_state_dict(load_file(weights), strict=False)
    left = [name for name in missing if name.startswith("model.") and "layers" in name]
    if left or unknown:
        raise ValueError(f"{weights}: weights missing {left} or unknown {unknown}; another recipe made them")
    model.generation_config = _generation(recipe.vocabulary.pieces)
    model.to(torch.float16).save_pretrained(aside)
    names = {"source_spm": "source.spm", "target_spm": "target.spm", "vocab": "vocab.json"}
    paths = {key: str(place.work / "vocabulary" / name) for key, name in names.items()}
    tokenizer = MarianTokenizer(**paths, source_lang="mul", target_lang="en", model_max_length=_LONGEST)
    tokenizer.save_pretrained(aside)
    if recipe.training.alignment_weight:
        guided = {"layer": recipe.model.decoder_layers - 1, "head": 0}
        (aside / "alignment.json").write_text(json.dumps(guided) + "\n", encoding="utf-8")
    config = aside / "config.json"
    config.write_text(config.read_text(encoding="utf-8").replace("float16", "float32"), encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(aside.iterdir()):
        beside = folder / f".{path.name}.new"
        shutil.copyfile(path, beside)
        beside.rename(folder / path.name)
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
