from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline import __version__
from pipeline.config import load
from pipeline.errors import ConfigError
from pipeline.plan import Plan, make_plan
from pipeline.records import Document
from pipeline.settings import Settings
from pipeline.stages.base import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self


class Append(Stage):
    """Appends a letter to the uri of each document, and writes down what happens to it."""

    name = "append"

    def __init__(self, letter: str, diary: list[str]) -> None:
        self.letter, self.diary = letter, diary

    def signature(self) -> str | None:
        return f"letter:{self.letter}" if self.letter != "x" else None

    def fingerprint(self) -> str:
        return self.letter

    def __enter__(self) -> Self:
        self.diary.append(f"open {self.letter}")
        if self.letter == "!":
            raise OSError("no such letter")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.diary.append(f"close {self.letter}")

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            self.diary.append(f"{self.letter} {document.id}")
            yield replace(document, uri=document.uri + self.letter)


def minimal(root: Path, *overrides: str) -> Plan:
    return make_plan(load(root / "configs" / "minimal.yaml", Settings, overrides))


def appending(root: Path, letters: str) -> tuple[Plan, list[str]]:
    diary: list[str] = []
    stages = tuple(Append(letter, diary) for letter in letters)
    return Plan(minimal(root).settings, stages), diary


def faults(folder: Path, *stages: str) -> list[str]:
    path = folder / "news.yaml"
    listed = "".join(f"  - stage: {stage}\n" for stage in stages)
    path.write_text(f"input: {{path: seeds}}\nstages:\n{listed}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        make_plan(load(path, Settings))
    return str(caught.value).replace(f"{folder}/", "").split("\n")


def test_documents_pass_all_stages_in_order_and_one_by_one(root: Path) -> None:
    plan, diary = appending(root, "ab")
    articles = [Document(id=str(i), uri="", text="") for i in range(2)]
    with plan.open() as opened:
        uris = [document.uri for document in opened(articles)]

    assert uris == ["ab", "ab"]
    assert diary == ["open a", "open b", "a 0", "b 0", "a 1", "b 1", "close b", "close a"]


def test_stages_are_closed_when_one_cannot_be_opened(root: Path) -> None:
    plan, diary = appending(root, "a!")
    with pytest.raises(OSError, match="no such letter"), plan.open():
        pass

    assert diary == ["open a", "open !", "close a"]


def test_a_plan_can_be_sent_to_another_process(root: Path) -> None:
    plan = minimal(root)
    received = pickle.loads(pickle.dumps(plan))  # noqa: S301 # it comes from the line itself

    assert (received.digest, received.signature) == (plan.digest, plan.signature)


def test_the_signature_joins_what_the_stages_say(root: Path) -> None:
    assert appending(root, "axb")[0].signature == f"letter:a|letter:b|v:{__version__}"


def test_the_digest_changes_with_a_setting_that_lasts(root: Path) -> None:
    plan = minimal(root)

    assert minimal(root, "workers=4").digest == plan.digest
    assert minimal(root, "input.encoding=cp1251").digest != plan.digest


def test_the_digest_changes_with_a_stage_its_version_and_its_data(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = [appending(root, letters)[0] for letters in ("ab", "a", "ac")]
    digests = {plan.digest for plan in plans}
    monkeypatch.setattr(Append, "version", 2)

    assert len(digests) == 3
    assert appending(root, "ab")[0].digest not in digests


def test_a_stage_that_stands_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    assert faults(tmp_path, "normalize", "normalize") == [
        "news.yaml:4:5: stages[1]: expected each stage once (got normalize again, "
        "first at news.yaml:3:5: stages[0]); remove one"
    ]


def test_a_stage_that_comes_too_early_is_told_which_to_move(tmp_path: Path) -> None:
    got = faults(tmp_path, "normalize", "split_sentences", "strip_boilerplate")

    assert got == [
        "news.yaml:4:5: stages[1]: split_sentences requires blocks, which no stage before it "
        "assigns; move stages[2] (strip_boilerplate) before split_sentences"
    ]


def test_a_stage_that_lacks_another_is_told_which_to_put_before(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "normalize", "split_sentences")

    assert fault.endswith("put {stage: strip_boilerplate} before it")


def test_every_stage_without_what_it_needs_is_reported(tmp_path: Path) -> None:
    got = faults(tmp_path, "filter", "split_sentences", "normalize", "normalize")

    assert [fault.partition(": ")[0] for fault in got] == [
        "news.yaml:6:5",
        "news.yaml:3:5",
        "news.yaml:4:5",
    ]
