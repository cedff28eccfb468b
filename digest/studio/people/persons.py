"""The person of a request: the name that is recorded, the token of their forms, and what they may do."""

from __future__ import annotations

import getpass
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

NAME_COOKIE = "digest-studio-name"
"""Remembers a name that somebody typed, where nobody signs in."""
LONGEST_NAME = 80
_A_YEAR = 365 * 24 * 60 * 60
_KEY = "digest.person"


class Right(StrEnum):
    """What a user may be given, besides looking."""

    EDIT = "edit"
    """Designs, looks, and what is said about posts."""
    APPROVE = "approve"
    """Approving, holding, skipping, sending, proofs."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks."""

    name: str = ""
    """Of a user who is signed in; empty where nobody signs in."""
    rights: frozenset[Right] = frozenset()
    form_token: str = ""
    """Stands in the forms of this person's session, and of no other's."""
    session: str = ""
    """Names the session within the server; it is not what the cookie says."""

    @property
    def signed_in(self) -> bool:
        """Whether it is known who this is, and not only typed."""
        return bool(self.name)

    def may(self, *any_of: str) -> bool:
        """Whether the person has one of some rights; to look needs none."""
        return not any_of or any(right in self.rights for right in any_of)


NOBODY = Person()
"""May not even look."""


def everything(form_token: str) -> Person:
    """Return whoever came with this start's token: nobody signs in, and one may do everything."""
    return Person(rights=frozenset(Right), form_token=form_token)


def admit(request: Request, person: Person) -> None:
    """Note whose request it is, for all who ask later."""
    request.scope[_KEY] = person


def person_of(request: Request) -> Person:
    """Return whose request it is: the one place that knows."""
    person = request.scope.get(_KEY, NOBODY)
    return person if isinstance(person, Person) else NOBODY


def who_acts(request: Request, fields: Mapping[str, str] | None = None) -> str:
    """Return the name that is recorded: of who signed in; else as it was typed, now or before, or the system's."""
    person = person_of(request)
    if person.signed_in:
        return person.name
    return named((fields or {}).get("who", "") or unquote(request.cookies.get(NAME_COOKIE, "")))


def remember_name(request: Request, answer: Response, who: str) -> None:
    """Let the browser keep a name that was typed."""
    if not person_of(request).signed_in:
        answer.set_cookie(NAME_COOKIE, quote(who), max_age=_A_YEAR, httponly=True, samesite="strict")


def named(text: str) -> str:
    """Return a typed name in one line, else that of the user who runs the studio."""
    said = " ".join("".join(each if each.isprintable() else " " for each in text).split())[:LONGEST_NAME]
    if said:
        return said
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def rights_of(roles: Collection[str]) -> frozenset[Right]:
    """Return what the roles of the configuration give."""
    return frozenset(right for right in Right if right.value in roles)
