"""Models in one file, for machines without a network: packed with their table and lock, unpacked with care."""

from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pipeline.errors import ModelError
from pipeline.translators.checkpoint import MODEL_FILES
from pipeline.translators.store import ModelState, ModelStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

TABLE = "models.yaml"
LOCK = "models.lock"
CARD = "README.md"

MOST_BYTES = 16 * 2**30
"""Of one bundle when unpacked; the largest MarianMT model of the hub has under 1 GB."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def pack(store: ModelStore, names: Sequence[str], output: Path) -> Path:
    """Write models of a table, checked against its lock, into one tar file; the same models, the same bytes."""
    names = sorted(set(names))
    content = {TABLE: _table(store, names), LOCK: _lock(store, names)}
    aside = output.with_name(f".{output.name}.part")
    try:
        with tarfile.open(aside, "w", format=tarfile.PAX_FORMAT) as archive:
            for name, text in content.items():
                _put(archive, name, io.BytesIO(text.encode("utf-8")), len(text.encode("utf-8")))
            for name in names:
                for file in _files(store.open(name).folder):
                    with file.open("rb") as stream:
                        _put(archive, f"{name}/{file.name}", stream, file.stat().st_size)
        aside.replace(output)
    except OSError as error:
        raise ModelError(f"{output}: cannot be written: {error.strerror}; name another --output") from error
    finally:
        aside.unlink(missing_ok=True)
    return output


def unpack(bundle: Path, folder: Path) -> tuple[ModelState, ...]:
    """Unpack a bundle into a new folder, which then holds a table; return its models, all as the lock has them.

    Whatever is not a file of a model is refused, and so is a file whose hash is not the lock's: then nothing is left.
    """
    if folder.exists():
        raise ModelError(f"{folder}: is there already; name another folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ModelError(f"{folder}: cannot be written: {error.strerror}; name another folder") from error
    try:
        _extract(bundle, aside)
        states = _checked(bundle, aside)
        aside.chmod(0o755)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return tuple(ModelStore(folder / TABLE).state(state.name) for state in states)


def _table(store: ModelStore, names: Sequence[str]) -> str:
    """Return the table of the bundle, in which every model lies beside it, as `models add` can read it."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise ModelError(f"{store.path}: models.{name}: expected a name of letters, digits, . _ - to bundle it")
    lines = ["languages:"]
    lines += (f"  {tag}: {name}" for tag, name in sorted(store.table.languages.items()) if name in names)
    lines.append("models:")
    for name in sorted(names):
        own = store.entry(name).model_dump(mode="json", exclude={"path", "hub", "revision"}, exclude_defaults=True)
        lines.append(f"  {name}: {json.dumps({'path': name, **own}, ensure_ascii=False)}")
    return "\n".join(lines).replace("languages:\nmodels:", "languages: {}\nmodels:") + "\n"


def _lock(store: ModelStore, names: Sequence[str]) -> str:
    pins = {name: store.pin(name).model_dump(mode="json") for name in names}
    return json.dumps(pins, indent=2, sort_keys=True) + "\n"


def _files(folder: Path) -> list[Path]:
    return [folder / name for name in sorted((*MODEL_FILES, CARD)) if (folder / name).is_file()]


def _put(archive: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    archive.addfile(entry, stream)


def _extract(bundle: Path, folder: Path) -> None:
    left = MOST_BYTES
    try:
        with tarfile.open(bundle, "r:") as archive:
            for entry in archive:
                left -= entry.size
                if not entry.isfile() or not _is_ours(entry.name) or left < 0:
                    raise ModelError(f"{bundle}: expected models, their table and lock (got {entry.name!r}): refused")
                source = archive.extractfile(entry)
                path = folder / entry.name
                path.parent.mkdir(exist_ok=True)
                with path.open("xb") as target:
                    shutil.copyfileobj(source, target) if source else None
    except tarfile.TarError as error:
        raise ModelError(
            f"{bundle}: expected a bundle of models, it is no tar file or damaged; copy it again"
        ) from error
    except OSError as error:
        raise ModelError(f"{bundle}: cannot be unpacked: {error.strerror}; check the file and the space") from error


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if "/".join(parts) != name:
        return False
    if len(parts) == 1:
        return name in {TABLE, LOCK}
    return (
        len(parts) == len(("model", "file"))
        and _NAME.fullmatch(parts[0]) is not None
        and parts[1] in {*MODEL_FILES, CARD}
    )


def _checked(bundle: Path, folder: Path) -> list[ModelState]:
    store = ModelStore(folder / TABLE) if (folder / TABLE).is_file() else None
    if store is None or not store.names:
        raise ModelError(
            f"{bundle}: expected a bundle of models, it has no table; make it with: newsbitext models bundle"
        )
    states = [store.state(name) for name in store.names]
    outside = [name for name in store.names if store.table.models[name].path != Path(name)]
    faults = [state.fault for state in states if state.fault]
    if faults or outside:
        what = faults[0].replace(f"{folder}/", "") if faults else f"{outside[0]} lies elsewhere"
        raise ModelError(f"{bundle}: not unpacked: {what}")
    return states
