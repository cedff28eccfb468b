"""An error comes with its place, the lines around it and what to do."""

from __future__ import annotations

from pathlib import Path

from digest.errors import ConfigError, StoreError, TemplateError
from digest.studio.trouble import trouble_from


def test_the_lines_around_the_place_are_shown_and_the_guilty_one_marked(tmp_path: Path) -> None:
    file = tmp_path / "templates/a.html"
    file.parent.mkdir()
    file.write_text("\n".join(f"line {number}" for number in range(1, 20)), encoding="utf-8")
    trouble = trouble_from(TemplateError("bad", file=file, line=9, fix="mend it"), tmp_path)
    assert (trouble.kind, trouble.place, trouble.fix) == ("TemplateError", "templates/a.html:9", "mend it")
    assert [line.number for line in trouble.source] == [6, 7, 8, 9, 10, 11, 12]
    assert [line.text for line in trouble.source if line.guilty] == ["line 9"]


def test_the_first_line_has_none_before_it(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = \nb = 1\n", encoding="utf-8")
    trouble = trouble_from(ConfigError("bad", file="a.toml", line=1), tmp_path)
    assert [(line.number, line.guilty) for line in trouble.source] == [(1, True), (2, False)]


def test_an_error_without_a_readable_place_is_shown_without_lines(tmp_path: Path) -> None:
    outside = tmp_path.parent / "elsewhere.html"
    assert trouble_from(StoreError("locked"), tmp_path).source == ()
    assert trouble_from(TemplateError("gone", file=outside, line=3), tmp_path).source == ()
    assert trouble_from(TemplateError("gone", file=outside, line=3), tmp_path).file == str(outside)
    assert trouble_from(ConfigError("bad", file=tmp_path), tmp_path).source == ()


def test_a_file_that_is_not_text_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"\xff\xfe\x00\nb\n")
    assert len(trouble_from(TemplateError("bad", file="a.html", line=2), tmp_path).source) == 2
