"""Fills a fresh Ghost with one awkward post a rule, and records what it says and shows; run by record.sh.

python3 fill.py ADDRESS recorded.json
"""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.request
from html import unescape
from http.cookiejar import CookieJar
from typing import Any

ADDRESS, TARGET = sys.argv[1:]
OPENER = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
LONG = " ".join(f"Sentence number {number} says that the digest counts words." for number in range(1, 21))
PAYWALL = "<p>Free words before the wall.</p><!--members-only--><p>Words that cost.</p>"
UNUSED = {"codeinjection_head", "codeinjection_foot", "uuid", "comment_id", "primary_author"}
POSTS: list[dict[str, Any]] = [
    {"slug": "plain", "title": "A plain post", "html": f"<p>{LONG}</p>"},
    {"slug": "summary", "title": "With a summary", "html": f"<p>{LONG}</p>", "custom_excerpt": "By hand & kept; 2 * 3 * 4."},
    {"slug": "tags", "title": "Several tags", "tags": ["News", "R&D", "#internal", "日本語"]},
    {"slug": "internal-first", "title": "An internal tag comes first", "tags": ["#digest", "Tips"]},
    {"slug": "internal-only", "title": "Only an internal tag", "tags": ["#digest"]},
    {"slug": "no-tags", "title": "No tags"},
    {"slug": "members", "title": "For members", "visibility": "members", "html": "<p>Words for members.</p>"},
    {"slug": "paid", "title": "For those who pay", "visibility": "paid", "html": "<p>Words that cost.</p>"},
    {"slug": "paid-preview", "title": "For those who pay, with a preview", "visibility": "paid", "html": PAYWALL},
    {"slug": "paid-summary", "title": "For those who pay, with a summary", "visibility": "paid",
     "html": "<p>Words that cost.</p>", "custom_excerpt": "An open summary."},
    {"slug": "featured", "title": "Featured", "featured": True},
    {"slug": "elsewhere", "title": "First shown elsewhere", "canonical_url": "https://elsewhere.example/first/"},
    {"slug": "picture", "title": "With a picture", "feature_image": "/content/images/2026/11/Bild%201.jpg"},
    {"slug": "picture-away", "title": "With a picture of another host", "feature_image": "https://images.example/a.jpg?w=2000"},
    {"slug": "draft", "title": "A draft", "status": "draft"},
    {"slug": "scheduled", "title": "Scheduled", "status": "scheduled", "published_at": "2036-01-01T00:00:00.000Z"},
    {"slug": "signs", "title": "5 < 6 & <b>bold</b> \"quoted\" {{ braces }} Vec<T>"},
    {"slug": "nihongo", "title": "日本語の題名「引用」", "html": "<p>" + "これは日本語の本文です。" * 30 + "</p>"},
    {"slug": "日本語", "title": "A slug of another script"},
    {"slug": "empty", "title": "Nothing but a title", "html": ""},
    {"slug": "emoji", "title": "Launch 🚀 day", "html": "<p>Emoji 🎉 in text.</p>"},
    {"slug": "old", "title": "From another century", "published_at": "1999-12-31T23:59:59.000Z"},
    {"slug": "midnight", "title": "Past midnight on the site, before it in UTC", "published_at": "2026-10-31T20:30:00.000Z"},
    {"slug": "millis", "title": "With milliseconds", "published_at": "2026-11-01T00:00:00.123Z"},
    {"slug": "same-a", "title": "One of two at once", "published_at": "2026-11-02T00:00:00.000Z"},
    {"slug": "same-b", "title": "The other of two at once", "published_at": "2026-11-02T00:00:00.000Z"},
    {"slug": "markup", "title": "All sorts of markup", "html": "<h2>Heading</h2><p>A <a href='/x/'>linked</a> <em>word</em>.</p>"
     "<pre><code>{{ not liquid }} *not* markdown</code></pre><ul><li>one</li></ul><p>Braces {% stay %} and *stars* stay.</p>"},
]  # fmt: skip


