"""Blogs on loopback that answer over HTTP as WordPress (REST API) and Ghost (Content API) do.

    with WordPress(posts, site) as blog:
        ... blog.url ... blog.requests[0].path ...

`answer`, when set, is asked first: it gets the path and returns a status with a body, or None to let the blog answer.
What WordPress does here was seen on WordPress 6.1; see tests/data/sources/wordpress/record.sh.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

Json = Mapping[str, Any]
Reply = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Asked:
    path: str
    """Without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""


class Blog:
    """An HTTP server of which a subclass says what it answers."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.answer: Callable[[str], Reply | None] = lambda _: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                asked = Asked(parts.path, query, {name.lower(): value for name, value in self.headers.items()})
                outer.requests.append(asked)
                status, headers, body = outer.answer(self.path) or outer.reply(asked)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def reply(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode()


def page(html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return status, {"Content-Type": "text/html", **(headers or {})}, html.encode()


class WordPress(Blog):
    """A WordPress site; `posts` are as its REST API gives them with everything embedded."""

    def __init__(self, posts: Sequence[Json], site: Json) -> None:
        super().__init__()
        self.posts = list(posts)
        self.site = dict(site) | {"namespaces": ["oembed/1.0", "wp/v2"]}
        self.pretty = True
        """Whether permalinks are; without, the API answers at ?rest_route= only."""
        self.tells_totals = True
        self.link_in = "header"
        """Where the front page names the API: `header`, `head` or nowhere."""

    def reply(self, asked: Asked) -> Reply:
        if asked.path.startswith("/wp-json/"):
            if not self.pretty:
                return page("<h1>Not Found</h1>", 404)
            return self._route(asked.path.removeprefix("/wp-json"), asked.query)
        if route := asked.query.get("rest_route"):
            return self._route(route, asked.query)
        root = f"{self.url}/wp-json/" if self.pretty else f"{self.url}/index.php?rest_route=/"
        headers = {"Link": f'<{root}>; rel="https://api.w.org/"'} if self.link_in == "header" else {}
        tag = f"<link rel='https://api.w.org/' href='{root}' />" if self.link_in == "head" else ""
        return page(f"<html><head>{tag}</head></html>", headers=headers)

    def _route(self, route: str, query: Mapping[str, str]) -> Reply:
        if route == "/":
            return as_json(_only(self.site | {"routes": {"/": "much"}}, query))
        if route != "/wp/v2/posts":
            return as_json({"code": "rest_no_route", "message": "No route was found.", "data": {"status": 404}}, 404)
        per_page, number = int(query.get("per_page", "10")), int(query.get("page", "1"))
        if not 1 <= per_page <= 100:
            return as_json({"code": "rest_invalid_param", "message": "Invalid parameter(s): per_page"}, 400)
        after = ""
        if "after" in query:  # compared with the date on the site's clock
            zone = ZoneInfo(self.site["timezone_string"])
            after = f"{datetime.fromisoformat(query['after']).astimezone(zone):%Y-%m-%dT%H:%M:%S}"
        posts = [post for post in self.posts if not after or post["date"] > after]
        posts.sort(key=lambda post: post["date"], reverse=True)
        pages = -(-len(posts) // per_page)
        if number > pages and posts:
            return as_json({"code": "rest_post_invalid_page_number", "message": "Too large.", "data": {}}, 400)
        told = {"X-WP-Total": str(len(posts)), "X-WP-TotalPages": str(pages)} if self.tells_totals else {}
        shown = posts[(number - 1) * per_page : number * per_page]
        return as_json([_only(_embedding(post, query), query) for post in shown], headers=told)


def _embedding(post: Json, query: Mapping[str, str]) -> Json:
    linked = "_fields" not in query or "_links" in query["_fields"].split(",")
    embeds = query.get("_embed", "").split(",") if linked else []
    embedded = {name: value for name, value in post.get("_embedded", {}).items() if name in embeds}
    return {**post, "_links": {"self": []}, "_embedded": embedded}


def _only(value: Json, query: Mapping[str, str]) -> Json:
    fields = query["_fields"].split(",") if "_fields" in query else list(value)
    return {name: each for name, each in value.items() if name in fields}


class Ghost(Blog):
    """A Ghost site; `posts` are as its Content API gives them with tags and authors, in all formats."""

    KEY = "22444f78447824223cefc48062"

    def __init__(self, posts: Sequence[Json], settings: Json) -> None:
        super().__init__()
        self.posts = list(posts)
        self.settings = dict(settings)

    def reply(self, asked: Asked) -> Reply:
        if not asked.path.startswith("/ghost/api/content/"):
            return page("<html>A page</html>", 404 if asked.path != "/" else 200)
        if "key" not in asked.query:
            return self._no(403, "Authorization failed", "NoPermissionError")
        if asked.query["key"] != self.KEY:
            return self._no(401, "Unknown Content API Key", "UnauthorizedError")
        match asked.path.removeprefix("/ghost/api/content/"):
            case "settings/":
                return as_json({"settings": self.settings, "meta": {}})
            case "posts/":
                return self._posts(asked.query)
            case _:
                return self._no(404, "Resource not found", "NotFoundError")

    def _posts(self, query: Mapping[str, str]) -> Reply:
        posts = sorted(self.posts, key=lambda post: post["published_at"], reverse=True)
        if told := query.get("filter"):
            found = re.fullmatch(r"published_at:>='(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)'", told)
            if not found:
                return self._no(400, "Error parsing filter", "BadRequestError")
            first = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
            posts = [post for post in posts if datetime.fromisoformat(post["published_at"]) >= first]
        limit, number = min(int(query.get("limit", "15")), 100), int(query.get("page", "1"))
        pages = max(1, -(-len(posts) // limit))
        shown = [self._formatted(post, query) for post in posts[(number - 1) * limit : number * limit]]
        pagination = {"page": number, "limit": limit, "pages": pages, "total": len(posts), "next": None, "prev": None}
        return as_json({"posts": shown, "meta": {"pagination": pagination}})

    def _formatted(self, post: Json, query: Mapping[str, str]) -> Json:
        formats, include = query.get("formats", "html").split(","), query.get("include", "").split(",")
        left_out = {"html", "plaintext"} - set(formats) | {"tags", "authors"} - set(include)
        return {name: value for name, value in post.items() if name not in left_out}

    def _no(self, status: int, message: str, kind: str) -> Reply:
        return as_json({"errors": [{"message": message, "type": kind, "code": None, "context": None}]}, status)
