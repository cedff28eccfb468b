"""Which line of a design, or which post, is meant by a finding about a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from digest.errors import TemplateError
from digest.models import Finding, Newsletter, Post, Selection, Spot
from digest.render.blame import line_of_setting
from digest.render.escaping import EscapingSandbox
from digest.render.manuscript import Manuscript
from digest.render.plain import plain_address
from digest.render.rendered import Rendered
from digest.render.tag_offsets import OFFSET, STYLES, numbered, tags_of
from digest.render.tracing import Traced, TracingSandbox, read_marks

_QUOTED = 200
"""Characters of a quote that are looked for."""
_SPACES = re.compile(r"\s+")

_Write = Callable[[Sequence[str], type[EscapingSandbox]], str]


def located(
    findings: Iterable[Finding],
    made: Rendered,
    manuscript: Manuscript,
    templates: Path,
    newsletter: Newsletter,
    selection: Selection,
) -> tuple[Finding, ...]:
    """Return the findings about `made`, each that has a `spot` with the file and line behind it in its place.

    Where the address of a post or of its picture is at fault, that is the post's file. Several findings of one kind
    that lead to one line of a design are told as one.
    """
    places = _Places(made, manuscript, templates, newsletter, selection)
    told: dict[tuple[str, str, int], Finding] = {}
    counts: dict[tuple[str, str, int], int] = {}
    for number, each in enumerate(findings):
        if each.file or not each.spot:
            told["", "", number] = each
            continue
        file, line = places.of(each.spot)
        same = (each.code, file, line) if line else ("", "", number)
        told.setdefault(same, replace(each, file=file, line=line, spot=None))
        counts[same] = counts.get(same, 0) + 1
    return tuple(replace(each, times=counts.get(same, 1)) for same, each in told.items())


class _Places:
    """Where the parts of one mail come from; looked for when the first finding asks."""

    def __init__(
        self, made: Rendered, manuscript: Manuscript, templates: Path, newsletter: Newsletter, selection: Selection
    ) -> None:
        self._made = made
        self._manuscript = manuscript
        self._templates = templates
        self._newsletter = newsletter.file
        self._selection = selection

    def of(self, spot: Spot) -> tuple[str, int]:
        """Return a file, and a line or 0."""
        if spot.part in {"subject", "preheader"}:
            return self._newsletter, line_of_setting(spot.part, self._newsletter) or 0
        if post := self._posts.get(_page(spot.quote)):
            return post, 0
        whole = str(self._manuscript.folder / f"email.{'txt' if spot.part == 'text' else 'html'}")
        traced = self._text if spot.part == "text" else self._html
        if traced is None:
            return whole, 0
        in_text = spot.part == "text"
        offset = _found(spot.quote, traced.text, [(0, len(traced.text))]) if in_text else self._in_html(spot)
        name, line = traced.origin(offset) if offset >= 0 else ("", 0)
        if not name or ".." in name:  # a post can forge a mark; none of ours leads out of the folder
            return whole, 0
        return str(self._templates / name), line

    def _in_html(self, spot: Spot) -> int:
        """Return where the HTML before inlining holds what is meant; -1 for nowhere."""
        html = self._html.text if self._html else ""
        styles = [found.span(1) for found in STYLES.finditer(html)]
        if spot.tag < 0:
            return _found(spot.quote, html, [*styles, (0, len(html))])
        tag = self._tags[spot.tag] if spot.tag < len(self._tags) else -1
        end = html.find(">", tag) + 1 if tag >= 0 else tag
        quoted = _found(spot.quote, html, [(tag, end), *styles])
        return quoted if quoted >= 0 else tag

    @cached_property
    def _html(self) -> Traced | None:
        return self._traced(self._manuscript.html)

    @cached_property
    def _text(self) -> Traced | None:
        return self._traced(self._manuscript.text)

    def _traced(self, write: _Write) -> Traced | None:
        try:
            return read_marks(write(self._made.compact, TracingSandbox))
        except TemplateError:
            return None  # the marks take room: what was just within the bounds may not be so now

    @cached_property
    def _tags(self) -> Sequence[int]:
        """Where the tags of the mail, style blocks apart, begin in the HTML before inlining; -1 for implied ones."""
        written = tags_of(numbered(self._html.text if self._html else ""))
        if [each.tag for each in written] != [each.tag for each in tags_of(self._made.email.html)]:
            return ()
        return [int(each.get(OFFSET) or -1) for each in written]

    @cached_property
    def _posts(self) -> Mapping[str, str]:
        """The files of the posts, by the addresses that only they can have brought into the mail."""
        picks = (*self._selection.picks, *self._selection.more)
        posts: list[Post] = [post for pick in picks for post in (pick.post, *pick.also)]
        addresses = ((_page(plain_address(address)), post.path) for post in posts for address in (post.url, post.image))
        return {address: path for address, path in addresses if address and path}


def _page(address: str) -> str:
    """Return an address without its query and fragment: links have parameters added."""
    return address.partition("#")[0].partition("?")[0]


def _found(quote: str, text: str, spans: Iterable[tuple[int, int]]) -> int:
    """Return where the first of the spans that hold a quote has it; -1 for nowhere. Blanks and case are alike."""
    words = [re.escape(word) for word in _SPACES.split(quote.strip()[:_QUOTED].replace(":", ": ")) if word]
    if not words:
        return -1
    pattern = re.compile(r"\s{0,20}".join(words), re.IGNORECASE)
    return next((found.start() for start, end in spans if (found := pattern.search(text, max(start, 0), end))), -1)
