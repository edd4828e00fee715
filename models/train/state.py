"""The numbers of a training run, in memory that its workers share, and their way to disk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import Tensor
    from transformers import MarianMTModel

_BETAS = (0.9, 0.98)
_EPSILON = 1e-9
_KEPT_AVERAGES = 12


class State:
    """All trained weights as one fp32 vector, with their running average and Adam's two moments.

    Workers compute on copies of their own and apply gradients here one at a time (under the
    caller's lock): asynchronous, but never torn.
    """

    def __init__(self, model: MarianMTModel, folder: Path, decay: float) -> None:
        self.folder, self.decay = folder, decay
        named = [(n, p.detach()) for n, p in model.named_parameters() if p.requires_grad]
        self.shapes = {name: value.shape for name, value in named}
        self.weights = torch.cat([value.float().flatten() for _, value in named]).share_memory_()
        self.average = self.weights.clone().share_memory_()
        self.first = torch.zeros_like(self.weights).share_memory_()
        self.second = torch.zeros_like(self.weights).share_memory_()
        self.counts = torch.zeros(2, dtype=torch.int64).share_memory_()  # updates, target tokens
        self.resumed: tuple[float, dict[str, int]] = (0.0, {})
        self.adam_steps = torch.zeros((), dtype=torch.float32).share_memory_()

    @property
    def update(self) -> int:
        return int(self.counts[0])

    @property
    def tokens(self) -> int:
        return int(self.counts[1])

    def views(self, flat: Tensor) -> dict[str, Tensor]:
        """Give a vector laid out as the weights as named tensors that share its memory."""
        sizes = [math.prod(shape) for shape in self.shapes.values()]
        parts = flat.split(sizes)
        return {n: part.view(s) for (n, s), part in zip(self.shapes.items(), parts, strict=True)}

    def optimizer(self) -> torch.optim.Adam:
        """Give an optimizer whose moments are the shared ones."""
        adam = torch.optim.Adam([self.weights], lr=0.0, betas=_BETAS, eps=_EPSILON, fused=True)
        adam.state[self.weights] = {
            "step": self.adam_steps,
            "exp_avg": self.first,
            "exp_avg_sq": self.second,
        }
        return adam

    def apply(self, adam: torch.optim.Adam, gradient: Tensor, rate: float, tokens: int) -> None:
        """Make one update; the caller holds the lock."""
        self.weights.grad = gradient
        adam.param_groups[0]["lr"] = rate
        adam.step()
        self.counts += torch.tensor([1, tokens])
        decay = min(self.decay, self.update / (self.update + 10))
        self.average.lerp_(self.weights, 1 - decay)

    def save(self, seconds: float, taken: Mapping[str, int]) -> None:
        """Write average-<update>.safetensors for users and last.safetensors for going on."""
        name = f"average-{self.update:06d}.safetensors"
        average = {n: v.clone() for n, v in self.views(self.average).items()}
        self._write(name, lambda path: save_file(average, path))
        for old in sorted(self.folder.glob("average-*.safetensors"))[:-_KEPT_AVERAGES]:
            old.unlink()
        flats = {
            "weights": self.weights,
            "average": self.average,
            "first": self.first,
            "second": self.second,
            "counts": self.counts,
            "adam_steps": self.adam_steps,
            "seconds": torch.tensor(seconds, dtype=torch.float64),
        }
        positions = {f"taken.{n}": torch.tensor(count) for n, count in taken.items()}
        everything = {n: value.clone() for n, value in (flats | positions).items()}
        self._write("last.safetensors", lambda path: save_file(everything, path))

    def _write(self, name: str, write: Callable[[Path], None]) -> None:
        aside = self.folder / f".{name}"
        write(aside)
        aside.rename(self.folder / name)

    def resume(self) -> tuple[float, dict[str, int]]:
        """Go on from last.safetensors; give the seconds spent and the place in each stream."""
        path = self.folder / "last.safetensors"
        if not path.exists():
            return 0.0, {}
        kept = load_file(path)
        for name in ("weights", "average", "first", "second", "counts", "adam_steps"):
            getattr(self, name).copy_(kept[name])
        taken = {n.removeprefix("taken."): int(v) for n, v in kept.items() if n.startswith("taken.")}
        return float(kept["seconds"]), taken
