"""One wrong character anywhere in a corpus is found, and told where it is."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from pipeline.errors import InputError
from pipeline.formats.files import sha256
from pipeline.formats.jsonl import export, write_rejects
from pipeline.formats.parquet import ShardWriter, units
from pipeline.records import Label
from pipeline.settings import InputSettings
from pipeline.shards import WHOLE, Manifest, Output, parse_manifest, whole_manifest
from pipeline.verify import MOST_PROBLEMS, verify
from tests.running import run

if TYPE_CHECKING:
    from pipeline.corpus import DocumentRow, TranslationUnit

SEED = "000_cfd07d93efee0ad9.txt"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """Make a corpus of all formats from two seeds and a blank article."""
    folder = tmp_path_factory.mktemp("verify")
    articles = folder / "articles"
    articles.mkdir()
    for path in sorted(seeds.glob("*.txt"))[:2]:
        shutil.copy(path, articles)
    (articles / "blank.txt").write_text("\n \n", encoding="utf-8")
    run(articles, folder / "corpus", "output.formats=[jsonl, tmx, moses, xces]")
    return folder


@pytest.fixture
def corpus(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the corpus, which a test may damage."""
    return Path(shutil.copytree(made / "corpus", tmp_path / "corpus"))


def manifests(corpus: Path) -> list[Path]:
    return sorted(path for path in (corpus / "manifests").glob("*.json") if path.stem != WHOLE)


def problems(corpus: Path) -> tuple[str, ...]:
    return verify(corpus).problems


@pytest.mark.parametrize("folder", ["logs", "locks"])
def test_what_runs_tell_of_themselves_is_not_looked_at(corpus: Path, folder: str) -> None:
    (corpus / folder / "runs").mkdir(parents=True)
    (corpus / folder / "runs" / "a.json").write_text("anything", encoding="utf-8")

    assert problems(corpus) == ()


def test_a_corpus_that_a_run_made_has_no_problem(made: Path) -> None:
    report = verify(made / "corpus", InputSettings(path=str(made / "articles")))

    assert report.problems == ()
    assert (report.found, report.documents) == (0, 3)
    assert report.units > 0
    assert report.characters > 0
    assert report.files == sum(path.is_file() for path in (made / "corpus").rglob("*"))


def test_what_is_no_corpus_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a corpus"):
        verify(tmp_path)


def test_a_flipped_bit_in_any_file_is_found(corpus: Path) -> None:
    chance = random.Random(0)  # noqa: S311 # no secret
    missed = []
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        position, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        path.write_bytes(whole[:position] + bytes([whole[position] ^ bit]) + whole[position + 1 :])
        if not verify(corpus).found:
            missed.append(f"{path.relative_to(corpus)} {position} {bit}")
        path.write_bytes(whole)

    assert missed == []
    assert problems(corpus) == ()


def test_a_flipped_bit_anywhere_in_the_last_manifest_is_found(corpus: Path) -> None:
    chance = random.Random(1)  # noqa: S311 # no secret
    path = corpus / "manifests" / f"{WHOLE}.json"
    whole = path.read_bytes()
    missed = []
    for position in chance.sample(range(len(whole)), 25):
        bit = 1 << chance.randrange(8)
        path.write_bytes(whole[:position] + bytes([whole[position] ^ bit]) + whole[position + 1 :])
        if not verify(corpus).found:
            missed.append(whole[position - 20 : position + 20])

    assert missed == []


@pytest.mark.parametrize("name", ["README.md", "rejects.jsonl", "exports/corpus.tmx", "manifests/corpus.json"])
def test_a_file_that_is_gone_is_found(corpus: Path, name: str) -> None:
    (corpus / name).unlink()

    assert any(name.rpartition("/")[2] in problem for problem in problems(corpus))


def test_a_file_that_nobody_listed_is_found(corpus: Path) -> None:
    (corpus / "units" / "notes.txt").write_text("mine", encoding="utf-8")

    assert [problem for problem in problems(corpus) if "only files that a manifest lists" in problem]


