"""Runs shards on a Ray cluster that is there already, by actors that each open the plan once."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines.losses import MOST, WORKER_LOST, Losses
from pipeline.engines.station import Proof, Station, this_host
from pipeline.errors import PipelineError
from pipeline.events import emit
from pipeline.formats import files
from pipeline.formats.readers import article_digest
from pipeline.logs import LOGS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from types import ModuleType

    from pipeline.engines.station import Answer, Host
    from pipeline.formats.readers import ArticleRef
    from pipeline.settings import EngineSettings, Settings
    from pipeline.shards import Shard
    from pipeline.worker import Done, Worker

log = logging.getLogger(__name__)

PROBE_SECONDS = 10.0
"""For a first connection to the head; Ray itself tries for forty seconds, and then again."""

_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_NUM_REDIS_GET_RETRIES": "1"}
"""No telemetry; and one try, not twenty, to find a cluster where something else listens."""

TELL_SECONDS = 30.0
"""Without any worker, until the user is told that the run waits."""

_LONGEST_REASON = 300


def run_on_cluster(
    worker: Worker, shards: Sequence[Shard[ArticleRef]], settings: Settings
) -> Generator[Done, None, None]:
    """Run shards by actors of a cluster, `settings.workers` of them at most; yield them as they come.

    A shard whose actor or node is lost goes to another, and the actor is replaced where there is room.
    Raises `PipelineError` when there is no cluster, or when a shard was given up (after all others).
    """
    with _connected(settings.engine) as ray:
        pool = _Pool(ray, worker, shards, settings)
        try:
            yield from pool.run()
        finally:
            pool.close()


@dataclass(eq=False)
class _Hand:
    """An actor, and what it is doing; `host` is known once it has begun."""

    actor: Any
    host: Host | None = None
    is_open: bool = False
    shard: Shard[ArticleRef] | None = None
    token: Path | None = None


class _Pool:
    """Actors, the calls they are busy with, and the shards that wait for them."""

    def __init__(
        self, ray: ModuleType, worker: Worker, shards: Sequence[Shard[ArticleRef]], settings: Settings
    ) -> None:
        self._ray = ray
        self._settings = settings
        self._plan = ray.put(worker)
        self._article: ArticleRef = shards[0].articles[0]
        self._fresh = iter(shards)
        self._again: deque[Shard[ArticleRef]] = deque()
        self._left = len(shards)
        self._most = min(settings.workers, len(shards))
        self._losses = Losses()
        self._failed_openings = 0
        self._hands: set[_Hand] = set()
        self._calls: dict[Any, _Hand] = {}
        self._last_sign = time.monotonic()
        self._told = False

    def run(self) -> Iterator[Done]:
        """Yield the shards as they are done; raise for those that were given up last."""
        for _ in range(self._most):
            self._hire()
        while self._left or any(hand.shard for hand in self._calls.values()):
            ready, _ = self._ray.wait(list(self._calls), timeout=1.0)
            if not ready:
                self._look_at_the_clock()
            for call in ready:
                done = self._hear(call)
                if done is not None:
                    yield done
        self._losses.check()

    def close(self) -> None:
        """End every actor, whatever it is doing."""
        for hand in list(self._hands):
            self._dismiss(hand)

    def _hire(self) -> None:
        """Ask for one more actor; it begins when the cluster has room for it."""
        engine = self._settings.engine
        actor = (
            self._ray.remote(Station)
            .options(num_cpus=engine.cpus_a_worker, num_gpus=engine.gpus_a_worker, max_restarts=0, max_task_retries=0)
            .remote()
        )
        hand = _Hand(actor)
        self._hands.add(hand)
        self._calls[actor.host.remote()] = hand

    def _hear(self, call: Any) -> Done | None:  # noqa: ANN401 # an ObjectRef, known only where Ray is installed
        """Take what came of a call, and make the hand go on; return the shard that is done, if that was it."""
        hand = self._calls.pop(call)
        self._last_sign = time.monotonic()
        try:
            answer = self._ray.get(call)
        except self._ray.exceptions.RayTaskError:  # a fault of ours: its traceback tells
            raise
        except self._ray.exceptions.RayError as error:
            self._lose(hand, " ".join(str(error).split()))
            return None
        if hand.host is None:
            self._admit(hand, answer)
            return None
        return self._settle(hand, answer)

    def _admit(self, hand: _Hand, host: Host) -> None:
        """Let an actor that has begun open the plan, if it runs the same program."""
        hand.host = host
        ours = this_host()
        if (host.python, host.version) != (ours.python, ours.version):
            raise PipelineError(
                f"node {host.name}: expected newsbitext {ours.version} on Python {ours.python} "
                f"(got {host.version} on {host.python}); install the same on every node"
            )
        sign = secrets.token_hex(16)
        hand.token = self._signed(sign)
        proof = Proof(
            folder=Path.cwd(),
            token=hand.token,
            sign=sign,
            article=self._article,
            digest=article_digest(self._article),
        )
        self._calls[hand.actor.open.remote(self._plan, proof)] = hand

    def _signed(self, sign: str) -> Path | None:
        """Write a file that whoever sees the folder of the corpus can read; None where the corpus is at a URL."""
        output = self._settings.output
        if output.url is not None:
            return None
        path = output.path / LOGS / f"seen-{secrets.token_hex(8)}"
        with files.atomic(path) as stream:
            stream.write(sign.encode("ascii"))
        return path

    def _settle(self, hand: _Hand, answer: Answer) -> Done | None:
        for record in answer.records:
            logging.getLogger(record.name).handle(record)
        _forget(hand)
        if answer.fault is not None:
            raise answer.fault
        if answer.lost is not None:
            self._lose(hand, answer.lost)
            return None
        if not hand.is_open and hand.host is not None:
            hand.is_open, self._failed_openings = True, 0
            emit(log, "worker_ready", node=hand.host.name)
        self._go_on(hand)
        return answer.done

    def _go_on(self, hand: _Hand) -> None:
        """Give an open hand the next shard; without one it leaves, so that others may have its place."""
        if not self._left:
            self._dismiss(hand)
            return
        self._left -= 1
        hand.shard = next(self._fresh, None) or self._again.popleft()
        self._calls[hand.actor.run.remote(hand.shard)] = hand

    def _lose(self, hand: _Hand, reason: str) -> None:
        """Give the shard of a lost actor to another, and replace the actor."""
        if "No module named 'pipeline'" in reason:
            raise PipelineError(
                "a node: expected newsbitext to be installed (got none); install the same on every node"
            )
        reason = reason[-_LONGEST_REASON:]
        self._dismiss(hand)
        node = hand.host.name if hand.host else "unknown"
        if hand.shard is not None:
            if self._losses.add(hand.shard.id, reason):
                self._again.append(hand.shard)
                self._left += 1
            lost = f"{self._losses.count(hand.shard.id)}/{MOST}"
            emit(log, WORKER_LOST, logging.WARNING, node=node, shard=hand.shard.id, time=lost, reason=reason)
        else:
            self._failed_openings += 1
            emit(log, WORKER_LOST, logging.WARNING, node=node, reason=reason)
            if self._failed_openings >= MOST * self._most:
                raise PipelineError(
                    f"workers: expected one of {self._most} to open its models (each was lost; the last: {reason}); "
                    "give a worker more memory; what is done stays"
                )
        if self._left and len(self._hands) < self._most:
            self._hire()

    def _dismiss(self, hand: _Hand) -> None:
        self._hands.discard(hand)
        _forget(hand)
        with suppress(self._ray.exceptions.RayError, ValueError):  # it is gone already
            self._ray.kill(hand.actor)

    def _look_at_the_clock(self) -> None:
        """Tell, and at last give up, when no worker has begun for long."""
        if any(hand.host for hand in self._hands):
            self._last_sign = time.monotonic()
            return
        waited = time.monotonic() - self._last_sign
        engine = self._settings.engine
        needs = f"{engine.cpus_a_worker} CPU" + (f" and {engine.gpus_a_worker:g} GPU" if engine.gpus_a_worker else "")
        if waited > engine.patience_seconds:
            raise PipelineError(
                f"{engine.address}: expected room for a worker of {needs} (got {self._room()}) "
                f"within {engine.patience_seconds:g} seconds; free or add nodes, or ask for less with "
                "--set engine.cpus_a_worker or engine.gpus_a_worker; what is done stays"
            )
        if waited > TELL_SECONDS and not self._told:
            self._told = True
            waits = engine.patience_seconds
            emit(log, "no_worker_yet", logging.WARNING, needs=needs, cluster=self._room(), waits_seconds=waits)

    def _room(self) -> str:
        """Return what the cluster has, and what of it is free."""
        has, free = self._ray.cluster_resources(), self._ray.available_resources()
        return ", ".join(f"{free.get(name, 0):g} of {has.get(name, 0):g} {name} free" for name in ("CPU", "GPU"))


def _forget(hand: _Hand) -> None:
    if hand.token is not None:
        with suppress(OSError):  # of a disk that is read-only by now
            hand.token.unlink(missing_ok=True)
        hand.token = None


@contextmanager
def _connected(engine: EngineSettings) -> Iterator[ModuleType]:
    """Give Ray, connected to the cluster; disconnect in the end. Raises `PipelineError` when that cannot be."""
    for name, value in _ENVIRONMENT.items():  # read when Ray is imported
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise PipelineError(
            "engine: expected the package ray (got none); pip install 'newsbitext[ray]', the same on every node"
        ) from None
    address = engine.address
    _probe(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise PipelineError(
            f"{address}: expected a Ray cluster to run there (got: {reason}); start one with `ray start --head`, "
            "or name its --address"
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _probe(address: str) -> None:
    """Raise `PipelineError` at once when nobody listens at an address."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), PROBE_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise PipelineError(
            f"{address}: expected a Ray cluster to run there (got: {error}); start one with `ray start --head`, "
            "or name its --address"
        ) from error
