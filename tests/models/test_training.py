"""The training recipe from pairs to a checkpoint, on a toy language that minutes of text cannot spell."""

from __future__ import annotations

import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
import zstandard

from pipeline.translators.base import Decoding
from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
ENGLISH = ("river", "bridge", "minister", "winter", "market", "paper", "garden", "window", "letter", "doctor")
LANGUAGES = {"ru": "абвгдежз", "ar": "ابتثجحخد", "fr": "éàçùêôîï"}


def _pairs(language: str, count: int, seed: int) -> Iterator[str]:
    """Yield lines of a language whose every word stands for one English word."""
    chance = random.Random(f"{language}{seed}")  # noqa: S311 - a reproducible choice, no secret
    spelling = random.Random(language)  # noqa: S311 - likewise
    words = {english: "".join(spelling.choices(LANGUAGES[language], k=5)) for english in ENGLISH}
    for _ in range(count):
        english = chance.choices(ENGLISH, k=chance.randint(4, 8))
        yield f"{' '.join(words[word] for word in english)}.\t{' '.join(english)}.\ttoy\n"


def _write(path: Path, lines: Iterator[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.compress("".join(lines).encode()))


def _run(step: str, work: Path) -> str:
    command = [sys.executable, "-m", "models.train", step, "--recipe", str(work / "recipe.yaml"), "--data", str(work)]
    command += ["--work", str(work / "run"), "--model", str(work / "toy")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    for language in LANGUAGES:
        _write(folder / f"train/news.{language}.tsv.zst", _pairs(language, 600, 1))
        _write(folder / f"dev/flores200-dev.{language}-en.tsv.zst", _pairs(language, 30, 2))
    _write(folder / "mono/news.en.tsv.zst", (line.split("\t")[1] + "\n" for line in _pairs("fr", 50, 3)))
    recipe = yaml.safe_load((ROOT / "models/train/recipe.yaml").read_text())
    recipe["domains"] = [{"name": "news", "files": ["news"], "lines": 0, "samplings": 2}]
    recipe["vocabulary"] |= {"pieces": 330, "sample_lines": 4000}
    recipe["model"] = {"width": 32, "encoder_layers": 1, "decoder_layers": 1, "heads": 2, "feed_forward": 64}
    recipe["training"] |= {
        "budget_seconds": 4,
        "batch_tokens": 400,
        "pool_batches": 20,
        "warmup_updates": 20,
        "checkpoint_seconds": 2,
        "validate_seconds": 2,
        "alignment_weight": 0.1 if find_spec("eflomal") else 0.0,
        "phases": [{"until": 1.0, "shares": {"news": 90, "augmented": 5, "english": 5}}],
    }
    recipe.pop("begin_with", None)
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    steps = ["prepare", "vocabulary", "encode", *(["align"] if find_spec("eflomal") else []), "train", "package"]
    for step in steps:
        _run(step, folder)
    return folder


def test_training_learns_and_says_so_in_its_log(work: Path) -> None:
    lines = [yaml.safe_load(line) for line in (work / "run/checkpoints/log.jsonl").read_text().splitlines()]
    dev = [line for line in lines if line["event"] in ("dev", "done")]

    assert dev[-1]["ru"] < dev[0]["ru"]


def test_a_stopped_run_goes_on_where_it_stopped(work: Path) -> None:
    before = yaml.safe_load((work / "run/checkpoints/log.jsonl").read_text().splitlines()[-1])
    text = (work / "recipe.yaml").read_text()
    (work / "recipe.yaml").write_text(text.replace("budget_seconds: 4", "budget_seconds: 6"))
    _run("train", work)
    after = yaml.safe_load((work / "run/checkpoints/log.jsonl").read_text().splitlines()[-1])

    assert after["update"] > before["update"] > 0


def test_the_package_translates(work: Path) -> None:
    checkpoint = open_checkpoint("toy", work / "toy")
    with MarianCTranslate2(checkpoint, Decoding(beam_size=1, compute_type="int8")) as translator:
        (found,) = translator.translate([next(_pairs("ru", 1, 4)).split("\t")[0]])

    assert found.text
    assert found.log_prob is not None
