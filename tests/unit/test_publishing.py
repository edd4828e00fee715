"""A corpus at a URL is that of a folder, byte for byte, whoever makes which part of it and whatever fails meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import threading
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline import leases
from pipeline.caches import staging_folder
from pipeline.cli import app
from pipeline.errors import OutputError
from pipeline.leases import leased
from pipeline.processes import machine
from pipeline.settings import OutputSettings
from pipeline.stages.base import Placement
from pipeline.stages.translate import TranslateConfig
from pipeline.stores import Store, open_system
from tests.stores import contents, digests, put, run_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "memory://corpora/news"
ONE = "shards.articles=1"


@pytest.fixture(autouse=True)
def _stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))
    system, _ = open_system(URL)
    system.store.clear()
    yield
    system.store.clear()


@pytest.fixture
def articles(tmp_path: Path, seeds: Path) -> Path:
    """Return a folder with copies of the seeds, which a test may change."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for path in seeds.glob("*.txt"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def made(articles: Path, tmp_path: Path) -> dict[str, str]:
    """Return the checksums of the corpus as it is made in a folder."""
    run_at(articles, tmp_path / "local", ONE)
    return digests(tmp_path / "local")


@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_a_corpus_at_a_url_of_articles_at_a_url_is_that_of_folders(
    articles: Path, made: dict[str, str], tmp_path: Path, scheme: str
) -> None:
    home = f"{scheme}://{tmp_path if scheme == 'file' else ''}/store"
    put(f"{home}/in", articles)
    summary = run_at(f"{home}/in", f"{home}/out", ONE)

    assert summary.counts is not None
    assert digests(f"{home}/out") == made


def test_a_second_run_does_nothing_and_writes_nothing(articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run_at(articles, URL, ONE)
    before = Store(URL).listing()
    monkeypatch.setattr("pipeline.finishing.finish", None)
    second = run_at(articles, URL, ONE)

    assert (second.done, second.reused, second.counts) == (0, first.done, first.counts)
    assert Store(URL).listing() == before


def test_a_machine_that_knows_nothing_of_the_corpus_goes_on_with_it(
    articles: Path, made: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run_at(articles, URL, ONE, part=(1, 2))
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "elsewhere"))
    second = run_at(articles, URL, ONE, part=(2, 2))

    assert second.counts is not None
    assert digests(URL) == made


def test_a_changed_article_redoes_its_shard_and_one_that_is_gone_leaves_the_corpus(
    articles: Path, tmp_path: Path
) -> None:
    put("memory://in", articles)
    run_at("memory://in", URL, ONE)
    open_system("memory://in")[0].pipe_file("/in/000_cfd07d93efee0ad9.txt", "Ещё одно предложение.".encode())
    changed = run_at("memory://in", URL, ONE)
    (articles / "000_cfd07d93efee0ad9.txt").unlink()
    open_system("memory://in")[0].rm_file("/in/000_cfd07d93efee0ad9.txt")
    run_at("memory://in", URL, ONE)
    run_at(articles, tmp_path / "local", ONE)

    assert changed.done == 1
    assert digests(URL) == digests(tmp_path / "local")


def test_another_format_is_exported_and_taken_back(articles: Path, made: dict[str, str]) -> None:
    run_at(articles, URL, ONE, "output.formats=[parquet, jsonl, tmx]")
    with_tmx = digests(URL)
    summary = run_at(articles, URL, ONE)

    assert "exports/corpus.tmx" in with_tmx
    assert summary.done == 0
    assert digests(URL) == made


@pytest.mark.parametrize("moment", ["first manifest", "third manifest", "export", "last manifest"])
def test_a_run_that_ends_between_the_files_and_their_manifest_is_gone_on_with(
    articles: Path, made: dict[str, str], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    written: list[str] = []

    class End(BaseException):
        """As a kill: nothing cleans up after it."""

    def end_at(path: str) -> str:
        name = path.removeprefix("/corpora/news/")
        kind = "manifest" if name.startswith("manifests/") else "export" if name.startswith("exports/") else ""
        written.append("last manifest" if name == "manifests/corpus.json" else kind)
        place = {"first manifest": ("manifest", 1), "third manifest": ("manifest", 3)}.get(moment, (moment, 1))
        if written.count(place[0]) == place[1]:
            raise End
        return path

    with monkeypatch.context() as patched:
        system = open_system(URL)[0]
        pipe_file, put_file = system.pipe_file, system.put_file
        patched.setattr(system, "pipe_file", lambda path, data: pipe_file(end_at(path), data))
        patched.setattr(system, "put_file", lambda source, path: put_file(source, end_at(path)))
        patched.setattr(Store, "remove", lambda *_: None)  # the lease stays, too
        with pytest.raises(End):
            run_at(articles, URL, ONE)
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.0)
    summary = run_at(articles, URL, ONE)

    assert summary.counts is not None
    assert digests(URL) == made


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_file_that_is_cut_or_gone_is_made_anew(articles: Path, made: dict[str, str], damage: str) -> None:
    run_at(articles, URL, ONE)
    name = next(name for name in sorted(made) if name.startswith("documents/"))
    if damage == "cut":
        Store(URL).write(name, contents(URL)[name][:-1])
    else:
        Store(URL).remove([name])
    summary = run_at(articles, URL, ONE)

    assert summary.done == 1
    assert digests(URL) == made


