from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from pydantic import ValidationError

from pipeline.config import lasting, load
from pipeline.errors import ConfigError
from pipeline.settings import InputSettings, Settings, json_schema
from pipeline.stages import CONFIGS
from pipeline.stages.find_duplicates import FindDuplicatesConfig

if TYPE_CHECKING:
    from pathlib import Path


def settings(root: Path, name: str, *overrides: str) -> Settings:
    return load(root / "configs" / f"{name}.yaml", Settings, overrides).settings


@pytest.mark.parametrize("name", ["default", "fast", "minimal", "opus-mt"])
def test_a_shipped_config_is_valid_and_has_every_stage_but_the_look_for_reposts(root: Path, name: str) -> None:
    stages = [type(stage) for stage in settings(root, name).stages]

    assert sorted(map(str, stages)) == sorted(str(config) for config in CONFIGS if config is not FindDuplicatesConfig)


@pytest.mark.parametrize(
    "override",
    ["input.path=elsewhere", "output.path=elsewhere", "output.formats=[parquet]", "workers=8"],
)
def test_what_cannot_change_a_row_does_not_last(root: Path, override: str) -> None:
    assert lasting(settings(root, "minimal", override)) == lasting(settings(root, "minimal"))


@pytest.mark.parametrize(
    "override",
    [
        "input.encoding=cp1251",
        "input.format=text",
        "input.max_article_characters=5",
        "input.text_field=body",
        "shards.articles=5",
        "stages.strip_boilerplate.keep=[body]",
    ],
)
def test_what_can_change_a_row_lasts(root: Path, override: str) -> None:
    assert lasting(settings(root, "minimal", override)) != lasting(settings(root, "minimal"))


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("input.encoding=utf9", "input.encoding: expected the name of an encoding, such as utf-8"),
        ("input.format=json", "Input should be 'auto', 'text', 'jsonl' or 'parquet' (got 'json')"),
        ("output.formats=[jsonl, tmz]", "output.formats: output.formats[1]: Input should be "),
        ("workers=0", "workers: Input should be greater than or equal to 1 (got 0)"),
        ("shards.articles=0", "shards.articles: Input should be greater than or equal to 1"),
        ("stages=[]", "stages: expected at least 1 of them (got a list)"),
    ],
)
def test_a_wrong_setting_is_explained(root: Path, override: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(root, "minimal", override)

    assert fault in str(caught.value)


def test_an_encoding_has_one_name(root: Path) -> None:
    assert lasting(settings(root, "minimal", "input.encoding=UTF8")) == lasting(
        settings(root, "minimal", "input.encoding=utf-8")
    )


def test_settings_cannot_be_changed() -> None:
    source = InputSettings(path="seeds")

    with pytest.raises(ValidationError):
        setattr(source, "path", "elsewhere")  # noqa: B010 # mypy refuses the plain assignment


def test_the_json_schema_knows_every_stage() -> None:
    names = {get_args(config.model_fields["stage"].annotation)[0] for config in CONFIGS}

    assert set(json_schema()["properties"]["stages"]["items"]["discriminator"]["mapping"]) == names
