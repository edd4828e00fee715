"""Whatever is wrong with the input, the output or a model: one clear line, and no other work is lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipeline.formats.parquet import read_documents, read_units
from tests.conftest import ROOT
from tests.running import problems, run

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "Президент выступил с речью.\n\nОн говорил о новостях дня долго и подробно.\n"


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Return a folder with one good article."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "good.txt").write_text(GOOD, encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return where a corpus may be made."""
    return tmp_path / "corpus"


def command(*arguments: str | Path, largest_file: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command; `largest_file` in bytes stands for a disk that is full after so many."""

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        preexec_fn=limit,
        timeout=300,
    )


def assert_one_line(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Assert that the command failed with one line that says all the words."""
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]

    assert result.returncode == code, result.stderr
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in lines[0]


BAD_ARTICLES = {
    "empty": (b"", "empty"),
    "blank": (b" \n\t\xc2\xa0\r\n", "blank"),
    "invisible": ("\u200b\u200f\ufeff".encode(), "blank"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "binary"),
    "random": (bytes(range(256)) * 9, "undecodable"),
    "long": (b"a" * 50_000_000, "too_long"),
}


@pytest.mark.parametrize("name", BAD_ARTICLES)
def test_a_bad_article_is_set_aside_with_a_reason_and_stops_no_other(articles: Path, corpus: Path, name: str) -> None:
    content, reason = BAD_ARTICLES[name]
    (articles / "bad.txt").write_bytes(content)
    run(articles, corpus)
    rejects = [json.loads(line) for line in (corpus / "rejects.jsonl").read_text("utf-8").splitlines()]
    documents = {row.uri: row for path in corpus.glob("documents/*") for row in read_documents(path)}

    assert [(row["kind"], row["uri"], row["stage"]) for row in rejects] == [("document", "bad.txt", "read")]
    assert rejects[0]["reason"].startswith(f"{reason}: ")
    assert documents["good.txt"].counts.units == 2
    assert problems(corpus, articles) == ()


def test_truncated_utf8_keeps_its_text_and_says_so(articles: Path, corpus: Path) -> None:
    (articles / "cut.txt").write_bytes(GOOD.strip().encode()[:-2])
    run(articles, corpus)
    documents = {row.uri: row for path in corpus.glob("documents/*") for row in read_documents(path)}

    assert documents["cut.txt"].text == GOOD.strip()[:-2]
    assert "encoding_repair" in {fact.name for fact in documents["cut.txt"].meta}


def test_a_link_to_nothing_is_set_aside(articles: Path, corpus: Path) -> None:
    (articles / "gone.txt").symlink_to(articles / "nothing")
    run(articles, corpus)
    documents = {row.uri: row for path in corpus.glob("documents/*") for row in read_documents(path)}

    assert str(documents["gone.txt"].drop_reason).startswith("unreadable: ")
    assert documents["good.txt"].drop_reason is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_set_aside(articles: Path, corpus: Path) -> None:
    (articles / "locked.txt").write_text(GOOD, encoding="utf-8")
    (articles / "locked.txt").chmod(0)
    run(articles, corpus)
    documents = {row.uri: row for path in corpus.glob("documents/*") for row in read_documents(path)}

    assert documents["locked.txt"].drop_reason == "unreadable: Permission denied"


def test_a_folder_without_articles_is_one_clear_line(tmp_path: Path, corpus: Path) -> None:
    (tmp_path / "nothing").mkdir()
    result = command("run", "minimal", "-i", tmp_path / "nothing", "-o", corpus)

    assert_one_line(result, 3, "expected articles", "--input")
    assert not corpus.exists()


def test_an_input_that_is_not_there_is_one_clear_line(tmp_path: Path, corpus: Path) -> None:
    result = command("run", "minimal", "-i", tmp_path / "nothing", "-o", corpus)

    assert_one_line(result, 3, "nothing", "--input")


def test_a_corpus_of_another_config_is_told_and_made_anew(articles: Path, corpus: Path) -> None:
    command("run", "minimal", "-i", articles, "-o", corpus)
    override = "stages.strip_boilerplate.keep=[title]"
    result = command("run", "minimal", "-i", articles, "-o", corpus, "--set", override)

    assert result.returncode == 0, result.stderr
    assert "state=stale shards=1" in result.stderr
    assert problems(corpus, articles) == ()


def test_a_full_disk_is_one_clear_line_and_the_next_run_goes_on(articles: Path, corpus: Path) -> None:
    (articles / "big.txt").write_text(GOOD * 2_000, encoding="utf-8")
    full = command("run", "minimal", "-i", articles, "-o", corpus, largest_file=20_000)
    again = command("run", "minimal", "-i", articles, "-o", corpus)

    assert_one_line(full, 4, str(corpus), "run again")
    assert again.returncode == 0, again.stderr
    assert problems(corpus, articles) == ()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a copy of the models that come with the program, which a test may damage."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(ROOT / "models" / "models.yaml", folder)
    shutil.copy(ROOT / "models" / "models.lock", folder)
    shutil.copytree(ROOT / "models" / "ruarfr-en-small", folder / "ruarfr-en-small")
    return folder


def with_models(articles: Path, corpus: Path, models: Path) -> subprocess.CompletedProcess[str]:
    """Run the default config with another table of models."""
    table = f"stages.translate.models={models / 'models.yaml'}"
    return command("run", "default", "-i", articles, "-o", corpus, "--set", table)


def test_a_missing_model_is_one_clear_line(articles: Path, corpus: Path, models: Path) -> None:
    shutil.rmtree(models / "ruarfr-en-small")

    assert_one_line(with_models(articles, corpus, models), 5, "ruarfr-en-small")


def test_a_corrupt_model_file_is_one_clear_line(articles: Path, corpus: Path, models: Path) -> None:
    path = models / "ruarfr-en-small" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    assert_one_line(with_models(articles, corpus, models), 5, "model.safetensors", "models.lock")


def test_a_language_without_a_model_is_kept_and_flagged(articles: Path, corpus: Path) -> None:
    text = "De minister sprak gisteren in het parlement over de nieuwe begroting van het land."
    (articles / "dutch.txt").write_text(text, encoding="utf-8")
    result = command("run", "default", "-i", articles, "-o", corpus)
    (unit,) = (row for path in corpus.glob("units/nl/*.parquet") for row in read_units(path))

    assert result.returncode == 0, result.stderr
    assert (unit.source, unit.target, unit.model) == (text, text, None)
    assert set(unit.flags) == {"passthrough", "no_model"}
