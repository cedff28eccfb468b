"""What is known of each mail program: caniemail's word, corrected by our own dated facts."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_OTHER_ACCOUNTS = re.compile(
    r"non[- ](Google|Gmail)|(Hotmail|Outlook|Microsoft) accounts?|Office 365 account", re.IGNORECASE
)
"""Notes about accounts of other providers: these are clients of their own here, `gmail.other-accounts`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one client makes of one feature, and how old the knowledge is."""

    support: str
    """`y` it works, `a` in part, `n` it does not, `u` nobody knows."""
    notes: tuple[str, ...] = ()
    when: str = ""
    """As it is told: `tested 2019-11`, `reported by one author 2019-10`."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something of HTML or CSS that was tried in mail programs."""

    slug: str
    title: str
    address: str
    """Of the page with all that is known; empty for what only we know of."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All features and clients; look single words up by `verdict`."""

    version: str
    """Of npm's `caniemail`."""
    updated: str
    """ISO date of its data."""
    features: Mapping[str, Feature]
    clients: Mapping[str, str]
    """`family.platform` to the name that people know, sorted."""
    _verdicts: Mapping[tuple[str, str], Verdict]
    _like: Mapping[str, str]
    _tested: frozenset[str]

    def verdict(self, feature: str, client: str) -> Verdict:
        """Return what `client` makes of `feature`; unknown where nobody tried."""
        own = self._verdicts.get((feature, client))
        if own is None and client in self._like:
            own = self._verdicts.get((feature, self._like[client]))
        return own or _UNKNOWN

    def is_untested(self, client: str) -> bool:
        """Tell whether nothing at all is known of a client."""
        return client not in self._tested


_UNKNOWN = Verdict("u")


@cache
def knowledge() -> Knowledge:
    """Return what the files of this folder tell; they are read once."""
    here = resources.files(__package__)
    published = json.loads((here / "caniemail.json").read_text("utf-8"))
    own = tomllib.loads((here / "overrides.toml").read_text("utf-8"))
    families: dict[str, list[str]] = published["clients"]
    features = {
        slug: Feature(slug, each["title"], published["address"].format(slug=slug))
        for slug, each in published["features"].items()
    }
    features |= {slug: Feature(slug, each["title"], "") for slug, each in own["features"].items()}
    verdicts: dict[tuple[str, str], Verdict] = {}
    for slug, each in published["features"].items():
        verdicts.update({(slug, client): verdict for client, verdict in _published(each, families).items()})
    for fact in own["facts"]:
        verdict = _own(fact)
        verdicts.update({(fact["feature"], client): verdict for client in fact["clients"]})
    names = {
        f"{family}.{platform}": f"{published['families'][family]} ({published['platforms'][platform]})"
        for family, platforms in families.items()
        for platform in platforms
    }
    names |= {client: each["name"] for client, each in own["clients"].items()}
    like = {client: each["like"] for client, each in own["clients"].items() if "like" in each}
    return Knowledge(
        version=published["version"],
        updated=published["updated"],
        features=features,
        clients=dict(sorted(names.items())),
        _verdicts=verdicts,
        _like=like,
        _tested=frozenset({client for _, client in verdicts} | set(like)),
    )


@cache
def lacking(client: str) -> frozenset[str]:
    """Return the features that a client does not know."""
    return frozenset(slug for slug in knowledge().features if knowledge().verdict(slug, client).support == "n")


def _published(feature: Mapping[str, Any], families: Mapping[str, list[str]]) -> dict[str, Verdict]:
    """Return the verdicts of one row of `caniemail.json`; whoever is not named in it supports the feature."""
    when = f"tested {feature['tested'][:7]}"
    works = Verdict("y", when=when)
    found = {f"{family}.{platform}": works for family, platforms in families.items() for platform in platforms}
    notes: Mapping[str, str] = feature.get("notes", {})
    for word, clients in feature.get("support", {}).items():
        support, *numbers = word.split()
        texts = [notes[number] for number in numbers if number in notes]
        fitting = tuple(text for text in texts if not _OTHER_ACCOUNTS.search(text))
        if support == "a" and texts and not fitting:
            support = "y"
        verdict = Verdict(support, fitting, when)
        for name in clients.split():
            family, _, platform = name.partition(".")
            for each in [platform] if platform else families[family]:
                found[f"{family}.{each}"] = verdict
    return found


def _own(fact: Mapping[str, Any]) -> Verdict:
    how = (
        "tested" if "caniemail.com" in fact["source"] else "reported by one author" if "single" in fact else "reported"
    )
    notes = (fact["note"],) if "note" in fact else ()
    return Verdict(fact["support"], notes, f"{how} {fact['date']:%Y-%m}")
