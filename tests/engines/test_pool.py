"""How the Ray engine deals with its actors, on a Ray that is made up; `test_ray.py` asks a real one."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.cli_engine import engine_overrides
from pipeline.config import load
from pipeline.engines import ray_cluster
from pipeline.engines.losses import MOST, Losses
from pipeline.engines.ray_cluster import run_on_cluster
from pipeline.engines.station import Host, Proof, prove
from pipeline.errors import ConfigError, InputError, OutputError, PipelineError
from pipeline.formats.readers import article_digest
from pipeline.plan import make_plan
from pipeline.runner import run as run_job
from pipeline.settings import EngineSettings, Settings
from pipeline.worker import Worker
from tests.conftest import ROOT
from tests.engines.fake_ray import FakeRay
from tests.running import job, run
from tests.unit.test_runner import digests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.runner import Summary
    from pipeline.shards import Shard
    from pipeline.worker import Done

SMALL = "shards.articles=1"
RAY = ("engine.name=ray", "workers=2")


class Talkative(Worker):
    """Warns, as a worker does that meets a damaged memory."""

    def run(self, shard: Shard[ArticleRef]) -> Done:
        logging.getLogger("pipeline.talkative").warning("met shard=%s", shard.id)
        return super().run(shard)


class Refusing(Worker):
    """Cannot write."""

    def run(self, shard: Shard[ArticleRef]) -> Done:
        raise OutputError(f"{shard.id}: the disk is full")


class Greedy(Worker):
    """Needs more memory than there is."""

    def run(self, shard: Shard[ArticleRef]) -> Done:  # noqa: ARG002 # it gets nowhere
        raise MemoryError


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return where a corpus may be made."""
    return tmp_path / "corpus"


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRay]:
    """Return the Ray that the engine connects to; a test may change it."""
    fake = FakeRay()
    logger = logging.getLogger("pipeline")
    before = list(logger.handlers)

    @contextmanager
    def connected(_engine: EngineSettings) -> Iterator[FakeRay]:
        yield fake

    monkeypatch.setattr(ray_cluster, "_connected", connected)
    yield fake
    logger.handlers[:] = before


def on_cluster(seeds: Path, corpus: Path, *overrides: str, worker: type[Worker] = Worker) -> Summary:
    todo = job(seeds, corpus, SMALL, *RAY, *overrides)
    return run_job(todo, lambda one, shards: run_on_cluster(one, shards, todo.plan.settings), worker(todo))


def shards_of(given: tuple[Any, ...]) -> list[str]:
    return [one.id for one in given if hasattr(one, "articles")]


def test_a_cluster_makes_the_corpus_of_one_process_and_keeps_no_actor(
    ray: FakeRay, seeds: Path, tmp_path: Path
) -> None:
    run(seeds, tmp_path / "one", SMALL)
    on_cluster(seeds, tmp_path / "other")

    assert digests(tmp_path / "other") == digests(tmp_path / "one")
    assert ray.alive == []


def test_actors_ask_for_the_resources_of_the_settings(ray: FakeRay, seeds: Path, corpus: Path) -> None:
    on_cluster(seeds, corpus, "engine.cpus_a_worker=3", "engine.gpus_a_worker=0.5")

    assert (ray.asked["num_cpus"], ray.asked["num_gpus"]) == (3, 0.5)


def test_a_shard_that_lost_its_worker_goes_to_another(ray: FakeRay, seeds: Path, corpus: Path) -> None:
    lost: list[str] = []

    def dies(_method: str, given: tuple[Any, ...]) -> bool:
        first = [one for one in shards_of(given) if one not in lost]
        lost.extend(first)
        return bool(first)

    ray.dies = dies
    summary = on_cluster(seeds, corpus)

    assert lost
    assert summary.done == len(lost)
    assert summary.counts is not None


def test_a_shard_that_kills_every_worker_is_given_up_when_the_others_are_done(
    ray: FakeRay, seeds: Path, corpus: Path
) -> None:
    deadly = job(seeds, corpus, SMALL).shards[0].id
    tries: list[str] = []

    def dies(_method: str, given: tuple[Any, ...]) -> bool:
        tries.extend(one for one in shards_of(given) if one == deadly)
        return deadly in shards_of(given)

    ray.dies = dies
    with pytest.raises(PipelineError, match=f"shard {deadly}: expected a worker that lives"):
        on_cluster(seeds, corpus)

    assert len(tries) == MOST
    assert len(list((corpus / "manifests").glob("*.json"))) == len(job(seeds, corpus, SMALL).shards) - 1
    assert ray.alive == []


def test_workers_that_die_while_they_open_are_not_replaced_for_ever(ray: FakeRay, seeds: Path, corpus: Path) -> None:
    ray.dies = lambda method, _given: method == "open"

    with pytest.raises(PipelineError, match="expected one of 2 to open its models"):
        on_cluster(seeds, corpus)


def test_a_fault_the_user_can_mend_arrives_as_itself(ray: FakeRay, seeds: Path, corpus: Path) -> None:
    with pytest.raises(OutputError, match="the disk is full") as caught:
        on_cluster(seeds, corpus, worker=Refusing)

    assert type(caught.value) is OutputError
    assert ray.alive == []


