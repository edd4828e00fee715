"""What `configs/cluster` says is run as it stands, without the cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import ROOT
from tests.faults.runs import digests
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

RECIPES = ROOT / "configs" / "cluster"
SLURM = RECIPES / "slurm.sh"


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `newsbitext` is the program that is tested."""
    command = tmp_path / "bin" / "newsbitext"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipeline "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a config whose shards are small, so that each of three tasks has some."""
    text = (ROOT / "configs" / "minimal.yaml").read_text(encoding="utf-8")
    (path := tmp_path / "small.yaml").write_text(f"{text}\nshards: {{articles: 1}}\n", encoding="utf-8")
    return path


def test_tasks_of_a_slurm_array_and_a_last_job_make_and_verify_the_corpus(
    seeds: Path, tmp_path: Path, config: Path, surroundings: dict[str, str]
) -> None:
    run(seeds, tmp_path / "expected", "shards.articles=1")
    command: list[str | Path] = ["bash", SLURM, config, seeds, tmp_path / "corpus"]
    tasks = []
    for task in (1, 2, 3):
        slurm = {"SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_CPUS_PER_TASK": "2"}
        tasks.append(subprocess.Popen(command, env={**surroundings, **slurm}))
    codes = [task.wait() for task in tasks]
    last = subprocess.run(command, env=surroundings, check=False, capture_output=True, text=True)

    assert codes == [0, 0, 0]
    assert last.returncode == 0
    assert "done=0 reused=5" in last.stdout
    assert "corpus: verified" in last.stdout
    assert digests(tmp_path / "corpus") == digests(tmp_path / "expected")


def test_the_slurm_script_parses_and_says_how_it_is_used() -> None:
    parsed = subprocess.run(["bash", "-n", SLURM], check=False, capture_output=True, text=True)  # noqa: S607 # whichever bash
    called = subprocess.run(["bash", SLURM], check=False, capture_output=True, text=True)  # noqa: S607 # likewise

    assert (parsed.returncode, parsed.stderr) == (0, "")
    assert called.returncode == 2
    assert called.stderr.startswith("usage: sbatch")


def test_make_runs_the_parts_and_verifies_the_corpus(seeds: Path, tmp_path: Path, surroundings: dict[str, str]) -> None:
    values = {"PARTS": "2", "CONFIG": "minimal", "INPUT": str(seeds), "CORPUS": str(tmp_path / "corpus")}
    command: list[str | Path] = ["make", "-f", RECIPES / "parts.mk", "-j", "2"]
    command += [f"{name}={value}" for name, value in values.items()]
    made = subprocess.run(command, env=surroundings, check=False, capture_output=True, text=True)

    assert made.returncode == 0, made.stderr
    assert "corpus: verified" in made.stdout


def test_the_ray_cluster_is_what_ray_expects() -> None:
    ray = pytest.importorskip("ray", reason="needs Ray: make test, or pip install 'newsbitext[ray]'")
    jsonschema = pytest.importorskip("jsonschema", reason="comes with Ray")
    schema = json.loads((ROOT / ray.__path__[0] / "autoscaler" / "ray-schema.json").read_text(encoding="utf-8"))
    cluster = yaml.safe_load((RECIPES / "ray.yaml").read_text(encoding="utf-8"))

    jsonschema.validate(cluster, schema)
    assert len(cluster["provider"]["worker_ips"]) == cluster["max_workers"]
