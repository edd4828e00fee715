"""The recipe: every choice of a training run, read from one YAML file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from pathlib import Path


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Domain(_Section):
    """Files of one kind of text; `samplings` counts the segmentations kept beside the best one."""

    name: str
    files: tuple[str, ...]
    lines: int
    samplings: int


class Augment(_Section):
    """Shares of the news and general lines that are copied with a change."""

    capitals: float
    no_stop: float
    joined: float
    spelling: float
    copies: float


class English(_Section):
    """English sentences that the model learns to copy (Currey et al. 2017)."""

    file: str
    lines: int


class Names(_Section):
    """What CLDR knows in several locales of each language; `examples` of dates and amounts a locale."""

    locales: dict[str, tuple[str, ...]]
    examples: int


class Vocabulary(_Section):
    """The joint SentencePiece vocabulary."""

    pieces: int
    character_coverage: float
    sample_lines: int
    sampling_alpha: float


class Model(_Section):
    """The shape of the network."""

    width: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    feed_forward: int


class Phase(_Section):
    """Shares of the target tokens by domain, until a share of the time budget is spent."""

    until: float
    shares: dict[str, float]


class Training(_Section):
    """The optimisation; times in seconds, lengths in pieces."""

    budget_seconds: float
    batch_tokens: int
    max_tokens: int
    pool_batches: int
    peak_rate: float
    warmup_updates: int
    dropout: float
    smoothing: float
    clip: float
    recall_weight: float
    recall_until: float
    alignment_weight: float
    average_decay: float
    checkpoint_seconds: float
    validate_seconds: float
    workers: int
    threads: int
    phases: tuple[Phase, ...]


class Recipe(_Section):
    """The whole file."""

    name: str
    languages: tuple[str, ...]
    seed: int
    domains: tuple[Domain, ...]
    augment: Augment
    english: English
    names: Names | None = None
    vocabulary: Vocabulary
    model: Model
    training: Training
    begin_with: str | None = None
    """A folder with a packaged checkpoint of the same shape and vocabulary, whose weights a run begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run reads and writes: `data` has train/, dev/, test/ and mono/; `work` is its own."""

    data: Path
    work: Path


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe; pydantic's `ValidationError` names every mistake."""
    return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
