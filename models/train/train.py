"""Step 5: optimise within a budget of wall-clock seconds; a stopped run goes on.

Each worker is one process on one core. Two workers with one thread each make 1.0 to 3.5 times the
tokens of one worker with two threads (3,000 against 880 a second
while another program holds a core).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import multiprocessing

from models.train.batches import Batch, Mixture, Pair, Rows, cut
from models.train.network import Forward, SmoothedLoss, begin, make_model
from models.train.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.synchronize import Lock
    from pathlib import Path

    from models.train.recipe import Place, Recipe, Training

_NOTE_SECONDS = 30.0
_RECALLED = 512  # source pieces a batch
_LEAST = 1e-6  # attention below it counts as this much
_FLOOR = 0.02  # the share of the peak rate at which a run ends


def rate_at(spent: float, update: int, training: Training) -> float:
    """Give the learning rate: linear warm-up, then decay with the share of the budget spent."""
    warm = min(1.0, (update + 1) / training.warmup_updates)
    return training.peak_rate * warm * max(_FLOOR, 1 - spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds of training so far: those of earlier processes and those since this one began."""

    before: float
    began: float

    def seconds(self) -> float:
        return self.before + time.monotonic() - self.began


class Alarm:
    """Tells when something is due again, in seconds of training."""

    def __init__(self, every: float, now: float) -> None:
        self.every, self.last = every, now

    def due(self, now: float) -> bool:
        """Say whether the time has come, and begin to wait anew where it has."""
        if now - self.last < self.every:
            return False
        self.last = now
        return True


