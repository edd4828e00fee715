"""Who may write to a corpus at a URL, where no file can be locked: whoever renews a lease there."""

from __future__ import annotations

import json
import logging
import os
import platform
import random
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.claims import LOCKS, overlap
from pipeline.errors import OutputError
from pipeline.events import emit
from pipeline.processes import is_gone, machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.claims import Part
    from pipeline.stores import Kept, Store

log = logging.getLogger(__name__)

RENEWED_SECONDS, LEASE_SECONDS = 15.0, 60.0
"""How often a lease is renewed, and after how long without it is over: three renewals may fail."""

LOOK_SECONDS = 1.0
"""Between two looks at the lease of another."""


@dataclass(slots=True)
class _Lease:
    """A lease of this process; each renewal writes another text, so that others see it change."""

    store: Store
    name: str
    renewals: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        self.renewals += 1
        holder = {"host": platform.node(), "machine": machine(), "process": os.getpid(), "renewals": self.renewals}
        self.store.write(self.name, json.dumps(holder).encode())

    def renew_until_ended(self) -> None:
        while not self.ended.wait(RENEWED_SECONDS):
            try:
                self.write()
            except OutputError as error:
                emit(log, "lease_not_renewed", logging.WARNING, name=self.name, error=str(error))


@contextmanager
def leased(store: Store, part: Part) -> Iterator[None]:
    """Hold a share of the corpus at a URL.

    Raises `OutputError` when another run that lives holds a share with shards in common. One that died on this
    machine is told at once, one elsewhere by a lease that is not renewed: that is waited for, without a look at
    any clock of day.
    """
    lease = _Lease(store, f"{LOCKS}/part-{part[0]}-of-{part[1]}-{os.urandom(4).hex()}")
    while True:
        _wait_for_others(store, part)
        lease.write()
        if not set(_others(store, part)) - {lease.name}:
            break
        store.remove([lease.name])  # two began at the same moment: both step back
        time.sleep(random.uniform(0, LOOK_SECONDS))  # noqa: S311 # no secret
    threading.Thread(target=lease.renew_until_ended, daemon=True).start()
    try:
        yield
    finally:
        lease.ended.set()
        with suppress(OutputError):  # it runs out by itself
            store.remove([lease.name])


def _wait_for_others(store: Store, part: Part) -> None:
    """Return when nobody else holds such a share; leases that are over are removed."""
    first_seen: dict[str, tuple[str, float]] = {}
    while others := _others(store, part):
        for name, kept in others.items():
            if name not in first_seen:
                emit(log, "lease_awaited", name=name)
            version, since = first_seen.setdefault(name, (kept.version, time.monotonic()))
            holder = _holder(store, name)
            if version != kept.version:
                raise OutputError(
                    f"{store.url}: expected nobody else to write there (got process {holder.get('process')} "
                    f"on {holder.get('host')}); wait for its end, or end it"
                )
            if _is_dead(holder) or time.monotonic() - since > LEASE_SECONDS:
                emit(log, "lease_over", name=name)
                store.remove([name])
                break
        else:
            time.sleep(LOOK_SECONDS)


def _others(store: Store, part: Part) -> dict[str, Kept]:
    """Return the leases whose shares have shards in common with this one."""
    found = {}
    for name, kept in store.listing(LOCKS).items():
        words = name.removeprefix(f"{LOCKS}/").split("-")
        with suppress(ValueError, IndexError):  # no lease
            if overlap(part, (int(words[1]), int(words[3]))):
                found[name] = kept
    return found


def _holder(store: Store, name: str) -> dict[str, object]:
    try:
        holder = json.loads(store.read(name) or b"{}")
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _is_dead(holder: dict[str, object]) -> bool:
    """Whether the process that wrote a lease was one of this machine, and is gone."""
    process = holder.get("process")
    return holder.get("machine") == machine() and isinstance(process, int) and is_gone(process)
