"""Pages with labelled lines, as the data folder holds them: read, split by site, turned into articles."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.boilerplate.pages import is_held, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as labelled: body, boilerplate or title; `doubtful` ones are not scored."""

    text: str
    label: str
    doubtful: bool
    after_gap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPage:
    """A page; `variant` says how much of it there is: full, scrape or plain."""

    id: str
    source: str
    language: str
    variant: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The page as an article: its lines, and an empty line where a gap was."""
        return "".join(("\n" if line.after_gap else "") + line.text + "\n" for line in self.lines)

    @property
    def site(self) -> str:
        """The site it is from, where the id tells it; else the page stands for itself."""
        return site_of(self.id)

    @property
    def held_out(self) -> bool:
        """Whether its site belongs to those that nothing is trained or tuned on."""
        return is_held(self.site)


def read_pages(path: Path) -> Iterator[LabelledPage]:
    """Yield the pages of a file of JSON lines, packed with gzip."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in map(json.loads, stream):
            yield LabelledPage(
                id=row["id"],
                source=row["source"],
                language=row["language"],
                variant=row["variant"],
                lines=tuple(
                    Line(
                        text=line["text"],
                        label=line["label"],
                        doubtful="amb" in line,
                        after_gap="gap" in line,
                    )
                    for line in row["lines"]
                ),
            )
