"""The command as a user meets it: output, errors, exit codes, start-up."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from pipeline import __version__, errors
from pipeline.cli import EXIT_CODES, app

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "torch",
    "transformers",
    "ctranslate2",
    "pyarrow",
    "datasets",
    "numpy",
    "sacremoses",
    "ftfy",
}
COMMAND = [sys.executable, "-m", "pipeline"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def articles(folder: Path, seeds: Path) -> Path:
    target = folder / "articles"
    target.mkdir()
    for path in seeds.glob("*.txt"):
        shutil.copy(path, target)
    return target


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def make(*words: str | Path) -> Result:
    return call("run", "minimal", "--input", "articles", *words)


def heavy_imports(*words: str) -> set[str]:
    """Return the heavy libraries that a command imports."""
    code = (
        "import sys\nfrom pipeline.cli import app\n"
        f"try:\n    app({list(words)!r})\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('modules', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.rpartition("modules ")[2].split())


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["run", "--help"],
        ["--version"],
        ["check", "default", "minimal"],
        ["check", "--schema"],
    ],
    ids=" ".join,
)
def test_start_up_imports_no_heavy_library(words: list[str]) -> None:
    assert heavy_imports(*words) == set()


def test_the_version_is_that_of_the_package() -> None:
    assert call("--version").stdout == f"newsbitext {__version__}\n"


def test_every_kind_of_error_has_its_own_exit_code() -> None:
    kinds = set(errors.PipelineError.__subclasses__())

    assert set(EXIT_CODES) == kinds
    assert len(set(EXIT_CODES.values()) - {0, 1}) == len(kinds)


def test_check_approves_every_shipped_config(root: Path) -> None:
    names = sorted(path.stem for path in (root / "configs").glob("*.yaml"))
    result = call("check", *names)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [f"{name}: ok, 8 stages" for name in names]


def test_check_reports_the_mistakes_of_all_files_and_exits_with_2(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text("stages: [{stage: tranlate}]\n")
    result = call("check", "a.yaml", "b.yaml")

    assert result.exit_code == 2
    assert result.stderr.count("did you mean 'translate'?") == 2
    assert "error: b.yaml:1:18: stages[0].stage: expected " in result.stderr
    assert "Traceback" not in result.stderr


def test_check_prints_a_json_schema_that_knows_every_stage() -> None:
    schema = json.loads(call("check", "--schema").stdout)

    assert "translate" in schema["properties"]["stages"]["items"]["discriminator"]["mapping"]


def test_an_override_on_the_command_line_is_checked() -> None:
    result = call("check", "minimal", "--set", "stages.translate.beem_size=1")

    assert result.exit_code == 2
    assert "error: --set stages.translate.beem_size: no such setting; did you mean" in result.stderr


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b", "-1/2"])
def test_an_impossible_part_is_wrong_usage(part: str) -> None:
    result = call("run", "minimal", f"--shard={part}")

    assert result.exit_code == 2
    assert "error: --shard: expected I/N" in result.stderr


def test_an_unknown_option_is_wrong_usage() -> None:
    assert call("run", "--nope").exit_code == 2


def test_a_missing_input_exits_with_3(folder: Path) -> None:
    result = call("run", "minimal", "--input", folder / "nothing")

    assert result.exit_code == 3
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("articles")
def test_an_output_that_is_a_file_exits_with_4(folder: Path) -> None:
    (folder / "corpus").touch()

    assert make().exit_code == 4


@pytest.mark.usefixtures("articles")
def test_a_missing_model_exits_with_5(folder: Path) -> None:
    override = f"stages.translate.models={folder / 'nothing.yaml'}"

    assert call("run", "default", "-i", "articles", "--set", override).exit_code == 5


@pytest.mark.usefixtures("articles")
def test_a_run_is_told_in_lines_and_summed_up() -> None:
    result = make("--log-format", "text")

    assert result.exit_code == 0
    assert "shard_done shard=" in result.stderr
    assert "finished; next: newsbitext verify corpus" in result.stdout


@pytest.mark.usefixtures("articles")
def test_the_log_can_be_json() -> None:
    events = [json.loads(line) for line in make("--log-format", "json").stderr.splitlines()]
    done = [event for event in events if event["event"] == "shard_done"]

    assert sum(event["articles"] for event in done) == 5
    assert all(event["level"] == "info" for event in done)


@pytest.mark.usefixtures("articles")
def test_a_quiet_run_says_nothing() -> None:
    result = make("--quiet")

    assert (result.stdout, result.stderr) == ("", "")


@pytest.mark.usefixtures("articles")
def test_status_tells_how_far_a_corpus_is() -> None:
    make("--quiet")
    result = call("status", "corpus")

    assert result.exit_code == 0
    assert "state      finished" in result.stdout


def test_the_status_of_no_corpus_exits_with_3(folder: Path) -> None:
    assert call("status", folder).exit_code == 3


@pytest.mark.usefixtures("articles")
def test_plan_shows_what_is_done_and_what_is_not() -> None:
    before = call("plan", "minimal", "--input", "articles").stdout
    make("--quiet")
    after = call("plan", "minimal", "--input", "articles").stdout

    assert "missing=" in before
    assert "done=" in after
    assert before.split("output")[0] == after.split("output")[0]


@pytest.mark.usefixtures("articles")
def test_a_finished_corpus_verifies() -> None:
    make("--quiet")

    assert call("verify", "corpus", "--input", "articles").exit_code == 0


@pytest.mark.usefixtures("articles")
def test_a_corpus_with_one_wrong_character_exits_with_6(folder: Path) -> None:
    make("--quiet")
    path = next((folder / "corpus" / "units").rglob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    assert call("verify", "corpus").exit_code == 6


@pytest.mark.usefixtures("articles")
def test_parts_make_the_corpus_together() -> None:
    first = make("--shard", "1/2", "--set", "shards.articles=1")
    second = make("--shard", "2/2", "--set", "shards.articles=1")

    assert first.exit_code == second.exit_code == 0
    assert "unfinished" in first.stdout
    assert "state      finished" in second.stdout


def test_a_reader_that_goes_away_leaves_no_traceback() -> None:
    with subprocess.Popen([*COMMAND, "check", "--schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        complaint = process.stderr.read()

    assert complaint == b""
    assert process.returncode == 141


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupted_run_says_how_to_go_on(articles: Path) -> None:
    for copy in range(400):
        shutil.copy(articles / "000_cfd07d93efee0ad9.txt", articles / f"copy{copy}.txt")
    words = ["run", "minimal", "--input", "articles", "--set", "shards.articles=1"]
    with subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while "shard_done" not in process.stderr.readline():
            time.sleep(0)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert rest.endswith("interrupted: the same command goes on where it stopped\n")
    assert "Traceback" not in rest
    assert process.returncode == 130
