"""Step 6: the mean of the last running averages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safetensors.torch import load_file, save_file

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from models.train.recipe import Place


def checkpoints(place: Place) -> list[Path]:
    """Give the saved averages, oldest first; `FileNotFoundError` where training saved none yet."""
    found = sorted((place.work / "checkpoints").glob("average-*.safetensors"))
    if not found:
        raise FileNotFoundError(f"{place.work / 'checkpoints'}: no average-*.safetensors; run `train` first")
    return found


def average(place: Place, last: int) -> Path:
    """Write `averaged.safetensors`, the mean of the last `last` checkpoints."""
    paths = checkpoints(place)[-last:]
    total: dict[str, Tensor] = {}
    for path in paths:
        for name, value in load_file(path).items():
            total[name] = total[name] + value if name in total else value
    target = place.work / "averaged.safetensors"
    aside = target.with_name("." + target.name)
    save_file({name: value / len(paths) for name, value in total.items()}, aside)
    return aside.rename(target)
