"""Every kind of blog that the digest reads keeps the same promises; a new kind is found by itself."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import shutil
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest

import digest.collect.sources
from digest.collect import Source, known_kinds, open_source
from digest.errors import SourceError
from digest.models import Level
from tests.conftest import skip_or_fail

DATA = Path(__file__).parent.parent / "data" / "sources"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
MODULES = sorted(module.name for module in pkgutil.iter_modules(digest.collect.sources.__path__))
KINDS = [kind for kind in MODULES if (DATA / kind / "blog").is_dir()]
"""The kinds that read a folder; each has an example blog, and `options.json` beside it, whose keys are:

posts     the folder of posts within the blog
options   options of the source
name      a post's file name, with {date} and {slug}
post      a post's content, with {title}, {date} and {more}, a place for another setting
hidden    what {more} must be to hide the post
rules     "jekyll" where front matter is read as Jekyll reads it, so that the tests of broken headers apply
"""
RUBY = [
    kind for kind in KINDS if json.loads((DATA / kind / "options.json").read_text("utf-8")).get("rules") == "jekyll"
]
"""Those that read front matter as Jekyll does; the others' rules are told in `tests/collect/`."""
ADDRESSES = {"feed", "ghost", "wordpress"}
"""The kinds that read an address; `tests/collect/` has their tests."""

BROKEN: dict[str, tuple[bytes, int]] = {
    "colon in a value": (b"---\ntitle: a: b: c\n---\nx\n", 2),
    "tab": (b"---\ntitle: x\n\ttags: a\n---\nx\n", 3),
    "at sign": (b"---\ntitle: x\nauthor: @home\n---\nx\n", 3),
    "backtick": (b"---\ntitle: `x`\n---\nx\n", 2),
    "percent": (b"---\ntitle: x\n%y: z\n---\nx\n", 3),
    "open bracket": (b"---\ntitle: x\ntags: [a, b\n---\nx\n", 0),
    "text after a list": ("---\ntitle: [速報] 新製品\n---\nx\n".encode(), 2),
    "open quote": (b'---\ntitle: "x\ntags: a\n---\nx\n', 2),
    "text after a quote": (b'---\ntitle: "x" y\n---\nx\n', 2),
    "template": (b"---\ntitle: {{ page.title }}\n---\nx\n", 2),
    "template twice": (b"---\ntitle: x\nimage: {{ a }}{{ b }}\n---\nx\n", 3),
    "foreign object": (b"---\ntitle: !ruby/object:Foo {}\n---\nx\n", 2),
    "python object": (b"---\ntitle: !!python/name:os.system x\n---\nx\n", 2),
    "wrong tag": (b"---\ntitle: !!int x\n---\nx\n", 0),
    "undefined alias": (b"---\ntitle: *nobody\n---\nx\n", 2),
    "endless alias": (b"---\ntitle: &a [*a]\n---\nx\n", 0),
    "symbol": (b"---\ntitle: :symbol\n---\nx\n", 2),
    "list as a key": (b"---\ntitle: x\n? [a]\n: b\n---\nx\n", 3),
    "list instead of settings": (b"---\n- a\n- b\n---\nx\n", 2),
    "sentence instead of settings": (b"---\njust words\n---\nx\n", 2),
    "indentation": (b"---\ntitle: x\n  tags: a\n---\nx\n", 3),
    "outdented": (b"---\n  title: x\ntags: a\n---\nx\n", 3),
    "control character": (b"---\ntitle: x\nauthor: a\x07b\n---\nx\n", 3),
    "null byte": (b"---\ntitle: x\x00\n---\nx\n", 2),
    "not UTF-8": ("---\ntitle: x\nauthor: 山田\n---\nx\n".encode("shift_jis"), 3),
    "UTF-16": ("---\ntitle: x\n---\nx\n".encode("utf-16"), 1),
    "never closed": (b"---\ntitle: x\n\nText without an end of the settings.\n", 1),
    "closed by a stray line": (b"---\ntitle: x\n---END---\nText\n", 1),
    "swallowed text": (b"---\ntitle: x\n\nA sentence: and, more: of it.\n\n---\n\nText\n", 4),
    "blank line first": (b"\n---\ntitle: x\npublished: false\n---\nx\n", 2),
    "four dashes": (b"----\ntitle: x\npublished: false\n----\nx\n", 1),
    "TOML": (b'+++\ntitle = "x"\n+++\nx\n', 1),
    "old Macintosh lines": (b"---\rtitle: x\rpublished: false\r---\rx\r", 1),
    "impossible date": (b"---\ntitle: x\ndate: 2026-13-45\n---\nx\n", 3),
    "words for a date": (b"---\ntitle: x\ndate: next Tuesday morning\n---\nx\n", 3),
    "empty date": (b"---\ndate:\ntitle: x\n---\nx\n", 2),
    "list for a date": (b"---\ntitle: x\ndate: [2026, 1, 2]\n---\nx\n", 3),
    "year ten thousand": (b"---\ntitle: x\ndate: 12026-01-02 10:00:00\n---\nx\n", 3),
}


