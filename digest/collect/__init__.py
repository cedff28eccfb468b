"""Where posts come from.

A module of this folder that knows one kind of blog exports `Source`: a frozen dataclass whose fields are the
options of that kind in `config/digest.toml`, with these members:

    name      the source's name, first part of every post's id
    read()    all posts of the blog and what was wrong with the rest
    watched() the files and folders whose change changes what `read` says

`tests/contracts/test_sources.py` finds every such module and holds it to the same tests. `open_source` makes a
source from its configuration, and `excerpt.excerpt` words for a post, once it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digest.collect.opening import detect, known_kinds, open_source
from digest.models import Collection

__all__ = ["Source", "detect", "known_kinds", "open_source"]


class Source(Protocol):
    """A blog that can be read."""

    @property
    def name(self) -> str:
        """First part of every post's id."""
        ...

    def read(self, now: datetime) -> Collection:
        """Read every post; a broken one is a problem in the collection, never an exception.

        `now` decides which posts lie in the future.
        A blog that holds no post at all, not even a draft or a broken one, is the warning `blog.empty`.
        Raise `SourceError` when the blog as a whole cannot be read, or a folder of it cannot be listed.
        """
        ...

    def watched(self) -> Sequence[Path]:
        """Return the files and folders whose change changes what `read` says."""
        ...
