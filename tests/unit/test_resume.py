"""What a second run redoes: what has changed, all that has changed, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pipeline.boilerplate import lexicon
from pipeline.errors import OutputError
from pipeline.finishing import finish
from pipeline.formats import readers
from pipeline.formats.parquet import read_documents
from pipeline.formats.readers import article_digest
from pipeline.runner import survey
from pipeline.shards import parse_manifest
from pipeline.stages.filter import Filter
from pipeline.stages.split_sentences import SplitSentences
from pipeline.standing import State
from pipeline.worker import Worker
from tests.running import job, problems, run
from tests.unit.test_runner import digests

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.records import Document
    from pipeline.stages.base import Stage

ALONE = "shards.articles=1"
COUNT = 6


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Return a folder of short articles."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(COUNT):
        text = f"Парламент принял закон номер {number}\n\nДепутаты спорили {number + 2} часов, как сообщили вчера.\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path, articles: Path) -> Path:
    """Return a finished corpus of the articles, a shard an article."""
    run(articles, tmp_path / "corpus", ALONE)
    return tmp_path / "corpus"


def stamps(corpus: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of change of each file of rows and each manifest of a shard."""
    paths = [path for folder in ("documents", "units", "manifests") for path in (corpus / folder).rglob("*.*")]
    return {
        path.relative_to(corpus).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in paths
        if path.name != "corpus.json"
    }


def files_of(corpus: Path, uri: str) -> set[str]:
    """Return the files of the shard that holds an article, its manifest among them."""
    for path in (corpus / "manifests").glob("*.json"):
        manifest = parse_manifest(path.read_bytes())
        if manifest is not None and uri in manifest.articles:
            return {*manifest.outputs, f"manifests/{path.name}"}
    raise AssertionError(uri)


def touched(corpus: Path, before: dict[str, tuple[int, int]]) -> set[str]:
    after = stamps(corpus)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def test_a_changed_article_touches_the_files_of_its_shard_alone(articles: Path, corpus: Path) -> None:
    before = stamps(corpus)
    (articles / "3.txt").write_text("Совсем другой текст, который написали сегодня утром.\n", encoding="utf-8")
    summary = run(articles, corpus, ALONE)

    assert (summary.done, summary.reused) == (1, COUNT - 1)
    assert touched(corpus, before) == files_of(corpus, "3.txt")
    assert problems(corpus, articles) == ()


def test_an_article_that_was_touched_but_says_the_same_redoes_nothing(articles: Path, corpus: Path) -> None:
    before = stamps(corpus)
    os.utime(articles / "3.txt", (1, 1))

    assert run(articles, corpus, ALONE).done == 0
    assert touched(corpus, before) == set()


def test_a_damaged_output_touches_the_files_of_its_shard_alone(articles: Path, corpus: Path) -> None:
    whole, before = digests(corpus), stamps(corpus)
    damaged = next(name for name in files_of(corpus, "2.txt") if name.startswith("units"))
    (corpus / damaged).write_bytes((corpus / damaged).read_bytes()[:-9])
    summary = run(articles, corpus, ALONE)

    assert summary.done == 1
    assert touched(corpus, before) == files_of(corpus, "2.txt")
    assert digests(corpus) == whole


def test_a_damaged_manifest_touches_the_files_of_its_shard_alone(articles: Path, corpus: Path) -> None:
    whole, before = digests(corpus), stamps(corpus)
    name = next(name for name in files_of(corpus, "2.txt") if name.startswith("manifests"))
    (corpus / name).write_bytes((corpus / name).read_bytes()[:40])
    run(articles, corpus, ALONE)

    assert touched(corpus, before) == files_of(corpus, "2.txt")
    assert digests(corpus) == whole


@pytest.mark.parametrize("stage", [SplitSentences, Filter])
def test_a_new_version_of_a_stage_redoes_every_shard(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch, stage: type[Stage]
) -> None:
    whole = digests(corpus)
    monkeypatch.setattr(stage, "version", stage.version + 1)
    states = survey(job(articles, corpus, ALONE))
    run(articles, corpus, ALONE)
    after = digests(corpus)

    assert set(states.values()) == {State.STALE}
    assert {name.partition("/")[0] for name in whole if after[name] != whole[name]} == {"manifests"}


