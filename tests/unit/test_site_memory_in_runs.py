"""A run that looks at the whole input first: the same corpus from any machine, part and crash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import ConfigError
from pipeline.finishing import LEARNED
from pipeline.formats.parquet import documents
from pipeline.runner import survey
from pipeline.stages.normalize import Normalize
from pipeline.stages.strip_boilerplate import SITES
from pipeline.standing import State
from pipeline.worker import Worker
from tests.running import job, problems, run
from tests.unit.boilerplate.test_site_memory import news
from tests.unit.test_runner import digests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINE, LINE_FOLDED = "De brugwachter groet u.", "de brugwachter groet u"
ON = ("stages.strip_boilerplate.site_memory={}", "shards.articles=2")


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    for site in ("a.example", "b.example"):
        (folder / site).mkdir(parents=True)
        for number in range(1, 9):
            below = LINE if site == "a.example" else ""
            (folder / site / f"{number}.txt").write_text(news(number, below=below), encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def rules(corpus: Path, source: Path) -> dict[str, set[str]]:
    """Return the rules that decided of each article."""
    found: dict[str, set[str]] = {}
    for shard in job(source, corpus, *ON).shards:
        found |= {row.uri: {block.rule for block in row.blocks} for row in documents(corpus, shard.id)}
    return found


def test_lines_of_a_site_are_stripped_and_the_memory_stands_beside_the_corpus(articles: Path, corpus: Path) -> None:
    run(articles, corpus, *ON)
    sites = json.loads((corpus / LEARNED / SITES).read_text(encoding="utf-8"))["sites"]

    assert [line["line"] for line in sites["a.example"]["lines"]] == [LINE_FOLDED]
    assert sites["b.example"]["lines"] == []
    assert {uri for uri, names in rules(corpus, articles).items() if "site_memory" in names} == {
        f"a.example/{number}.txt" for number in range(1, 9)
    }
    assert problems(corpus, articles) == ()


def test_without_the_setting_nothing_is_learned(articles: Path, corpus: Path) -> None:
    run(articles, corpus)

    assert not (corpus / LEARNED).exists()


def test_the_corpus_does_not_depend_on_workers_or_parts(articles: Path, tmp_path: Path) -> None:
    run(articles, tmp_path / "one", *ON)
    run(articles, tmp_path / "two", *ON, workers=2)
    for part in ((2, 3), (1, 3), (3, 3)):
        run(articles, tmp_path / "parts", *ON, part=part)

    assert digests(tmp_path / "one") == digests(tmp_path / "two") == digests(tmp_path / "parts")


def test_a_second_run_does_nothing_and_changes_no_byte(articles: Path, corpus: Path) -> None:
    run(articles, corpus, *ON)
    before = digests(corpus)

    assert run(articles, corpus, *ON).done == 0
    assert digests(corpus) == before


def test_a_run_that_is_cut_off_is_gone_on_with(articles: Path, corpus: Path, tmp_path: Path) -> None:
    (corpus / "manifests").mkdir(parents=True)
    todo = job(articles, corpus, *ON)
    with Worker(todo) as worker:
        worker.run(todo.shards[0])
    resumed = run(articles, corpus, *ON)
    run(articles, tmp_path / "whole", *ON)

    assert resumed.reused == 1
    assert digests(corpus) == digests(tmp_path / "whole")


def test_an_article_that_changes_what_is_learned_makes_all_shards_stale(articles: Path, corpus: Path) -> None:
    run(articles, corpus, *ON)
    for number in range(1, 5):
        (articles / "a.example" / f"{number}.txt").write_text(news(number), encoding="utf-8")

    assert set(survey(job(articles, corpus, *ON)).values()) == {State.STALE}


@pytest.mark.parametrize("name", ["c.txt", "a.example/9.txt", "b.example/9.txt"])
def test_an_article_that_teaches_nothing_new_leaves_the_other_shards(articles: Path, corpus: Path, name: str) -> None:
    run(articles, corpus, *ON)
    (articles / name).write_text(news(9, below=LINE if name.startswith("a") else ""), encoding="utf-8")
    states = list(survey(job(articles, corpus, *ON)).values())

    assert State.DONE in states
    assert State.STALE not in states


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("{}")])
def test_a_memory_that_was_changed_is_found_and_mended(
    articles: Path, corpus: Path, damage: Callable[[Path], object]
) -> None:
    run(articles, corpus, *ON)
    before = digests(corpus)
    damage(corpus / LEARNED / SITES)

    assert any(SITES in problem for problem in problems(corpus, articles))

    run(articles, corpus, *ON)

    assert digests(corpus) == before


def test_a_memory_that_is_no_longer_asked_for_leaves_the_corpus(articles: Path, corpus: Path, tmp_path: Path) -> None:
    run(articles, corpus, *ON)
    run(articles, corpus, "shards.articles=2")
    run(articles, tmp_path / "plain", "shards.articles=2")

    assert digests(corpus) == digests(tmp_path / "plain")


def test_rows_tell_their_site(tmp_path: Path, corpus: Path) -> None:
    rows = [{"text": news(number, below=LINE), "url": f"https://www.a.example/{number}"} for number in range(1, 9)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    run(path, corpus, *ON)
    sites = json.loads((corpus / LEARNED / SITES).read_text(encoding="utf-8"))["sites"]

    assert list(sites) == ["a.example"]
    assert sites["a.example"]["lines"]


def test_articles_that_cannot_be_read_teach_nothing(articles: Path, corpus: Path) -> None:
    (articles / "a.example" / "0.txt").write_bytes(b"")
    run(articles, corpus, *ON)

    assert problems(corpus, articles) == ()


def test_a_fault_in_one_article_costs_that_article_only(
    articles: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Normalize._normalize

    def broken(stage: Normalize, document: object) -> object:
        if "a.example/3.txt" in str(document):
            raise RuntimeError("a fault of ours")
        return plain(stage, document)  # type: ignore[arg-type] # as it comes

    monkeypatch.setattr(Normalize, "_normalize", broken)
    run(articles, corpus, *ON)

    assert rules(corpus, articles)["a.example/3.txt"] == set()
    assert "site_memory" in rules(corpus, articles)["a.example/4.txt"]


def test_a_pattern_that_is_none_is_a_mistake_in_the_configuration(articles: Path, corpus: Path) -> None:
    with pytest.raises(ConfigError, match="site_pattern: expected a regular expression"):
        job(articles, corpus, "stages.strip_boilerplate.site_memory={site_pattern: '('}")
