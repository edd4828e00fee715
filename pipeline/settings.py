"""The whole YAML as one frozen model."""

from __future__ import annotations

import codecs
from pathlib import Path  # pydantic reads the annotation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeline.config import TRANSIENT
from pipeline.stages import AnyStage  # likewise

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

    path: Annotated[str, TRANSIENT, Field(min_length=1)]
    """A directory (with its subdirectories), a glob, a file, or `-` for standard input."""

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

    path: Annotated[Path, TRANSIENT] = Path("corpus")
    """The folder of the corpus; a run that was interrupted goes on there."""

    formats: Annotated[tuple[Format, ...], TRANSIENT] = ("parquet", "jsonl")
    """`parquet` is always written; the others are exported from it, into `exports/`."""

    report: Annotated[bool, TRANSIENT] = True
    """Write `report.html`, the page on which anyone can look at the corpus."""


class ShardSettings(BaseModel):
    """How the input is cut into the pieces that are worked on, resumed and redone."""

    model_config = CONFIG

    articles: int = Field(64, ge=1, le=1_000_000)
    """Articles in a shard, on average."""


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

    stages: Annotated[tuple[AnyStage, ...], Field(min_length=1)]
    """What is done to each article, in this order."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a configuration, by which editors complete and check."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Settings.model_json_schema(),
    }
