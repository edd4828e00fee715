"""A run that looks for re-posts: the same corpus from any machine, part and crash, and no work for copies."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.formats.parquet import documents
from pipeline.runner import survey
from pipeline.stages import sketching
from pipeline.stages.normalize import Normalize
from pipeline.standing import State
from pipeline.worker import Worker
from tests.conftest import ROOT
from tests.running import job, problems, run
from tests.unit.test_runner import digests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.corpus import DocumentRow

PLAIN = "shards.articles=2"
DROP = (PLAIN, "stages.find_duplicates.drop=true")
WORDS = str.split(
    "мост город река власти решение утром жители дорога школа больница новый старый закрыли открыли ремонт срок "
    "деньги совет глава район улица площадь парк поезд автобус работа завод зима весна лето осень вода свет"
)
SHARED, FOOTER = "Поделиться в Facebook", "Все права защищены"


def story(number: int, *, headline: str = "", footer: str = "") -> str:
    """Return an article with words of its own choice."""
    choose = random.Random(number)  # noqa: S311 # the same words every time
    sentences = [" ".join(choose.choices(WORDS, k=12)).capitalize() + "." for _ in range(12)]
    paragraphs = [" ".join(sentences[start : start + 3]) for start in range(0, 12, 3)]
    return "\n\n".join([headline or f"Новости города номер {number}", *paragraphs, footer])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the smallest config, with the stage."""
    text = (ROOT / "configs" / "minimal.yaml").read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    added = "  - stage: strip_boilerplate\n  - stage: find_duplicates\n"
    path.write_text(text.replace("  - stage: strip_boilerplate\n", added), encoding="utf-8")
    return path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Return six stories, of which three are re-posted: with another headline, other boilerplate, and as they are."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(6):
        write(folder, f"{number}.txt", story(number))
    write(folder, "again0.txt", story(0, headline="Совсем другой заголовок"))
    write(folder, "again1.txt", story(1, footer=f"{SHARED}\n\n{FOOTER}"))
    write(folder, "again2.txt", story(2))
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def rows(corpus: Path) -> dict[str, DocumentRow]:
    """Return the articles of a corpus by their uri."""
    shards = sorted(path.stem for path in (corpus / "documents").rglob("*.parquet"))
    return {row.uri: row for shard in shards for row in documents(corpus, shard)}


def twins(corpus: Path) -> set[frozenset[str]]:
    """Return pairs of what is marked and what it repeats."""
    return {
        frozenset({row.uri, fact.value})
        for row in rows(corpus).values()
        for fact in row.meta
        if fact.name == "near_duplicate_uri"
    }


PAIRS = {frozenset({f"{number}.txt", f"again{number}.txt"}) for number in range(3)}


def test_reposts_are_marked_and_all_are_translated(articles: Path, corpus: Path, config: Path) -> None:
    run(articles, corpus, PLAIN, config=config)

    assert twins(corpus) == PAIRS
    assert all(row.drop_stage is None for row in rows(corpus).values())
    assert problems(corpus, articles) == ()


def test_reposts_that_are_dropped_are_accounted_for(articles: Path, corpus: Path, config: Path) -> None:
    run(articles, corpus, *DROP, config=config)
    dropped = [row for row in rows(corpus).values() if row.drop_stage == "find_duplicates"]
    rejects = (json.loads(line) for line in (corpus / "rejects.jsonl").read_text(encoding="utf-8").splitlines())
    reasons = [one["reason"] for one in rejects if one["stage"] == "find_duplicates"]

    assert len(dropped) == len(reasons) == 3
    assert all(reason.startswith("near_duplicate: of ") for reason in reasons)
    assert twins(corpus) == PAIRS
    assert problems(corpus, articles) == ()
    assert "find_duplicates: near_duplicate" in (corpus / "report.html").read_text(encoding="utf-8")


def test_the_corpus_does_not_depend_on_workers_or_parts(
    articles: Path, tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sketching, "ARTICLES_AT_ONCE", 4)  # so that the pool has something to do
    run(articles, tmp_path / "one", *DROP, config=config)
    run(articles, tmp_path / "two", *DROP, "workers=2", config=config, workers=2)
    for part in ((2, 2), (1, 2)):
        run(articles, tmp_path / "parts", *DROP, config=config, part=part)

    assert digests(tmp_path / "one") == digests(tmp_path / "two") == digests(tmp_path / "parts")


