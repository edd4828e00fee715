"""The command `newsbitext report`: parse and print, as `cli` does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    corpus: Annotated[Path, typer.Argument(metavar="[CORPUS]", help="The folder of the corpus.")] = Path("corpus"),
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Another folder for the pages than the corpus itself."),
    ] = None,
) -> None:
    """Write report.html of a finished corpus, which any browser opens without a network."""
    from pipeline.report.build import write_report
    from pipeline.runner import renew_report
    from pipeline.status import finished_manifest

    whole = finished_manifest(corpus)
    if output is None:
        paths = renew_report(corpus, whole)
    else:
        paths = write_report(corpus, whole.articles, whole.signature, output)
    for path in paths:
        print(path)
