"""A frozen issue as rows hold it: the e-mail, the selection behind it and the findings about it, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from digest.models import Email, Finding, Level, Mailbox

PICK, MORE, ALSO = "pick", "more", "also"
"""In which role an issue shows a post: as one of its picks, by its title, or below the pick that tells its story."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """One stored version of an issue."""

    email: Email
    selection: Mapping[str, Any]
    """As `digest select --json` prints it, without the posts from before the window."""
    findings: tuple[Finding, ...]
    post_ids: tuple[str, ...]
    """The picks, in order."""

    @property
    def roles(self) -> Mapping[str, str]:
        """What readers see of the issue: id -> `pick`, `more` or `also`."""
        return roles(self.selection)


def pack_email(email: Email) -> str:
    """Return the e-mail as JSON."""
    return json.dumps(asdict(email), ensure_ascii=False)


def unpack_email(packed: str) -> Email:
    """Return the e-mail that `pack_email` packed, equal in every field."""
    fields = json.loads(packed)
    fields["sender"] = Mailbox(**fields["sender"])
    fields["reply_to"] = Mailbox(**fields["reply_to"]) if fields["reply_to"] else None
    fields["headers"] = tuple((name, value) for name, value in fields["headers"])
    return Email(**fields)


def pack_findings(findings: tuple[Finding, ...]) -> str:
    """Return the findings as JSON."""
    return json.dumps([finding.plain() for finding in findings], ensure_ascii=False)


def unpack_findings(packed: str) -> tuple[Finding, ...]:
    """Return the findings that `pack_findings` packed."""
    return tuple(Finding(**{**fields, "level": Level(fields["level"])}) for fields in json.loads(packed))


def post_ids(selection: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the picks in a stored selection, in the order in which a reader meets them."""
    return tuple(pick["id"] for pick in _picks(selection))


def roles(selection: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a stored selection shows to readers: id -> `pick`, `more` or `also`."""
    picks, more = _picks(selection), selection.get("more", [])
    also = (each for pick in (*picks, *more) for each in pick.get("also", []))
    shown = ((ALSO, also), (MORE, more), (PICK, picks))  # the later wins, should a post be in two roles
    return {each["id"]: role for role, those in shown for each in those}


def sections_of(selection: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of the sections that have posts in a stored selection."""
    return tuple(str(section.get("key", "")) for section in selection["sections"] if section["picks"])


def _picks(selection: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [pick for section in selection["sections"] for pick in section["picks"]]
