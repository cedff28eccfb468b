"""A style sheet is read rule by rule, since an edit changes few of them: with the same answer as when read whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from digest.errors import TemplateError
from digest.render.inlining import styles
from tests.render.issues import TEMPLATES

GOOD = (
    ".a { color: #fff }",
    "/* one */ .a { color: #fff; } /* two */\n.b, td > p { margin: 0 auto }",
    ".a { font-family: 'A B', \"C\" }",
    ".a { color: #fff } /* the end */",
    "",
)
BAD = (
    ".a { color #fff }",
    ".a { color: #fff",
    ".a { color: #fff }\n.b { color: rgb(0 0 0 / 50%) }",
    ".a { color: #fff } }",
)
ODD = (
    '.a { font-family: "{" } .b { color: #fff }',
    '.a { content: "} .b { color: #fff }',
    '.a { content: "/*" } .b { content: "*/" }',
    ".a { color: #fff /* } .b { */ }",
    "/* .a { color: #fff }",
    "} .a { color: #fff } {",
    ".a, { color: #fff }",
    "{ color: #fff }",
    ".a { .b { color: #fff } }",
    ".a { color: #fff }; .b { margin: 0 }",
)


@pytest.fixture(autouse=True)
def _nothing_read_before() -> None:
    styles.check_style.cache_clear()
    styles._is_read.cache_clear()


@pytest.mark.parametrize("css", GOOD)
def test_what_can_be_read_is_taken(css: str) -> None:
    assert styles._css_mistake(css) == ("", 0)
    styles.check_style(css, "style.css")


@pytest.mark.parametrize("css", BAD)
def test_what_cannot_is_refused_with_the_line_of_the_whole_sheet(css: str) -> None:
    said, line = styles._css_mistake(css)
    assert said
    with pytest.raises(TemplateError, match="the style cannot be read") as refused:
        styles.check_style(css, "style.css")
    assert refused.value.line == (line or None)


@pytest.mark.parametrize("css", ODD)
def test_what_is_odd_has_the_answer_of_the_whole_sheet(css: str) -> None:
    assert styles._all_read_before(css) <= (styles._css_mistake(css) == ("", 0))


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*/style.css")), ids=lambda file: file.parent.name)
def test_of_a_shipped_sheet_only_the_changed_rule_is_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    css = "\n".join(line for line in file.read_text(encoding="utf-8").splitlines() if "{{" not in line)
    css = css[css.index("*/") + 2 :]
    styles.check_style(css, "style.css")
    read: list[Any] = []
    whole = styles._css_mistake
    monkeypatch.setattr(styles, "_css_mistake", lambda text: read.append(text) or whole(text))
    styles.check_style(f"{css}\n.page {{ background-color: #123456; }}\n", "style.css")
    assert read == [".page { background-color: #123456; }"]
