"""The card is true, always the same, and lets `datasets` load the corpus."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from pipeline.formats.columns import DOCUMENT_COLUMNS, UNIT_COLUMNS
from pipeline.formats.datasheet import write_card
from pipeline.formats.parquet import document_schema, unit_schema
from pipeline.ledger import count_characters
from pipeline.logs import PLAN, Folder, PlanLog
from pipeline.records import Drop, Meta
from tests.corpora import SHARD, SIGNATURE, store
from tests.documents import TEXT, document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pyarrow as pa

LICENCES = {"m": "apache-2.0"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = store(tmp_path / "corpus")
    write_card(folder, [SHARD], SIGNATURE, LICENCES)
    return folder


def card(corpus: Path) -> tuple[dict[str, object], str]:
    """Return the header of the card as YAML reads it, and the rest."""
    _, header, body = (corpus / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(header), body


def test_the_header_names_languages_and_configurations(corpus: Path) -> None:
    header, _ = card(corpus)
    configs = header["configs"]
    assert isinstance(configs, list)

    assert header["language"] == ["en", "ru"]
    assert [config["config_name"] for config in configs] == ["default", "documents", "en", "ru"]
    assert [config.get("default", False) for config in configs] == [True, False, False, False]


def test_the_body_counts_articles_units_and_what_was_set_aside(corpus: Path) -> None:
    _, body = card(corpus)

    assert "2 articles, 6 translation units" in body
    assert re.search(r"^\| ru \| 2 \| 4 \| 0 \|", body, re.MULTILINE)
    assert re.search(r"^\| en \| 0 \| 2 \| 2 \|", body, re.MULTILINE)
    assert re.search(r"^\| block \| related_news \| 2 \|", body, re.MULTILINE)
    assert re.search(r"^\| m \| not named \| apache-2\.0 \| 4 \|", body, re.MULTILINE)
    assert f"`{SIGNATURE}`" in body


def test_the_header_says_what_the_hub_asks_for(corpus: Path) -> None:
    header, _ = card(corpus)

    assert header["license"] == "other"
    assert header["task_categories"] == header["multilinguality"] == ["translation"]
    assert header["size_categories"] == ["n<1K"]
    assert "machine-generated" in str(header["language_creators"])


def test_the_characters_of_the_card_add_up_to_those_of_the_articles(corpus: Path) -> None:
    _, body = card(corpus)
    found = re.findall(r"^\| (?:translated|passed through|set aside) \| ([\d,]+) \|", body, re.MULTILINE)

    assert sum(int(count) for count in found) == 2 * count_characters(TEXT)


def test_a_model_stands_with_the_revision_that_the_signature_names(tmp_path: Path) -> None:
    folder = store(tmp_path / "corpus")
    write_card(folder, [SHARD], "lid:x|mt:m@599478b8259f,other@1|beam:4", LICENCES)

    assert re.search(r"^\| m \| 599478b8259f \| apache-2\.0 \| 4 \|", card(folder)[1], re.MULTILINE)


def test_sources_are_what_the_articles_name_and_cannot_break_the_table(tmp_path: Path) -> None:
    named = [
        replace(document(uri), meta=(Meta(name="site", value="<b>a|b`*.example"), Meta(name="place", value="x")))
        for uri in ("a", "b")
    ]
    folder = store(tmp_path / "corpus", named)
    write_card(folder, [SHARD], SIGNATURE, LICENCES)
    _, body = card(folder)

    assert "| site | \\<b\\>a\\|b\\`\\*.example | 2 |" in body
    assert "No article names" not in body


@pytest.mark.parametrize(("schema", "meanings"), [(unit_schema, UNIT_COLUMNS), (document_schema, DOCUMENT_COLUMNS)])
def test_every_column_is_explained(
    corpus: Path, schema: Callable[[], Iterable[pa.Field]], meanings: dict[str, str]
) -> None:
    _, body = card(corpus)

    assert [column.name for column in schema() if f"| `{column.name}` | {meanings[column.name]} |" not in body] == []


def test_the_card_says_how_to_cite_and_who_owns_the_texts(corpus: Path) -> None:
    _, body = card(corpus)

    assert "@misc{newsbitext," in body
    assert f"note = {{{SIGNATURE}}}" in body
    assert "belong to their publishers" in body


def test_the_card_is_the_same_every_time(corpus: Path) -> None:
    before = (corpus / "README.md").read_bytes()
    write_card(corpus, [SHARD], SIGNATURE, LICENCES)

    assert (corpus / "README.md").read_bytes() == before


def test_norwegian_stays_a_language(tmp_path: Path) -> None:
    whole = document()
    segments = tuple(replace(segment, language="no") for segment in whole.segments)
    folder = store(tmp_path / "corpus", [replace(whole, segments=segments)])
    write_card(folder, [SHARD], SIGNATURE, LICENCES)

    assert card(folder)[0]["language"] == ["en", "no"]


CODE = """
import sys, json
from datasets import load_dataset
folder = sys.argv[1]
out = {}
for name in (None, *sys.argv[2:]):
    loaded = load_dataset(folder, name, split="train")
    out[str(name)] = [len(loaded), sorted(loaded.column_names), loaded[0]]
print("RESULT", json.dumps(out))
"""


@pytest.fixture
def loaded(corpus: Path, tmp_path: Path) -> dict[str, list[object]]:
    """Load every configuration with `datasets`, in a process without a network or a cache, past the logs of a run."""
    Folder(corpus).write(PLAN, PlanLog(plan_digest="d", shards={SHARD: 2}))
    environment = {
        **os.environ,
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "cache"),
    }
    configs = card(corpus)[0]["configs"]
    assert isinstance(configs, list)
    names = [config["config_name"] for config in configs]
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(corpus), *names], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, list[object]] = json.loads(done.stdout.rpartition("RESULT ")[2])
    return result


def test_datasets_loads_all_units_one_language_and_the_documents(
    loaded: dict[str, list[object]],
) -> None:
    sizes = {name: rows for name, (rows, _, _) in loaded.items()}
    _, _, first = loaded["ru"]
    assert isinstance(first, dict)

    assert sizes == {"None": 6, "default": 6, "documents": 2, "ru": 4, "en": 2}
    assert (first["source"], first["target"]) == ("Титул", "Title")
    assert first["word_alignment"][0]["target_end"] == 5
    assert first["flags"] == []


def test_a_corpus_without_units_has_a_card_that_names_no_units(tmp_path: Path) -> None:
    dropped = replace(document(), drop=Drop(stage="read", reason="binary: zero bytes"))
    folder = store(tmp_path / "corpus", [dropped])
    write_card(folder, [SHARD], SIGNATURE, {})
    header, body = card(folder)
    configs = header["configs"]
    assert isinstance(configs, list)

    assert [config["config_name"] for config in configs] == ["documents"]
    assert re.search(r"^\| article \| read: binary \| 1 \|", body, re.MULTILINE)