@pytest.mark.usefixtures("ray")
def test_a_worker_without_memory_is_replaced_and_at_last_the_shard_given_up(seeds: Path, corpus: Path) -> None:
    with pytest.raises(PipelineError, match="got 3 that died, the last: out of memory"):
        on_cluster(seeds, corpus, worker=Greedy)


@pytest.mark.usefixtures("ray")
def test_what_a_worker_warns_of_is_logged_by_the_run(
    seeds: Path, corpus: Path, caplog: pytest.LogCaptureFixture
) -> None:
    on_cluster(seeds, corpus, worker=Talkative)

    shards = {one.id for one in job(seeds, corpus, SMALL).shards}
    assert {f"met shard={one}" for one in shards} <= {record.message for record in caplog.records}


@pytest.mark.usefixtures("ray")
def test_another_version_on_a_node_is_refused(seeds: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_cluster, "this_host", lambda: Host(name="here", python="3.11.0", version="9"))

    with pytest.raises(PipelineError, match=r"expected newsbitext 9 on Python 3\.11\.0 \(got "):
        on_cluster(seeds, corpus)


def test_without_room_the_run_says_so_and_gives_up(
    ray: FakeRay, seeds: Path, corpus: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray.room = 0
    monkeypatch.setattr(ray_cluster, "TELL_SECONDS", 0.1)

    with pytest.raises(PipelineError, match=r"expected room for a worker of 1 CPU and 2 GPU \(got 0 of 2 CPU free"):
        on_cluster(seeds, corpus, "engine.patience_seconds=1", "engine.gpus_a_worker=2")

    assert "no_worker_yet" in caplog.text


def test_with_room_for_one_actor_only_that_one_does_all(ray: FakeRay, seeds: Path, corpus: Path) -> None:
    ray.room = 1

    assert on_cluster(seeds, corpus).counts is not None


@pytest.fixture
def proof(seeds: Path, tmp_path: Path) -> Proof:
    """Return what a place must see, and sees."""
    article = job(seeds, tmp_path / "none").shards[0].articles[0]
    (token := tmp_path / "token").write_text("sign", encoding="utf-8")
    return Proof(folder=tmp_path, token=token, sign="sign", article=article, digest=article_digest(article))


def test_a_place_that_sees_another_output_is_refused(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(proof.folder)
    prove(proof)
    assert proof.token is not None
    proof.token.write_text("of another folder", encoding="utf-8")

    with pytest.raises(OutputError, match="expected the same folder on every node"):
        prove(proof)


def test_a_place_that_sees_another_input_is_refused(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(proof.folder)

    with pytest.raises(InputError, match="expected the same articles on every node"):
        prove(replace(proof, digest="of another article"))


def test_without_ray_the_cure_is_told(monkeypatch: pytest.MonkeyPatch, seeds: Path, corpus: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(PipelineError, match=r"pip install 'newsbitext\[ray\]'"):
        on_cluster(seeds, corpus)


def test_the_error_names_a_few_of_many_shards_that_were_given_up() -> None:
    losses = Losses()
    for number in range(100):
        for _ in range(MOST):
            losses.add(f"shard-{number:03}", "gone")

    with pytest.raises(PipelineError, match="and 90 more shards") as caught:
        losses.check()
    assert len(str(caught.value).split("\n")) == 11


@pytest.mark.parametrize(
    ("engine", "address", "overrides"),
    [
        (None, None, []),
        ("ray", None, ['engine.name="ray"']),
        (None, "auto", ['engine.name="ray"', 'engine.address="auto"']),
    ],
)
def test_an_address_chooses_the_engine(engine: str | None, address: str | None, overrides: list[str]) -> None:
    assert engine_overrides(engine, address) == overrides


def test_an_address_for_the_local_engine_is_refused() -> None:
    with pytest.raises(ConfigError, match="--address: expected with --engine ray"):
        engine_overrides("local", "auto")


@pytest.mark.parametrize(("gpus", "valid"), [("0.5", True), ("2", True), ("1.5", False)])
def test_a_worker_has_a_share_of_a_gpu_or_whole_ones(gpus: str, *, valid: bool) -> None:
    if valid:
        settings(f"engine.gpus_a_worker={gpus}")
        return
    with pytest.raises(ConfigError, match=r"engine\.gpus_a_worker: expected a share of one GPU"):
        settings(f"engine.gpus_a_worker={gpus}")


def test_the_engine_changes_no_digest_and_gives_each_worker_its_own_threads(tmp_path: Path) -> None:
    local = make_plan(load(ROOT / "configs/default.yaml", Settings, [f"output.path={tmp_path}"]))
    engine = (f"output.path={tmp_path}", "engine.name=ray", "engine.cpus_a_worker=7", "workers=40")
    ray = make_plan(load(ROOT / "configs/default.yaml", Settings, engine))
    threads = [stage.config.threads for stage in ray.stages if stage.name == "translate"]  # type: ignore[attr-defined]

    assert ray.digest == local.digest
    assert threads == [7]


def settings(*overrides: str) -> Settings:
    return load(ROOT / "configs/minimal.yaml", Settings, overrides).settings
