"""The documents say what the program does: every setting, stage and command."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, get_args

import pytest
from typer.main import get_command

from pipeline.cli import EXIT_CODES, EXIT_MEANINGS, app
from pipeline.formats.parquet import document_schema, unit_schema
from pipeline.stages import CONFIGS
from tests.docs.reference import BEGIN, END, reference, undescribed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa
    from typer._click.core import Command


@pytest.fixture(scope="session")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_every_setting_has_a_description() -> None:
    assert undescribed() == []


def test_the_reference_of_settings_is_up_to_date(root: Path, *, rewrite_golden: bool) -> None:
    path = root / "configs" / "README.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    written, _, after = rest.partition(END)
    expected = f"\n{reference()}\n"
    if rewrite_golden:
        path.write_text(f"{before}{BEGIN}{expected}{END}{after}", encoding="utf-8")
        written = expected

    assert written == expected, "if the settings are right, `make golden` and read the diff"


def test_every_stage_stands_in_the_readme(readme: str) -> None:
    names = [get_args(config.model_fields["stage"].annotation)[0] for config in CONFIGS]

    assert [name for name in names if f"| `{name}` |" not in readme] == []


def test_every_command_stands_in_the_readme(readme: str) -> None:
    assert [path for path, _ in commands() if f"newsbitext {path}" not in readme] == []


def test_every_command_and_every_option_has_a_help_text() -> None:
    silent = [
        f"{path} {parameter.name}"
        for path, command in commands()
        for parameter in command.params
        if not getattr(parameter, "help", "")
    ]

    assert silent == []
    assert [path for path, command in commands() if not command.help] == []


@pytest.mark.parametrize("schema", [unit_schema, document_schema])
def test_every_column_stands_in_the_readme(readme: str, schema: Callable[[], Iterable[pa.Field]]) -> None:
    assert [column.name for column in schema() if f"`{column.name}`" not in readme] == []


def test_every_exit_code_stands_in_the_readme(readme: str) -> None:
    assert set(EXIT_CODES.values()) < set(EXIT_MEANINGS)
    assert [code for code, what in EXIT_MEANINGS.items() if f"| {code} | {what} |" not in readme] == []


def test_every_file_that_the_documents_link_to_exists(root: Path) -> None:
    documents = [*root.glob("*.md"), *root.glob("*/README.md"), *root.glob("docs/*.md")]
    dead = [
        f"{document.relative_to(root)}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]

    assert dead == []


@pytest.mark.models
def test_the_commands_of_the_readme_run(readme: str, seeds: Path, tmp_path: Path) -> None:
    (tmp_path / "seeds").symlink_to(seeds)
    lines = [line for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) for line in block.splitlines()]
    ours = [line.partition("#")[0] for line in lines if line.startswith("newsbitext ")]
    failed = [(line, code) for line in ours if (code := start(line, tmp_path))]

    assert ours
    assert failed == []


def start(line: str, folder: Path) -> int:
    """Run a command line of ours in `folder`, return its exit code."""
    command = [sys.executable, "-m", "pipeline", *shlex.split(line)[1:]]
    return subprocess.run(command, cwd=folder, check=False, timeout=600).returncode


def commands() -> Iterator[tuple[str, Command]]:
    """Yield every command with the words that call it."""
    todo = [("", get_command(app))]
    while todo:
        path, command = todo.pop()
        if inner := getattr(command, "commands", None):
            todo += [(f"{path} {name}".strip(), one) for name, one in inner.items()]
        else:
            yield path, command
