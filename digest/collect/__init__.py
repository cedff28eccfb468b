"""Where posts come from.

    sources/       one module a kind: a blog's folder (jekyll, hugo, plain ...) or an address (feed, wordpress ...)
    reading.py     how a folder of posts is read: which files are worth parsing, what is remembered
    headers/       what stands at the top of a post, as each generator's own parser understands it
    words/         what a reader sees of the text
    fetching/      what comes over the network
    last_reading.py  what is told when an address cannot be read that was read before
    opening.py     which kind reads a blog: by name, by dotted path, or by what lies in its folder

A module of `sources/` exports `Source`: a frozen dataclass whose fields are the options of that kind in
`config/digest.toml`, with the members of the protocol below, and, where a folder can be told to be of that kind,
a function `recognises(folder, names)`. `tests/contracts/test_sources.py` finds every such module and holds it to
the same tests. `open_source` makes a source from its configuration, and `words.excerpt.excerpt` words for a post,
once it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digest.collect.memory import FORGETFUL, Memory
from digest.collect.opening import detect, known_kinds, open_source
from digest.models import Collection

__all__ = ["FORGETFUL", "Memory", "Source", "detect", "known_kinds", "open_source"]


class Source(Protocol):
    """A blog that can be read."""

    @property
    def name(self) -> str:
        """First part of every post's id."""
        ...

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read the posts; a broken one is a problem in the collection, never an exception.

        `now` decides which posts lie in the future. With `since`, posts that were offered before are left out, and
        what is wrong with them: most of a blog's history then need not be parsed. `memory` makes reading faster and
        changes nothing else about a folder; for an address it also keeps what is needed when the network fails.
        A blog that holds no post at all, not even a draft or a broken one, is the warning `blog.empty`.
        Raise `SourceError` when the blog as a whole cannot be read, or a folder of it cannot be listed.
        """
        ...

    def watched(self) -> Sequence[Path]:
        """Return the files and folders whose change changes what `read` says; none for an address."""
        ...