def test_a_shard_whose_manifest_is_gone_is_found(corpus: Path) -> None:
    path = manifests(corpus)[0]
    path.unlink()

    assert any(path.stem in problem for problem in problems(corpus))


def test_an_article_that_changed_since_is_found(made: Path, tmp_path: Path) -> None:
    articles = Path(shutil.copytree(made / "articles", tmp_path / "articles"))
    path = articles / SEED
    path.write_bytes(path.read_bytes() + b".")
    found = verify(made / "corpus", InputSettings(path=str(articles))).problems

    assert len(found) == 1
    assert "expected the bytes that shard" in found[0]


@pytest.mark.parametrize(("change", "expected"), [("more", "no other articles"), ("less", "all articles of shard")])
def test_an_article_that_came_or_went_since_is_found(made: Path, tmp_path: Path, change: str, expected: str) -> None:
    articles = Path(shutil.copytree(made / "articles", tmp_path / "articles"))
    if change == "more":
        (articles / "new.txt").write_text("New.", encoding="utf-8")
    else:
        (articles / SEED).unlink()
    found = verify(made / "corpus", InputSettings(path=str(articles))).problems

    assert [problem for problem in found if expected in problem]


def test_the_list_of_problems_is_bounded_and_their_number_is_not(corpus: Path) -> None:
    for number in range(MOST_PROBLEMS + 7):
        (corpus / f"extra{number}").touch()
    report = verify(corpus)

    assert report.found == MOST_PROBLEMS + 7
    assert len(report.problems) == MOST_PROBLEMS


Edit: TypeAlias = Callable[["DocumentRow", "list[TranslationUnit]"], tuple["DocumentRow", "list[TranslationUnit]"]]


def unit_edit(**values: Any) -> Edit:  # noqa: ANN401 # values of any column
    """Change columns of the second unit; a callable makes the new value of the old."""

    def edit(document: DocumentRow, own: list[TranslationUnit]) -> tuple[DocumentRow, list[TranslationUnit]]:
        unit = own[1]
        new = {name: value(getattr(unit, name)) if callable(value) else value for name, value in values.items()}
        return document, [own[0], replace(unit, **new), *own[2:]]

    return edit


def document_edit(**values: Any) -> Edit:  # noqa: ANN401 # values of any column
    def edit(document: DocumentRow, own: list[TranslationUnit]) -> tuple[DocumentRow, list[TranslationUnit]]:
        new = {name: value(getattr(document, name)) for name, value in values.items()}
        return replace(document, **new), own

    return edit


def without_unit(document: DocumentRow, own: list[TranslationUnit]) -> tuple[DocumentRow, list[TranslationUnit]]:
    return document, [*own[:1], *own[2:]]


def forge(corpus: Path, edit: Edit) -> None:
    """Change the rows of the first article with units, and make every checksum right again."""
    (path,) = manifests(corpus)
    manifest = parse_manifest(path.read_bytes())
    assert manifest is not None
    rows = list(units(corpus, manifest.shard))
    index = next(number for number, (_, own) in enumerate(rows) if len(own) > 2)
    rows[index] = edit(*rows[index])
    shutil.rmtree(corpus / "units")
    with ShardWriter(corpus, manifest.shard) as writer:
        for document, own in rows:
            writer.write(document, own)
    write_rejects(corpus, [manifest.shard])
    export(corpus, [manifest.shard], corpus / "exports")
    sign(corpus, path, replace(manifest, outputs=outputs(corpus, writer.paths)))


def outputs(corpus: Path, paths: list[Path]) -> dict[str, Output]:
    return {
        path.relative_to(corpus).as_posix(): Output(sha256=sha256(path), bytes=path.stat().st_size) for path in paths
    }


def sign(corpus: Path, path: Path, manifest: Manifest) -> None:
    path.write_text(manifest.to_json(), encoding="utf-8")
    last = corpus / "manifests" / f"{WHOLE}.json"
    rest = [other for other in corpus.rglob("*") if other.is_file() and other.relative_to(corpus).parts[0] not in ROWS]
    own = outputs(corpus, sorted(other for other in rest if other != last))
    last.write_text(whole_manifest([manifest], own).to_json(), encoding="utf-8")


