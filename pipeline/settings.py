"""The whole YAML as one frozen model."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeline.caches import corpus_cache, staging_folder
from pipeline.config import TRANSIENT
from pipeline.stages import AnyStage  # likewise
from pipeline.stores import is_url, without_secret

CONFIG = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


Format = Literal["parquet", "jsonl", "tmx", "moses", "xces"]


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise ValueError("expected the name of an encoding, such as utf-8 or cp1251") from None


class InputSettings(BaseModel):
    """Which articles are read, and how."""

    model_config = CONFIG

    path: Annotated[str, TRANSIENT, AfterValidator(without_secret), Field(min_length=1)]
    """A directory (with its subdirectories), a glob, a file, the URL of one of them, or `-` for standard input."""

    format: Literal["auto", "text", "jsonl", "parquet"] = "auto"
    """`text`: one article a file; `jsonl`, `parquet`: one a row; `auto`: by the file's ending."""

    encoding: Annotated[str, AfterValidator(_codec)] | None = None
    """The encoding of text files; null: UTF-8, or what the bytes look like, noted as a guess."""

    max_article_characters: int = Field(1_000_000, ge=1)
    """A longer article is set aside whole, as `too_long`."""

    text_field: str = Field("text", min_length=1)
    """The field or column of JSONL or Parquet that holds the article."""

    uri_field: str = Field("uri", min_length=1)
    """The field or column that names the article; without it, the file and row do."""


class OutputSettings(BaseModel):
    """Where the corpus goes, and in which formats."""

    model_config = CONFIG

    place: Annotated[str, TRANSIENT, AfterValidator(without_secret)] = Field(
        "corpus", alias="path", exclude=True, min_length=1
    )
    """The folder of the corpus, or its URL (`s3://BUCKET/corpus`); a run that was interrupted goes on there."""

    formats: Annotated[tuple[Format, ...], TRANSIENT] = ("parquet", "jsonl")
    """`parquet` is always written; the others are exported from it, into `exports/`."""

    report: Annotated[bool, TRANSIENT] = True
    """Write `report.html`, the page on which anyone can look at the corpus."""

    @property
    def url(self) -> str | None:
        """The URL of the corpus, None when it is a folder."""
        return self.place if is_url(self.place) else None

    @property
    def path(self) -> Path:
        """The folder in which the corpus is made: for a URL, one of this process alone."""
        return staging_folder(self.place) if is_url(self.place) else Path(self.place)

    @property
    def beside(self) -> Path:
        """What files beside the corpus, such as its memory, are named after: for a URL, in the cache of this user."""
        return corpus_cache(self.place) if is_url(self.place) else Path(self.place)


class ShardSettings(BaseModel):
    """How the input is cut into the pieces that are worked on, resumed and redone."""

    model_config = CONFIG

    articles: int = Field(64, ge=1, le=1_000_000)
    """Articles in a shard, on average."""


def _whole_above_one(gpus: float) -> float:
    if gpus > 1 and gpus != int(gpus):
        raise ValueError("expected a share of one GPU, such as 0.5, or a whole number of them")
    return gpus


class EngineSettings(BaseModel):
    """What runs the workers. All but `name` is for `ray` only."""

    model_config = CONFIG

    name: Literal["local", "ray"] = "local"
    """`local`: processes of this machine; `ray`: actors on a Ray cluster that runs already."""

    address: str = Field("auto", min_length=1)
    """Of the cluster: `HOST:PORT` of its head, `ray://HOST:PORT` from outside of it, or `auto`, which is the one that
    this machine belongs to (or that the environment variable `RAY_ADDRESS` names)."""

    cpus_a_worker: int = Field(1, ge=1, le=1024)
    """Cores that a worker takes, and threads that its models use."""

    gpus_a_worker: Annotated[float, AfterValidator(_whole_above_one)] = Field(0, ge=0, le=64)
    """GPUs that a worker takes; 0.5: two workers share one. Its models use them with `stages.translate.device=cuda`."""

    patience_seconds: float = Field(600, ge=1)
    """How long a run waits without a single worker, as while a cluster grows, before it gives up."""


class Settings(BaseModel):
    """Everything that shapes a run; a mistake in it is found before any model is loaded."""

    model_config = CONFIG

    input: InputSettings
    """The articles."""

    output: OutputSettings = OutputSettings()
    """The corpus."""

    shards: ShardSettings = ShardSettings()
    """The pieces of work."""

    workers: Annotated[int, TRANSIENT, Field(ge=1, le=1024)] = 1
    """Processes that work on shards at once; each loads the models it needs."""

    engine: Annotated[EngineSettings, TRANSIENT] = EngineSettings()
    """What runs them: this machine, or a cluster."""

    stages: Annotated[tuple[AnyStage, ...], Field(min_length=1)]
    """What is done to each article, in this order."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a configuration, by which editors complete and check."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Settings.model_json_schema(),
    }
