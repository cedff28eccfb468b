"""Where front matter begins and ends by Jekyll's rules, where python-frontmatter by itself would differ."""

from __future__ import annotations

import pytest

from digest.collect.headers import front_matter
from digest.collect.problems import BrokenPostError


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("---\ntitle: x\n---\nBody\n", "x", "Body\n"),
        ("\ufeff---\ntitle: x\n---\nBody\n", "x", "Body\n"),
        ("---\r\ntitle: x\r\n---\r\nBody\r\n", "x", "Body\n"),
        ("---\ntitle: x\n...\nBody\n---\nmore\n", "x", "Body\n---\nmore\n"),
        ("---  \n\ntitle: x\n---\t\n\n\n    indented\n", "x", "    indented\n"),
        ("---\ntitle: x\n---\nBody\n\n---END---\n", "x", "Body\n\n---END---\n"),
        ("---\n---\nBody\n", None, "Body\n"),
        ("Body\n\n---\n\nMore\n", None, "Body\n\n---\n\nMore\n"),
        ("----\n\nA rule, then text.\n", None, "----\n\nA rule, then text.\n"),
        ("", None, ""),
    ],
)
def test_the_fences_are_where_jekyll_sees_them(text: str, title: str | None, body: str) -> None:
    document = front_matter.read(text.encode())
    assert (document.data.get("title"), document.body) == (title, body)


def test_keys_that_break_python_frontmatters_own_reader_are_fine() -> None:
    document = front_matter.read(b"---\ncontent: a\nhandler: b\nself: c\n1: d\nnull: e\nyes: f\n---\nBody\n")
    assert document.data == {"content": "a", "handler": "b", "self": "c"}
    assert document.body == "Body\n"


def test_lines_count_in_the_file() -> None:
    document = front_matter.read(b"---\n\ntitle: x\ntags:\n  - a\ndate: 2026-01-02\ntitle: y\n---\nBody\n")
    assert document.lines["date"] == 6
    assert document.duplicates == (("title", 7),)
    assert document.body_line == 9


def test_a_broken_value_is_told_with_its_remedy() -> None:
    with pytest.raises(BrokenPostError) as caught:
        front_matter.read(b"---\ntitle: x\nexcerpt: one: two\n---\n")
    assert caught.value.line == 3
    assert "quotes" in caught.value.fix


def test_another_encoding_is_read_when_the_site_says_so() -> None:
    raw = "---\ntitle: 題\n---\n".encode("shift_jis")
    assert front_matter.read(raw, "shift_jis").data["title"] == "題"
    with pytest.raises(BrokenPostError, match="UTF-8"):
        front_matter.read(raw)
