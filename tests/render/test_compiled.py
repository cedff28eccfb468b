"""Templates are compiled once, and an edit still shows at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment

from digest.render import compiled
from digest.render.compiled import remembering, template_of_line
from digest.render.manuscript import FILTERS
from digest.render.sandbox import Sandbox


class Loud(Sandbox):
    """A sandbox that compiles in a way of its own."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> object:
        return super()._parse(source.replace("quiet", "LOUD"), name, filename)


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that were really compiled."""
    monkeypatch.setattr(compiled._COMPILED, "_codes", {})
    names: list[str] = []
    compile_ = Environment.compile

    def counted(self: Environment, source: str, name: str = "", *args: object, **kwargs: object) -> object:
        names.append(name or source)
        return compile_(self, source, name, *args, **kwargs)

    monkeypatch.setattr(Environment, "compile", counted)
    return names


def written(folder: Path, kind: type[Sandbox] = Sandbox, **context: str) -> str:
    sandbox = remembering(kind(folder, context, FILTERS))
    return sandbox.write(sandbox.get_template("a.txt"), context)


def test_the_next_mail_uses_what_was_compiled(tmp_path: Path, compilations: list[str]) -> None:
    (tmp_path / "a.txt").write_text("{{ x }} and {% include 'b.txt' %}")
    (tmp_path / "b.txt").write_text("{{ x|upper }}")
    assert [written(tmp_path, x=x) for x in ("one", "two")] == ["one and ONE", "two and TWO"]
    assert compilations == ["a.txt", "b.txt"]


def test_an_edit_shows_at_once_and_so_does_taking_it_back(tmp_path: Path, compilations: list[str]) -> None:
    for text in ("old", "new", "old"):
        (tmp_path / "a.txt").write_text(text)
        assert written(tmp_path) == text
    assert len(compilations) == 2


def test_two_projects_do_not_share_a_template_of_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("{{ missing }}")
        with pytest.raises(Exception, match="there is no `missing`") as error:
            written(tmp_path / name)
        assert tmp_path / name / "a.txt" in {entry.path for entry in error.traceback}


def test_sandboxes_that_compile_in_ways_of_their_own_share_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("quiet")
    assert [written(tmp_path, kind) for kind in (Sandbox, Loud, Sandbox)] == ["quiet", "LOUD", "quiet"]


def test_a_line_of_a_newsletter_is_compiled_once(tmp_path: Path, compilations: list[str]) -> None:
    for name in ("Aki", "Sora"):
        sandbox = Sandbox(tmp_path, ["name"], FILTERS)
        assert sandbox.write(template_of_line(sandbox, "Hello {{ name }}"), {"name": name}) == f"Hello {name}"
    assert compilations == ["Hello {{ name }}"]


def test_what_is_remembered_does_not_grow_for_ever(tmp_path: Path, compilations: list[str]) -> None:
    sandbox = Sandbox(tmp_path, [], FILTERS)
    for number in range(compiled._ENOUGH + 10):
        template_of_line(sandbox, f"line {number}")
    assert len(compiled._COMPILED._codes) <= compiled._ENOUGH


def test_compiling_does_not_count_as_the_renderings_time_but_within_bounds(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path, {}, FILTERS)
    sandbox.counts.start_clock()
    until = sandbox.counts.until
    sandbox.compile("{% for a in range(3) %}{{ a }}{% endfor %}" * 50)
    assert sandbox.counts.until > until
    sandbox.counts.compiling_left = 0.0
    until = sandbox.counts.until
    sandbox.compile("{% for a in range(3) %}{{ a }}{% endfor %}" * 50)
    assert sandbox.counts.until == until
