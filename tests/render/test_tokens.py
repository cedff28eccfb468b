"""Marketing chooses within limits; what cannot be, or be read, is told with its place and the nearest right value."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from digest.errors import TemplateError
from digest.models import Finding, Level
from digest.render.colors import contrast
from digest.render.design_form import design_form
from digest.render.designs import designs
from digest.render.pair_findings import color_findings
from digest.render.pairs import read_pairs
from digest.render.token_values import design_values, nearest_value, what_is_wrong
from digest.render.tokens import Token, read_tokens
from tests.render.issues import TEMPLATES, newsletter

TOKEN = """
[size]
type = "number"
default = 16
minimum = 14
maximum = 18
step = 2
group = "type"
label = { ja = "大きさ", en = "Size" }
"""
CHOICE = 'type = "choice"\ndefault = "left"\ngroup = "layout"\nlabel = { ja = "位置", en = "Place" }\n'
PAIR = '\n[[pairs]]\ntext = "design.accent"\non = "#ffffff"\nlabel = { ja = "リンク", en = "Links" }\n'


def declared(folder: Path, text: str) -> tuple[Token, ...]:
    (folder / "tokens.toml").write_text(text, encoding="utf-8")
    return read_tokens(folder / "tokens.toml")


def told(design: dict[str, Any], template: str = "weekly", templates: Path = TEMPLATES) -> tuple[Finding, ...]:
    return color_findings(templates, newsletter(template=template, design=design))


@pytest.mark.parametrize("name", designs(TEMPLATES))
def test_the_defaults_of_a_design_pass_in_light_and_dark_without_a_word(name: str) -> None:
    assert {pair.mode for pair in read_pairs(TEMPLATES / name / "tokens.toml")} == {"light", "dark"}
    assert told({}, name) == ()


def test_a_chosen_colour_that_readers_would_see_changed_is_told_with_one_that_stays() -> None:
    (finding,) = told({"accent": "#ffd400"})
    assert (finding.level, finding.code) == (Level.WARNING, "design.color-moved")
    assert "`design.accent` #ffd400" in finding.message
    assert "リンク" in finding.message
    assert "4.5 is needed" in finding.message
    offered = re.findall(r"#[0-9a-f]{6}", finding.fix)[0]
    assert contrast(offered, "#ffffff") >= 4.5
    assert told({"accent": offered}) == ()


def test_a_pair_that_cannot_be_read_is_an_error_with_a_colour_that_can() -> None:
    found = told({"ink": "#cccccc"})
    assert {(each.level, each.code) for each in found} == {(Level.ERROR, "design.contrast-light")}
    assert "#cccccc on #ffffff has a contrast of 1.6, and 4.5 is needed" in found[0].message
    offered = re.findall(r"#[0-9a-f]{6}", found[0].fix)[0]
    assert told({"ink": offered}) == ()


def test_a_dark_pair_is_measured_with_the_dark_sheet(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    file = tmp_path / "templates" / "weekly" / "dark.css"
    file.write_text(
        file.read_text(encoding="utf-8").replace('quiet = "#9aa2ad"', 'quiet = "#3a3f47"'), encoding="utf-8"
    )
    found = told({}, templates=tmp_path / "templates")
    assert {each.code for each in found} == {"design.contrast-dark"}
    assert found[0].file.endswith("tokens.toml")
    assert found[0].line > 0


def test_a_finding_about_a_colour_names_the_line_of_the_newsletter(tmp_path: Path) -> None:
    file = tmp_path / "weekly.toml"
    file.write_text('title = "x"\n\n[design]\naccent = "#ffd400"\n', encoding="utf-8")
    (finding,) = color_findings(TEMPLATES, newsletter(file=str(file), design={"accent": "#ffd400"}))
    assert finding.place == f"{file}:4"


def test_a_pair_with_a_misspelt_name_is_told_at_its_line(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    file = tmp_path / "templates" / "weekly" / "tokens.toml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before + PAIR.replace("design.accent", "design.acent"), encoding="utf-8")
    with pytest.raises(TemplateError, match=r"did you mean `accent`") as error:
        told({}, templates=tmp_path / "templates")
    assert (error.value.file, error.value.line) == (str(file), before.count("\n") + 2)


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("text =", "txt =", "unknown setting `txt`", 3),
        ('on = "#ffffff"', 'on = ""', "needs `on`", 4),
        ("label =", 'level = "AAA"\nlabel =', "the level 'AAA'", 5),
        ("label =", 'mode = "dusk"\nlabel =', "the mode 'dusk'", 5),
        (', en = "Links"', "", "needs a label", 5),
    ],
)
def test_a_wrong_pair_is_told_at_its_line(old: str, new: str, message: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(PAIR.replace(old, new), encoding="utf-8")
    with pytest.raises(TemplateError, match=message) as error:
        read_pairs(file)
    assert error.value.line == line


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("minimum = 14", "minimun = 14", "unknown setting `minimun`.*did you mean `minimum`", 5),
        ("default = 16", "default = 40", "default of the token `size` is 40, but .* at most 18", 4),
        ('type = "number"', 'type = "nummer"', "unknown type 'nummer'.*did you mean `number`", 3),
        ("step = 2", "step = 0", "`step`, but it is a number above 0", 7),
        ("minimum = 14", "minimum = 19", "a minimum of 19 above its maximum", 5),
        (', en = "Size"', "", "a text for each of ja and en", 9),
        ('group = "type"\n', "", "needs the setting `group`", 2),
        ("step = 2", 'choices.a = { ja = "あ", en = "A" }', "is a number, which has no setting `choices`", 2),
    ],
)
def test_a_wrong_declaration_is_told_at_its_line(old: str, new: str, message: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=message) as error:
        declared(tmp_path, TOKEN.replace(old, new))
    assert (error.value.file, error.value.line) == (str(tmp_path / "tokens.toml"), line)


WEEKLY = {token.key: token for token in read_tokens(TEMPLATES / "weekly" / "tokens.toml")}


@pytest.mark.parametrize(
    ("key", "found", "nearest"),
    [
        ("body_size", 40, 18),
        ("body_size", 15.2, 16),
        ("body_size", "16px", 16),
        ("body_size", float("inf"), 18),
        ("body_size", float("nan"), None),
        ("accent", "#fff", "#ffffff"),
        ("accent", "navy", "#000080"),
        ("accent", "vermilion", None),
        ("body_font", "明朝体", "mincho"),
        ("body_font", "Gothik", "gothic"),
        ("show_lead", "no", False),
        ("logo", "http://example.com/a.png", "https://example.com/a.png"),
        ("footer_note", "二行\nの文", "二行 の文"),
    ],
)
def test_the_nearest_allowed_value_is_named(key: str, found: object, nearest: object) -> None:
    assert what_is_wrong(WEEKLY[key], found)
    assert nearest_value(WEEKLY[key], found) == nearest


def test_all_values_out_of_bounds_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "weekly.toml"
    file.write_text('title = "x"\n[design]\nbody_size = 40\nacent = "#000000"\n', encoding="utf-8")
    with pytest.raises(TemplateError) as error:
        design_values(tuple(WEEKLY.values()), {"body_size": 40, "acent": "#000000"}, file=str(file))
    assert error.value.line == 3
    assert "`design.body_size` is 40" in error.value.message
    assert error.value.fix == "the nearest allowed is body_size = 18"
    assert f"{file}:4: `design.acent` is not a token of this template — did you mean `accent`?" in error.value.message


def test_steps_of_a_tenth_can_be_reached(tmp_path: Path) -> None:
    text = TOKEN.replace("16", "1.7").replace("14", "1.4").replace("18", "2.0").replace("step = 2", "step = 0.1")
    (token,) = declared(tmp_path, text)
    assert not what_is_wrong(token, 1.7)
    assert what_is_wrong(token, 1.75)


def test_a_phrase_of_a_design_follows_the_language_and_the_newsletter(tmp_path: Path) -> None:
    text = 'type = "words"\ndefault = { ja = "目次", en = "Contents" }\n'
    text += 'group = "layout"\nlabel = { ja = "あ", en = "A" }'
    tokens = declared(tmp_path, f"[toc]\n{text}")
    assert design_values(tokens, {}, language="ja-JP")["toc"] == "目次"
    assert design_values(tokens, {}, language="en")["toc"] == "Contents"
    assert design_values(tokens, {"toc": "もくじ"}, language="en")["toc"] == "もくじ"


def test_a_choice_is_one_of_its_values(tmp_path: Path) -> None:
    (token,) = declared(tmp_path, f'[place]\n{CHOICE}choices.left = {{ ja = "左", en = "Left" }}\n')
    assert not what_is_wrong(token, "left")
    assert what_is_wrong(token, "middle") == "it is one of left"


@pytest.mark.parametrize("name", designs(TEMPLATES))
def test_the_form_of_a_design_can_be_written_as_json_and_tells_what_is_wrong(name: str) -> None:
    chosen = {"body_size": 40, "acent": "#000000", "accent": "#112233"}
    form = json.loads(json.dumps(design_form(TEMPLATES, newsletter(template=name, design=chosen))))
    tokens = {token["key"]: token for group in form["groups"] for token in group["tokens"]}
    assert [group["key"] for group in form["groups"]][:2] == ["brand", "type"]
    assert form["unknown"] == ["acent"]
    assert (tokens["accent"]["value"], tokens["accent"]["chosen"], tokens["accent"]["wrong"]) == ("#112233", True, "")
    size = tokens["body_size"]
    assert (size["wrong"], size["nearest"]) == ("it is a number of at least 14 of at most 18 in steps of 2", 18)
    assert size["limits"] == {"minimum": 14, "maximum": 18, "step": 2}
    assert {each["value"] for each in tokens["body_font"]["choices"]} == {"gothic", "mincho"}
    assert all(token["label"]["ja"] and token["label"]["en"] for token in tokens.values())
