"""Scores are those of sacreBLEU on what the stages of a configuration, or a corpus, translate."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
import sacrebleu
import zstandard
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config import load
from pipeline.errors import ConfigError, InputError
from pipeline.evaluate import CorpusSystem, PlanSystem, Saved, SetScore, evaluate, score
from pipeline.plan import make_plan
from pipeline.references import ReferenceSet, read_sets
from pipeline.settings import Settings
from tests.conftest import ROOT
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

LINES = (
    ("Суд отложил заседание. Адвокат не пришёл.", "The court adjourned. The lawyer did not come."),
    ("Цены выросли на 5 %.", "Prices rose by 5 per cent."),
    ("Премьер уехал в Рим", "The prime minister has left for Rome"),
)


def references(*lines: tuple[str, str]) -> ReferenceSet:
    sources, english = zip(*(lines or LINES), strict=True)
    return ReferenceSet(name="news", language="ru", sources=sources, references=english)


def fake() -> PlanSystem:
    return PlanSystem("minimal", make_plan(load(ROOT / "configs" / "minimal.yaml", Settings)))


def write(path: Path, lines: tuple[tuple[str, str], ...] = LINES) -> Path:
    path.write_bytes("".join(f"{source}\t{english}\tmore\n" for source, english in lines).encode())
    return path


def test_a_configuration_translates_every_line_sentence_by_sentence() -> None:
    assert fake().translate(references()) == [
        "СУД ОТЛОЖИЛ ЗАСЕДАНИЕ. АДВОКАТ НЕ ПРИШЁЛ.",
        "ЦЕНЫ ВЫРОСЛИ НА 5%.",
        "ПРЕМЬЕР УЕХАЛ В РИМ",
    ]


def test_lines_that_look_like_boilerplate_or_english_are_translated_too() -> None:
    lines = references(("Читайте также:", "Read also:"), ("OK Google", "OK Google"))

    assert fake().translate(lines) == ["ЧИТАЙТЕ ТАКЖЕ:", "OK GOOGLE"]


def test_scores_and_signatures_are_those_of_sacrebleu() -> None:
    english = [one for _, one in LINES]
    outputs = ["The court adjourned. The lawyer came.", "Prices rose by 5 per cent.", "He left for Rome"]
    ((bleu, chrf),) = score([outputs], english, 50)

    assert bleu.score == pytest.approx(sacrebleu.corpus_bleu(outputs, [english]).score)
    assert chrf.score == pytest.approx(sacrebleu.corpus_chrf(outputs, [english]).score)
    assert (bleu.metric, chrf.metric) == ("BLEU", "chrF2")
    assert "tok:13a" in bleu.signature
    assert "bs:50" in bleu.signature
    assert bleu.interval > 0
    assert bleu.p_value is None


def test_a_second_system_is_compared_with_the_first() -> None:
    english = [f"This is sentence number {number} of the long report" for number in range(40)]
    worse = [f"That was line {number} of a report" for number in range(40)]
    _, (bleu, chrf) = score([english, worse], english, 200)

    assert bleu.p_value is not None
    assert bleu.p_value < 0.05
    assert chrf.p_value is not None


def test_the_same_output_is_no_significant_difference() -> None:
    english = [one for _, one in LINES]
    _, (bleu, _) = score([english, english], english, 50)

    assert bleu.p_value == 1


def test_a_corpus_is_scored_on_the_lines_that_it_holds(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "a.txt").write_text("Суд отложил заседание. Адвокат не пришёл.\n\nЦены  выросли на 5 %.\n")
    run(articles, tmp_path / "corpus")
    whole = references(*LINES, ("Адвокат не пришёл.", "The lawyer did not come."))
    (found,) = evaluate([CorpusSystem(tmp_path / "corpus")], [whole], 10)

    assert CorpusSystem(tmp_path / "corpus").translate(whole) == [
        None,
        "ЦЕНЫ ВЫРОСЛИ НА 5%.",
        None,
        "АДВОКАТ НЕ ПРИШЁЛ.",
    ]
    assert (found.lines, found.scored) == (4, 2)


def test_an_article_that_is_a_line_is_found_whole(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "a.txt").write_text(LINES[0][0] + "\n")
    run(articles, tmp_path / "corpus")

    assert CorpusSystem(tmp_path / "corpus").translate(references())[0] == "СУД ОТЛОЖИЛ ЗАСЕДАНИЕ. АДВОКАТ НЕ ПРИШЁЛ."


def test_nothing_in_common_is_an_input_error(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "a.txt").write_text("Совсем другое.\n")
    run(articles, tmp_path / "corpus")

    with pytest.raises(InputError, match="news: expected lines that every system has translated"):
        list(evaluate([CorpusSystem(tmp_path / "corpus")], [references()], 10))


def test_a_configuration_without_translation_is_refused() -> None:
    plan = fake().plan
    stages = tuple(stage for stage in plan.stages if stage.name != "translate")
    broken = PlanSystem("x", type(plan)(plan.settings, stages))

    with pytest.raises(ConfigError, match="expected translate"):
        broken.translate(references())


def test_saved_translations_have_a_line_each(tmp_path: Path) -> None:
    list(evaluate([Saved(fake(), tmp_path)], [references()], 10))

    assert (tmp_path / "news.ru-en.minimal.txt").read_text().splitlines() == fake().translate(references())


@pytest.mark.parametrize("ending", [".tsv", ".tsv.gz", ".tsv.zst"])
def test_sets_are_read_from_folders_and_packed_files(tmp_path: Path, ending: str) -> None:
    plain = write(tmp_path / "plain").read_bytes()
    packed = {".tsv": plain, ".tsv.gz": gzip.compress(plain), ".tsv.zst": zstandard.compress(plain)}
    (tmp_path / f"news2020.ru-en.refB{ending}").write_bytes(packed[ending])
    (tmp_path / "README.md").write_text("not a set")

    (found,) = read_sets([tmp_path], limit=2)
    assert (found.name, found.language) == ("news2020.refB", "ru")
    assert tuple(zip(found.sources, found.references, strict=True)) == LINES[:2]


def test_the_language_of_a_file_can_be_told(tmp_path: Path) -> None:
    (found,) = read_sets([write(tmp_path / "mine.tsv")], "ru")
    assert (found.name, found.language) == ("mine", "ru")

    with pytest.raises(InputError, match="or --language"):
        read_sets([tmp_path / "mine.tsv"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one field\n", ":1: expected SOURCE<TAB>ENGLISH"),
        (b"a\tb\n\tc\n", ":2: expected SOURCE<TAB>ENGLISH"),
        (b"\xff\xfe\n", "expected UTF-8 lines"),
        (b"", "got none"),
    ],
)
def test_a_file_of_anything_else_is_an_input_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.ru-en.tsv").write_bytes(content)

    with pytest.raises(InputError, match=message):
        read_sets([tmp_path / "x.ru-en.tsv"])


def test_a_folder_without_sets_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected files named"):
        read_sets([tmp_path])
    with pytest.raises(InputError, match="No such file"):
        read_sets([tmp_path / "x.ru-en.tsv"])


def test_the_command_prints_a_table_or_json(tmp_path: Path) -> None:
    command = ["evaluate", str(write(tmp_path / "news.ru-en.tsv")), "-c", "minimal", "-c", "minimal", "--samples", "10"]
    table = CliRunner().invoke(app, command).stdout.splitlines()
    rows = [json.loads(line) for line in CliRunner().invoke(app, [*command, "--json"]).stdout.splitlines()]

    assert [line.split()[:5] for line in table[:2]] == [["news", "ru", "minimal", "3", "lines"]] * 2
    assert "p = 1.0000" in table[1]
    assert table[2].startswith("signature  nrefs:1|bs:10")
    assert [set(row) for row in rows] == [set(SetScore.__dataclass_fields__)] * 2


def test_test_lines_do_not_come_into_the_memory_of_a_corpus(tmp_path: Path) -> None:
    memory = tmp_path / "corpus.memory.sqlite"
    command = ["evaluate", str(write(tmp_path / "news.ru-en.tsv")), "-c", "minimal", "--samples", "10"]
    done = CliRunner().invoke(app, [*command, "--set", f"stages.translate.memory={memory}"])

    assert done.exit_code == 0
    assert not memory.exists()
