"""No complaint is without its test."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent


def test_each_complaint_of_the_list_has_a_test_and_each_test_a_complaint() -> None:
    listed = re.findall(r"^\| (\d+) \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    tests = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("test_*.py")))

    assert [int(number) for number in listed] == list(range(1, 34))
    assert {int(number) for number in re.findall(r"^def test_(\d\d)_", tests, re.MULTILINE)} == set(range(1, 34))
