"""What cannot be looked into is said, and never passes for a blog without posts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.collect import Source, detect, open_source
from digest.errors import SourceError
from digest.models import Level
from tests.collect.unprivileged import nobody_special, reachable_folder

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
UNLISTED = {"closed": 0o000, "not to be listed": 0o111, "not to be entered": 0o444}
KINDS = ("jekyll", "plain")
CONFIG = "url: https://example.com\ntimezone: Asia/Tokyo\n"


@pytest.fixture
def blog() -> Iterator[Path]:
    """A small blog of which every kind of source reads the same two posts."""
    with reachable_folder() as folder:
        write(folder / "_config.yml", CONFIG)
        for kind in ("_posts", "news/_posts", "posts/news"):
            write(folder / kind / "2026-01-02-a.md", "---\ntitle: x\n---\nBody.\n")
        for kind in KINDS:  # what Python loads late must be there: its own folders may be closed to others
            open_source("b", kind, {"path": folder}).read(NOW)
        yield folder


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def refusal(blog: Path, ask: Callable[[], object]) -> SourceError:
    with nobody_special(blog.parent), pytest.raises(SourceError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize("mode", UNLISTED.values(), ids=UNLISTED.keys())
@pytest.mark.parametrize(
    ("kind", "closed"),
    [
        ("jekyll", "_posts"),
        ("jekyll", "_posts/deep"),
        ("jekyll", "news"),
        ("jekyll", "news/_posts"),
        ("jekyll", "_drafts"),
        ("plain", "posts"),
        ("plain", "posts/news"),
    ],
)
def test_a_folder_that_cannot_be_looked_into_is_an_error_that_names_it(
    blog: Path, kind: str, closed: str, mode: int
) -> None:
    (blog / closed).mkdir(exist_ok=True)
    source = open_source("b", kind, {"path": blog})
    with nobody_special(blog):
        assert source.read(NOW).posts, "the folder is the only obstacle"
    (blog / closed).chmod(mode)
    error = refusal(blog, lambda: source.read(NOW))
    assert str(error) == (
        f"{(blog / closed).resolve()}: a folder of the blog “b” cannot be listed: Permission denied"
        " — let this program list and enter the folder, or, where no posts belong in it, move it out of the blog"
    )


@pytest.mark.parametrize("mode", UNLISTED.values(), ids=UNLISTED.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_a_blog_that_cannot_be_looked_into_is_an_error_however_it_is_asked(blog: Path, kind: str, mode: int) -> None:
    source = open_source("b", kind, {"path": blog})
    blog.chmod(mode)
    for ask in (lambda: source.read(NOW), source.watched, lambda: detect(blog)):
        error = refusal(blog, ask)
        assert error.file == str(blog)
        assert "Permission denied" in error.message
        assert error.fix


def test_a_blog_behind_a_closed_folder_is_an_error_and_not_a_missing_folder(blog: Path) -> None:
    inner = blog / "posts" / "news"
    sources = [open_source("b", kind, {"path": inner}) for kind in KINDS]
    (blog / "posts").chmod(0)
    for source in sources:
        assert "Permission denied" in refusal(blog, lambda source=source: source.read(NOW)).message


@pytest.mark.parametrize("name", ["_config.yml", "CNAME"])
def test_settings_that_cannot_be_read_are_an_error_with_the_right_remedy(blog: Path, name: str) -> None:
    write(blog / "_config.yml", "timezone: Asia/Tokyo\n")
    write(blog / name, "x: y\n").chmod(0)
    error = refusal(blog, lambda: open_source("b", "jekyll", {"path": blog}).read(NOW))
    assert error.message == "the blog's settings cannot be read: Permission denied"
    assert (error.file, error.fix) == (str(blog / name), "let this program read the file")


def test_settings_behind_a_closed_folder_are_an_error(blog: Path) -> None:
    write(blog / "shelf" / "settings.yml", CONFIG)
    (blog / "_config.yml").unlink()
    (blog / "_config.yml").symlink_to("shelf/settings.yml")
    (blog / "shelf").chmod(0)
    error = refusal(blog, lambda: open_source("b", "jekyll", {"path": blog}).read(NOW))
    assert error.file == str(blog / "_config.yml")


@pytest.mark.parametrize(("kind", "folder"), [("jekyll", "_posts"), ("plain", "posts/news")])
def test_one_post_that_cannot_be_read_is_a_problem_and_leaves_the_others(blog: Path, kind: str, folder: str) -> None:
    source: Source = open_source("b", kind, {"path": blog})
    before = source.read(NOW)
    closed = write(blog / folder / "2026-01-03-closed.md", "---\ntitle: y\n---\n")
    closed.chmod(0)
    with nobody_special(blog):
        after = source.read(NOW)
    assert after.posts == before.posts
    (problem,) = set(after.problems) - set(before.problems)
    assert (problem.level, problem.code, problem.file) == (
        Level.ERROR,
        "post.unreadable",
        closed.relative_to(blog).as_posix(),
    )
    assert "Permission denied" in problem.message


def test_a_list_of_authors_that_cannot_be_read_is_a_warning(blog: Path) -> None:
    write(blog / "_data" / "authors.yml", "a:\n  name: A\n")
    (blog / "_data").chmod(0)
    source = open_source("b", "jekyll", {"path": blog})
    with nobody_special(blog):
        assert "blog.authors" in {problem.code for problem in source.read(NOW).problems}
        assert source.watched()


def test_a_link_to_a_place_outside_that_nobody_may_see_is_no_reason_to_stop(blog: Path) -> None:
    with reachable_folder() as elsewhere:
        (elsewhere / "inner").mkdir()
        (blog / "more").symlink_to(elsewhere / "inner")
        elsewhere.chmod(0)
        with nobody_special(blog):
            assert len(open_source("b", "jekyll", {"path": blog}).read(NOW).posts) == 2
        elsewhere.chmod(0o755)


def test_a_folder_that_the_blog_excludes_need_not_be_readable(blog: Path) -> None:
    write(blog / "_config.yml", CONFIG + "exclude: [private]\n")
    (blog / "private").mkdir()
    (blog / "private").chmod(0)
    with nobody_special(blog):
        assert len(open_source("b", "jekyll", {"path": blog}).read(NOW).posts) == 2


def test_a_link_that_leads_to_itself_is_a_problem_of_that_post(blog: Path) -> None:
    (blog / "_posts" / "2026-01-04-loop.md").symlink_to("2026-01-04-loop.md")
    (blog / "posts" / "2026-01-04-loop.md").symlink_to("2026-01-04-loop.md")
    for kind in KINDS:
        collection = open_source("b", kind, {"path": blog}).read(NOW)
        assert "post.unreadable" in {problem.code for problem in collection.problems}
        assert collection.posts


@pytest.mark.parametrize("argument", ["a" * 300, "a\0b"])
def test_a_link_whose_name_no_file_can_have_leads_nowhere(blog: Path, argument: str) -> None:
    write(blog / "_posts" / "2026-01-05-link.md", f"---\ntitle: x\n---\n{{% link {argument} %}}\n")
    collection = open_source("b", "jekyll", {"path": blog}).read(NOW)
    assert "post.link" in {problem.code for problem in collection.problems}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [(), ("README.md",), (".gitkeep", "picture.png")])
def test_a_blog_without_any_post_is_a_warning(blog: Path, kind: str, names: tuple[str, ...]) -> None:
    place = empty(blog, kind)
    for name in names:
        write(place / name, "Words.\n")
    collection = open_source("b", kind, {"path": blog}).read(NOW)
    (said,) = [problem for problem in collection.problems if problem.code == "blog.empty"]
    assert collection.posts == ()
    assert said.level is Level.WARNING
    assert said.message == "The blog has no posts at all."
    assert said.file == ("_posts" if kind == "jekyll" else "")
    assert said.fix == "check that the folder is the right one and fully there"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("front", ["title: x", "published: false", "draft: true", "date: 2099-01-01", "title: a: b"])
def test_a_blog_with_one_post_hidden_or_broken_is_not_empty(blog: Path, kind: str, front: str) -> None:
    write(empty(blog, kind) / "2026-01-02-a.md", f"---\n{front}\n---\n")
    collection = open_source("b", kind, {"path": blog}).read(NOW)
    assert "blog.empty" not in {problem.code for problem in collection.problems}


def test_a_blog_with_drafts_only_is_not_empty(blog: Path) -> None:
    empty(blog, "jekyll")
    write(blog / "_drafts" / "idea.md", "---\ntitle: x\n---\n")
    collection = open_source("b", "jekyll", {"path": blog}).read(NOW)
    assert "blog.empty" not in {problem.code for problem in collection.problems}


def empty(blog: Path, kind: str) -> Path:
    """Take all posts away, and return where that kind of blog would have them."""
    for folder in ("_posts", "news", "posts"):
        shutil.rmtree(blog / folder)
    place = blog / ("_posts" if kind == "jekyll" else "posts")
    place.mkdir()
    return place
