"""A Ray cluster on this machine: a head, and more nodes that come, go and are killed."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STORE_BYTES = 80 * 2**20
"""Of the object store of a node; Ray asks for 75 MB at least."""

_SOON_NOTICED = {
    "health_check_initial_delay_ms": 500,
    "health_check_period_ms": 300,
    "health_check_failure_threshold": 5,
}
"""A dead node is missed within two seconds; Ray's own defaults allow it half a minute."""


_HERE = "127.0.0.2"
"""The loopback by a name that Ray does not replace by that of the network, as it does 127.0.0.1."""


_NODE = {"object_store_memory": STORE_BYTES, "node_ip_address": _HERE}

TRIES = 3
"""To start a node."""


class LocalCluster:
    """Nodes of a cluster, each with processes of its own, all on this machine."""

    def __init__(self, cluster: Any) -> None:  # noqa: ANN401 # known only where Ray is installed
        self._cluster = cluster
        self._nodes: list[Any] = [cluster.head_node]

    @property
    def address(self) -> str:
        """The address of the head."""
        return str(self._cluster.address)

    def add_nodes(self, count: int, cpus: int = 1) -> None:
        """Start more nodes and wait until they are there."""
        self._nodes += [self._start(cpus) for _ in range(count)]
        self._cluster.wait_for_nodes()

    def _start(self, cpus: int) -> Any:  # noqa: ANN401 # likewise
        for _ in range(TRIES - 1):
            with suppress(Exception):  # Ray gives a node thirty seconds, which a busy machine may not have
                return self._cluster.add_node(wait=False, num_cpus=cpus, **_NODE)
        return self._cluster.add_node(wait=False, num_cpus=cpus, **_NODE)

    @property
    def nodes(self) -> int:
        """How many there are, with the head."""
        return len(self._nodes)

    def kill_node(self) -> None:
        """Kill the node that came last, with all that runs on it, by a signal that nothing can catch.

        The head, which is the first, cannot be done without.
        """
        gone = self._nodes.pop()
        for one in _tree(gone):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self._cluster.remove_node(gone, allow_graceful=False)

    def actors(self) -> list[int]:
        """Return the processes that are workers of ours."""
        return [one for node in self._nodes for one in _tree(node) if b"Station" in _command(one)]


def _tree(node: Any) -> list[int]:  # noqa: ANN401 # likewise
    """Return the processes of a node."""
    return with_descendants(one.process.pid for several in node.all_processes.values() for one in several)


def with_descendants(processes: Iterable[int]) -> list[int]:
    """Return processes with all that they have started, as Linux tells."""
    found = list(processes)
    for process in found:  # grows on the way
        for tasks in Path(f"/proc/{process}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, tasks.read_text(encoding="ascii").split())
    return found


def _command(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


@contextmanager
def local_cluster(nodes: int) -> Iterator[LocalCluster]:
    """Give a cluster that listens on the loopback only, and leave nothing of it running."""
    before = dict(os.environ)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])  # for what Ray starts
    from ray.cluster_utils import Cluster

    cluster: Any = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 1,
            **_NODE,
            "include_dashboard": False,
            "include_log_monitor": False,
            "no_monitor": True,
            "_system_config": _SOON_NOTICED,
        },
    )
    try:
        local = LocalCluster(cluster)
        local.add_nodes(nodes - 1)
        yield local
    finally:
        cluster.shutdown()
        os.environ.clear()
        os.environ.update(before)