ROWS = ("units", "documents")


def test_a_forgery_that_changes_nothing_verifies(corpus: Path) -> None:
    forge(corpus, unit_edit())

    assert problems(corpus) == ()


@pytest.mark.parametrize(
    "edit",
    [
        unit_edit(unit_id=lambda old: old + "0"),
        unit_edit(uri="other.txt"),
        unit_edit(paragraph=lambda old: old + 1),
        unit_edit(paragraph=10_000),
        unit_edit(role=Label.HEADING),
        unit_edit(source_raw=lambda old: old[:-1] + "Ж"),
        unit_edit(source_start=lambda old: old + 1),
        unit_edit(source_end=lambda old: old + 1),
        unit_edit(source_start=lambda old: old + 1, source_raw=lambda old: old[1:]),
        unit_edit(target=lambda old: old[:-1] + "Ж"),
        unit_edit(target_start=lambda old: old + 1),
        unit_edit(target_end=lambda old: old - 1),
        unit_edit(word_alignment=lambda old: (replace(old[0], source_start=0), *old[1:])),
        unit_edit(word_alignment=lambda old: (replace(old[0], target_end=10**6), *old[1:])),
        unit_edit(word_alignment=lambda old: (replace(old[0], probability=1.5), *old[1:])),
        unit_edit(model=None),
        unit_edit(signature=lambda old: old + "!"),
        unit_edit(passthrough=lambda old: not old),
        without_unit,
        document_edit(text=lambda old: old.replace("а", "о", 1)),
        document_edit(text=lambda old: old + "."),
        document_edit(english=lambda old: old + " "),
        document_edit(uri=lambda old: old + "x"),
        document_edit(document_id=lambda old: old[::-1]),
        document_edit(blocks=lambda old: old[:-1]),
        document_edit(blocks=lambda old: (replace(old[0], kept=not old[0].kept), *old[1:])),
        document_edit(blocks=lambda old: (*old, old[-1])),
        *(
            document_edit(counts=lambda old, name=name: replace(old, **{name: getattr(old, name) + 1}))
            for name in ("segments", "units", "characters", "translated_characters", "set_aside_characters")
        ),
    ],
    ids=range(32),
)
def test_a_changed_row_is_found_even_with_right_checksums(corpus: Path, edit: Edit) -> None:
    forge(corpus, edit)

    assert problems(corpus) != ()


def test_rejects_that_are_not_those_of_the_rows_are_found_even_with_right_checksums(corpus: Path) -> None:
    path = corpus / "rejects.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    (one,) = manifests(corpus)
    manifest = parse_manifest(one.read_bytes())
    assert manifest is not None
    sign(corpus, one, manifest)

    assert problems(corpus) == (f"{path}:{len(lines)}: expected the line that the Parquet files give",)


def test_an_older_schema_is_found_even_with_right_checksums(corpus: Path) -> None:
    import pyarrow.parquet as pq

    (one,) = manifests(corpus)
    manifest = parse_manifest(one.read_bytes())
    assert manifest is not None
    for path in sorted((corpus / "units").rglob("*.parquet")):
        pq.write_table(pq.read_table(path).drop_columns(["signature"]), path)
    names = [corpus / name for name in manifest.outputs]
    sign(corpus, one, replace(manifest, outputs=outputs(corpus, names)))

    assert any("expected the columns of schema" in problem for problem in problems(corpus))


def test_problems_name_the_place_and_what_was_expected(corpus: Path) -> None:
    forge(corpus, unit_edit(source_raw="falsch"))
    (problem,) = [one for one in problems(corpus) if "source_raw" in one]

    assert problem.startswith(f"{corpus}: document ")
    assert "unit " in problem
    assert "expected source_raw to be the article's [" in problem
    json.dumps(problem)
