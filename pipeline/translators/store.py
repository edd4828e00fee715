"""The table of models, and the lock that pins every file of them by its hash."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline import shipped
from pipeline.caches import cache_folder
from pipeline.config import load
from pipeline.errors import ConfigError, ModelError
from pipeline.translators.checkpoint import (
    Checkpoint,
    combined_hash,
    file_hashes,
    open_checkpoint,
    read_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ModelEntry(BaseModel):
    """Where a model comes from, and what its files do not say."""

    model_config = CONFIG

    path: Path | None = None
    """A directory, relative to the table."""

    hub: str | None = None
    """An id on the Hugging Face Hub, such as Helsinki-NLP/opus-mt-ru-en."""

    revision: str = "main"
    """Of the hub: a branch, a tag or a commit; the lock pins the commit."""

    licence: str = Field(min_length=1)
    """As an SPDX identifier."""

    prefix: str | None = Field(None, pattern=r"^>>[^<>\s]+<<$")
    """The language token that starts every source text, such as >>eng<<."""

    max_source_tokens: int | None = Field(None, ge=8)
    """Longer segments are split; null: as many as the model has positions for."""

    canary: Literal["on", "off"] = "on"
    """Whether a few plain sentences must make sense before the model is used; off: for experiments."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.path is None) == (self.hub is None):
            raise ValueError("expected either path or hub")
        return self


class ModelTable(BaseModel):
    """Which model translates which language into English."""

    model_config = CONFIG

    languages: dict[str, str]
    """Model names by the BCP 47 tag of the source language."""

    models: dict[str, ModelEntry]
    """The models, by the names used here."""

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        for language, name in self.languages.items():
            if name not in self.models:
                known = ", ".join(self.models) or "none"
                raise ValueError(f"languages.{language}: expected the name of a model ({known}), got {name}")
        return self


class Pin(BaseModel):
    """One model in the lock; `files` holds the SHA-256 of each."""

    model_config = CONFIG

    id: str
    revision: str
    licence: str
    files: dict[str, str]

    @property
    def content_hash(self) -> str:
        """The hash of the whole model."""
        return combined_hash(self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """How a model of the table stands. `fault` is one line with the cure, None when all is well."""

    name: str
    origin: str
    folder: Path
    languages: tuple[str, ...]
    licence: str
    revision: str | None
    bytes: int
    fault: str | None


class ModelStore:
    """A table of models with its lock: `models.yaml` and `models.lock` beside it."""

    def __init__(self, path: Path) -> None:
        """Read the table (a shipped one when `path` is not there); raise `ModelError` if it is wrong."""
        self.path = shipped.find(path)
        self.lock_path = self.path.with_suffix(".lock")
        try:
            self.table: ModelTable = load(self.path, ModelTable).settings
        except ConfigError as error:
            raise ModelError(str(error)) from error

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all models."""
        return tuple(self.table.models)

    def entry(self, name: str) -> ModelEntry:
        """Return what the table says of a model."""
        if name not in self.table.models:
            raise ModelError(
                f"{self.path}: models: expected one of {', '.join(self.names)} (got {name}); "
                "add it with: newsbitext models add"
            )
        return self.table.models[name]

    def folder(self, name: str) -> Path:
        """Return where the files of a model lie, or will when it is pulled."""
        entry = self.entry(name)
        if entry.path is not None:
            return self.path.parent / entry.path
        return cache_folder() / "hub" / str(entry.hub).replace("/", "--") / entry.revision

    def pin(self, name: str) -> Pin:
        """Return what the lock says of a model; raise `ModelError` when it is not in there."""
        self.entry(name)
        pins = self.pins()
        if name not in pins:
            raise ModelError(
                f"{self.lock_path}: {name} is not pinned; fetch and pin it with: newsbitext models pull {name}"
            )
        return pins[name]

    def pins(self) -> dict[str, Pin]:
        """Return the whole lock."""
        if not self.lock_path.is_file():
            return {}
        content = read_json(self.lock_path)
        try:
            return {name: Pin.model_validate(pin) for name, pin in dict(content).items()}  # type: ignore[call-overload] # checked here
        except (ValidationError, TypeError, ValueError) as error:
            raise ModelError(
                f"{self.lock_path}: not a lock of models; restore it, or pin them again with: "
                "newsbitext models pull NAME"
            ) from error

    def open(self, name: str) -> Checkpoint:
        """Return a model whose files are all there and as the lock has them."""
        pin, entry, folder = self.pin(name), self.entry(name), self.folder(name)
        checkpoint = open_checkpoint(name, folder, prefix=entry.prefix, max_source_tokens=entry.max_source_tokens)
        found = file_hashes(folder)
        for file in sorted(pin.files.keys() | found.keys()):
            if pin.files.get(file) != found.get(file):
                what = "is missing" if file not in found else "is not the file that was pinned"
                raise ModelError(
                    f"{folder / file}: {what} in {self.lock_path}; fetch it again, or pin what is there "
                    f"with: newsbitext models pull {name}"
                )
        return replace(checkpoint, languages=self.languages(name) if entry.canary == "on" else ())

    def languages(self, name: str) -> tuple[str, ...]:
        """Return the languages that the table gives to a model."""
        return tuple(language for language, model in self.table.languages.items() if model == name)

    def state(self, name: str) -> ModelState:
        """Return how a model stands; its files are hashed."""
        entry, folder = self.entry(name), self.folder(name)
        fault = revision = None
        try:
            revision = self.pin(name).revision
            self.open(name)
        except ModelError as error:
            fault = str(error)
        return ModelState(
            name=name,
            origin=entry.hub or str(entry.path),
            folder=folder,
            languages=self.languages(name),
            licence=entry.licence,
            revision=revision,
            bytes=sum(file.stat().st_size for file in folder.glob("*") if file.is_file()),
            fault=fault,
        )

    def write_pin(self, name: str, pin: Pin) -> None:
        """Put a model into the lock, in place of what it said."""
        pins = self.pins() | {name: pin}
        content = {one: pins[one].model_dump(mode="json") for one in sorted(pins)}
        write_text(self.lock_path, json.dumps(content, indent=2, sort_keys=True) + "\n")


def write_text(path: Path, text: str) -> None:
    """Replace a file at once; raise `ModelError` when its folder cannot be written."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise ModelError(
            f"{path}: cannot be written: {error.strerror}; copy the model table to a folder of yours"
        ) from error


def identify(store: ModelStore, languages: Mapping[str, str]) -> str:
    """Return one line a model with its content, limit and prefix: what shapes its translations."""
    lines: list[str] = []
    for name in sorted(set(languages.values())):
        entry = store.entry(name)
        lines.append(f"{name} {store.pin(name).content_hash} {entry.prefix} {entry.max_source_tokens}")
    return "\n".join(lines)


def as_record(state: ModelState) -> dict[str, object]:
    """Return a state as plain values, for JSON."""
    return {key: str(value) if isinstance(value, Path) else value for key, value in asdict(state).items()}
