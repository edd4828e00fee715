"""Corpora at a URL: made in a folder of this machine, and published shard by shard, each manifest last."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from shutil import rmtree
from typing import TYPE_CHECKING

from pipeline.caches import sweep
from pipeline.claims import LOCKS, UNLISTED
from pipeline.errors import OutputError
from pipeline.finishing import EXPORTS, LEARNED, SPOOL
from pipeline.formats import files
from pipeline.formats.hosting import hosting, is_hosted
from pipeline.formats.parquet import DOCUMENTS, UNITS
from pipeline.leases import leased
from pipeline.logs import LOGS
from pipeline.report.build import FOLDER, REPORT
from pipeline.shards import MANIFESTS, WHOLE, Manifest, parse_manifest
from pipeline.stores import Kept, Store
from pipeline.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from pipeline.claims import Part
    from pipeline.formats.readers import ArticleRef
    from pipeline.settings import OutputSettings
    from pipeline.shards import Output, Shard
    from pipeline.worker import Done

FINISHED = f"{MANIFESTS}/{WHOLE}.json"

KEPT_BYTES = 2 << 30
"""Of shards that were fetched to be read: so much stays for the next reader, the others are fetched again."""

_APART = tuple(f"{folder}/" for folder in UNLISTED)
"""Folders that tell of runs, and are no part of a corpus."""

_OURS = tuple(f"{folder}/" for folder in (UNITS, DOCUMENTS, MANIFESTS, EXPORTS, LEARNED, SPOOL, FOLDER))
"""Folders of which a file that no manifest lists is removed."""

_BEGUN = re.compile(rf"({UNITS}/[^/]+|{DOCUMENTS})/[0-9a-f]+\.parquet|({LOCKS}|{LOGS})/.*")
"""What there may be before the first manifest."""


class Publisher(Worker):
    """A worker whose shards go to the URL of the corpus; their files do not stay on its machine."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        folder = self._job.plan.settings.output.path
        if not is_hosted(folder):
            rmtree(folder, ignore_errors=True)

    def run(self, shard: Shard[ArticleRef]) -> Done:
        """Make the files of a shard, publish them and, last, its manifest."""
        output = self._job.plan.settings.output
        store = Store(_url_of(output))
        name = f"{MANIFESTS}/{shard.id}.json"
        store.remove([FINISHED, name])
        done = super().run(shard)
        _drop_rows(output.path, done.manifest)
        paths = {one: output.path / one for one in done.manifest.outputs}
        store.upload(paths)
        store.write(name, done.manifest.to_json().encode("utf-8", "surrogatepass"))
        for path in paths.values():
            path.unlink(missing_ok=True)
        return done


@contextmanager
def hosted(output: OutputSettings, part: Part) -> Iterator[Callable[[], None]]:
    """Share a corpus at a URL with other runs, and publish what is finished at the end; locally, do nothing.

    Yields what is to be called before the shards of other parts are looked at.
    """
    if output.url is None:
        yield lambda: None
        return
    with _swept(output.url, output.path):
        mirror = Mirror(output.url, output.path, mends=True)
        mirror.refresh()
        mirror.refuse_other_files()
        with leased(mirror.store, part), hosting(output.path, mirror):
            mirror.refresh()
            try:
                yield mirror.refresh
                mirror.publish()
            finally:
                mirror.publish_logs()


@contextmanager
def mirrored(output: OutputSettings) -> Iterator[None]:
    """Let a corpus at a URL be looked at, as it is now."""
    if output.url is None:
        yield
        return
    with _swept(output.url, output.path):
        mirror = Mirror(output.url, output.path)
        mirror.refresh()
        with hosting(output.path, mirror):
            yield


@contextmanager
def _swept(url: str, folder: Path) -> Iterator[None]:
    """Leave nothing of this process on the machine, nor of its workers and of runs that were killed."""
    sweep(url)
    try:
        yield
    finally:
        rmtree(folder, ignore_errors=True)
        sweep(url)


def worker_for(output: OutputSettings) -> type[Worker]:
    """Return what runs the shards of a corpus."""
    return Worker if output.url is None else Publisher


def _url_of(output: OutputSettings) -> str:
    if output.url is None:
        raise RuntimeError("the corpus has no URL")
    return output.url


