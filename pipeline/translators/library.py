"""What `newsbitext models` does: list, verify, pull, add, and show the card of a model."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pipeline.errors import ModelError
from pipeline.translators.checkpoint import (
    MODEL_FILES,
    PICKLE,
    VOCABULARY,
    WEIGHTS,
    file_hashes,
    open_checkpoint,
    read_json,
)
from pipeline.translators.marian_torch import convert_pickle
from pipeline.translators.store import ModelEntry, ModelState, ModelStore, Pin, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

REVISION_DIGITS = 12
"""Of the content hash, which stands for the revision of a model that has none."""

CARD = "README.md"

ENGLISH_PREFIX = ">>eng<<"
"""With which a source starts that a model of several target languages shall translate to English."""


def list_models(store: ModelStore) -> tuple[ModelState, ...]:
    """Return every model of the table, in its order."""
    return tuple(store.state(name) for name in store.names)


def verify_models(store: ModelStore, names: Sequence[str] = ()) -> tuple[ModelState, ...]:
    """Hash the files of the models (of all that are pinned, without names) and return how they stand."""
    pinned = store.pins()
    return tuple(store.state(name) for name in names or [one for one in store.names if one in pinned])


def pull_model(store: ModelStore, name: str) -> ModelState:
    """Fetch a model of the table if it is on the hub, and pin what then lies on the disk.

    Weights that came pickled are rewritten as safetensors, without running what the pickle may hold.
    """
    entry, folder = store.entry(name), store.folder(name)
    revision = _download(name, entry, folder) if entry.hub else None
    if (folder / PICKLE).is_file() and not (folder / WEIGHTS).is_file():
        convert_pickle(folder)
    open_checkpoint(name, folder, prefix=entry.prefix, max_source_tokens=entry.max_source_tokens)
    files = file_hashes(folder)
    pin = Pin(id=entry.hub or name, revision=revision or "-", licence=entry.licence, files=files)
    if revision is None:
        pin = pin.model_copy(update={"revision": pin.content_hash[:REVISION_DIGITS]})
    store.write_pin(name, pin)
    return store.state(name)


def add_model(store: ModelStore, name: str, origin: str, *, languages: Sequence[str], licence: str) -> ModelState:
    """Put a model into the table, then fetch and pin it.

    `origin` is a directory (also as file:// URL), whose files are copied beside the table, or an id on
    the hub. Languages that had another model get this one. A model that knows `>>eng<<` among other
    language tokens gets it as its prefix.
    """
    if name in store.names:
        raise ModelError(f"{store.path}: models.{name} is there already; choose another name")
    local = _local(origin)
    if local is not None and not (local / PICKLE).is_file():
        open_checkpoint(name, local)
    before = store.path.read_text(encoding="utf-8")
    line = f"path: {name}" if local is not None else f"hub: {origin}"
    try:
        write_text(store.path, _added(before, name, f"{{{line}, licence: {licence}}}", languages))
        if local is not None:
            _copy(local, ModelStore(store.path).folder(name))
        state = pull_model(ModelStore(store.path), name)
        prefix = _prefix(state.folder)
        if prefix is None:
            return state
        entry = f'{{{line}, licence: {licence}, prefix: "{prefix}"}}'
        write_text(store.path, _added(before, name, entry, languages))
        return ModelStore(store.path).state(name)
    except ModelError:
        write_text(store.path, before)
        raise


def _prefix(folder: Path) -> str | None:
    """Return the token that asks for English; None where the model knows no other language."""
    vocabulary = read_json(folder / VOCABULARY)
    tokens = [one for one in vocabulary if one.startswith(">>") and one.endswith("<<")] if vocabulary else []  # type: ignore[attr-defined] # open_checkpoint has read it
    return ENGLISH_PREFIX if ENGLISH_PREFIX in tokens and len(tokens) > 1 else None


def model_card(store: ModelStore, name: str) -> str:
    """Return the card that came with the model, as Markdown."""
    path = store.folder(name) / CARD
    if not path.is_file():
        raise ModelError(f"{path}: the model has no card; see {store.entry(name).hub or 'its origin'}")
    return path.read_text(encoding="utf-8", errors="replace")


def _local(origin: str) -> Path | None:
    """Return the directory that `origin` names; None: it is an id on the hub."""
    if origin.startswith("file://"):
        return Path(unquote(urlsplit(origin).path))
    path = Path(origin)
    return path if path.exists() or origin.startswith((".", "/", "~")) else None


def _copy(source: Path, folder: Path) -> None:
    if folder.exists():
        raise ModelError(f"{folder}: is there already; remove it, or choose another name")
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        for file in (*MODEL_FILES, PICKLE, CARD):
            if (source / file).is_file():
                shutil.copyfile(source / file, aside / file)
        aside.chmod(0o755)
        aside.rename(folder)
    except OSError as error:
        raise ModelError(f"{folder}: cannot be written: {error.strerror}; free some space") from error


def _download(name: str, entry: ModelEntry, folder: Path) -> str:
    """Fetch the model's files from the hub; return the commit they are from."""
    from huggingface_hub import HfApi, snapshot_download

    try:
        commit = str(HfApi().model_info(str(entry.hub), revision=entry.revision).sha)
        snapshot_download(
            str(entry.hub),
            revision=commit,
            local_dir=folder,
            allow_patterns=[*MODEL_FILES, CARD, PICKLE],
        )
    except Exception as error:  # the hub's client lets through what its transport raises
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"{name}: {entry.hub} cannot be fetched from the Hugging Face Hub: {first}; check the id and "
            f"the network, or copy the files to {folder} on a machine that can reach it"
        ) from error
    return commit


def _added(text: str, name: str, entry: str, languages: Sequence[str]) -> str:
    """Return the table with one model more, as a person would write it: comments stay."""
    lines = [line for line in text.splitlines() if not _maps(line, languages)]
    for key, new in (
        ("languages:", [f"  {language}: {name}" for language in languages]),
        ("models:", [f"  {name}: {entry}"]),
    ):
        if key not in lines:
            raise ModelError(f"expected a line that says {key} in the model table; write the entry by hand")
        place = lines.index(key) + 1
        lines[place:place] = new
    return "\n".join(lines) + "\n"


def _maps(line: str, languages: Sequence[str]) -> bool:
    key, colon, _ = line.strip().partition(":")
    return bool(colon) and line.startswith("  ") and key in languages
