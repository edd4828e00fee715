"""Runs a plan over shards: what is done stays; what is missing, stale or corrupt is done again."""

from __future__ import annotations

import json
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

from pipeline import __version__
from pipeline.corpus import document_row, units
from pipeline.errors import OutputError, PipelineError
from pipeline.formats import datasheet, exports, files, jsonl, readers
from pipeline.formats.parquet import DOCUMENTS, UNITS, ShardWriter
from pipeline.formats.readers import ArticleRef
from pipeline.records import Document, Drop
from pipeline.report import build
from pipeline.shards import MANIFESTS, WHOLE, Manifest, Output, Shard, cut, parse_manifest, share, whole_manifest
from pipeline.stages.base import Unread

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.plan import OpenPlan, Plan
    from pipeline.settings import InputSettings

log = logging.getLogger(__name__)

EXPORTS, SPOOL, LEARNED = "exports", "input", "learned"
"""Folders of a corpus beside those of its rows.

`input` holds a copy of standard input, `learned` what stages have learned of the whole input.
"""

DERIVATION = f"{MANIFESTS}/derivation"
"""File of a corpus that tells how the files beside its rows were made."""


class State(StrEnum):
    """How a shard stands; only `done` is left alone."""

    DONE = "done"
    MISSING = "missing"
    STALE = "stale"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class Job:
    """A plan and the shards of its input."""

    plan: Plan
    shards: tuple[Shard[ArticleRef], ...]

    @property
    def corpus(self) -> Path:
        """The folder of the corpus."""
        return self.plan.settings.output.path

    def manifest_path(self, name: str) -> Path:
        """Where the manifest of a shard, or of the whole corpus, stands."""
        return self.corpus / MANIFESTS / f"{name}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did. `counts` are the whole corpus's, None while shards of it are missing.

    `tally` is what the stages counted on the way; unlike `counts` it differs between runs.
    """

    done: int
    reused: int
    counts: dict[str, int] | None
    tally: dict[str, int]


@dataclass(frozen=True, slots=True)
class Done:
    """A shard that was run: what is in the corpus, and what the stages counted on the way."""

    manifest: Manifest
    tally: Counter[str]


Progress: TypeAlias = Callable[[Document], None]
"""Called with each document when all stages have seen it."""

Engine: TypeAlias = Callable[["Worker", Sequence[Shard[ArticleRef]]], Iterator[Done]]
"""Runs shards by workers, in any order, and yields them as they come."""


class Worker:
    """Opens a plan once and runs many shards; picklable until it is opened."""

    def __init__(self, job: Job, progress: Progress | None = None) -> None:
        self._job = job
        self._progress = progress
        self._stack = ExitStack()
        self._plan: OpenPlan | None = None

    def __enter__(self) -> Self:
        self._plan = self._stack.enter_context(self._job.plan.open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._plan = None
        self._stack.__exit__(kind, error, trace)

    def run(self, shard: Shard[ArticleRef]) -> Done:
        """Make the files of a shard and, last, its manifest."""
        job = self._job
        manifest_path = job.manifest_path(shard.id)
        manifest_path.unlink(missing_ok=True)
        digest = readers.input_digest(shard.articles)
        signature = job.plan.signature
        counts: Counter[str] = Counter()
        with ShardWriter(job.corpus, shard.id) as writer:
            for document in self._documents(shard):
                row = document_row(document)
                writer.write(row, units(document, signature))
                counts.update(articles=1, dropped=int(document.drop is not None), **asdict(row.counts))
                if self._progress:
                    self._progress(document)
        manifest = Manifest(
            shard=shard.id,
            plan_digest=job.plan.digest,
            input_digest=digest,
            signature=signature,
            articles=tuple(article.uri for article in shard.articles),
            outputs=_describe(job.corpus, writer.paths),
            counts=dict(sorted(counts.items())),
        )
        _write(manifest_path, manifest.to_json())
        return Done(manifest, sum((stage.tally() for stage in job.plan.stages), Counter()))

    def _documents(self, shard: Shard[ArticleRef]) -> Iterator[Document]:
        """Yield the finished documents; after a fault that no stage foresaw, one by one."""
        if self._plan is None:
            raise RuntimeError("the worker is not opened")
        settings = self._job.plan.settings.input
        read = 0
        try:
            for document in self._plan(readers.read_article(article, settings) for article in shard.articles):
                read += 1
                yield document
        except (PipelineError, OSError, MemoryError):
            raise
        except Exception:
            log.exception("shard_fault shard=%s: its articles are now run one by one", shard.id)
            for article in shard.articles[read:]:
                yield self._alone(readers.read_article(article, settings))

    def _alone(self, document: Document) -> Document:
        """Run one document by itself; a fault sets it aside, so that it never stops the others."""
        if self._plan is None:
            raise RuntimeError("the worker is not opened")
        try:
            return next(iter(self._plan([document])))
        except (PipelineError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 # a fault of ours must not cost the user the rest
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            reason = f"internal_error: {type(error).__name__}: {error} ({place})"
            return replace(document, drop=Drop(stage="run", reason=reason))


def prepare(plan: Plan) -> Job:
    """List the input, let the stages look at it, and cut it into shards.

    Nothing is written, unless the input is standard input: it is copied into the corpus first.
    """
    settings = plan.settings
    source = settings.input
    if source.path == readers.STDIN:
        _claim(settings.output.path)
        spool = readers.spool_stdin(settings.output.path / SPOOL, source.format)
        source = source.model_copy(update={"path": str(spool), "format": "auto"})
    articles = tuple(readers.list_articles(source))
    informed = plan.informed(lambda: [_unread(article, source) for article in articles])
    return Job(informed, tuple(cut(articles, settings.shards.articles)))


def _unread(article: ArticleRef, source: InputSettings) -> Unread:
    has_facts = article.format != "text"
    return Unread(uri=article.uri, has_facts=has_facts, read=lambda: readers.read_article(article, source))


def survey(job: Job) -> dict[str, State]:
    """Return how each shard stands, by its id; reads the input and the files of done shards."""
    digest = job.plan.digest
    return {shard.id: _state(job, shard, digest) for shard in job.shards}


def run(job: Job, engine: Engine, worker: Worker, part: tuple[int, int] = (1, 1)) -> Summary:
    """Run what is not done of one part of the shards; the last part to end finishes the corpus.

    `part` is (index from 1, count). Raises `OutputError` when the folder cannot be written or holds
    something else than a corpus.
    """
    _claim(job.corpus)
    states = survey(job)
    mine = share(job.shards, *part)
    if (whole := _finished(job, states)) is not None:
        return Summary(done=0, reused=len(mine), counts=whole.counts, tally={})
    with files.output_errors(job.corpus):
        job.manifest_path(WHOLE).unlink(missing_ok=True)
    for path, text in _learned(job).items():
        _write(path, text)
    todo = [shard for shard in mine if states[shard.id] != State.DONE]
    for state, count in Counter(states[shard.id] for shard in todo).items():
        log.info("shards_todo state=%s shards=%d", state, count)
    tally: Counter[str] = Counter()
    for one in engine(worker, todo) if todo else ():
        tally += one.tally
        counted = {name: one.manifest.counts[name] for name in ("articles", "units")} | one.tally
        log.info("shard_done shard=%s %s", one.manifest.shard, " ".join(f"{name}={n}" for name, n in counted.items()))
    done = {shard.id for shard in todo}
    rest = [shard for shard in job.shards if shard.id not in done]
    finished = all(survey(replace(job, shards=(shard,)))[shard.id] == State.DONE for shard in rest)
    counts = finish(job) if finished else None
    return Summary(done=len(todo), reused=len(mine) - len(todo), counts=counts, tally=dict(tally))


def finish(job: Job) -> dict[str, int]:
    """Remove what no shard owns, write exports, rejects and card, and last the corpus manifest."""
    manifests = [_read(job.manifest_path(shard.id)) for shard in job.shards]
    whole = [manifest for manifest in manifests if manifest is not None]
    paths = [job.manifest_path(one.shard) for one in whole]
    paths += [path for path in sorted((job.corpus / SPOOL).glob("*")) if path.is_file()]
    paths += _derive(job, [one.shard for one in whole])
    _write(job.corpus / DERIVATION, _derivation(job))
    paths += [*_learned(job), job.corpus / DERIVATION]
    _prune(job, {*paths, *(job.corpus / name for one in whole for name in one.outputs)})
    manifest = whole_manifest(whole, _describe(job.corpus, paths))
    _write(job.manifest_path(WHOLE), manifest.to_json())
    return manifest.counts


def renew_report(corpus: Path, whole: Manifest) -> list[Path]:
    """Write the report of a finished corpus anew and list it in the last manifest, which is `whole`."""
    paths = build.write_report(corpus, whole.articles, whole.signature)
    for path in set(build.pages(corpus)) - set(paths):
        path.unlink()
    others = {name: output for name, output in whole.outputs.items() if not build.is_page(name)}
    outputs = dict(sorted({**others, **_describe(corpus, paths)}.items()))
    _write(corpus / MANIFESTS / f"{WHOLE}.json", replace(whole, outputs=outputs).to_json())
    return paths


def _finished(job: Job, states: dict[str, State]) -> Manifest | None:
    """Return the last manifest if nothing is left to do: no row to make, and no file to make from the rows."""
    whole, derivation = _read(job.manifest_path(WHOLE)), job.corpus / DERIVATION
    if whole is None or set(states.values()) != {State.DONE}:
        return None
    shards = [_read(job.manifest_path(shard.id)) for shard in job.shards]
    expected = whole_manifest([one for one in shards if one is not None], whole.outputs)
    as_written = all(files.matches(job.corpus / name, output) for name, output in whole.outputs.items())
    texts = {derivation: _derivation(job), **_learned(job)}
    up_to_date = all(
        path.is_file() and path.read_bytes() == text.encode("utf-8", "surrogatepass") for path, text in texts.items()
    )
    return whole if whole == expected and as_written and up_to_date else None


def _derivation(job: Job) -> str:
    """Return what decides which files are made from the rows: the program, its settings, the licences."""
    settings = job.plan.settings.output.model_dump(mode="json", exclude={"path"})
    return (
        json.dumps({"version": __version__, "output": settings, "licences": job.plan.licences}, sort_keys=True) + "\n"
    )


def _state(job: Job, shard: Shard[ArticleRef], plan_digest: str) -> State:
    path = job.manifest_path(shard.id)
    if not path.exists():
        return State.MISSING
    manifest = _read(path)
    if manifest is None:
        return State.CORRUPT
    if manifest.plan_digest != plan_digest or manifest.input_digest != readers.input_digest(shard.articles):
        return State.STALE
    whole = all(files.matches(job.corpus / name, output) for name, output in manifest.outputs.items())
    return State.DONE if whole else State.CORRUPT


def _claim(corpus: Path) -> None:
    """Make the folder of the corpus; refuse one that holds something else."""
    if corpus.exists() and not corpus.is_dir():
        raise OutputError(f"{corpus}: expected a folder (got a file); name another --output")
    if corpus.is_dir() and any(corpus.iterdir()) and not (corpus / MANIFESTS).is_dir():
        raise OutputError(f"{corpus}: expected an empty folder or a corpus (got other files); name another --output")
    with files.output_errors(corpus):
        (corpus / MANIFESTS).mkdir(parents=True, exist_ok=True)


def _derive(job: Job, shards: Sequence[str]) -> list[Path]:
    """Write all that is made from the Parquet files; return the files."""
    corpus = job.corpus
    paths = [jsonl.write_rejects(corpus, shards)]
    for name in job.plan.settings.output.formats:
        if name in exports.EXPORTS:
            paths += exports.export(name, corpus, shards, corpus / EXPORTS)
    paths.append(datasheet.write_card(corpus, shards, job.plan.signature, job.plan.licences))
    if job.plan.settings.output.report:
        paths += build.write_report(corpus, shards, job.plan.signature)
    return paths


def _learned(job: Job) -> dict[Path, str]:
    """Return the files that hold what the stages have learned."""
    return {job.corpus / LEARNED / name: text for name, text in sorted(job.plan.learned.items())}


def _prune(job: Job, owned: set[Path]) -> None:
    """Remove shards of articles that are gone, and what a killed run left half-written."""
    for path in set(build.pages(job.corpus)) - owned:
        path.unlink()
    for folder in (UNITS, DOCUMENTS, MANIFESTS, EXPORTS, LEARNED, build.FOLDER):
        for path in sorted((job.corpus / folder).rglob("*"), reverse=True):
            if path.is_file() and path not in owned:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()


def _describe(corpus: Path, paths: Sequence[Path]) -> dict[str, Output]:
    return {
        path.relative_to(corpus).as_posix(): Output(sha256=files.sha256(path), bytes=path.stat().st_size)
        for path in sorted(paths)
    }


def _read(path: Path) -> Manifest | None:
    try:
        return parse_manifest(path.read_bytes())
    except OSError:
        return None


def _write(path: Path, text: str) -> None:
    with files.atomic(path) as stream:
        stream.write(text.encode("utf-8", "surrogatepass"))