class Mirror:
    """A folder that stands for the corpus at a URL.

    It holds the manifests; shards are fetched when they are read. What a run derives from them lies in it until it is
    published. One that `mends` takes back the manifest of a shard whose rows turn out to be others.
    """

    def __init__(self, url: str, folder: Path, *, mends: bool = False) -> None:
        self._mends = mends
        self.store = Store(url)
        self.folder = folder
        self._listing: dict[str, Kept] = {}
        self._fetched: dict[str, tuple[int, int]] = {}
        self._shards: dict[str, int] = {}
        self._passing: str | None = None
        self._begun = False

    def refresh(self) -> None:
        """Learn what is published now."""
        listing = self.store.listing()
        with files.output_errors(self.folder):
            (self.folder / MANIFESTS).mkdir(parents=True, exist_ok=True)
        # What stages learned is written by the run itself, once it has begun.
        tops = (f"{MANIFESTS}/",) if self._begun else (f"{MANIFESTS}/", f"{LEARNED}/")
        small = {name for name in listing if name.startswith(tops)}
        changed = [name for name in small if not self._is_fetched(name) or listing[name] != self._listing.get(name)]
        self.store.download(changed, self.folder)
        self._fetched |= {name: _stamp(self.folder / name) for name in changed}
        for name in self._names(MANIFESTS):
            if name not in small:
                (self.folder / name).unlink(missing_ok=True)
        self._begun = True
        self._listing = listing

    @property
    def is_begun(self) -> bool:
        """Whether a corpus lies at the URL, or a part of one."""
        return any(name.startswith(f"{MANIFESTS}/") for name in self._listing)

    def refuse_other_files(self) -> None:
        """Raise `OutputError` where something else than a corpus lies at the URL."""
        strange = [name for name in self._listing if not _BEGUN.fullmatch(name)]
        if strange and not self.is_begun:
            raise OutputError(
                f"{self.store.url}: expected nothing or a corpus there (got {strange[0]!r}); name another --output"
            )

    def fetch(self, *folders: str) -> None:
        """Fetch all that lies in some folders, `""` for everything but what tells of runs."""
        found = [name for name in self._listing if name.startswith(folders)]
        self.store.download(
            [name for name in found if f"{LOGS}/" in folders or not name.startswith(_APART)], self.folder
        )

    def has(self, path: Path, output: Output) -> bool | None:
        """Whether a file is published, by its size; of a manifest, the folder has the content."""
        name = path.relative_to(self.folder).as_posix()
        if name.startswith((f"{MANIFESTS}/", f"{LEARNED}/")):
            return None
        kept = self._listing.get(name)
        return kept is not None and kept.bytes == output.bytes

    def bring(self, shard: str) -> None:
        """Fetch the rows of a shard; raises `OutputError` when they are not those of its manifest."""
        if shard in self._shards or shard == self._passing:
            return
        self._drop_passing()
        manifest = self._manifest(shard)
        size = sum(output.bytes for output in manifest.outputs.values())
        if sum(self._shards.values()) + size <= KEPT_BYTES:
            self._shards[shard] = size
        else:
            self._passing = shard
        _drop_rows(self.folder, manifest)
        self.store.download(manifest.outputs, self.folder)
        for name, output in manifest.outputs.items():
            if files.sha256(self.folder / name) != output.sha256:
                cure = "remove it, then run again"
                if self._mends:
                    self.store.remove([f"{MANIFESTS}/{shard}.json", FINISHED])
                    cure = "run again: its shard will be done anew"
                raise OutputError(f"{self.store.url}/{name}: expected sha256 {output.sha256} (got another); {cure}")

    def publish(self) -> None:
        """Publish what a run has made of a corpus that it finished, the last manifest last."""
        whole = _parsed(self.folder / FINISHED)
        if whole is None or self._is_fetched(FINISHED):
            return
        derived = [name for name in whole.outputs if not self._is_fetched(name)]
        strays = self.store.listing().keys() - self._owned(whole)
        self.store.remove([FINISHED])
        self.store.upload({name: self.folder / name for name in derived})
        self.store.remove(name for name in strays if name == REPORT or name.startswith(_OURS))
        self.store.upload({FINISHED: self.folder / FINISHED})

    def publish_logs(self) -> None:
        """Publish what the run has told of itself; when that fails, the corpus is none the worse."""
        with suppress(OutputError):
            self.store.upload({name: self.folder / name for name in self._names(LOGS)})

    def _owned(self, whole: Manifest) -> set[str]:
        owned = {FINISHED, *whole.outputs}
        for shard in whole.articles:
            owned |= self._manifest(shard).outputs.keys()
        return owned

    def _manifest(self, shard: str) -> Manifest:
        path = self.folder / MANIFESTS / f"{shard}.json"
        if (manifest := _parsed(path)) is None:
            raise OutputError(f"{self.store.url}: expected the manifest of shard {shard} (got none); run again")
        return manifest

    def _drop_passing(self) -> None:
        if self._passing is not None:
            for name in self._manifest(self._passing).outputs:
                (self.folder / name).unlink(missing_ok=True)
            self._passing = None

    def _is_fetched(self, name: str) -> bool:
        """Whether a file of the folder still is as it was fetched."""
        path = self.folder / name
        return path.is_file() and self._fetched.get(name) == _stamp(path)

    def _names(self, *tops: str) -> list[str]:
        """Return the files of some folders that are whole."""
        found: Iterable[Path] = (path for top in tops for path in sorted((self.folder / top).rglob("*")))
        return [
            path.relative_to(self.folder).as_posix()
            for path in found
            if path.is_file() and not path.name.endswith(files.PART)
        ]


def _drop_rows(folder: Path, manifest: Manifest) -> None:
    """Remove units of a shard that a killed run has left in a folder, in languages that it has no more."""
    for path in folder.glob(f"{UNITS}/*/{manifest.shard}.parquet"):
        if path.relative_to(folder).as_posix() not in manifest.outputs:
            path.unlink()


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _parsed(path: Path) -> Manifest | None:
    try:
        return parse_manifest(path.read_bytes())
    except OSError:
        return None
