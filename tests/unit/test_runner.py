"""A run does what is missing, stale or corrupt, once, and nothing else."""

from __future__ import annotations

import errno
import hashlib
import io
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.engines.local import run_here
from pipeline.errors import InputError, OutputError, PipelineError
from pipeline.formats.parquet import read_documents
from pipeline.runner import prepare, survey
from pipeline.runner import run as run_job
from pipeline.stages.split_sentences import SplitSentences
from pipeline.standing import State
from pipeline.worker import Worker
from tests.running import job, problems, run

SMALL = "shards.articles=2"


def digests(corpus: Path) -> dict[str, str]:
    """Return the checksum of every file of a corpus, by its relative path."""
    return {
        path.relative_to(corpus).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(corpus.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def articles(tmp_path: Path, seeds: Path) -> Path:
    """Return a folder with copies of the seeds, which a test may change."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for path in seeds.glob("*.txt"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return where a corpus may be made."""
    return tmp_path / "corpus"


def test_a_second_run_reuses_every_shard_and_changes_no_byte(articles: Path, corpus: Path) -> None:
    first = run(articles, corpus, SMALL)
    before = digests(corpus)
    second = run(articles, corpus, SMALL)

    assert (second.done, second.reused) == (0, first.done)
    assert digests(corpus) == before


def test_a_second_run_opens_no_stage_and_writes_no_file(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(articles, corpus, SMALL)
    before = {path: path.stat().st_mtime_ns for path in corpus.rglob("*")}
    monkeypatch.setattr("pipeline.finishing.finish", None)
    second = run(articles, corpus, SMALL)

    assert second.counts == first.counts
    assert {path: path.stat().st_mtime_ns for path in corpus.rglob("*")} == before


def test_another_format_is_exported_from_a_finished_corpus_and_taken_back(articles: Path, corpus: Path) -> None:
    run(articles, corpus, SMALL)
    before = digests(corpus)
    more = run(articles, corpus, SMALL, "output.formats=[parquet, jsonl, tmx]")
    with_tmx = digests(corpus)
    run(articles, corpus, SMALL)

    assert more.done == 0
    assert "exports/corpus.tmx" in with_tmx
    assert digests(corpus) == before


def test_a_damaged_export_of_a_finished_corpus_is_written_anew(articles: Path, corpus: Path) -> None:
    run(articles, corpus, SMALL)
    before = digests(corpus)
    (corpus / "exports" / "corpus.jsonl").write_text("{}\n", encoding="utf-8")
    (corpus / "rejects.jsonl").unlink()
    run(articles, corpus, SMALL)

    assert digests(corpus) == before


def test_the_corpus_does_not_depend_on_workers_or_parts(articles: Path, tmp_path: Path) -> None:
    run(articles, tmp_path / "one", SMALL)
    run(articles, tmp_path / "two", SMALL, workers=2)
    parts = [run(articles, tmp_path / "parts", SMALL, part=(index, 2)) for index in (1, 2)]

    assert digests(tmp_path / "one") == digests(tmp_path / "two") == digests(tmp_path / "parts")
    assert [part.counts is not None for part in parts] == [False, True]


def test_the_rows_do_not_depend_on_the_windows(articles: Path, tmp_path: Path) -> None:
    run(articles, tmp_path / "wide", SMALL)
    run(articles, tmp_path / "narrow", SMALL, "stages.translate.window_segments=1")

    assert digests(tmp_path / "wide") == digests(tmp_path / "narrow")


def test_a_changed_article_redoes_its_shard_only(articles: Path, corpus: Path) -> None:
    first = run(articles, corpus, "shards.articles=1")
    path = articles / "000_cfd07d93efee0ad9.txt"
    path.write_text(path.read_text(encoding="utf-8") + "\nЕщё одно предложение.", encoding="utf-8")
    second = run(articles, corpus, "shards.articles=1")

    assert (second.done, second.reused) == (1, first.done - 1)
    assert problems(corpus, articles) == ()


def test_an_article_that_is_gone_leaves_the_corpus(articles: Path, corpus: Path) -> None:
    run(articles, corpus, "shards.articles=1")
    (articles / "000_cfd07d93efee0ad9.txt").unlink()
    run(articles, corpus, "shards.articles=1")
    rows = [row for path in (corpus / "documents").rglob("*.parquet") for row in read_documents(path)]

    assert len(rows) == 4
    assert problems(corpus, articles) == ()


def test_a_changed_setting_makes_all_shards_stale(articles: Path, corpus: Path) -> None:
    run(articles, corpus, SMALL)
    states = survey(job(articles, corpus, SMALL, "stages.filter.max_length_ratio=1.5"))

    assert set(states.values()) == {State.STALE}


@pytest.mark.parametrize("damage", ["cut", "flip", "delete"])
def test_a_damaged_file_is_made_anew(articles: Path, corpus: Path, damage: str) -> None:
    run(articles, corpus, SMALL)
    before = digests(corpus)
    path = max(corpus.glob("documents/*.parquet"), key=lambda one: one.stat().st_size)
    content = path.read_bytes()
    middle = len(content) // 2
    if damage == "delete":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[:middle])
    else:
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    states = list(survey(job(articles, corpus, SMALL)).values())
    summary = run(articles, corpus, SMALL)

    assert states.count(State.CORRUPT) == summary.done == 1
    assert digests(corpus) == before


def test_a_killed_run_leaves_nothing_that_a_resumed_run_does_not_mend(articles: Path, corpus: Path) -> None:
    run(articles, corpus, SMALL)
    whole = digests(corpus)
    killed = corpus.with_name("killed")
    todo = job(articles, killed, SMALL)
    with Worker(todo) as worker:
        (killed / "manifests").mkdir(parents=True)
        worker.run(todo.shards[0])
    (killed / "units").mkdir(exist_ok=True)
    (killed / "units" / ".half.parquet.tmp").write_bytes(b"PAR1")
    summary = run(articles, killed, SMALL)

    assert summary.reused == 1
    assert digests(killed) == whole


def test_a_folder_of_other_files_is_refused(articles: Path, corpus: Path) -> None:
    corpus.mkdir()
    (corpus / "thesis.doc").write_text("mine", encoding="utf-8")

    with pytest.raises(OutputError, match="got other files"):
        run(articles, corpus)
    assert (corpus / "thesis.doc").read_text(encoding="utf-8") == "mine"


def test_a_stage_that_fails_on_one_article_costs_that_article_only(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flawed = SplitSentences.__call__

    def call(stage: SplitSentences, documents: object) -> object:
        for document in flawed(stage, documents):  # type: ignore[arg-type]
            if document.uri.startswith("002"):
                raise ZeroDivisionError("a fault of ours")
            yield document

    monkeypatch.setattr(SplitSentences, "__call__", call)
    todo = job(articles, corpus)
    run_job(todo, run_here, Worker(todo))
    rows = [row for path in (corpus / "documents").rglob("*.parquet") for row in read_documents(path)]
    reasons = {row.uri[:3]: row.drop_reason for row in rows}

    assert [name for name in sorted(reasons) if reasons[name]] == ["002"]
    assert str(reasons["002"]).startswith("internal_error: ZeroDivisionError: a fault of ours")
    assert problems(corpus, articles) == ()


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread"), ImportError("x: bad_alloc")])
def test_want_of_memory_ends_the_run_and_sets_no_article_aside(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    whole = SplitSentences.__call__

    def call(stage: SplitSentences, documents: object) -> object:
        for document in whole(stage, documents):  # type: ignore[arg-type]
            if document.uri.startswith("002"):
                raise error
            yield document

    monkeypatch.setattr(SplitSentences, "__call__", call)
    with pytest.raises(PipelineError, match="expected enough memory"):
        run(articles, corpus, SMALL)
    monkeypatch.setattr(SplitSentences, "__call__", whole)
    run(articles, corpus, SMALL)

    assert problems(corpus, articles) == ()
    assert (corpus / "rejects.jsonl").read_text(encoding="utf-8").find("internal_error") == -1


def test_an_article_that_cannot_be_read_for_want_of_files_is_not_set_aside(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(errno.EMFILE, "Too many open files", str(path))

    monkeypatch.setattr("pipeline.formats.readers.open_unpacked", refuse)

    with pytest.raises(InputError, match=r"expected to read it \(got: Too many open files\); run again"):
        run(articles, corpus)


def test_a_copy_of_standard_input_alone_is_a_corpus_that_can_go_on(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"Le texte.\n")))
        todo = job(Path('"-"'), corpus)  # in quotes, since YAML takes a dash for a list
    summary = run_job(todo, run_here, Worker(todo))

    assert summary.counts is not None


def test_preparing_writes_nothing(articles: Path, corpus: Path) -> None:
    todo = job(articles, corpus)
    prepare(todo.plan)

    assert not corpus.exists()
