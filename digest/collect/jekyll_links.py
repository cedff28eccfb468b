"""Decides which addresses stand behind `{% post_url %}` and `{% link %}` in a Jekyll site's posts."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from digest.collect import liquid
from digest.collect.jekyll_settings import Site
from digest.models import Finding, Level, Post


class Links:
    """The posts of a site by the names under which other posts link them."""

    def __init__(self, site: Site, posts: Sequence[Post]) -> None:
        self._site = site
        self.problems: list[Finding] = []
        """Links that lead nowhere; Jekyll would stop at them."""
        self._by_path = {_below(post.path, site): post.url for post in posts}
        self._by_name: dict[str, str] = {}
        for post in sorted(posts, key=lambda post: post.path, reverse=True):
            name = re.sub(r"\.[^.]+$", "", _below(post.path, site).replace("_posts/", "", 1))
            self._by_name[name.rpartition("/")[2]] = post.url
        for path, url in self._by_path.items():
            self._by_name[re.sub(r"\.[^.]+$", "", path.replace("_posts/", "", 1))] = url

    def resolve(self, post: Post) -> Post:
        """Return the post with the links in its text replaced by addresses."""
        if "{%" not in post.body and "{%" not in post.summary:
            return post

        def address(tag: str, argument: str) -> str | None:
            found = self._post(argument) if tag == "post_url" else self._file(argument)
            if found is None and "{{" not in argument:
                self.problems.append(
                    Finding(
                        Level.WARNING,
                        "post.link",
                        f"The link to “{argument}” leads nowhere; it is left out.",
                        post.path,
                        fix="Write the linked file's name exactly, without the ending after post_url.",
                    )
                )
            return found

        return replace(
            post,
            body=liquid.resolve_links(post.body, address),
            summary=liquid.resolve_links(post.summary, address),
        )

    def _post(self, name: str) -> str | None:
        wanted = name.lstrip("/")
        return self._by_name.get(wanted) or self._by_name.get(wanted.rpartition("/")[2])

    def _file(self, path: str) -> str | None:
        wanted = path.lstrip("/")
        if wanted in self._by_path:
            return self._by_path[wanted]
        try:
            file = Path(os.path.realpath(self._site.root / wanted))
            if not file.is_relative_to(self._site.root) or not file.is_file():
                return None
        except (OSError, ValueError):  # too long a name, or a null byte in it
            return None
        page = re.sub(r"(?:^|(?<=/))index\.html$|\.(?:md|markdown)$", "", wanted)
        return f"{self._site.url}/{page}" + (".html" if page != wanted and not wanted.endswith("index.html") else "")


def _below(path: str, site: Site) -> str:
    return path.removeprefix(f"{site.collections_folder}/") if site.collections_folder else path
