"""Finishes a corpus whose shards are all done: what is made from the rows, and the last manifest."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.claims import UNLISTED
from pipeline.errors import OutputError
from pipeline.formats import datasheet, exports, files, jsonl
from pipeline.formats.parquet import DOCUMENTS, UNITS
from pipeline.report import build
from pipeline.shards import MANIFESTS, WHOLE, whole_manifest
from pipeline.standing import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.claims import Claim
    from pipeline.shards import Manifest, Output
    from pipeline.worker import Job

EXPORTS, SPOOL, LEARNED = "exports", "input", "learned"
"""Folders of a corpus beside those of its rows.

`input` holds a copy of standard input, `learned` what stages have learned of the whole input.
"""

DERIVATION = f"{MANIFESTS}/derivation"
"""File of a corpus that tells how the files beside its rows were made."""


def finish_once(job: Job, claim: Claim) -> dict[str, int]:
    """Finish the corpus, unless another part that ended at the same moment has just done so."""
    with claim.finishing(), files.output_errors(job.corpus):
        if job.manifest_path(WHOLE).exists():
            counts = finished_counts(job, whole_manifest(_manifests(job, {}, set()), {}))
            if counts is not None:
                return counts
        return finish(job)


def finish(job: Job) -> dict[str, int]:
    """Remove what no shard owns, write exports, rejects and card, and last the corpus manifest."""
    outputs: dict[str, Output] = {}
    owned: set[str] = set()
    whole = whole_manifest(_manifests(job, outputs, owned), {})
    paths = [path for path in sorted((job.corpus / SPOOL).glob("*")) if path.is_file() and path.suffix != files.PART]
    paths += _derive(job, whole.articles)
    files.write(job.corpus / DERIVATION, _derivation(job))
    paths += [*learned_files(job), job.corpus / DERIVATION]
    outputs |= files.describe(job.corpus, paths)
    _prune(job, owned | outputs.keys())
    files.write(job.manifest_path(WHOLE), replace(whole, outputs=outputs).to_json())
    return whole.counts


def _manifests(job: Job, listed: dict[str, Output], owned: set[str]) -> Iterator[Manifest]:
    """Yield the manifests of all shards; note their own files, and the names of those that they list."""
    for shard in job.shards:
        path = job.manifest_path(shard.id)
        found = read_manifest(path)
        if found is None:
            raise OutputError(f"{path}: expected the manifest of a shard that is done (got none); run again")
        manifest, listed[path.relative_to(job.corpus).as_posix()] = found
        owned.update(manifest.outputs)
        yield manifest


def renew_report(corpus: Path, whole: Manifest) -> list[Path]:
    """Write the report of a finished corpus anew and list it in the last manifest, which is `whole`."""
    paths = build.write_report(corpus, whole.articles, whole.signature)
    for path in set(build.pages(corpus)) - set(paths):
        path.unlink()
    others = {name: output for name, output in whole.outputs.items() if not build.is_page(name)}
    outputs = dict(sorted({**others, **files.describe(corpus, paths)}.items()))
    files.write(corpus / MANIFESTS / f"{WHOLE}.json", replace(whole, outputs=outputs).to_json())
    return paths


def finished_counts(job: Job, shards: Manifest) -> dict[str, int] | None:
    """Return the counts if no file is left to be made from the rows; `shards` is the last manifest without files."""
    found, derivation = read_manifest(job.manifest_path(WHOLE)), job.corpus / DERIVATION
    if (
        found is None
        or found[0] != replace(shards, outputs=found[0].outputs)
        or any(files.half_written(job.corpus, UNLISTED))
    ):
        return None
    as_written = all(files.matches(job.corpus / name, output) for name, output in found[0].outputs.items())
    texts = {derivation: _derivation(job), **learned_files(job)}
    up_to_date = all(
        path.is_file() and path.read_bytes() == text.encode("utf-8", "surrogatepass") for path, text in texts.items()
    )
    return shards.counts if as_written and up_to_date else None


def _derivation(job: Job) -> str:
    """Return what decides which files are made from the rows: the program, its settings, the licences."""
    settings = job.plan.settings.output.model_dump(mode="json", exclude={"path"})
    return (
        json.dumps({"version": __version__, "output": settings, "licences": job.plan.licences}, sort_keys=True) + "\n"
    )


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


def learned_files(job: Job) -> dict[Path, str]:
    """Return the files that hold what the stages have learned."""
    return {job.corpus / LEARNED / name: text for name, text in sorted(job.plan.learned.items())}


def _prune(job: Job, owned: set[str]) -> None:
    """Remove shards of articles that are gone, and what a killed run left half-written."""
    for path in (*build.pages(job.corpus), *files.half_written(job.corpus, UNLISTED)):
        if path.relative_to(job.corpus).as_posix() not in owned:
            path.unlink(missing_ok=True)
    for top in (UNITS, DOCUMENTS, MANIFESTS, EXPORTS, LEARNED, build.FOLDER):
        for name, _, names in os.walk(job.corpus / top, topdown=False):
            folder = Path(name)
            within = folder.relative_to(job.corpus).as_posix()
            for own in names:
                if f"{within}/{own}" not in owned:
                    (folder / own).unlink()
            if within != top and not any(folder.iterdir()):
                folder.rmdir()