def test_a_second_run_does_nothing_and_changes_no_byte(articles: Path, corpus: Path, config: Path) -> None:
    run(articles, corpus, PLAIN, config=config)
    before = digests(corpus)

    assert run(articles, corpus, PLAIN, config=config).done == 0
    assert digests(corpus) == before


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_sketches_that_are_lost_or_damaged_change_nothing(
    articles: Path, corpus: Path, config: Path, damage: bytes | None
) -> None:
    run(articles, corpus, PLAIN, config=config)
    before, sketches = digests(corpus), corpus.parent / "corpus.sketches"
    content = bytearray(sketches.read_bytes())
    content[len(content) // 2] ^= 16
    sketches.write_bytes(content if damage is None else damage)

    assert run(articles, corpus, PLAIN, config=config).done == 0
    assert digests(corpus) == before


def test_a_new_article_without_a_twin_redoes_its_own_shard_only(articles: Path, corpus: Path, config: Path) -> None:
    run(articles, corpus, "shards.articles=1", config=config)
    write(articles, "9.txt", story(9))
    after = run(articles, corpus, "shards.articles=1", config=config)

    assert after.done == 1
    assert after.reused >= 5


def test_a_new_article_redoes_the_shards_whose_marks_change(
    articles: Path, corpus: Path, tmp_path: Path, config: Path
) -> None:
    run(articles, corpus, "shards.articles=1", config=config)
    write(articles, "9.txt", f"1 января 2001\n\n{story(4)}")
    (articles / "9.txt").rename(articles / "zz.txt")
    todo = job(articles, corpus, "shards.articles=1", config=config)
    states = survey(todo)
    stale = {article.uri for shard in todo.shards if states[shard.id] == State.STALE for article in shard.articles}
    run(articles, corpus, "shards.articles=1", config=config)
    run(articles, tmp_path / "anew", "shards.articles=1", config=config)

    assert stale <= {"4.txt", "3.txt", "5.txt"}
    assert frozenset({"4.txt", "zz.txt"}) in twins(corpus)
    assert digests(corpus) == digests(tmp_path / "anew")


def test_an_original_that_is_taken_away_frees_its_reposts(
    articles: Path, corpus: Path, tmp_path: Path, config: Path
) -> None:
    run(articles, corpus, *DROP, config=config)
    (articles / "0.txt").unlink()
    run(articles, corpus, *DROP, config=config)
    run(articles, tmp_path / "anew", *DROP, config=config)

    assert twins(corpus) == PAIRS - {frozenset({"0.txt", "again0.txt"})}
    assert digests(corpus) == digests(tmp_path / "anew")


def test_a_run_that_is_cut_off_is_gone_on_with(articles: Path, corpus: Path, tmp_path: Path, config: Path) -> None:
    (corpus / "manifests").mkdir(parents=True)
    todo = job(articles, corpus, *DROP, config=config)
    with Worker(todo) as worker:
        worker.run(todo.shards[0])
    resumed = run(articles, corpus, *DROP, config=config)
    run(articles, tmp_path / "whole", *DROP, config=config)

    assert resumed.reused == 1
    assert digests(corpus) == digests(tmp_path / "whole")


def double(articles: Path) -> Path:
    """Return a folder that holds each article twice, in folders far from each other."""
    folder = articles.parent / "double"
    for name in ("a", "z"):
        shutil.copytree(articles, folder / name)
    return folder


@pytest.mark.parametrize("how", ["dropped", "remembered"])
def test_a_corpus_that_stands_twice_costs_the_model_work_of_one(articles: Path, config: Path, how: str) -> None:
    for path in articles.glob("again*"):
        path.unlink()
    corpora = articles.parent
    settings = DROP if how == "dropped" else (PLAIN, f"stages.translate.memory={corpora}/{{}}.sqlite")
    once, twice = (
        run(source, corpora / name, *(one.format(name) for one in settings), config=config).tally
        for name, source in (("once", articles), ("twice", double(articles)))
    )

    assert twice["translated"] == once["translated"] > 0
    assert twice["near_duplicates"] == 6


def test_a_config_without_the_stage_looks_at_nothing(articles: Path, corpus: Path) -> None:
    run(articles, corpus, PLAIN)

    assert not (corpus.parent / "corpus.sketches").exists()


def test_a_fault_in_one_article_costs_that_article_only(
    articles: Path, corpus: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Normalize._normalize

    def broken(stage: Normalize, document: object) -> object:
        if "again1.txt" in str(document):
            raise RuntimeError("a fault of ours")
        return plain(stage, document)  # type: ignore[arg-type] # as it comes

    monkeypatch.setattr(Normalize, "_normalize", broken)
    run(articles, corpus, PLAIN, config=config)

    assert twins(corpus) == PAIRS - {frozenset({"1.txt", "again1.txt"})}
    assert rows(corpus)["again1.txt"].drop_stage == "run"


def call(*words: str | Path) -> Sequence[str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_the_command_drops_reposts_and_verifies(articles: Path, corpus: Path, config: Path) -> None:
    where = ("--input", articles, "--output", corpus, "--set", "stages.find_duplicates.drop=true")
    planned = call("plan", config, *where)
    told = call("run", config, *where, "--quiet")
    verified = call("verify", corpus, "--config", config, "--input", articles)

    assert any("find_duplicates" in line for line in planned)
    assert told == []
    assert verified[-1].startswith(f"{corpus}: verified: ")
    assert [len(pair & {uri for uri, row in rows(corpus).items() if row.drop_stage}) for pair in PAIRS] == [1, 1, 1]


def test_rows_of_one_file_are_compared_and_named_by_their_uri(tmp_path: Path, corpus: Path, config: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [
        {"text": story(1), "uri": "https://example.org/old", "published": "2024-03-01"},
        {"text": story(1, headline="Снова"), "uri": "https://example.org/new", "published": "2024-03-02"},
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    run(path, corpus, PLAIN, config=config)
    facts = {fact.name: fact.value for fact in rows(corpus)["https://example.org/new"].meta}

    assert facts["near_duplicate_uri"] == "https://example.org/old"
    assert facts["near_duplicate_of"] == rows(corpus)["https://example.org/old"].document_id
    assert twins(corpus) == {frozenset({"https://example.org/old", "https://example.org/new"})}
