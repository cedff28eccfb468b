"""Decides which post a person means who types a part of its name."""

from __future__ import annotations

from collections.abc import Sequence

from digest.errors import ConfigError
from digest.models import Post
from digest.select.vocabulary import fold

_SHOWN = 5


def named(text: str, posts: Sequence[Post]) -> Post:
    """Return the post with this id, path or address, else the only one whose id or title holds the text.

    Raise `ConfigError` when there is none, or more than one.
    """
    wanted = text.strip()
    exact = [post for post in posts if wanted and wanted in (post.id, post.path, post.url)]
    folded = fold(wanted)
    near = exact or [post for post in posts if folded in fold(post.id) or folded in fold(post.title)]
    if len(near) == 1 and wanted:
        return near[0]
    if not near or not wanted:
        raise ConfigError(f"there is no post “{text}”", fix="name its id, path or address; `digest select` lists them")
    names = ", ".join(post.id for post in near[:_SHOWN])
    more = f" and {len(near) - _SHOWN} more" if len(near) > _SHOWN else ""
    raise ConfigError(f"“{text}” may be {len(near)} posts: {names}{more}", fix="name the whole id")
