"""`[render] inliner`: what the operator's file asks for is what makes the mails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from digest.app import Project
from digest.errors import ConfigError
from digest.render.inlining import with_css_inline, with_premailer
from tests.projects import make_project
from tests.render.issues import LINKS, issue_of


def project_with(folder: Path, inliner: str) -> Project:
    root = make_project(folder / "p")
    file = root / "config/digest.toml"
    text = file.read_text(encoding="utf-8").partition("\n[render]")[0]
    file.write_text(f'{text}\n[render]\ninliner = "{inliner}"\n', encoding="utf-8")
    return Project(root)


@pytest.mark.parametrize(("inliner", "engine"), [("premailer", with_premailer), ("css-inline", with_css_inline)])
def test_the_engine_that_is_configured_inlines(
    inliner: str, engine: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name, module in (("premailer", with_premailer), ("css-inline", with_css_inline)):

        def watched(root: object, name: str = name, move=module.move_styles) -> None:
            asked.append(name)
            move(root)

        monkeypatch.setitem(sys.modules["digest.render.inlining"]._ENGINES, name, watched)
    with project_with(tmp_path, inliner) as project:
        project.renderer.render(project.newsletter(), 1, issue_of(2), LINKS)
    assert asked == [inliner]


def test_an_engine_that_is_not_installed_is_told_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "css_inline", None)
    with project_with(tmp_path, "css-inline") as project, pytest.raises(ConfigError) as error:
        _ = project.renderer
    assert str(error.value.file).endswith("config/digest.toml")
    assert "pip install css-inline" in error.value.fix


def test_an_engine_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="inliner"):
        project_with(tmp_path, "juice")
