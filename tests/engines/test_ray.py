"""A real cluster of Ray, with nodes on this machine that come and are killed."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.engines.cluster import LocalCluster, local_cluster
from tests.engines.running import copy_seeds, lasting, on_cluster, start, wait_until
from tests.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("ray", reason="needs Ray: make test, or pip install 'newsbitext[ray]'")

pytestmark = [
    pytest.mark.filterwarnings(
        "ignore:subprocess .* is still running:ResourceWarning"
    ),  # Ray does not wait for its own
]

SMALL = "shards.articles=1"
TWO = "workers=2"
COPIES = 6
"""Of each seed."""


@pytest.fixture(scope="module")
def started() -> Iterator[LocalCluster]:
    with local_cluster(2) as found:
        yield found


@pytest.fixture
def cluster(started: LocalCluster) -> LocalCluster:
    """Return a cluster of two nodes, even after a test that killed some."""
    if started.nodes < 2:
        started.add_nodes(2 - started.nodes)
    return started


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_seeds(tmp_path_factory.mktemp("articles"), COPIES)


@pytest.fixture(scope="module")
def expected(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the checksums of what one process makes."""
    corpus = tmp_path_factory.mktemp("expected") / "corpus"
    run(articles, corpus, SMALL)
    return lasting(corpus)


def test_two_parts_that_run_on_a_cluster_make_the_corpus_of_one_process(
    cluster: LocalCluster, articles: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    where = f"engine.address={cluster.address}"
    first = on_cluster(articles, tmp_path / "corpus", SMALL, TWO, where, part=(1, 2))
    second = on_cluster(articles, tmp_path / "corpus", SMALL, TWO, where, part=(2, 2))

    assert first.done > 0
    assert second.done > 0
    assert lasting(tmp_path / "corpus") == expected


def test_a_run_outlives_a_node_and_makes_the_same_corpus(
    cluster: LocalCluster, articles: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    on_cluster(
        articles,
        tmp_path / "corpus",
        SMALL,
        TWO,
        f"engine.address={cluster.address}",
        after=lambda _: cluster.kill_node() if cluster.nodes == 2 else None,
    )

    assert cluster.nodes == 1
    assert lasting(tmp_path / "corpus") == expected


def test_a_run_that_is_killed_leaves_no_actor_and_goes_on_to_the_same_corpus(
    cluster: LocalCluster, articles: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    where = f"engine.address={cluster.address}"
    killed = start(articles, corpus, SMALL, TWO, where)
    begun = wait_until(lambda: any((corpus / "manifests").glob("*.json")))
    killed.kill()
    killed.wait()
    left = wait_until(lambda: not cluster.actors())
    summary = on_cluster(articles, corpus, SMALL, TWO, where)

    assert begun
    assert left
    assert summary.done > 0
    assert lasting(corpus) == expected


def test_an_interrupt_ends_the_run_and_its_actors(cluster: LocalCluster, articles: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    running = start(articles, corpus, SMALL, TWO, f"engine.address={cluster.address}")
    begun = wait_until(lambda: any((corpus / "manifests").glob("*.json")))
    running.send_signal(signal.SIGINT)

    assert begun
    assert running.wait(180) == 130
    assert wait_until(lambda: not cluster.actors())
    assert "interrupted: the same command goes on" in corpus.with_suffix(".log").read_text(encoding="utf-8")