class Worker:
    """One process: a bf16 copy of the weights that computes gradients for the shared state."""

    def __init__(self, recipe: Recipe, place: Place, state: State, number: int) -> None:
        self.training, self.state = recipe.training, state
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.set_flush_denormal(True)  # a softmax with denormals takes 13 times as long
        torch.set_num_threads(self.training.threads)
        self.model = make_model(recipe).to(device=self.device, dtype=torch.bfloat16)
        table = self.model.lm_head.weight
        table.data = table.data.float()
        named = self.model.named_parameters()
        self.copies = {name: copy for name, copy in named if copy.requires_grad}
        self.forward = Forward(self.model, self.training.dropout)
        self.adam = state.optimizer()
        self.gradient = torch.zeros_like(state.weights)
        self.parts = state.views(self.gradient)
        filler = recipe.vocabulary.pieces
        seed = recipe.seed + number
        self.mixture = Mixture(place.work / "arrays", self.training, seed, filler)
        self.dev = {x: self._dev(place.work / "arrays", x, filler) for x in recipe.languages}
        self.missed = 0.0
        torch.manual_seed(seed)

    def _dev(self, folder: Path, language: str, filler: int) -> list[Batch]:
        sources = Rows(folder / f"dev.{language}.source0")
        targets = Rows(folder / f"dev.{language}.target")
        none = np.zeros((0, 2), np.int64)
        pairs = [Pair(source=sources[n], target=targets[n], links=none) for n in range(0, len(targets), 3)]
        return list(cut(pairs, self.training.batch_tokens, filler))

    def load(self, flat: torch.Tensor) -> None:
        """Copy shared weights into this worker's model."""
        with torch.no_grad():
            values = self.state.views(flat)
            torch._foreach_copy_(list(self.copies.values()), [values[n] for n in self.copies])

    def losses(self, batch: Batch, smoothing: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Give the mean -log p of the target pieces, of a sample of the source pieces, and of the links.

        The second keeps the encoder from forgetting which piece stands where before the decoder
        has learned to look: without it every position of a sentence ended in one state.
        """
        source, start, target = (torch.from_numpy(x).to(self.device) for x in (batch.source, batch.start, batch.target))
        memory, state, looks = self.forward(source, start)
        table = self.model.lm_head.weight
        loss = SmoothedLoss.apply(state.flatten(0, 1), table, target.flatten(), smoothing)
        drawn = torch.randint(source.numel(), (_RECALLED,), device=self.device)
        states, pieces = memory.flatten(0, 1)[drawn], source.flatten()[drawn]
        links = torch.from_numpy(batch.links).to(self.device)
        missed = -(links * looks.float().clamp_min(_LEAST).log()).sum() / links.sum().clamp_min(1)
        return loss, SmoothedLoss.apply(states, table, pieces, smoothing), missed

    def step(self, batch: Batch, spent: float, lock: Lock) -> float:
        """Make one update of the shared state; give the loss."""
        self.load(self.state.weights)
        loss, recall, missed = self.losses(batch, self.training.smoothing)
        weight = self.training.recall_weight * max(0.0, 1 - spent / self.training.recall_until)
        (loss + weight * recall + self.training.alignment_weight * missed).backward()
        with torch.no_grad():
            for name, copy in self.copies.items():
                self.parts[name].copy_(copy.grad)
                copy.grad = None
            norm = float(self.gradient.norm())
            self.gradient.mul_(min(1.0, self.training.clip / (norm + 1e-6)))
            with lock:
                rate = rate_at(spent, self.state.update, self.training)
                self.state.apply(self.adam, self.gradient, rate, batch.tokens)
        self.missed = float(missed.detach())
        return float(loss.detach())

    def validate(self) -> dict[str, float]:
        """Give the mean -log p a piece on every third dev line, by language, with the average.

        `gain` says how much worse the first batch gets with the sources of other sentences.
        """
        self.load(self.state.average)
        self.forward.rate = 0.0
        found = {}
        with torch.no_grad():
            for language, batches in self.dev.items():
                losses = [float(self.losses(batch, 0.0)[0]) * batch.tokens for batch in batches]
                found[language] = round(sum(losses) / sum(batch.tokens for batch in batches), 4)
            batch = self.dev[next(iter(self.dev))][0]
            turned = replace(batch, source=np.roll(batch.source, 1, axis=0))
            found["gain"] = round(float(self.losses(turned, 0.0)[0] - self.losses(batch, 0.0)[0]), 4)
        self.forward.rate = self.training.dropout
        return found


def _note(state: State, seconds: float, event: str, **values: object) -> None:
    line = {"event": event, "update": state.update, "seconds": round(seconds)} | values
    with (state.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _batches(worker: Worker, clock: Clock, budget: float) -> Iterator[Batch]:
    while True:
        for batch in worker.mixture.pool(clock.seconds() / budget):
            if clock.seconds() >= budget:
                return
            yield batch


class Chief:
    """What the first worker does beside its batches: notes, validation, checkpoints."""

    def __init__(self, worker: Worker, lock: Lock, now: float) -> None:
        self.worker, self.state, self.lock = worker, worker.state, lock
        training = worker.training
        self.noting = Alarm(_NOTE_SECONDS, now)
        self.checking = Alarm(training.validate_seconds, now)
        self.saving = Alarm(training.checkpoint_seconds, now)
        self.losses: list[float] = []
        self.noted = (now, self.state.tokens)

    def after(self, loss: float, now: float) -> None:
        """Do what is due after a step."""
        self.losses.append(loss)
        if self.noting.due(now):
            tokens = self.state.tokens
            speed = round((tokens - self.noted[1]) / (now - self.noted[0]))
            mean = round(sum(self.losses) / len(self.losses), 4)
            _note(
                self.state,
                now,
                "train",
                loss=mean,
                links=round(self.worker.missed, 3),
                tokens_per_second=speed,
                tokens=tokens,
            )
            self.losses, self.noted = [], (now, tokens)
        if self.checking.due(now):
            _note(self.state, now, "dev", **self.worker.validate())
        if self.saving.due(now):
            self.save(now)

    def save(self, now: float) -> None:
        with self.lock:
            self.state.save(now, self.worker.mixture.state())


def _work(recipe: Recipe, place: Place, state: State, number: int, lock: Lock) -> None:
    spent, taken = state.resumed
    worker = Worker(recipe, place, state, number)
    if taken:
        worker.mixture.restore(taken)
    clock = Clock(before=spent, began=time.monotonic())
    budget = recipe.training.budget_seconds
    chief = Chief(worker, lock, spent) if number == 0 else None
    for batch in _batches(worker, clock, budget):
        loss = worker.step(batch, clock.seconds() / budget, lock)
        if chief is not None:
            chief.after(loss, clock.seconds())
    if chief is not None:
        passes = {name: round(s.passes() * recipe.training.workers, 2) for name, s in worker.mixture.streams.items()}
        chief.save(clock.seconds())
        _note(state, clock.seconds(), "done", passes=passes, **worker.validate())


def train(recipe: Recipe, place: Place) -> None:
    """Train until the budget is spent; the clock runs only while this process does."""
    folder = place.work / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # threads started before a fork are lost in it
    state = State(begin(recipe), folder, recipe.training.average_decay)
    state.resumed = state.resume()
    context = multiprocessing.get_context("fork")
    lock = context.Lock()
    others = [
        context.Process(target=_work, args=(recipe, place, state, number, lock), daemon=True)
        for number in range(1, recipe.training.workers)
    ]
    for other in others:
        other.start()
    _work(recipe, place, state, 0, lock)
    for other in others:
        other.join()
