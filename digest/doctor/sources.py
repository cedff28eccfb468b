"""Whether each blog can be read, and whether all is known that its posts' addresses and dates depend on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from digest.app import Project
from digest.collect import Source
from digest.collect.opening import kind_of
from digest.doctor.examined import Examined, failed
from digest.errors import DigestError
from digest.models import Collection


def sources(project: Project, now: datetime) -> Iterator[Examined]:
    """Read every blog as a run does; tell what is wrong with a blog as a whole, and how many posts have problems."""
    try:
        opened = project.sources
    except DigestError as error:
        yield failed("sources", error)
        return
    for source in opened:
        subject = f"source {source.name}"
        try:
            collection = project.read_source(source, now)
        except DigestError as error:
            yield failed(subject, error)
        else:
            of_the_blog = tuple(each for each in collection.problems if each.code.startswith("blog."))
            yield Examined(subject, _said(source, collection, len(collection.problems) - len(of_the_blog)), of_the_blog)


def _said(source: Source, collection: Collection, problems: int) -> str:
    shown = collection.shown
    newest = f", the newest of {shown[0].published_at:%Y-%m-%d %H:%M %z}" if shown else ""
    more = (
        f", {problems} problem{'' if problems == 1 else 's'} with posts (`digest collect --all --problems`)"
        if problems
        else ""
    )
    return f"{kind_of(source)}, {len(shown)} posts{newest}{more}"
