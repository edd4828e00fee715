"""Re-posts are marked with what they repeat, or set aside; a look at the input costs an article once."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pipeline.duplicates.marks import gather
from pipeline.records import Drop, Label, Meta
from pipeline.stages import sketching
from pipeline.stages.base import Placement, Unread
from pipeline.stages.find_duplicates import FindDuplicates, FindDuplicatesConfig
from tests.documents import block
from tests.labelled import article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.records import Document
    from pipeline.stages.base import Flow

STORY = " ".join(f"word{number}" for number in range(60))
OTHER = " ".join(f"other{number}" for number in range(60))


@dataclass
class Keeping:
    """The stages before: all is kept; what they were asked for is noted, and some of it is a fault of theirs."""

    digest: str = "d"
    asked: list[str] = field(default_factory=list)
    faulty: str = ""

    @contextmanager
    def __call__(self) -> Iterator[Flow]:
        yield self._run

    def _run(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            self.asked.append(document.uri)
            if document.uri == self.faulty:
                raise RuntimeError("a fault of ours")
            yield replace(document, blocks=(block(0, len(document.text), Label.BODY),))


def unread(document: Document) -> Unread:
    return Unread(uri=document.uri, has_facts=False, read=partial(replace, document), digest=partial(str, document.id))


def informed(
    documents: Sequence[Document], folder: Path, before: Keeping | None = None, **settings: object
) -> FindDuplicates:
    config = FindDuplicatesConfig.model_validate(settings).placed(
        Placement(workers=1, threads=1, corpus=folder / "corpus")
    )
    stage = config.build().informed(lambda: [unread(one) for one in documents], before or Keeping())
    assert isinstance(stage, FindDuplicates)
    return stage


def facts(document: Document) -> dict[str, str]:
    return {fact.name: fact.value for fact in document.meta}


def test_a_repost_is_marked_with_what_it_repeats(tmp_path: Path) -> None:
    first = replace(article(STORY, "first.txt"), meta=(Meta(name="published", value="2024-03-01"),))
    again = article(f"{STORY} more", "again.txt")
    stage = informed([again, first, article(OTHER, "other.txt")], tmp_path)
    kept, marked, other = stage([first, again, article(OTHER, "other.txt")])

    assert kept == first
    assert facts(other) == {}
    assert marked.drop is None
    assert facts(marked)["near_duplicate_of"] == first.id
    assert facts(marked)["near_duplicate_uri"] == "first.txt"
    assert 0.9 <= float(facts(marked)["near_duplicate_similarity"]) <= 1
    assert stage.tally() == {"near_duplicates": 1}
    assert stage.tally() == {}


def test_reposts_are_set_aside_where_that_is_asked_for(tmp_path: Path) -> None:
    documents = [article(STORY, name) for name in ("a.txt", "b.txt")]
    one, other = informed(documents, tmp_path, drop=True)(documents)
    kept, dropped = sorted((one, other), key=lambda document: document.drop is not None)

    assert kept.drop is None
    assert dropped.drop == Drop(stage="find_duplicates", reason=f"near_duplicate: of {kept.uri} (1.00)")


def test_what_was_set_aside_before_passes_untouched(tmp_path: Path) -> None:
    documents = [article(STORY, name) for name in ("a.txt", "b.txt")]
    stage = informed(documents, tmp_path)
    gone = [replace(document, drop=Drop(stage="read", reason="why")) for document in documents]

    assert list(stage(gone)) == gone


def test_without_a_look_at_the_input_nothing_is_marked() -> None:
    document = article(STORY)

    assert list(FindDuplicatesConfig().build()([document])) == [document]


def test_a_row_with_a_uri_of_its_own_is_known_by_its_place() -> None:
    marks = gather([("rows.jsonl#3", 0, 128)], (("ab", "first"),))
    own = replace(article(STORY, "https://example.org/3"), meta=(Meta(name="row", value="rows.jsonl#3"),))
    (marked,) = FindDuplicates(FindDuplicatesConfig(), marks)([own])

    assert facts(marked)["near_duplicate_uri"] == "first"


def test_what_is_known_of_a_shard_tells_its_own_marks_only(tmp_path: Path) -> None:
    documents = [article(STORY, name) for name in ("a.txt", "b.txt")]
    stage = informed([*documents, article(OTHER, "other.txt")], tmp_path)
    known = stage.knowledge(["a.txt", "b.txt"])

    assert known.count("\n") == 1
    assert known == stage.knowledge(["a.txt"]) + stage.knowledge(["b.txt"])
    assert stage.knowledge(["other.txt"]) == ""
    assert stage.fingerprint() == FindDuplicatesConfig().build().fingerprint()


def test_the_second_look_reads_new_articles_only(tmp_path: Path) -> None:
    documents = [article(f"{STORY} {number}", f"{number}.txt") for number in range(5)]
    before = Keeping()
    informed(documents, tmp_path, before)
    before.asked.clear()
    changed = article("quite another text", "3.txt")
    informed([*documents[:3], changed, documents[4], article(OTHER, "new.txt")], tmp_path, before)

    assert before.asked == ["3.txt", "new.txt"]


def test_other_stages_before_make_all_sketches_anew(tmp_path: Path) -> None:
    documents = [article(STORY, "a.txt")]
    informed(documents, tmp_path)
    before = Keeping(digest="another")
    informed(documents, tmp_path, before)

    assert before.asked == ["a.txt"]


def test_a_fault_in_one_article_costs_its_comparison_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    documents = [article(STORY, name) for name in ("a.txt", "b.txt", "c.txt")]
    stage = informed(documents, tmp_path, Keeping(faulty="b.txt"))

    assert stage.knowledge(["a.txt", "c.txt"])
    assert not stage.knowledge(["b.txt"])
    assert "find_duplicates_fault uri=b.txt" in caplog.text


def test_articles_that_could_not_be_read_are_not_compared(tmp_path: Path) -> None:
    before = Keeping()
    gone = [replace(article("", name), drop=Drop(stage="read", reason="empty")) for name in ("a.txt", "b.txt")]
    stage = informed(gone, tmp_path, before)

    assert before.asked == []
    assert stage.knowledge(["a.txt", "b.txt"]) == ""


def test_the_look_goes_by_pieces_and_keeps_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketching, "ARTICLES_AT_ONCE", 3)
    documents = [article(f"text number {number // 2} of this corpus", f"{number:02d}.txt") for number in range(40)]
    stage = informed(documents, tmp_path)

    assert sum(bool(stage.knowledge([one.uri])) for one in documents) == 20


@pytest.mark.parametrize("texts", [["", ""], ["Word", "Word"], ["*** !!!", "*** !!!"], ["?", "!"], ["x" * 9, "y" * 9]])
def test_the_shortest_texts_are_twins_only_when_they_are_equal(tmp_path: Path, texts: list[str]) -> None:
    documents = [article(text, f"{number}.txt") for number, text in enumerate(texts)]
    known = informed(documents, tmp_path).knowledge([one.uri for one in documents])

    assert bool(known) == (texts[0] == texts[1] != "")


def test_a_megabyte_is_sketched_like_any_other(tmp_path: Path) -> None:
    text = " ".join(f"w{number * number % 99_991}" for number in range(200_000))
    documents = [article(text, "a.txt"), article(f"{text} more", "b.txt"), article(text[:5000], "c.txt")]
    stage = informed(documents, tmp_path)

    assert len(stage.knowledge(["a.txt", "b.txt"]).splitlines()) == 1
    assert stage.knowledge(["c.txt"]) == ""


def test_ten_thousand_identical_articles_are_one(tmp_path: Path) -> None:
    documents = [article(STORY, f"{number}.txt") for number in range(10_000)]
    stage = informed(documents, tmp_path)

    assert len(stage.knowledge([one.uri for one in documents]).splitlines()) == 9_999


def test_the_sketches_stand_beside_the_corpus_unless_a_file_is_named(tmp_path: Path) -> None:
    informed([article(STORY)], tmp_path)
    informed([article(STORY)], tmp_path, sketches=tmp_path / "own")

    assert {path.name for path in tmp_path.iterdir()} == {"corpus.sketches", "own"}


def test_the_settings_say_how_many_processes_look(tmp_path: Path) -> None:
    here = Placement(workers=4, threads=1, corpus=tmp_path)
    placed = [FindDuplicatesConfig(processes=number).placed(here).processes for number in (0, 3)]

    assert placed == [4, 3]
    assert json.loads(FindDuplicatesConfig().model_dump_json())["drop"] is False