def test_other_words_in_a_lexicon_make_every_shard_stale(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "fingerprint", lambda: "other words")

    assert set(survey(job(articles, corpus, ALONE)).values()) == {State.STALE}


def test_a_stage_after_the_translation_translates_nothing_again(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembering = f"stages.translate.memory={tmp_path / 'memory.sqlite'}"
    first = run(articles, tmp_path / "corpus", ALONE, remembering)
    monkeypatch.setattr(Filter, "version", Filter.version + 1)
    second = run(articles, tmp_path / "corpus", ALONE, remembering)

    assert set(first.tally) >= {"translated"}
    assert (second.done, second.tally) == (COUNT, {"remembered": sum(first.tally.values())})


@pytest.mark.parametrize(
    "setting",
    [
        "workers=2",
        "output.report=false",
        "output.formats=[parquet]",
        "stages.translate.window_segments=1",
        "stages.translate.batch_tokens=9",
        "stages.translate.threads=1",
        "stages.translate.remember=false",
    ],
)
def test_a_setting_that_cannot_change_a_row_redoes_no_shard(articles: Path, corpus: Path, setting: str) -> None:
    before = stamps(corpus)

    assert run(articles, corpus, ALONE, setting).done == 0
    assert touched(corpus, before) == set()


@pytest.mark.parametrize("setting", ["input.max_article_characters=999", "stages.strip_boilerplate.method=rules"])
def test_a_setting_that_may_change_a_row_redoes_every_shard(articles: Path, corpus: Path, setting: str) -> None:
    assert run(articles, corpus, ALONE, setting).done == COUNT


def test_other_shards_are_read_once(articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (articles / "3.txt").write_text("Другой текст, который написали сегодня утром.\n", encoding="utf-8")
    read: list[str] = []

    def noted(article: ArticleRef) -> str:
        read.append(article.uri)
        return article_digest(article)

    monkeypatch.setattr(readers, "article_digest", noted)
    run(articles, corpus, ALONE)

    # The changed one again, when it is run: its manifest says what was read then.
    assert sorted(read) == sorted(["3.txt", *(f"{number}.txt" for number in range(COUNT))])


def test_the_manifest_comes_last(articles: Path, tmp_path: Path) -> None:
    todo = job(articles, tmp_path / "corpus", "shards.articles=100")
    manifest = todo.manifest_path(todo.shards[0].id)
    seen: list[bool] = []

    def progress(_: Document) -> None:
        seen.append(manifest.exists() or any(todo.corpus.rglob("[!.]*.parquet")))

    with Worker(todo, progress) as worker:
        done = worker.run(todo.shards[0])

    assert seen == [False] * COUNT
    assert all((todo.corpus / name).stat().st_mtime_ns <= manifest.stat().st_mtime_ns for name in done.manifest.outputs)


def test_a_shard_that_is_begun_anew_has_no_manifest_meanwhile(articles: Path, corpus: Path) -> None:
    todo = job(articles, corpus, ALONE)
    manifest = todo.manifest_path(todo.shards[0].id)

    def progress(_: Document) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Worker(todo, progress) as worker:
        worker.run(todo.shards[0])

    assert not manifest.exists()
    assert list(survey(todo).values()) == [State.MISSING, *[State.DONE] * (COUNT - 1)]


def test_a_corpus_is_never_finished_without_one_of_its_shards(articles: Path, corpus: Path) -> None:
    todo = job(articles, corpus, ALONE)
    todo.manifest_path(todo.shards[2].id).unlink()

    with pytest.raises(OutputError, match="expected the manifest of a shard"):
        finish(todo)
    assert sum(1 for path in (corpus / "documents").glob("*.parquet") for _ in read_documents(path)) == COUNT
