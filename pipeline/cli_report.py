"""The command `newsbitext report`: parse and print, as `cli` does."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 # typer reads the annotation
from typing import Annotated

import typer


def report(
    corpus: Annotated[str, typer.Argument(metavar="[CORPUS]", help="The folder of the corpus, or its URL.")] = "corpus",
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Another folder for the pages than the corpus itself."),
    ] = None,
) -> None:
    """Write report.html of a finished corpus, which any browser opens without a network."""
    from pipeline.claims import claimed
    from pipeline.fetching import at_hand, put_back
    from pipeline.finishing import renew_report
    from pipeline.report.build import write_report
    from pipeline.status import finished_manifest

    with at_hand(corpus) as folder:
        whole = finished_manifest(folder)
        if output is None:
            with claimed(folder):
                paths = put_back(corpus, folder, renew_report(folder, finished_manifest(folder)))
        else:
            paths = [str(path) for path in write_report(folder, whole.articles, whole.signature, output)]
    for path in paths:
        print(path)
