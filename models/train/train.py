"""Step 3: optimise within a budget of wall-clock seconds; stopped runs go on from the last checkpoint."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file

from models.train.batches import Batch, Mixture, Rows, cut
from models.train.network import Forward, SmoothedLoss, make_model

if TYPE_CHECKING:
    from pathlib import Path

    from models.train.recipe import Place, Recipe, Training

_FLOOR = 0.02  # the share of the peak rate at which a run ends


def rate_at(spent: float, update: int, training: Training) -> float:
    """Give the learning rate: linear warm-up, then linear decay over the share of the budget spent."""
    warm = min(1.0, (update + 1) / training.warmup_updates)
    return training.peak_rate * warm * max(_FLOOR, 1 - spent)


class Run:
    """A training run: fp32 masters, a bf16 copy that computes, and a running average of the masters."""

    def __init__(self, recipe: Recipe, place: Place) -> None:
        self.training = recipe.training
        self.folder = place.work / "checkpoints"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.set_num_threads(self.training.threads)
        model = make_model(recipe).to(self.device)
        self.masters = {n: p.detach().clone() for n, p in model.named_parameters()}
        self.average = {n: p.clone() for n, p in self.masters.items()}
        self.model = model.to(torch.bfloat16)
        table = self.model.lm_head.weight
        table.data = table.data.float()
        self.copies = dict(self.model.named_parameters())
        self.forward = Forward(self.model, self.training.dropout)
        self.optimizer = torch.optim.Adam(
            list(self.masters.values()), lr=0.0, betas=(0.9, 0.98), eps=1e-9, fused=True
        )
        filler = recipe.vocabulary.pieces
        self.mixture = Mixture(place.work / "arrays", self.training, recipe.seed, filler)
        self.dev = {x: self._dev(place.work / "arrays", x, filler) for x in recipe.languages}
        self.update, self.seconds, self.tokens = 0, 0.0, 0

    def _dev(self, folder: Path, language: str, filler: int) -> list[Batch]:
        sources, targets = Rows(folder / f"dev.{language}.source0"), Rows(folder / f"dev.{language}.target")
        pairs = [(sources[n], targets[n]) for n in range(0, len(targets.starts) - 1, 3)]
        return list(cut(pairs, self.training.batch_tokens, filler))

    def loss(self, batch: Batch, smoothing: float) -> torch.Tensor:
        """Give the mean -log p of the batch's target pieces, ready for `backward`."""
        source, start, target = (
            torch.from_numpy(x).to(self.device) for x in (batch.source, batch.start, batch.target)
        )
        state = self.forward(source, start)
        kept = target != self.model.config.pad_token_id
        loss: torch.Tensor = SmoothedLoss.apply(
            state[kept], self.model.lm_head.weight, target[kept], smoothing
        )
        return loss

    def step(self, batch: Batch) -> float:
        """Make one update; give the loss."""
        loss = self.loss(batch, self.training.smoothing)
        loss.backward()
        for name, copy in self.copies.items():
            self.masters[name].grad = None if copy.grad is None else copy.grad.float()
            copy.grad = None
        torch.nn.utils.clip_grad_norm_(list(self.masters.values()), self.training.clip)
        rate = rate_at(self.seconds / self.training.budget_seconds, self.update, self.training)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.update += 1
        self.tokens += batch.tokens
        decay = min(self.training.average_decay, self.update / (self.update + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.values()), list(self.masters.values()), 1 - decay)
            torch._foreach_copy_([self.copies[n] for n in self.masters], list(self.masters.values()))
        return float(loss.detach())

    def validate(self) -> dict[str, float]:
        """Give the mean -log p a piece on every third dev line, by language, with the average."""
        self._load(self.average)
        self.forward.rate = 0.0
        found = {}
        with torch.no_grad():
            for language, batches in self.dev.items():
                losses = [float(self.loss(batch, 0.0)) * batch.tokens for batch in batches]
                found[language] = round(sum(losses) / sum(batch.tokens for batch in batches), 4)
        self.forward.rate = self.training.dropout
        self._load(self.masters)
        return found

    def _load(self, values: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, copy in self.copies.items():
                copy.copy_(values[name])

    def save(self) -> None:
        """Write average-<update>.safetensors for users and last.* for going on, each by a rename."""
        average = {name: value.contiguous() for name, value in self.average.items()}
        self._write(f"average-{self.update:06d}.safetensors", lambda path: save_file(average, path))
        self._write("last.safetensors", lambda path: save_file(dict(self.masters), path))
        state = {
            "optimizer": self.optimizer.state_dict(),
            "mixture": self.mixture.state(),
            "average": self.average,
            "update": self.update,
            "seconds": self.seconds,
            "tokens": self.tokens,
        }
        self._write("last.state", lambda path: torch.save(state, path))

    def _write(self, name: str, write: object) -> None:
        aside = self.folder / f".{name}"
        write(aside)  # type: ignore[operator]
        aside.rename(self.folder / name)

    def resume(self) -> None:
        """Go on from last.*, where it is there."""
        if not (self.folder / "last.state").exists():
            return
        state = torch.load(self.folder / "last.state", weights_only=True, map_location=self.device)
        masters = load_file(self.folder / "last.safetensors")
        with torch.no_grad():
            for name, value in self.masters.items():
                value.copy_(masters[name])
                self.average[name].copy_(state["average"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mixture.restore(state["mixture"])
        self.update, self.seconds, self.tokens = state["update"], state["seconds"], state["tokens"]
        self._load(self.masters)

    def note(self, event: str, **values: object) -> None:
        """Add one line to log.jsonl."""
        line = json.dumps({"event": event, "update": self.update, "seconds": round(self.seconds)} | values)
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")


def train(recipe: Recipe, place: Place) -> None:
    """Train until the budget is spent; the clock runs only while this process does."""
    run = Run(recipe, place)
    run.resume()
    training = recipe.training
    began, before = time.monotonic(), run.seconds
    saved = checked = noted = run.seconds
    losses: list[float] = []
    tokens = 0
    while run.seconds < training.budget_seconds:
        for batch in run.mixture.pool(run.seconds / training.budget_seconds):
            losses.append(run.step(batch))
            tokens += batch.tokens
            run.seconds = before + time.monotonic() - began
            if run.seconds >= training.budget_seconds:
                break
        speed = tokens / max(1e-9, run.seconds - noted)
        run.note("train", loss=round(sum(losses) / len(losses), 4), tokens_per_second=round(speed), tokens=run.tokens)
        losses, tokens, noted = [], 0, run.seconds
        if run.seconds - checked >= training.validate_seconds:
            run.note("dev", **run.validate())
            checked = run.seconds
        if run.seconds - saved >= training.checkpoint_seconds:
            run.save()
            saved = run.seconds
    passes = {name: round(stream.passes(), 2) for name, stream in run.mixture.streams.items()}
    run.note("done", passes=passes, **run.validate())
    run.save()