def test_a_flipped_bit_is_found_by_verify_and_by_the_run_that_reads_it(articles: Path, made: dict[str, str]) -> None:
    run_at(articles, URL, ONE)
    name = next(name for name in sorted(made) if name.startswith("documents/"))
    data = bytearray(contents(URL)[name])
    data[len(data) // 2] ^= 1
    Store(URL).write(name, bytes(data))
    told = CliRunner().invoke(app, ["verify", URL])
    with pytest.raises(OutputError, match=f"{URL}/{name}: expected sha256 .*; run again"):
        run_at(articles, URL, ONE, "output.formats=[parquet, tmx]")
    run_at(articles, URL, ONE)

    assert told.exit_code == 6
    assert f"{URL}/{name}: expected sha256" in told.stderr
    assert digests(URL) == made


@pytest.mark.parametrize("name", ["thesis.doc", "documents/thesis.parquet", "units/ru/1.txt"])
def test_a_place_of_other_files_is_refused_and_left_alone(articles: Path, name: str) -> None:
    Store(URL).write(name, b"mine")

    with pytest.raises(OutputError, match=f"{URL}: expected nothing or a corpus there"):
        run_at(articles, URL)
    assert contents(URL) == {name: b"mine"}


def test_nothing_stays_on_this_machine_nor_what_a_killed_run_has_left(articles: Path, tmp_path: Path) -> None:
    left = staging_folder(URL).with_name(staging_folder(URL).name.replace(str(os.getpid()), str(2**22 + 1)))
    left.mkdir(parents=True)
    (left / "half.parquet").write_bytes(b"PAR1")
    run_at(articles, URL, ONE)

    assert contents(tmp_path / "cache") == {}


def test_the_logs_of_a_run_are_kept_at_the_url_and_are_no_part_of_the_corpus(
    articles: Path, made: dict[str, str]
) -> None:
    logs = staging_folder(URL) / "logs"
    logs.mkdir(parents=True)
    (logs / "run.jsonl").write_bytes(b"{}")
    run_at(articles, URL, ONE)
    run_at(articles, URL, ONE, "output.formats=[parquet]")

    assert contents(URL)["logs/run.jsonl"] == b"{}"
    assert CliRunner().invoke(app, ["verify", URL]).exit_code == 0
    assert "logs/run.jsonl" not in made


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected the files of a corpus"):
        Store(URL).download(["manifests/../../evil.json"], tmp_path)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let leases be short."""
    monkeypatch.setattr(leases, "RENEWED_SECONDS", 0.05)
    monkeypatch.setattr(leases, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.5)


@pytest.mark.usefixtures("quick")
def test_a_run_leaves_while_another_writes_to_its_shards() -> None:
    with leased(Store(URL), (1, 2)):
        with leased(Store(URL), (2, 2)):
            pass
        with pytest.raises(OutputError, match=f"{URL}: expected nobody else to write there \\(got process"):
            leased(Store(URL), (1, 4)).__enter__()

    assert contents(URL) == {}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_the_lease_of_a_run_that_died_is_taken(where: str) -> None:
    gone = {"host": "h", "process": 2**22 + 1, "machine": machine() if where == "here" else "another"}
    Store(URL).write("locks/part-1-of-1-0000", json.dumps(gone).encode())
    with leased(Store(URL), (1, 1)):
        held = list(contents(URL))

    assert [name for name in held if name != "locks/part-1-of-1-0000"] == held
    assert contents(URL) == {}


@pytest.mark.usefixtures("quick")
def test_of_runs_that_begin_together_one_writes_at_a_time() -> None:
    inside: list[int] = []
    most: list[int] = []

    def hold(number: int) -> None:
        while True:
            try:
                with leased(Store(URL), (1, 1)):
                    inside.append(number)
                    most.append(len(inside))
                    inside.remove(number)
            except OutputError:
                continue
            return

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1, 1, 1]


def test_commands_tell_of_a_corpus_at_a_url_what_they_tell_of_a_folder(articles: Path, tmp_path: Path) -> None:
    local = tmp_path / "local"
    run_at(articles, local, ONE)
    run_at(articles, URL, ONE)
    lines = ["status", "verify", "verify --input {articles}", "export -f tmx -o {out}", "report -o {out}", "report"]
    lines.append("project -d 000_cfd07d93efee0ad9.txt --span 0:9")
    told: list[tuple[list[tuple[str, int, str]], dict[str, str]]] = []
    for place in (str(local), URL):
        out = tmp_path / f"out-{len(told)}"
        outputs = []
        for line in lines:
            words = line.format(articles=articles, out=out).split()
            result = CliRunner().invoke(app, [words[0], place, *words[1:]])
            outputs.append((line, result.exit_code, result.output.replace(place, "PLACE").replace(str(out), "OUT")))
        told.append((outputs, digests(out)))

    assert told[0] == told[1]
    assert [code for _, code, _ in told[1][0]] == [0] * len(lines)
    assert digests(URL) == digests(local)


@pytest.mark.parametrize("command", ["status", "verify", "report"])
def test_a_url_without_a_corpus_is_told_in_one_line(command: str) -> None:
    Store(URL).write("thesis.doc", b"mine")
    result = CliRunner().invoke(app, [command, URL])

    assert result.exit_code == 3
    assert result.stderr == f"error: {URL}: expected a corpus (got no manifests); make one: newsbitext run\n"


def test_the_memory_of_a_corpus_at_a_url_is_a_file_of_this_user(articles: Path, tmp_path: Path) -> None:
    output = OutputSettings.model_validate({"path": URL})
    other = OutputSettings.model_validate({"path": f"{URL}-2"})
    memory = tmp_path / "cache" / "corpora" / f"{output.beside.name}.memory.sqlite"
    run_at(articles, URL, f"stages.translate.memory={memory}")

    assert output.beside == OutputSettings.model_validate({"path": f"{URL}/"}).beside != other.beside
    assert TranslateConfig().placed(Placement(workers=1, threads=1, corpus=output.beside)).memory == memory
    assert set(contents(tmp_path / "cache" / "corpora")) == {memory.name, f".{memory.name}.lock"}
