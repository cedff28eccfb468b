"""Nothing that a collection holds breaks when it is written down: no halves of characters, whatever the files hold."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.collect import open_source
from digest.collect.problems import legible, whole_characters
from digest.models import Collection, Level
from tests.conftest import ROOT, skip_or_fail

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
CONFIG = "url: https://example.com\ntimezone: Asia/Tokyo\n"
POST = b"---\ntitle: x\n---\nBody.\n"


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "_posts").mkdir()
    (tmp_path / "posts").mkdir()
    return tmp_path


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)


def writable(collection: Collection) -> Collection:
    for text in texts(dataclasses.astuple(collection)):
        text.encode("utf-8")
    return collection


def write_bytes_name(folder: Path, name: bytes, content: bytes = POST) -> None:
    file = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 - pathlib has no paths of bytes
    try:
        os.makedirs(os.path.dirname(file), exist_ok=True)  # noqa: PTH103, PTH120 - likewise
        with open(file, "wb") as opened:  # noqa: PTH123 - likewise
            opened.write(content)
    except OSError as error:
        skip_or_fail("byte-names", f"this file system takes no names but UTF-8: {error.strerror}")


@pytest.mark.parametrize("kind", ["jekyll", "plain"])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"2026-01-02-caf\xe9.md", "2026-01-02-caf\\xe9.md"),
        ("2026-01-02-速報.md".encode("shift_jis"), "2026-01-02-\\x91\\xac\\x95\\xf1.md"),
        (b"caf\xe9.md", "caf\\xe9.md"),
        (b"caf\xe9/2026-01-02-a.md", "caf\\xe9/2026-01-02-a.md"),
    ],
)
def test_a_name_that_is_not_utf8_is_a_problem_and_no_post(blog: Path, kind: str, name: bytes, shown: str) -> None:
    place = "_posts" if kind == "jekyll" else "posts"
    (blog / place / "2026-01-01-good.md").write_bytes(POST)
    write_bytes_name(blog / place, name)
    collection = writable(open_source("b", kind, {"path": blog}).read(NOW))
    assert [post.path for post in collection.posts] == [f"{place}/2026-01-01-good.md"]
    (problem,) = [problem for problem in collection.problems if problem.code == "post.file-name"]
    assert problem.level is Level.ERROR
    assert problem.file == f"{place}/{shown}"
    assert problem.fix == "rename the file"


@pytest.mark.parametrize("kind", ["jekyll", "plain"])
def test_a_misnamed_post_alone_is_no_empty_blog(blog: Path, kind: str) -> None:
    write_bytes_name(blog / ("_posts" if kind == "jekyll" else "posts"), b"2026-01-02-\xff.md")
    collection = open_source("b", kind, {"path": blog}).read(NOW)
    assert "blog.empty" not in {problem.code for problem in collection.problems}


def test_a_misnamed_draft_a_misnamed_folder_and_links_from_them_are_told_in_characters(
    blog: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "_posts").mkdir()
    write_bytes_name(blog, b"_drafts/id\xe9e.md")
    write_bytes_name(blog, b"n\xe9ws/_posts/2026-01-02-a.md")
    os.symlink(os.fsencode(elsewhere), os.path.join(os.fsencode(blog), b"ailleurs\xe9"))  # noqa: PTH118, PTH211 - bytes
    collection = writable(open_source("b", "jekyll", {"path": blog}).read(NOW))
    assert {(problem.code, problem.file) for problem in collection.problems} == {
        ("post.file-name", "_drafts/id\\xe9e.md"),
        ("post.file-name", "n\\xe9ws/_posts/2026-01-02-a.md"),
        ("post.outside", "ailleurs\\xe9"),
    }


@pytest.mark.parametrize("kind", ["jekyll", "plain"])
@pytest.mark.parametrize("front", ['title: "\\ud800"', 'title: x\ntags: ["\\udfff"]', '"\\ud800": x'])
def test_half_a_character_in_the_front_matter_is_a_broken_post(blog: Path, kind: str, front: str) -> None:
    place = blog / ("_posts" if kind == "jekyll" else "posts")
    (place / "2026-01-02-a.md").write_text(f"---\n{front}\n---\n")
    collection = writable(open_source("b", kind, {"path": blog}).read(NOW))
    assert collection.posts == ()
    (problem,) = [problem for problem in collection.problems if problem.code == "post.front-matter"]
    assert "escape" in problem.message
    assert problem.line == front.count("\n") + 2
    assert problem.fix == "Write the character itself instead of its number after the backslash."


def test_half_a_character_is_refused_too_where_pyyaml_has_no_libyaml() -> None:
    program = (
        "import yaml; del yaml.CSafeLoader\n"
        "from digest.collect.headers import psych\n"
        "assert psych.parse('a: \"\\\\u901f\"').value == {'a': '速'}\n"
        "try: psych.parse('a: \"\\\\ud800\"')\n"
        "except yaml.YAMLError as error: print(error.problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "found invalid Unicode character escape code"


def test_half_a_character_that_an_encoding_lets_through_becomes_a_sign_for_it(blog: Path) -> None:
    (blog / "_config.yml").write_text(CONFIG + "encoding: utf-7\n")
    (blog / "_posts" / "2026-01-02-a.md").write_bytes(b"---\ntitle: a +2AA- b\n---\nBody +2AA-\n")
    (post,) = writable(open_source("b", "jekyll", {"path": blog}).read(NOW)).posts
    assert (post.title, post.body) == ("a \ufffd b", "Body \ufffd\n")


def test_json_survives_a_name_of_any_bytes() -> None:
    shown = legible(os.fsdecode(b"a\xff\xfe\xed\xa0\x80.md"))
    assert shown == "a\\xff\\xfe\\xed\\xa0\\x80.md"
    assert json.loads(json.dumps(shown, ensure_ascii=False).encode()) == shown
    assert legible("記事😀.md") == "記事😀.md"
    assert legible("a\ud800") == "a\\ud800"
    assert whole_characters("記事😀\udc80") == "記事😀\ufffd"
