"""Whether the mail programs that readers use know what the mail is made of.

`caniemail.json` holds what caniemail.com tested (from npm's package of that name; `record.py` in the tests made it),
`overrides.toml` what we know besides, `accepted.toml` which lacks are nobody's worry. An old test is better than none,
so every message says how old it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from digest.check.clients.judgement import fix, is_accepted
from digest.check.clients.knowledge import Verdict, knowledge, lacking
from digest.check.clients.names import DEFAULT_CLIENTS, expanded, known_clients, mistake_in, spoken
from digest.check.clients.uses import Use, uses
from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import in_styles
from digest.models import Email, Finding, Level

__all__ = ["DEFAULT_CLIENTS", "check", "expanded", "known_clients", "mistake_in", "origin"]

_WORD = frozenset({"outlook.windows", "outlook.windows-mail"})
"""Those that lay mail out with Word."""

_OPENING = re.compile(
    r"^(Partial support|Partially supported|Partial|Buggy|Not supported)[.:,]? *(but +)?", re.IGNORECASE
)
"""How notes of caniemail begin; the message has said it already."""

_SEE = re.compile(r"\s*\(?\bSee\b[^)]*\)?\.?\s*$")
"""Where they send the reader; our message has an address of its own."""

_Lack = tuple[Use, Verdict, tuple[str, ...]]
"""What a client lacks, how it is known, and the notes that apply."""


def check(email: Email, demands: Demands) -> Iterator[Finding]:
    """Ask the clients of `demands` (or the usual ones) for every feature that the mail uses; one finding a feature.

    Raises ValueError for a client that nobody knows; `mistake_in` tells beforehand.
    """
    clients = tuple(expanded(demands.clients or DEFAULT_CLIENTS))
    by_feature: dict[str, list[Use]] = {}
    for use in uses(parsed(email.html)):
        by_feature.setdefault(use.feature, []).append(use)
    for slug, found in by_feature.items():
        if lacks := _lacks(slug, clients, tuple(found)):
            yield _finding(slug, lacks)
    untested = [client for client in clients if knowledge().is_untested(client)]
    if untested:
        message = f"No published test of {spoken(untested)} was found, so nothing could be checked for it."
        yield Finding(
            Level.INFO, "mail.client-untested", message, fix="Send a proof to an address there and look at it"
        )


@lru_cache(maxsize=2048)  # mails of one design use the same features in the same ways
def _lacks(slug: str, clients: tuple[str, ...], found: tuple[Use, ...]) -> dict[str, _Lack]:
    """Return which clients lack a feature that is used so, and what they make of it. Do not change it."""
    return {client: lack for client in clients if (lack := _lack(client, slug, found))}


def origin() -> str:
    """Say which version of caniemail's data is asked, and of which day: `caniemail 2.0.2 of 2026-05-13`."""
    return f"caniemail {knowledge().version} of {knowledge().updated}"


def _lack(client: str, slug: str, found: Sequence[Use]) -> _Lack | None:
    """Return the worst that one client makes of the uses of one feature."""
    verdict = knowledge().verdict(slug, client)
    if verdict.support not in {"n", "a"}:
        return None
    partly: _Lack | None = None
    kept: _Lack | None = None
    for use in found:
        if not _reaches(use, client):
            continue
        if verdict.support == "n" and not any(is_accepted(use, client, note) for note in verdict.notes or ("",)):
            if _is_bare(use):
                return use, verdict, verdict.notes
            kept = kept or (use, verdict, verdict.notes)
        elif verdict.support == "a":
            notes = tuple(note for note in verdict.notes or ("",) if not is_accepted(use, client, note))
            partly = partly or ((use, verdict, notes) if notes else None)
    return kept or partly


def _reaches(use: Use, client: str) -> bool:
    """Tell whether a client gets to see this use at all; why it does not is a finding of its own."""
    if (use.hidden_from_word and client in _WORD) or (use.family and use.family != client.partition(".")[0]):
        return False
    return use.under.isdisjoint(lacking(client))


def _is_bare(use: Use) -> bool:
    """Tell whether readers miss something: nothing plainer stands beneath it."""
    return not use.kept and not use.has_fallback


def _finding(slug: str, lacks: dict[str, _Lack]) -> Finding:
    use = next((use for use, verdict, _ in lacks.values() if verdict.support == "n" and _is_bare(use)), None)
    level = Level.WARNING if use else Level.INFO
    meant = use or next(iter(lacks.values()))[0]
    without = any(verdict.support == "n" for _, verdict, _ in lacks.values())
    code = "mail.client-lacks" if use else "mail.client-ignores" if without else "mail.client-partly"
    groups: dict[tuple[str, str], list[str]] = {}
    for client, lack in lacks.items():
        groups.setdefault(_told(*lack), []).append(client)
    told = [f"in {spoken(clients)} it {what} ({when})" for (what, when), clients in groups.items()]
    message = f"Not every mail program knows {_named(meant)}: {'; '.join(told)}."
    by_tag = meant.element and not meant.beside
    spot = in_styles(f"<{meant.element}" if by_tag else meant.value or meant.shown)
    return Finding(level, code, message, fix=fix(slug), spot=spot)


def _named(use: Use) -> str:
    title = knowledge().features[use.feature].title
    if (use.element and not use.beside) or _squeezed(title) in _squeezed(use.shown):
        return f"“{use.shown}”"
    return f"{title} (as in “{use.shown}”)"


def _squeezed(text: str) -> str:
    return text.replace(" ", "")


def _told(use: Use, verdict: Verdict, notes: tuple[str, ...]) -> tuple[str, str]:
    said = _said(notes)
    if verdict.support == "a":
        return f"works in part: {said}" if said else "works in part", verdict.when
    if use.kept:
        return "has no effect, and the mail looks as its tags say", verdict.when
    if use.has_fallback:
        return "has no effect, and the plainer style before it is used", verdict.when
    return f"has no effect: {said}" if said else "has no effect", verdict.when


def _said(notes: tuple[str, ...]) -> str:
    """Return what the first note says, as the end of a sentence; the page of the feature has the others."""
    text = _OPENING.sub("", _SEE.sub("", notes[0] if notes else "")).replace("`", "").strip().rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
