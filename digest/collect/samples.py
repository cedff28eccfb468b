"""Decides how awkward posts made up for trying designs are read: as they stand, with nothing about them mended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from digest.collect.headers import front_matter
from digest.collect.problems import BrokenPostError
from digest.collect.words.excerpt import excerpt
from digest.models import Finding, Level, Pick, Post, Text


def read_samples(folder: Path, begin: datetime, columns: int) -> tuple[tuple[Pick, ...], tuple[Finding, ...]]:
    """Return the Markdown files of a folder as picks, in the order of their names, and what cannot be read of them.

    `title`, `url`, `image`, `author`, `language`, `categories` and `excerpt` of the front matter are taken word for
    word; without an `excerpt`, the text gives one of so many `columns`. They are published hour by hour from `begin`.
    """
    picks: list[Pick] = []
    broken: list[Finding] = []
    for number, file in enumerate(sorted(folder.glob("*.md")), 1):
        try:
            document = front_matter.read(file.read_bytes())
        except BrokenPostError as error:
            broken.append(error.finding(str(file), Level.WARNING))
        except OSError as error:
            said = f"The sample cannot be read: {error.strerror}."
            broken.append(Finding(Level.WARNING, "sample.unreadable", said, str(file)))
        else:
            post = _post(file, document.data, document.body, begin + timedelta(hours=number))
            words = _text(document.data, "excerpt") if "excerpt" in document.data else excerpt(post, columns)
            picks.append(Pick(post, 3.0 - number / 100, {}, "", excerpt=words, rank=number))
    if not picks:
        said = "There are no awkward posts, so designs are tried with usual ones only."
        fix = "copy templates/_samples/ from a new project"
        broken.append(Finding(Level.WARNING, "sample.none", said, str(folder), fix=fix))
    return tuple(picks), tuple(broken)


def _post(file: Path, data: Mapping[str, object], body: str, published_at: datetime) -> Post:
    categories = data.get("categories")
    return Post(
        id=f"sample:{file.stem}",
        path=file.name,
        url=_text(data, "url"),
        title=_text(data, "title"),
        published_at=published_at,
        text=Text(body),
        author=_text(data, "author"),
        categories=tuple(map(str, categories)) if isinstance(categories, list) else (),
        language=_text(data, "language"),
        image=_text(data, "image"),
    )


def _text(data: Mapping[str, object], key: str) -> str:
    return str(data.get(key) or "")
