"""In which language somebody wants to be spoken to: what was chosen here, else what the browser asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.studio.people.persons import NOBODY, Person, person_of
from digest.studio.speaking import LANGUAGES, OTHERWISE

COOKIE = "digest-studio-language"
"""Of all studios on this machine: unlike a token, a language is not one studio's."""
ASKED = "language"
"""The name in an address."""
_A_YEAR = 365 * 24 * 60 * 60
_MOST = 50
"""Languages of a header that are looked at."""
_QUALITY = re.compile(r"q\s*=\s*(1(?:\.0{0,3})?|0(?:\.[0-9]{0,3})?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whom a page is for."""

    language: str
    other: str
    """The language that can be chosen instead."""
    switch: str
    """The address of the same page in the other language."""
    person: Person = NOBODY


def hearing(request: Request, shown: str = "") -> Hearing:
    """Return the language for a request; `shown` is that of the newsletter on the page, if there is one.

    What the address asks for comes first, then the cookie, then what the browser prefers, then `shown`, then English.
    """
    asked = (
        request.query_params.get(ASKED, ""),
        request.cookies.get(COOKIE, ""),
        *preferred(",".join(request.headers.getlist("accept-language"))),
        shown,
    )
    language = next(filter(None, map(_known, asked)), OTHERWISE)
    other = next(each for each in LANGUAGES if each != language)
    return Hearing(language, other, _address(request, {ASKED: other}), person_of(request))


def chosen(request: Request) -> Response | None:
    """Return the answer that remembers the language which an address asks for, and leads on without it."""
    language = _known(request.query_params.get(ASKED, ""))
    if not language or request.method != "GET":
        return None
    answer = RedirectResponse(_address(request, {}), 303)
    remember(request, answer)
    return answer


def remember(request: Request, answer: Response) -> None:
    """Let the browser keep the language that an address asks for."""
    language = _known(request.query_params.get(ASKED, ""))
    if language:
        answer.set_cookie(COOKIE, language, max_age=_A_YEAR, httponly=True, samesite="strict")


def preferred(header: str) -> Iterable[str]:
    """Return the languages of an `Accept-Language` header, best first, without what it refuses or says wrongly."""
    wanted = []
    for place, part in enumerate(header.split(",")[:_MOST]):
        name, _, more = part.partition(";")
        quality = _QUALITY.fullmatch(more.strip()) if more.strip() else None
        weight = float(quality[1]) if quality else 0.0 if more.strip() else 1.0
        if weight > 0:
            wanted.append((-weight, place, name.strip()))
    return [name for _, _, name in sorted(wanted)]


def _known(tag: str) -> str:
    """Return the language of ours that a tag such as `ja-JP` names; nothing for another."""
    primary = re.split("[-_]", tag.strip().lower(), maxsplit=1)[0]
    return primary if primary in LANGUAGES else ""


def _address(request: Request, changes: Mapping[str, str]) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != ASKED]
    query = urlencode([*asked, *changes.items()])  # not of `request.url`: that is made of a host that may be none
    path = "/" + request.scope["path"].lstrip("/")  # two slashes would lead to another host
    return quote(path) + (f"?{query}" if query else "")
