"""No pickle is loaded, no text becomes code, nothing is fetched, whatever the articles hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.hostile.texts import INJECTIONS

if TYPE_CHECKING:
    from pathlib import Path

UNSAFE = {
    *("pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"),
    *("eval", "exec", "yaml.unsafe_load", "yaml.full_load", "os.system"),
}
"""Modules that are not imported, functions that are not called."""

SAFELY = {"trust_remote_code": "False", "allow_pickle": "False", "weights_only": "True"}
"""What is only said so."""

LOADERS = {"yaml.Loader", "yaml.CLoader", "yaml.FullLoader", "yaml.UnsafeLoader"}
"""Those that make objects."""

WATCHED = """
import sys
found = []
names = {"pickle.find_class", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec"}
sys.addaudithook(lambda event, arguments: found.append((event, repr(arguments)[:200])) if event in names else None)
from pipeline.cli import main
try:
    main()
finally:
    print("EVENTS", found, file=sys.stderr)
"""


@pytest.mark.parametrize("path", sorted((ROOT / "pipeline").rglob("*.py")), ids=lambda path: path.stem)
def test_no_code_of_ours_turns_data_into_objects_or_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    said = [(word.arg, ast.unparse(word.value)) for call in calls for word in call.keywords if word.arg in SAFELY]
    loads = [call for call in calls if ast.unparse(call.func) == "torch.load"]

    assert not names & UNSAFE
    assert not {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & LOADERS
    assert all(SAFELY[str(name)] == value for name, value in said)
    assert all("weights_only" in {word.arg for word in call.keywords} for call in loads)


def test_a_run_over_injections_starts_nothing_and_asks_nobody(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text("\n".join(INJECTIONS), encoding="utf-8")
    arguments = ["run", "minimal", "-i", str(tmp_path / "articles"), "-o", str(tmp_path / "corpus")]
    result = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, check=False, cwd=ROOT, timeout=300
    )

    assert result.returncode == 0, result.stderr
    assert "EVENTS []" in result.stderr
