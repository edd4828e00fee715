"""The report is one of the files of a corpus: a run writes it, verify knows it, the command renews it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import BAD_INPUT, app
from pipeline.report import build
from tests.running import problems, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Заголовок\n\nПервое предложение статьи {number}.\n", encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["report", *(str(word) for word in words)])


def test_a_run_writes_the_report_and_verify_knows_it(articles: Path, corpus: Path) -> None:
    run(articles, corpus)

    assert (corpus / "report.html").is_file()
    assert problems(corpus, articles) == ()

    with (corpus / "report.html").open("a", encoding="utf-8") as stream:
        stream.write("<!-- touched -->")

    assert any("report.html: expected sha256" in problem for problem in problems(corpus, articles))


def test_without_output_report_there_is_none_and_an_old_one_goes(articles: Path, corpus: Path) -> None:
    run(articles, corpus)
    run(articles, corpus, "output.report=false")

    assert not (corpus / "report.html").exists()
    assert problems(corpus, articles) == ()


def test_the_command_adds_the_report_that_a_run_would_have_written(articles: Path, corpus: Path) -> None:
    run(articles, corpus)
    expected = (corpus / "report.html").read_bytes()
    run(articles, corpus, "output.report=false")
    result = call(corpus)

    assert result.stdout == f"{corpus / 'report.html'}\n"
    assert (corpus / "report.html").read_bytes() == expected
    assert problems(corpus, articles) == ()


def test_pages_that_are_no_longer_needed_go(articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as smaller:
        smaller.setattr(build, "ARTICLES_A_PAGE", 1)
        run(articles, corpus)
    before = problems(corpus, articles), len(build.pages(corpus))
    call(corpus)

    assert before == ((), 3)
    assert len(build.pages(corpus)) == 1
    assert problems(corpus, articles) == ()


def test_the_command_renews_no_other_line_of_the_manifest(articles: Path, corpus: Path) -> None:
    run(articles, corpus)
    (corpus / "rejects.jsonl").unlink()
    call(corpus)

    assert any("rejects.jsonl: expected a file" in problem for problem in problems(corpus, articles))


def test_another_folder_gets_the_same_pages_and_the_corpus_stays(articles: Path, corpus: Path, tmp_path: Path) -> None:
    run(articles, corpus)
    manifest = (corpus / "manifests" / "corpus.json").read_bytes()
    result = call(corpus, "--output", tmp_path / "elsewhere")

    assert result.stdout == f"{tmp_path / 'elsewhere' / 'report.html'}\n"
    assert (tmp_path / "elsewhere" / "report.html").read_bytes() == (corpus / "report.html").read_bytes()
    assert (corpus / "manifests" / "corpus.json").read_bytes() == manifest


def test_an_unfinished_corpus_has_no_report(articles: Path, corpus: Path) -> None:
    run(articles, corpus)
    (corpus / "manifests" / "corpus.json").unlink()
    result = call(corpus)

    assert result.exit_code == BAD_INPUT
    assert "finish it: newsbitext run" in result.stderr