def test_every_kind_exports_a_source_and_has_an_example() -> None:
    assert sorted(known_kinds()) == MODULES
    assert set(MODULES) == {*KINDS, *(ADDRESSES & set(MODULES))}
    assert len(KINDS) >= 2
    for kind in MODULES:
        assert hasattr(importlib.import_module(f"digest.collect.sources.{kind}"), "Source")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(kind: str, tmp_path: Path) -> Path:
    """A copy of the kind's example blog, to be spoilt."""
    return Path(shutil.copytree(DATA / kind / "blog", tmp_path / "blog"))


@pytest.fixture
def settings(kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / kind / "options.json").read_text("utf-8"))
    return loaded


@pytest.fixture
def source(kind: str, folder: Path, settings: dict[str, Any]) -> Source:
    return open_source("blog", kind, {"path": folder, **settings["options"]})


@pytest.fixture
def add(folder: Path, settings: dict[str, Any]) -> Callable[[str, bytes], str]:
    """Write a file into the folder of posts and return its path."""

    def write(name: str, content: bytes) -> str:
        file = folder / settings["posts"] / name
        file.write_bytes(content)
        return file.relative_to(folder).as_posix()

    return write


@pytest.fixture
def post(add: Callable[[str, bytes], str], settings: dict[str, Any]) -> Callable[..., str]:
    """Write a post as this kind of blog wants it and return its path."""

    def write(slug: str, title: str = "x", date: str = "2026-02-03", more: str = "") -> str:
        values = {"slug": slug, "title": title, "date": date, "more": more}
        name, content = settings["name"], settings["post"]
        for key, value in values.items():
            name, content = name.replace(f"{{{key}}}", value), content.replace(f"{{{key}}}", value)
        return add(name, content.encode())

    return write


