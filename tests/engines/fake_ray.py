"""A Ray that runs its actors in this process, at once, and loses them when it is told to."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class LostError(Exception):
    """Stands for Ray's errors of actors and nodes that are gone."""


class TaskError(LostError):
    """Stands for an exception that was raised in an actor."""


class FakeRay:
    """What the engine uses of Ray. `room` is how many actors begin; `dies` tells which calls lose their actor."""

    exceptions = SimpleNamespace(RayError=LostError, RayTaskError=TaskError)

    def __init__(self, *, room: int = 100, dies: Callable[[str, tuple[Any, ...]], bool] = lambda *_: False) -> None:
        self.room = room
        self.dies = dies
        self.alive: list[FakeActor] = []
        self.asked: dict[str, float] = {}

    def put(self, thing: object) -> object:
        return thing

    def remote(self, kind: type) -> FakeRay:
        self._kind = kind
        return self

    def options(self, **asked: float) -> SimpleNamespace:
        self.asked = asked
        return SimpleNamespace(remote=self._begin)

    def wait(self, calls: list[FakeCall], timeout: float) -> tuple[list[FakeCall], list[FakeCall]]:
        begun = [call for call in calls if call.actor in self.alive[: self.room]]
        if not begun:
            time.sleep(timeout / 10)
        return begun[:1], [call for call in calls if call not in begun[:1]]

    def get(self, call: FakeCall) -> object:
        if self.dies(call.method, call.given):
            raise LostError("the node has died")
        return getattr(call.actor.thing, call.method)(*call.given)

    def kill(self, actor: FakeActor) -> None:
        self.alive.remove(actor)

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def available_resources(self) -> dict[str, float]:
        return {}

    def _begin(self) -> FakeActor:
        self.alive.append(FakeActor(self._kind()))
        return self.alive[-1]


class FakeActor:
    """An object whose methods are called by `.remote`."""

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __getattr__(self, method: str) -> SimpleNamespace:
        return SimpleNamespace(remote=lambda *given: FakeCall(self, method, given))


class FakeCall:
    """A call that is made when its result is asked for."""

    def __init__(self, actor: FakeActor, method: str, given: tuple[Any, ...]) -> None:
        self.actor, self.method, self.given = actor, method, given
