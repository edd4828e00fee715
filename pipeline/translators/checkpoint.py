"""A transformers MarianMT directory on disk: checked, described, and known by its content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = "model.safetensors"
PICKLE = "pytorch_model.bin"
VOCABULARY = "vocab.json"
TARGET_VOCABULARY = "target_vocab.json"
ALIGNMENT = "alignment.json"

REQUIRED = ("config.json", WEIGHTS, "source.spm", "target.spm", VOCABULARY)
OPTIONAL = (ALIGNMENT, "generation_config.json", TARGET_VOCABULARY, "tokenizer_config.json")
MODEL_FILES = tuple(sorted((*REQUIRED, *OPTIONAL)))
"""What shapes a translation; other files of the directory (its card) are not part of the model."""

LIMIT_MARGIN = 1
"""Positions of the encoder that no piece of text can have: the end mark's."""

_Read = TypeVar("_Read", bound=BaseModel)


class Shape(BaseModel):
    """The fields of `config.json` that describe the network."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model_type: Literal["marian"]
    d_model: int = Field(ge=2)
    encoder_layers: int = Field(ge=1)
    decoder_layers: int = Field(ge=1)
    encoder_attention_heads: int = Field(ge=1)
    decoder_attention_heads: int = Field(ge=1)
    activation_function: Literal["relu", "gelu", "swish", "silu"]
    scale_embedding: bool = False
    max_position_embeddings: int = Field(1024, ge=8)
    vocab_size: int = Field(ge=3)
    decoder_vocab_size: int | None = None
    pad_token_id: int = Field(ge=0)
    eos_token_id: int = Field(ge=0)
    decoder_start_token_id: int = Field(ge=0)


class AlignmentHead(BaseModel):
    """Which cross-attention tells the word alignment: counted from 0; null head: mean of all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: int = Field(ge=0)
    head: int | None = Field(None, ge=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A directory that holds a MarianMT model, as the model table describes it.

    `prefix` is a language token such as `>>eng<<` that starts every source text.
    `max_source_tokens` is the most pieces of text, without prefix and end mark, of one input.
    `languages` are those whose canary sentences are tried when it is loaded.
    """

    name: str
    folder: Path
    shape: Shape
    alignment: AlignmentHead
    prefix: str | None
    max_source_tokens: int
    languages: tuple[str, ...] = ()

    def path(self, file: str) -> Path:
        """Return where a file of the model lies."""
        return self.folder / file

    @property
    def max_target_tokens(self) -> int:
        """The most pieces, with the end mark, that the decoder has positions for."""
        return self.shape.max_position_embeddings

    @property
    def content_hash(self) -> str:
        """SHA-256 over the hashes of the model's files: it changes when a byte of one does."""
        return combined_hash(file_hashes(self.folder))


def open_checkpoint(
    name: str, folder: Path, *, prefix: str | None = None, max_source_tokens: int | None = None
) -> Checkpoint:
    """Check the files and describe the model, without loading its weights.

    Raises `ModelError` when a file is missing or does not describe a MarianMT model.
    """
    _require_files(name, folder)
    shape = _read(folder / "config.json", Shape, "the configuration of a MarianMT model")
    for side in ("encoder", "decoder"):
        if shape.d_model % getattr(shape, f"{side}_attention_heads"):
            raise ModelError(
                f"{folder / 'config.json'}: expected {side}_attention_heads to divide d_model; fetch the model again"
            )
    own_limit = shape.max_position_embeddings - LIMIT_MARGIN - (prefix is not None)
    return Checkpoint(
        name=name,
        folder=folder,
        shape=shape,
        alignment=_alignment(folder, shape),
        prefix=prefix,
        max_source_tokens=min(max_source_tokens or own_limit, own_limit),
    )


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of the model, by name."""
    paths = (folder / name for name in MODEL_FILES)
    return {path.name: _sha256(path, *_state(path)) for path in paths if path.is_file()}


def combined_hash(hashes: dict[str, str]) -> str:
    """Return one SHA-256 for a model from those of its files."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def read_json(path: Path) -> object:
    """Return what a JSON file holds; raise `ModelError` when it holds none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}; check the model") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ModelError(f"{path}: expected JSON; the file is damaged, fetch the model again") from error


def _require_files(name: str, folder: Path) -> None:
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such directory; fetch it with: newsbitext models pull {name}")
    missing = [file for file in REQUIRED if not (folder / file).is_file()]
    if missing == [WEIGHTS] and (folder / PICKLE).is_file():
        raise ModelError(
            f"{folder}: expected {WEIGHTS} (got {PICKLE}, which can run code when loaded); convert it once, without "
            f"running any: newsbitext models pull {name}"
        )
    if missing:
        raise ModelError(
            f"{folder}: not a MarianMT checkpoint: {', '.join(missing)} is missing; "
            f"fetch it again with: newsbitext models pull {name}"
        )


def _alignment(folder: Path, shape: Shape) -> AlignmentHead:
    path = folder / ALIGNMENT
    if not path.is_file():
        return AlignmentHead(layer=shape.decoder_layers - 1)
    chosen = _read(path, AlignmentHead, "the layer and head whose attention aligns words")
    if chosen.layer >= shape.decoder_layers or (chosen.head or 0) >= shape.decoder_attention_heads:
        raise ModelError(
            f"{path}: expected a layer below {shape.decoder_layers} and a head below "
            f"{shape.decoder_attention_heads} (got {chosen.layer} and {chosen.head}); mend or delete it"
        )
    return chosen


def _read(path: Path, model: type[_Read], what: str) -> _Read:
    try:
        return model.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(f"{path}: expected {what}: {where}: {first['msg']}; fetch the model again") from error


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=256)
def _sha256(path: Path, _size: int, _modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
