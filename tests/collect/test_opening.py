"""A source is made from its configuration, or one clear error says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.collect import open_source
from digest.collect.sources.jekyll import Source as Jekyll
from digest.collect.sources.plain import Source as Plain
from digest.errors import ConfigError


@pytest.mark.parametrize(("sign", "kind"), [("_config.yml", Jekyll), ("_posts", Jekyll), ("README.md", Plain)])
def test_the_folder_tells_the_kind(tmp_path: Path, sign: str, kind: type) -> None:
    (tmp_path / sign).mkdir()
    assert isinstance(open_source("blog", None, {"path": tmp_path}), kind)


def test_a_kind_of_somebody_elses_is_found_by_its_dotted_name(tmp_path: Path) -> None:
    assert isinstance(open_source("blog", "digest.collect.sources.plain:Source", {"path": tmp_path}), Plain)
    assert isinstance(open_source("blog", "digest.collect.sources.plain", {"path": tmp_path}), Plain)


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("jekyl", {}, "did you mean “jekyll”"),
        ("hugo", {}, "known: jekyll, plain"),
        ("excerpt", {}, "known: jekyll, plain"),
        ("no.such.module:Source", {}, "cannot be loaded"),
        ("digest.collect.sources.plain:Nothing", {}, "cannot be loaded"),
        ("digest.collect.words.excerpt:excerpt", {}, "no dataclass"),
        ("jekyll", {"time_zome": "UTC"}, "did you mean “time_zone”"),
        ("jekyll", {"url": 5}, "must be of the type str"),
        ("jekyll", {"path": "blog"}, "must be of the type Path"),
        ("plain", {"url_pattern": "https://e.com/{yaer}/"}, "known: year"),
        ("plain", {"url_pattern": "https://e.com/{year/"}, "close it"),
        ("plain", {"time_zone": "Mars/Base"}, "IANA"),
    ],
)
def test_what_is_wrong_is_named_with_the_nearest_right_word(
    tmp_path: Path, kind: str, options: dict[str, object], says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        open_source("blog", kind, {"path": tmp_path, **options})
    assert says in str(caught.value)


def test_a_missing_option_is_named() -> None:
    with pytest.raises(ConfigError, match="lacks the option “path”"):
        open_source("blog", "jekyll", {})
