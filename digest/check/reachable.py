"""Whether the links of a mail lead to pages that are there: run only when somebody asks for it.

This room has no network. Whoever runs the check hands over an `Ask` that has one, refuses private addresses by what
their names resolve to, and keeps to the seconds that it is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urldefrag

from digest.check.document import parsed
from digest.check.links import host_of, is_local, label_of
from digest.check.spots import at
from digest.models import READER_TOKEN, Email, Finding, Level, Spot

MOST = 100
"""Links that are asked for in one mail."""
AT_ONCE = 8
SECONDS_EACH = 5.0
SECONDS_IN_ALL = 20.0
FEW_BYTES = 1_024
"""Of a page: an `Ask` reads no more of a GET."""

_GONE = {404, 410}
_HEAD_REFUSED = {400, 403, 405, 406, 501}
"""Servers that know no HEAD say one of these; a GET tells."""
_ONLY_PEOPLE = {401, 403, 406, 407, 429, 451, 999}
"""A page that is not for programs may well be there for readers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking for a page."""

    status: int = 0
    """0 when there was no answer; then there is a reason."""
    address: str = ""
    """Where redirects ended; empty for where it was asked."""
    reason: str = ""
    """Why there is no answer, as the end of a sentence: “did not answer within 5 s”."""
    private: bool = False
    """Whether it was not asked because it is on a private network."""


class Ask(Protocol):
    """Asks the network for one page, following redirects. Raises nothing; is called from several threads at once."""

    def __call__(self, method: Literal["HEAD", "GET"], address: str, seconds: float) -> Answer:
        """Return what the server said, or why it said nothing."""
        ...


def check_links(email: Email, ask: Ask) -> tuple[Finding, ...]:
    """Ask for every distinct web address of the HTML once, and tell what is wrong with them, in their order.

    Readers' own addresses are never asked for: that would unsubscribe somebody. Neither are private ones.
    """
    labels = _addresses(email.html)
    wanted = dict(list(labels.items())[:MOST])
    # The threads are not waited for: each ends by itself within its own seconds.
    pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="links")
    asked = {address: pool.submit(_answer, ask, address) for address in wanted}
    wait(asked.values(), timeout=SECONDS_IN_ALL)
    pool.shutdown(wait=False, cancel_futures=True)
    found: list[Finding] = []
    for address, (label, spot) in wanted.items():
        found.extend(_findings(address, label, spot, asked[address]))
    found.extend(_left(len(labels) - len(wanted), sum(not each.done() or each.cancelled() for each in asked.values())))
    return tuple(found)


def _addresses(html: str) -> dict[str, tuple[str, Spot]]:
    """Return the addresses to ask for, without fragments, each with the words of its first link and its place."""
    found: dict[str, tuple[str, Spot]] = {}
    for link in parsed(html).iter("a"):
        address = urldefrag(str(link.get("href") or "").strip()[:4_000]).url if host_of(str(link.get("href"))) else ""
        if address and READER_TOKEN not in address and not is_local(host_of(address)):
            found.setdefault(address, (label_of(link), at(link, address)))
    return found


def _answer(ask: Ask, address: str) -> Answer:
    answer = ask("HEAD", address, SECONDS_EACH)
    return ask("GET", address, SECONDS_EACH) if answer.status in _HEAD_REFUSED else answer


def _findings(address: str, label: str, spot: Spot, asked: Future[Answer]) -> Iterator[Finding]:
    if not asked.done() or asked.cancelled():
        return
    answer = asked.result()
    what = f"The link “{label[:40]}”" if label else "A link"
    where = address[:80]
    if answer.private:
        message = f"{what} leads into a private network, which readers cannot reach: {where}"
        yield Finding(Level.ERROR, "mail.link-private", message, fix="Set the public address of the site", spot=spot)
    elif not answer.status:
        message = f"{what} {answer.reason or 'got no answer'}: {where}"
        fix = "Try it in a browser before you send"
        yield Finding(Level.WARNING, "mail.link-unanswered", message, fix=fix, spot=spot)
    elif answer.status in _GONE:
        message = f"{what} leads to a page that is not there ({answer.status}): {where}"
        fix = "Correct the address, or publish the page first"
        yield Finding(Level.ERROR, "mail.link-dead", message, fix=fix, spot=spot)
    elif answer.status in _ONLY_PEOPLE:
        message = f"{what} leads to a page that programs may not read ({answer.status}): {where}"
        fix = "Try it in a browser without signing in"
        yield Finding(Level.INFO, "mail.link-guarded", message, fix=fix, spot=spot)
    elif answer.status >= 400:
        message = f"{what} leads to a page that answers with an error ({answer.status}): {where}"
        yield Finding(Level.WARNING, "mail.link-failing", message, fix="Try it again before you send", spot=spot)
    elif answer.address and _site(answer.address) != _site(address):
        message = f"{what} leads on to another site, {host_of(answer.address)}: {where}"
        fix = "Link to the new address when that is meant"
        yield Finding(Level.INFO, "mail.link-moved", message, fix=fix, spot=spot)


def _left(too_many: int, unanswered: int) -> Iterator[Finding]:
    if too_many:
        message = f"{too_many} more links were not tried: {MOST} are asked for at most."
        yield Finding(Level.INFO, "mail.links-not-tried", message, fix="Try the last links of the mail by hand")
    if unanswered:
        message = f"{unanswered} links were given up: all together may take {SECONDS_IN_ALL:.0f} seconds."
        yield Finding(Level.WARNING, "mail.links-given-up", message, fix="Run the check again")


def _site(address: str) -> str:
    return host_of(address).removeprefix("www.")
