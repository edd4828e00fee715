"""A store that speaks S3, over HTTP: the command makes there what it makes in a folder, through kills and faults."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.stores import Bucket, Proxy, digests, run_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REASON = "is not installed: pip install newsbitext[stores]"
for library in ("s3fs", "moto", "flask_cors"):
    pytest.importorskip(library, reason=f"{library} {REASON}")

START_SECONDS = 60


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Return the endpoint of a store on this machine, empty."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while not _answers(endpoint):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield endpoint
    process.kill()
    process.wait()


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5):  # noqa: S310 # http
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """Return a folder with five articles."""
    folder = tmp_path_factory.mktemp("articles")
    for path in seeds.glob("*.txt"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def made(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the checksums of the corpus as it is made in a folder."""
    corpus = tmp_path_factory.mktemp("local") / "corpus"
    run_at(articles, corpus, "shards.articles=1")
    return digests(corpus)


@pytest.fixture
def bucket(store: str, articles: Path, request: pytest.FixtureRequest) -> Bucket:
    """Return a bucket of this test that holds the articles."""
    bucket = Bucket(store, request.node.name.replace("_", "-")[:63])
    for path in articles.iterdir():
        bucket.put(f"in/{path.name}", path.read_bytes())
    return bucket


@pytest.fixture
def proxy(store: str) -> Iterator[Proxy]:
    """Return what stands before the store."""
    with Proxy(store).serving() as proxy:
        yield proxy


class Command:
    """Starts the command on the articles and the corpus of a bucket."""

    def __init__(self, bucket: Bucket, home: Path, endpoint: str) -> None:
        self.bucket = bucket
        self.environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "s3cret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NEWSBITEXT_CACHE": str(home),
        }

    def start(self, *options: str) -> subprocess.Popen[str]:
        places = ["--input", f"s3://{self.bucket.name}/in", "--output", f"s3://{self.bucket.name}/corpus"]
        line = [sys.executable, "-m", "pipeline", "run", "minimal", *places, "--set", "shards.articles=1", *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(line, env=self.environment, text=True, **pipes)  # type: ignore[call-overload,no-any-return]

    def run(self, *options: str) -> tuple[int, str, str]:
        """Return exit code, standard output, standard error."""
        process = self.start(*options)
        out, error = process.communicate(timeout=300)
        return process.returncode, out, error


def test_workers_make_at_a_url_what_is_made_in_a_folder(
    bucket: Bucket, store: str, made: dict[str, str], tmp_path: Path
) -> None:
    code, out, error = Command(bucket, tmp_path, store).run("--workers", "2")

    assert code == 0
    assert f"corpus     s3://{bucket.name}/corpus" in out.splitlines()
    assert bucket.digests("corpus") == made
    assert "s3cret" not in out + error


def test_a_run_that_is_killed_between_files_and_their_manifest_is_gone_on_with(
    bucket: Bucket, proxy: Proxy, made: dict[str, str], tmp_path: Path
) -> None:
    command = Command(bucket, tmp_path, proxy.endpoint)
    process = command.start()
    manifests: list[str] = []

    def kill(method: str, path: str) -> bool:
        manifests.extend([path] if method == "PUT" and "/manifests/" in path else [])
        if len(manifests) == 3:
            process.kill()
        return len(manifests) == 3

    proxy.rule = kill
    process.communicate(timeout=300)
    proxy.rule = lambda _method, _path: False
    left = set(bucket.digests("corpus"))
    code, out, error = command.run()

    assert process.returncode == -signal.SIGKILL
    assert [sum(name.startswith(top) for name in left) for top in ("locks/", "documents/", "manifests/")] == [1, 3, 2]
    assert (code, "error:" in error) == (0, False)
    assert "shards     done=3 reused=2" in out
    assert bucket.digests("corpus") == made


def test_a_store_that_fails_now_and_then_changes_nothing(
    bucket: Bucket, proxy: Proxy, made: dict[str, str], tmp_path: Path
) -> None:
    asked: list[str] = []

    def every_fourth(_method: str, path: str) -> bool:
        asked.append(path)
        return len(asked) % 4 == 0

    proxy.rule = every_fourth
    code, _, _ = Command(bucket, tmp_path, proxy.endpoint).run()

    assert code == 0
    assert proxy.spoiled > 5
    assert bucket.digests("corpus") == made


def test_a_store_that_goes_away_costs_one_line_and_the_run_is_gone_on_with(
    bucket: Bucket, proxy: Proxy, made: dict[str, str], tmp_path: Path
) -> None:
    seen: list[str] = []

    def gone_after_a_manifest(method: str, path: str) -> bool:
        seen.extend([path] if method == "PUT" and "/manifests/" in path else [])
        return len(seen) > 1

    proxy.rule = gone_after_a_manifest
    command = Command(bucket, tmp_path, proxy.endpoint)
    code, _, error = command.run("--quiet")
    proxy.rule = lambda _method, _path: False
    again, out, _ = command.run()
    told = [line for line in error.splitlines() if line.startswith("error:")]

    assert code == 4
    assert len(told) == 1
    assert told[0].startswith(f"error: s3://{bucket.name}/corpus: expected to reach it (got: ")
    assert "Traceback" not in error
    assert (again, "reused=1" in out) == (0, True)
    assert bucket.digests("corpus") == made


def test_parts_of_several_machines_share_a_url(
    bucket: Bucket, store: str, made: dict[str, str], tmp_path: Path
) -> None:
    parts = [Command(bucket, tmp_path / str(part), store).start("--shard", f"{part}/2") for part in (1, 2)]
    told = [process.communicate(timeout=300) for process in parts]

    assert [process.returncode for process in parts] == [0, 0]
    assert any("state      finished" in out for out, _ in told)
    assert bucket.digests("corpus") == made
