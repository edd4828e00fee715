"""The command `strip` as a user meets it: in a pipe, over folders, with wrong options."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from pipeline import strip
from pipeline.boilerplate.site_memory import RememberedLine, RememberedSite, Side, SiteMemory
from pipeline.cli import app
from pipeline.cli_strip import SEPARATOR
from pipeline.records import Label

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "pipeline", "strip"]
ONE = "Bridge opens after repairs\n\nThe old bridge opened again on Monday.\n\nShare on Facebook\n"
OTHER = "Трамваи вернулись в город\n\nТрамваи снова ходят по левому берегу.\n"


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "articles"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text(ONE, encoding="utf-8")
    (folder / "inner" / "b.txt").write_text(OTHER, encoding="utf-8")
    return folder


def call(*words: str) -> Result:
    return CliRunner().invoke(app, ["strip", *words])


def pipe(data: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *words], input=data, capture_output=True, check=False)


def test_articles_come_out_clean_with_a_form_feed_between(articles: Path) -> None:
    result = call(str(articles))

    assert result.exit_code == 0
    assert result.stdout == f"{strip(ONE).text}\n{SEPARATOR}{strip(OTHER).text}\n"


def test_standard_input_is_stripped_when_no_path_is_named() -> None:
    done = pipe(ONE.encode())

    assert done.returncode == 0
    assert done.stdout.decode() == f"{strip(ONE).text}\n"


def test_a_row_comes_out_before_the_next_one_goes_in() -> None:
    with subprocess.Popen([*COMMAND, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"text": "First."}).encode() + b"\n")
        process.stdin.flush()
        first = process.stdout.readline()
        process.stdin.close()

    assert first == b"First.\n"


def test_a_reader_that_goes_away_ends_the_command_quietly(articles: Path) -> None:
    (articles / "a.txt").write_text("A line of the text of this article.\n" * 10_000, encoding="utf-8")
    with subprocess.Popen([*COMMAND, str(articles)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()

    assert process.returncode == 141
    assert complaint == b""


def test_json_lines_hold_the_text_the_facts_and_every_block(articles: Path) -> None:
    row = json.loads(call(str(articles), "--format", "jsonl").stdout.splitlines()[0])

    assert list(row) == ["uri", "language", "text", "meta", "blocks", "drop"]
    assert row["uri"] == "a.txt"
    assert row["text"] == strip(ONE).text
    assert [(block["label"], block["kept"]) for block in row["blocks"]] == [
        ("title", True),
        ("body", True),
        ("share_prompt", False),
    ]
    assert all(block["text"] == ONE[block["start"] : block["end"]] for block in row["blocks"])


def test_each_article_can_have_a_file_of_its_own(articles: Path, tmp_path: Path) -> None:
    result = call(str(articles), "--output", "clean")

    assert result.stdout == ""
    assert (tmp_path / "clean" / "a.txt").read_text(encoding="utf-8") == f"{strip(ONE).text}\n"
    assert (tmp_path / "clean" / "inner" / "b.txt").exists()


def test_articles_are_never_overwritten(articles: Path) -> None:
    result = call(str(articles), "--output", str(articles))

    assert result.exit_code == 4
    assert (articles / "a.txt").read_text(encoding="utf-8") == ONE


def test_two_articles_of_one_name_are_not_written_over_each_other(articles: Path) -> None:
    result = call(str(articles / "a.txt"), str(articles / "a.txt"), "--output", "clean")

    assert result.exit_code == 4
    assert "a.txt: expected one article of this name (got two)" in result.stderr


def test_what_cannot_be_read_is_told_and_the_others_come_out(articles: Path) -> None:
    (articles / "0.txt").write_text(" \n", encoding="utf-8")
    result = call(str(articles))

    assert result.exit_code == 3
    assert "warning: 0.txt: blank: " in result.stderr
    assert strip(OTHER).text in result.stdout


def test_labels_are_kept_as_asked(articles: Path) -> None:
    assert call(str(articles / "a.txt"), "--keep", "share_prompt,title").stdout.splitlines() == [
        "Bridge opens after repairs",
        "",
        "Share on Facebook",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--keep", "bdy"], "--keep: expected labels of title, "),
        (["--language", "xx1"], "--language: 'xx1': expected a registered language"),
        (["--encoding", "x"], "--encoding: expected the name of an encoding"),
        (["--title", "Bridge"], "--title: expected one article (got several)"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(articles: Path, words: list[str], message: str) -> None:
    result = call(str(articles), *words)

    assert result.exit_code == 2
    assert f"error: {message}" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_explanation_names_each_article_and_each_block(articles: Path) -> None:
    lines = call(str(articles), "--explain").stdout.splitlines()

    assert [line for line in lines if "language=" in line] == ["a.txt  language=en", "inner/b.txt  language=ru"]
    assert lines[3].split(maxsplit=3)[:3] == ["5", "stripped", "share_prompt"]
    assert "\x1b" not in "".join(lines)


def test_an_explanation_can_be_read_by_machines(articles: Path) -> None:
    rows = [json.loads(line) for line in call(str(articles), "--explain", "--format", "jsonl").stdout.splitlines()]

    assert [(row["uri"], row["line"], row["kept"]) for row in rows][:3] == [
        ("a.txt", 1, True),
        ("a.txt", 3, True),
        ("a.txt", 5, False),
    ]


def test_what_a_run_learned_of_a_site_is_used(articles: Path, tmp_path: Path) -> None:
    line = RememberedLine(
        line="the old bridge", label=Label.NAVIGATION, confidence=0.9, sides=(Side.BELOW,), articles=9
    )
    memory = SiteMemory({"*": RememberedSite(articles=9, looked_at=9, lines=(line,))})
    (tmp_path / "sites.json").write_text(memory.to_json(), encoding="utf-8")
    paragraph = "The bridge was closed for two years while the city repaired it.\n\nThe old bridge.\n"
    (articles / "a.txt").write_text(ONE.replace("Share on Facebook\n", paragraph), encoding="utf-8")

    assert "The old bridge." in call(str(articles / "a.txt")).stdout
    assert "The old bridge." not in call(str(articles / "a.txt"), "--sites", "sites.json").stdout


@pytest.mark.parametrize(("name", "reason"), [("a.txt", "it is another file"), ("none", "No such file or directory")])
def test_a_file_that_is_no_memory_of_sites_is_told(articles: Path, name: str, reason: str) -> None:
    result = call(str(articles), "--sites", str(articles / name))

    assert result.exit_code == 3
    assert f"expected what a run learned of sites (got: {reason})" in result.stderr


def test_no_translation_library_is_loaded(articles: Path) -> None:
    code = (
        "import sys\nfrom pipeline.cli import app\n"
        f"try:\n    app(['strip', {str(articles)!r}])\nexcept SystemExit as end:\n    assert not end.code\n"
        "assert not {'torch', 'transformers', 'ctranslate2', 'pyarrow', 'datasets'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
