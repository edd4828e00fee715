from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.boilerplate.sites import article_host, by_site, host_name
from pipeline.records import Meta
from tests.labelled import article


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://www.Example.org/2022/a.html", "example.org"),
        ("http://news.example.co.uk:8080/a", "news.example.co.uk"),
        ("www.example.org/2022/a.txt", "example.org"),
        ("example.org/a.txt", "example.org"),
        ("articles/a.txt", None),
        ("a.txt", None),
        ("articles.jsonl#3", None),
        ("dump.jsonl.gz/3", None),
    ],
)
def test_the_host_of_an_article_is_told_by_its_uri(uri: str, host: str | None) -> None:
    assert article_host(article("Text.", uri)) == host


@pytest.mark.parametrize(
    "fact",
    [
        Meta(name="url", value="https://example.org/a"),
        Meta(name="source_link", value="https://www.example.org/a"),
        Meta(name="domain", value="www.example.org"),
    ],
)
def test_the_host_of_an_article_is_told_by_its_facts(fact: Meta) -> None:
    assert article_host(replace(article("Text."), meta=(fact,))) == "example.org"
    assert article_host(article("Text."), [fact]) == "example.org"


def test_a_name_that_is_no_host_tells_nothing() -> None:
    assert host_name("The Ellis Courier") is None
    assert host_name("localhost") is None


def test_the_nearest_domain_has_the_word() -> None:
    settings = {"example.org": 1, "sport.example.org": 2}

    assert by_site("live.sport.example.org", settings) == 2
    assert by_site("news.example.org", settings) == 1
    assert by_site("example.com", settings) is None
    assert by_site(None, settings) is None