def ask(path: str, body: object = None, method: str | None = None) -> Any:
    """Ask the Admin API, or with a key the Content API."""
    request = urllib.request.Request(ADDRESS + path, method=method)
    request.add_header("Origin", ADDRESS)
    request.add_header("Accept-Version", "v5.0")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with OPENER.open(request) as answer:
        said = answer.read()
    return json.loads(said) if said[:1] in b"{[" and said else None


def lexical(html: str) -> str:
    """Return a document of Ghost's editor that holds one card of HTML."""
    card = {"type": "html", "version": 1, "html": html}
    nothing = {"type": "paragraph", "version": 1, "children": [], "direction": None, "format": "", "indent": 0}
    root = {
        "children": [card if html else nothing],
        "direction": None,
        "format": "",
        "indent": 0,
        "type": "root",
        "version": 1,
    }
    return json.dumps({"root": root})


def slim(value: Any) -> Any:
    """Leave out what is not set, and what nobody reads."""
    if isinstance(value, dict):
        return {
            name: slim(each)
            for name, each in value.items()
            if name not in UNUSED and (each is not None or name == "html")
        }
    return [slim(each) for each in value] if isinstance(value, list) else value


def page(address: str) -> tuple[int, str]:
    """Return the status and the words of a page of the site."""
    try:
        with OPENER.open(address) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def shown(slug: str) -> dict[str, Any]:
    """Return what a page tells machines about its post."""
    status, html = page(f"{ADDRESS}/{slug}/")
    if status != 200:
        return {"slug": slug, "status": status}
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    told = json.loads(found[1])
    return {
        "slug": slug,
        "status": status,
        "url": told["url"],
        "title": unescape(told["headline"]),
        "published_at": told["datePublished"],
        "author": unescape(told["author"]["name"]),
        "tags": [
            unescape(unescape(tag)) for tag in re.findall(r'<meta property="article:tag" content="([^"]*)"', html)
        ],
        "image": told.get("image", {}).get("url", ""),
    }


ask("/ghost/api/admin/authentication/setup/", {"setup": [
    {"name": "Jo O'Hara", "email": "jo@example.com", "password": "a long sentence of words", "blogTitle": "An awkward blog"},
]})  # fmt: skip
ask("/ghost/api/admin/session/", {"username": "jo@example.com", "password": "a long sentence of words"})
for old in ask("/ghost/api/admin/posts/?limit=all")["posts"]:
    ask(f"/ghost/api/admin/posts/{old['id']}/", method="DELETE")
ask("/ghost/api/admin/settings/", {"settings": [
    {"key": "timezone", "value": "Asia/Tokyo"}, {"key": "locale", "value": "ja"},
]}, "PUT")  # fmt: skip
for number, post in enumerate(POSTS):
    made = {
        "status": "published",
        "published_at": f"2026-11-{number % 20 + 1:02}T03:04:05.000Z",
        **post,
        "tags": [{"name": name} for name in post.get("tags", ())],
        "lexical": lexical(post.get("html", f"<p>Words of {post['slug']}.</p>")),
    }
    made.pop("html", None)
    post["slug"] = ask("/ghost/api/admin/posts/", {"posts": [made]})["posts"][0]["slug"]
secret = next(
    key["secret"]
    for key in ask("/ghost/api/admin/integrations/", {"integrations": [{"name": "digest"}]})["integrations"][0][
        "api_keys"
    ]
    if key["type"] == "content"
)
content = f"/ghost/api/content/{{}}/?key={secret}"
said = ask(content.format("posts") + "&include=tags,authors&formats=html,plaintext&limit=100")
settings = ask(content.format("settings"))["settings"]
recorded = {
    "settings": {name: settings[name] for name in ("title", "timezone", "lang", "locale", "url")},
    "posts": [slim(post) for post in said["posts"]],
    "pagination": said["meta"]["pagination"],
    "shown": [shown(post["slug"]) for post in POSTS],
}
with open(TARGET, "w", encoding="utf-8") as file:
    file.write(json.dumps(recorded, ensure_ascii=False, indent=1).replace(ADDRESS, "https://blog.example") + "\n")
