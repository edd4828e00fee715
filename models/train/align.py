"""Step 4: word alignments of the pairs by eflomal, which teach one attention head where to look.

Pieces are aligned, not words: what eflomal finds for pieces needs no mapping to the network's input.
A sampled segmentation of a source gets the links of the plain one by the bytes that they share.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.train.batches import LINK_BASE, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.train.recipe import Place, Recipe

Link = tuple[int, int]

_DOMAINS = ("news", "general", "augmented", "english")
_ITERATIONS = 0.5  # of eflomal's own choice
_BESIDE = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def symmetrize(forward: set[Link], backward: set[Link]) -> set[Link]:
    """Join the links of both directions by grow-diag-final-and (Koehn et al. 2005)."""
    union, links = forward | backward, forward & backward
    sources, targets = {s for s, _ in links}, {t for _, t in links}
    waiting = sorted(links)
    while waiting:
        s, t = waiting.pop()
        for right, down in _BESIDE:
            new = (s + right, t + down)
            if new in union and new not in links and (new[0] not in sources or new[1] not in targets):
                links.add(new)
                waiting.append(new)
                sources.add(new[0])
                targets.add(new[1])
    for s, t in sorted(union - links):
        if s not in sources and t not in targets:
            links.add((s, t))
            sources.add(s)
            targets.add(t)
    return links


def _run(pairs: list[tuple[str, str]]) -> Iterator[set[Link]]:
    """Align lines of numbers with eflomal; one set of (source, target) links a pair."""
    import eflomal

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("forward", "backward")]
        eflomal.Aligner(rel_iterations=_ITERATIONS).align(
            [source for source, _ in pairs],
            [target for _, target in pairs],
            links_filename_fwd=str(paths[0]),
            links_filename_rev=str(paths[1]),
        )
        with paths[0].open() as forward, paths[1].open() as backward:
            for lines in zip(forward, backward, strict=True):
                one, other = ({_link(word) for word in line.split()} for line in lines)
                yield symmetrize(one, other)


def _link(text: str) -> Link:
    source, _, target = text.partition("-")
    return int(source), int(target)


def _line(pieces: np.ndarray) -> str:
    return " ".join(map(str, pieces[:-1]))


def _save(path: Path, rows: list[list[int]]) -> None:
    np.save(path.with_name(path.name + ".pieces.npy"), np.fromiter((n for row in rows for n in row), dtype=np.int16))
    np.save(path.with_name(path.name + ".starts.npy"), np.cumsum([0, *map(len, rows)], dtype=np.int64))


def align(recipe: Recipe, place: Place) -> None:
    """Write `arrays/<name>.links`, a row's links as target * LINK_BASE + source, for running text.

    Rows longer than LINK_BASE have none. English copies are aligned with themselves.
    """
    folder = place.work / "arrays"
    names: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("*.done")):
        domain, language = path.stem.split(".")
        if domain in _DOMAINS and not (folder / f"{path.stem}.links.starts.npy").exists():
            names[language].append(path.stem)
    for language, own in names.items():
        files = {name: (Rows(folder / f"{name}.source0"), Rows(folder / f"{name}.target")) for name in own}
        where = [(name, row) for name, (_, targets) in files.items() for row in range(len(targets))]
        rows: dict[str, list[list[int]]] = {
            name: [[] for _ in range(len(targets))] for name, (_, targets) in files.items()
        }
        pairs = [(files[name][0][row], files[name][1][row]) for name, row in where]
        short = [n for n, pair in enumerate(pairs) if max(map(len, pair)) <= LINK_BASE]
        if language in recipe.languages:
            found = _run([(_line(pairs[n][0]), _line(pairs[n][1])) for n in short])
        else:
            found = ({(p, p) for p in range(len(pairs[n][1]) - 1)} for n in short)
        for n, links in zip(short, found, strict=True):
            name, row = where[n]
            rows[name][row] = sorted(t * LINK_BASE + s for s, t in links)
        for name in own:
            _save(folder / f"{name}.links", rows[name])
