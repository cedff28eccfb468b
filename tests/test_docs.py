"""What the documentation says exists, and what exists is documented."""

from __future__ import annotations

import dataclasses
import importlib
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from digest.cli.commands import app
from digest.collect import known_kinds
from digest.collect.git.repository import Wanted
from digest.config.newsletter import NewsletterConfig
from digest.config.operator import Operator
from digest.config.toml import table_type
from tests.conftest import ROOT

PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not {".venv", "examples", "tests", "_samples", "var", ".git", "dist"} & set(page.relative_to(ROOT).parts)
)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_points_to_nothing(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`digest {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        inner = table_type(field.annotation)
        found += keys(inner, f"{prefix}{name}.") if inner else [prefix + name]
    return found


@pytest.mark.parametrize("key", keys(Operator) + keys(NewsletterConfig))
def test_every_configuration_key_is_explained(key: str) -> None:
    assert f"`{key}`" in (ROOT / "config/README.md").read_text(encoding="utf-8")


def test_every_target_of_the_makefile_that_the_pages_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8")):
            assert target in targets, f"{page}: make {target}"


@pytest.mark.parametrize("kind", known_kinds())
def test_every_kind_of_source_is_explained_with_all_its_options(kind: str) -> None:
    page = (ROOT / "config/sources.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| `{kind}` |"))
    source = importlib.import_module(f"digest.collect.sources.{kind}").Source
    shared = {"name", "path", "allow_private"}
    for field in dataclasses.fields(source):
        assert field.name in shared or f"`{field.name}`" in row, field.name


@pytest.mark.parametrize("option", [field.name for field in dataclasses.fields(Wanted)])
def test_every_option_of_a_source_in_git_is_explained(option: str) -> None:
    assert f"`{option}`" in (ROOT / "config/sources.md").read_text(encoding="utf-8")
