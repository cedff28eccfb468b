"""Several blogs are one collection: read at once, and none waits for, or falls with, another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from digest.app import Project
from digest.errors import SourceError
from digest.models import Level
from tests.projects import AS_OF, make_project

NOW = datetime.fromisoformat(AS_OF)


@contextmanager
def feeds_that_wait_for_each_other(number: int) -> Iterator[str]:
    """Serve feeds, none of which is answered before all have been asked for."""
    everybody = threading.Barrier(number, timeout=20)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            everybody.wait()
            name = self.path.strip("/")
            body = (
                f"<rss version='2.0'><channel><title>{name}</title>"
                f"<item><guid>{name}-1</guid><title>Post of {name}</title>"
                f"<link>https://{name}.example.com/1</link><pubDate>Wed, 14 Jan 2026 09:00:00 +0900</pubDate></item>"
                "</channel></rss>"
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def project_with(folder: Path, sources: str, *, instead: bool = False) -> Path:
    project = make_project(folder / "p", readers=1)
    config = project / "config" / "digest.toml"
    said = config.read_text("utf-8")
    if instead:
        start, end = said.index("[[sources]]"), said.index("[store]")
        said = said[:start] + said[end:]
    config.write_text(said + sources, "utf-8")
    return project


def test_addresses_are_asked_at_once(tmp_path: Path) -> None:
    names = ("one", "two", "three")
    with feeds_that_wait_for_each_other(len(names)) as address:
        sources = "".join(
            f'\n[[sources]]\nname = "{name}"\nkind = "feed"\nurl = "{address}/{name}"\nallow_private = true\n'
            for name in names
        )
        with Project(project_with(tmp_path, sources)) as project:
            collection = project.read_posts(NOW)
    assert {f"{name}:{name}-1" for name in names} <= {post.id for post in collection.posts}


def test_a_blog_that_cannot_be_read_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    gone = '\n[[sources]]\nname = "gone"\nkind = "plain"\npath = "nowhere"\n'
    with Project(project_with(tmp_path, gone)) as project:
        collection = project.read_posts(NOW)
    assert collection.shown
    (problem,) = [each for each in collection.problems if each.code == "blog.failed"]
    assert problem.level is Level.ERROR
    assert "its posts are missing" in problem.message
    assert problem.file == "nowhere"
    assert problem.fix


def test_where_no_blog_can_be_read_there_is_no_issue(tmp_path: Path) -> None:
    gone = "".join(f'\n[[sources]]\nname = "{name}"\nkind = "plain"\npath = "{name}"\n' for name in ("a", "b"))
    with Project(project_with(tmp_path, gone, instead=True)) as project, pytest.raises(SourceError, match="no folder"):
        project.read_posts(NOW)


def test_two_blogs_may_have_posts_of_the_same_path(tmp_path: Path) -> None:
    folder = tmp_path / "p" / "second"
    again = '\n[[sources]]\nname = "second"\npath = "second"\nkind = "plain"\nurl_pattern = "https://two.example.com/{slug}/"\n'
    root = project_with(tmp_path, again)
    (folder / "_posts").mkdir(parents=True)
    (folder / "2026-01-14-a.md").write_text("---\ntitle: A\n---\nWords.\n")
    with Project(root) as project:
        first, second = project.read_posts(NOW), project.read_posts(NOW)
    assert first == second, "what is remembered of one blog is not taken for the other's"
    assert "second:2026-01-14-a.md" in {post.id for post in first.posts}
