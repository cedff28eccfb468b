"""Decides how a feed is asked for, and what is done when it moves, or cannot be read for whatever reason."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

import httpx

from digest.collect.feeds import troubles
from digest.collect.feeds.items import Feed, NoFeedError
from digest.collect.feeds.parsing import parse
from digest.collect.feeds.state import State
from digest.collect.fetching import Answer, Fetcher, FetchError, asked, shown
from digest.collect.fetching.redirects import carried
from digest.collect.last_reading import unreachable
from digest.errors import SourceError
from digest.models import Finding, Secret

_LONGEST_FRESH = timedelta(minutes=15)
"""A server that wants to be left alone for longer is asked all the same: a post may just have been corrected."""
_ACCEPTED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NEVER = re.compile(r"no-(?:cache|store)", re.IGNORECASE)
_TROUBLE = {
    401: (
        "it asks for a password (status 401)",
        'set login = "env:NAME", where the environment has user:password under NAME',
    ),
    403: ("the server does not let this program in (status 403)", "ask who runs it to let the feed be read"),
    404: ("there is nothing at this address (status 404)", "check the address"),
    410: (
        "the server says that it is gone for good (status 410)",
        "write the address of the blog's new feed, or drop the source when the feed has ended",
    ),
    429: ("the server was asked too often (status 429)", "read it again later"),
}
_PASSING = frozenset({408, 425, 429})
_LATER = "try again later; if it stays so, tell who runs it"


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of asking."""

    state: State
    """What is known of the feed's address from now on."""
    feed: Feed | None = None
    """None when it is the same as before, or did not answer."""
    findings: tuple[Finding, ...] = ()


def visit(
    fetcher: Fetcher, state: State, name: str, now: datetime, *, zone: tzinfo | None = None, login: Secret | None = None
) -> Visit:
    """Ask for a feed unless its server wanted to be left alone; raise `SourceError` when nothing is known of it.

    `zone` is the one to tell moments in; `login`, as `user:password`, is told to the server of the configured address.
    """
    if state.read_at and state.fresh_until and state.read_at <= now < state.fresh_until:
        return Visit(state, findings=_moved(state))
    try:
        return _ask(fetcher, state, now, login)
    except _UnansweredError as error:
        trouble = error
    if state.address != state.url:  # the new address may be wrong, and the old one right again
        try:
            return _ask(fetcher, replace(state, address=state.url, etag="", last_modified=""), now, login)
        except _UnansweredError as error:
            trouble = error
    if state.read_at is None:
        raise SourceError(f"the feed “{name}” cannot be read: {trouble.said}", fix=trouble.fix) from trouble
    told = unreachable(
        "The feed",
        trouble.said,
        trouble.fix,
        read_at=state.read_at,
        now=now,
        refused=trouble.refused,
        zone=zone,
        more="",
    )
    return Visit(state, findings=(told,))


class _UnansweredError(Exception):
    """An address gave no feed."""

    def __init__(self, said: str, fix: str, *, refused: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.fix = fix
        self.refused = refused
        """The server says no, or has the feed no longer."""


def _ask(fetcher: Fetcher, state: State, now: datetime, login: Secret | None) -> Visit:
    headers = {"Accept": _ACCEPTED, **_authorization(state, login)}
    headers |= {"If-None-Match": state.etag} if state.etag else {}
    headers |= {"If-Modified-Since": state.last_modified} if state.last_modified else {}
    try:
        answer = fetcher.get(state.address, headers)
    except FetchError as error:
        raise _UnansweredError(error.message, error.fix) from error
    state = replace(state, read_at=now, fresh_until=_fresh_until(answer.headers, now))
    if answer.status == 304 and (state.etag or state.last_modified):
        return Visit(replace(state, whole_at=now), findings=_moved(state))
    try:
        feed = _feed(answer, login)
    except NoFeedError as error:
        refused = 400 <= answer.status < 500 and answer.status not in _PASSING
        raise _UnansweredError(f"{shown(answer.url)}: {error.message}", error.fix, refused=refused) from error
    if state.there and not feed.items and not feed.cut:
        raise _UnansweredError("it holds no posts any more", "look whether the blog shows its posts")
    state = _with_address(state, answer)
    if feed.cut:  # to be read again, in full
        state = replace(state, etag="", last_modified="", fresh_until=None)
    return Visit(state, feed, findings=_moved(state) + feed.notes)


def _authorization(state: State, login: Secret | None) -> dict[str, str]:
    """Return the header that logs in; nothing when the feed has moved to another server, which is told no secret."""
    if login is None:
        return {}
    header = {"Authorization": f"Basic {base64.b64encode(login.value.encode()).decode('ascii')}"}
    return header if state.address == state.url else carried(header, httpx.URL(state.url), httpx.URL(state.address))


def _feed(answer: Answer, login: Secret | None) -> Feed:
    if answer.status == 401 and login:
        raise NoFeedError(
            f"it does not take the login of {login} (status 401)", f"set {login.variable} to its user:password"
        )
    if answer.status != 200:
        other = f"the server answers with status {answer.status}", _LATER
        raise NoFeedError(*_TROUBLE.get(answer.status, other))
    return parse(answer.body, answer.headers.get("content-type", ""), answer.url)


def _with_address(state: State, answer: Answer) -> State:
    """Return the state with where the feed is to be asked for, and what that very address said of its version."""
    address = answer.moved or state.address
    if answer.url != asked(address):  # a redirect led further, and only what answered has a version
        return replace(state, address=address, etag="", last_modified="")
    etag, last_modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
    return replace(state, address=address, etag=etag, last_modified=last_modified)


def _moved(state: State) -> tuple[Finding, ...]:
    return (troubles.moved(state.address),) if state.address != state.url else ()


def _fresh_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return until when the server says that the answer stays true, within bounds."""
    said = headers.get("cache-control", "")
    found = _MAX_AGE.search(said)
    if found is None or _NEVER.search(said):
        return None
    return now + min(timedelta(seconds=int(found[1])), _LONGEST_FRESH)