class Notebook:
    """A memory that lasts as long as the test."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.written = 0

    def recall(self) -> dict[str, str]:
        return dict(self.entries)

    def remember(self, entries: Mapping[str, str], forgotten: Iterable[str] = ()) -> None:
        for key in forgotten:
            self.entries.pop(key, None)
        self.entries.update(entries)
        self.written += 1


def test_two_readings_give_the_same_posts_with_the_same_ids(source: Source) -> None:
    first, second = source.read(NOW), source.read(NOW)
    assert first == second
    assert len(first.shown) >= 4


def test_ids_are_unique_and_begin_with_the_sources_name(source: Source) -> None:
    ids = [post.id for post in source.read(NOW).posts]
    assert len(set(ids)) == len(ids)
    assert all(post_id.startswith("blog:") and len(post_id) > 5 for post_id in ids)


def test_an_id_does_not_change_with_the_title(source: Source, post: Callable[..., str]) -> None:
    path = post("renamed", title="Before")
    before = {post.path: post.id for post in source.read(NOW).posts}
    post("renamed", title="After")
    after = {post.path: post.id for post in source.read(NOW).posts}
    assert before == after
    assert path in after


@pytest.mark.parametrize("days", [3, 40, 400, 4000])
def test_reading_since_a_day_leaves_out_what_is_older_and_nothing_else(
    source: Source, post: Callable[..., str], days: int
) -> None:
    for number in range(12):
        post(f"since-{number}", date=f"20{14 + number}-02-03")
    post("yesterday", date="2026-11-20")
    since = NOW - timedelta(days=days)
    everything = source.read(NOW)
    expected = [post for post in everything.posts if post.offered_at >= since]
    assert list(source.read(NOW, since).posts) == expected
    assert expected
    assert len(expected) < len(everything.posts) or days == 4000


def test_what_is_remembered_changes_nothing(source: Source, post: Callable[..., str]) -> None:
    post("kept")
    memory = Notebook()
    fresh = source.read(NOW)
    assert source.read(NOW, memory=memory) == fresh
    assert memory.entries
    assert source.read(NOW, memory=memory) == fresh
    assert source.read(NOW, NOW - timedelta(days=300), memory) == source.read(NOW, NOW - timedelta(days=300))


def test_an_edited_a_new_and_a_deleted_post_are_noticed(source: Source, post: Callable[..., str], folder: Path) -> None:
    memory = Notebook()
    edited, deleted = post("edited", title="Before"), post("deleted")
    source.read(NOW, memory=memory)
    (folder / deleted).unlink()
    post("edited", title="Behind")  # as long as before
    post("new")
    assert source.read(NOW, memory=memory) == source.read(NOW)
    assert deleted not in memory.entries
    assert next(post.title for post in source.read(NOW, memory=memory).posts if post.path == edited) == "Behind"


def test_a_copy_with_other_times_is_recognised_by_its_content(
    source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Notebook()
    fresh = source.read(NOW, memory=memory)
    for file in folder.rglob("*"):
        os.utime(file, (1, 1))
    entries = {key: value for key, value in memory.entries.items() if key in {post.path for post in fresh.posts}}
    for path, line in entries.items():  # what is recalled must come from the memory, so that a mark in it shows
        rest = line[9:].replace('"blog:', '"blog:marked-', 1)
        memory.entries[path] = f"{zlib.crc32(rest.encode()):08x} {rest}"
    assert {post.id for post in source.read(NOW, memory=memory).posts if post.path in entries} == {
        post.id.replace("blog:", "blog:marked-", 1) if post.id == f"blog:{post.path}" else post.id
        for post in fresh.posts
        if post.path in entries
    }


@pytest.mark.parametrize("spoil", [lambda line: line[:40], lambda line: line.replace("20", "19", 1), lambda _: "\0"])
def test_a_spoilt_memory_costs_time_only(source: Source, post: Callable[..., str], spoil: Callable[[str], str]) -> None:
    post("kept")
    memory = Notebook()
    fresh = source.read(NOW, memory=memory)
    memory.entries = {key: spoil(line) if key else line for key, line in memory.entries.items()}
    assert source.read(NOW, memory=memory) == fresh


def test_every_moment_knows_its_offset(source: Source) -> None:
    for post in source.read(NOW).posts:
        assert post.published_at.utcoffset() is not None
        assert post.updated_at is None or post.updated_at.utcoffset() is not None


def test_every_address_is_absolute_and_encoded(source: Source) -> None:
    for post in source.read(NOW).posts:
        for address in filter(None, (post.url, post.image)):
            parts = urlsplit(address)
            assert parts.scheme == "https", address
            assert parts.netloc
            assert address.isascii()
            assert not any(character.isspace() for character in address)
            assert quote(unquote(parts.path), safe="/:@!$&'()*+,;=~[]?#%").isascii()


def test_paths_are_relative_and_exist(source: Source, folder: Path) -> None:
    for post in source.read(NOW).posts:
        assert (folder / post.path).is_file()
        assert not post.path.startswith("/")


def test_the_newest_post_comes_first_and_equals_are_ordered_by_path(source: Source) -> None:
    keys = [(-post.published_at.timestamp(), post.path) for post in source.read(NOW).posts]
    assert keys == sorted(keys)


def test_titles_are_single_lines(source: Source) -> None:
    assert not any("\n" in post.title for post in source.read(NOW).posts)


@pytest.mark.parametrize("kind", RUBY, indirect=True)
def test_what_the_blog_hides_is_withheld_with_a_reason(source: Source, add: Callable[[str, bytes], str]) -> None:
    hidden = add("2026-02-01-hidden.md", b"---\ntitle: x\ndate: 2026-02-01\npublished: false\n---\nx\n")
    future = add("2026-02-02-future.md", b"---\ntitle: x\ndate: 2027-02-02\n---\nx\n")
    collection = source.read(NOW)
    reasons = {post.path: post.withheld for post in collection.posts}
    assert reasons[hidden] == "published: false"
    assert reasons[future] == "dated in the future"
    assert "draft" in reasons.values()
    assert not {hidden, future} & {post.path for post in collection.shown}


def test_a_post_of_the_future_appears_when_its_time_has_come(source: Source, post: Callable[..., str]) -> None:
    path = post("future", date="2027-02-02")
    later = source.read(datetime(2027, 2, 3, tzinfo=NOW.tzinfo))
    assert path in {post.path for post in later.shown}


@pytest.mark.parametrize("kind", RUBY, indirect=True)
@pytest.mark.parametrize(("raw", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_post_is_a_problem_with_its_place_and_nothing_else(
    source: Source, add: Callable[[str, bytes], str], raw: bytes, line: int
) -> None:
    before = source.read(NOW)
    path = add("2026-02-04-broken.md", raw)
    collection = source.read(NOW)
    assert collection.posts == before.posts
    (problem,) = set(collection.problems) - set(before.problems)
    assert problem.level is Level.ERROR
    assert problem.file == path
    assert problem.line == line or not line
    assert problem.code.startswith("post.")
    assert problem.message
    assert problem.fix


@pytest.mark.parametrize("kind", RUBY, indirect=True)
def test_all_broken_posts_at_once_leave_the_others_alone(source: Source, add: Callable[[str, bytes], str]) -> None:
    before = source.read(NOW)
    for number, (raw, _) in enumerate(BROKEN.values()):
        add(f"2026-02-05-broken-{number}.md", raw)
    after = source.read(NOW)
    assert after.posts == before.posts
    assert len(after.problems) == len(before.problems) + len(BROKEN)


def test_a_file_that_cannot_be_read_is_a_problem(source: Source, post: Callable[..., str], folder: Path) -> None:
    path = post("gone")
    (folder / path).unlink()
    (folder / path).symlink_to(folder / "nowhere.md")
    assert path in {problem.file for problem in source.read(NOW).problems if problem.level is Level.ERROR}


def test_a_link_out_of_the_blog_is_not_followed(
    source: Source, post: Callable[..., str], folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("---\ntitle: secret\ndate: 2026-02-06\n---\nsecret\n")
    path = post("link")
    (folder / path).unlink()
    (folder / path).symlink_to(secret)
    collection = source.read(NOW)
    assert not any("secret" in post.body for post in collection.posts)
    assert path in {problem.file for problem in collection.problems if problem.level is Level.ERROR}


@pytest.mark.parametrize("kind", RUBY, indirect=True)
def test_a_key_written_twice_and_an_address_used_twice_are_warnings(
    source: Source, add: Callable[[str, bytes], str]
) -> None:
    double = add("2026-02-07-double.md", b"---\ntitle: x\ntags: a\ntitle: y\n---\nx\n")
    add("2026-02-08-same.md", b"---\ntitle: x\npermalink: /same/\n---\nx\n")
    same = add("2026-02-09-same.md", b"---\ntitle: x\npermalink: /same/\n---\nx\n")
    collection = source.read(NOW)
    found = {
        (problem.code, problem.file, problem.line) for problem in collection.problems if problem.level is Level.WARNING
    }
    assert ("post.duplicate-key", double, 4) in found
    assert ("post.duplicate-url", same, 0) in found
    assert {post.title for post in collection.posts if post.path == double} == {"y"}


@pytest.mark.parametrize("kind", RUBY, indirect=True)
def test_an_author_can_name_pin_weigh_and_withdraw_a_post(source: Source, add: Callable[[str, bytes], str]) -> None:
    add("2026-02-10-a.md", b"---\ntitle: x\nguid: mine\nnewsletter: {pin: true, weight: 3}\n---\nx\n")
    add("2026-02-11-b.md", b"---\ntitle: x\nguid: mine\nnewsletter: false\n---\nx\n")
    collection = source.read(NOW)
    named = next(post for post in collection.posts if post.id == "blog:mine")
    assert (named.pinned, named.weight, named.opt_out) == (True, 1.0, False)
    assert named.path.endswith("2026-02-10-a.md"), "the older of two posts with one identity keeps it"
    assert next(post for post in collection.posts if post.path.endswith("02-11-b.md")).opt_out
    assert {"post.newsletter", "post.identity"} <= {problem.code for problem in collection.problems}


def test_what_is_watched_exists_and_covers_the_posts(source: Source, folder: Path) -> None:
    watched = source.watched()
    assert watched
    assert all(path.exists() for path in watched)
    for post in source.read(NOW).posts:
        file = (folder / post.path).resolve()
        assert any(file.is_relative_to(path.resolve()) for path in watched)


def test_a_name_that_is_no_text_is_a_problem_and_no_post(source: Source, add: Callable[[str, bytes], str]) -> None:
    before = source.read(NOW)
    try:
        path = add("2026-02-12-caf\udce9.md", b"---\ntitle: x\n---\nx\n")
    except OSError as error:
        skip_or_fail("byte-names", f"this file system takes no names but UTF-8: {error.strerror}")
    after = source.read(NOW)
    assert after.posts == before.posts
    (problem,) = set(after.problems) - set(before.problems)
    assert (problem.level, problem.code) == (Level.ERROR, "post.file-name")
    assert problem.file == path.replace("\udce9", "\\xe9")


def test_a_folder_without_any_post_is_said(kind: str, tmp_path: Path, settings: dict[str, Any]) -> None:
    (tmp_path / "bare" / settings["posts"]).mkdir(parents=True)
    collection = open_source("blog", kind, {"path": tmp_path / "bare", **settings["options"]}).read(NOW)
    assert collection.posts == ()
    assert ("blog.empty", Level.WARNING) in {(problem.code, problem.level) for problem in collection.problems}


def test_a_missing_folder_is_one_clear_error(kind: str, tmp_path: Path, settings: dict[str, Any]) -> None:
    source = open_source("blog", kind, {"path": tmp_path / "nowhere", **settings["options"]})
    for ask in (lambda: source.read(NOW), source.watched):
        with pytest.raises(SourceError, match="nowhere") as caught:
            ask()
        assert caught.value.fix
