"""Which mail programs a mail is checked for, by the names that an operator writes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from digest.check.clients.knowledge import knowledge

DEFAULT_CLIENTS = (
    "gmail.desktop-webmail",
    "gmail.ios",
    "gmail.android",
    "gmail.other-accounts",
    "outlook.windows",
    "outlook.outlook-com",
    "outlook.ios",
    "apple-mail.macos",
    "apple-mail.ios",
    "yahoo-japan.webmail",
    "yahoo-japan.app",
    "samsung-email.android",
    "thunderbird.macos",
)
"""What most readers in Japan use, at work and on the phone. Thunderbird was tested on macOS, and is one program."""


def known_clients() -> tuple[str, ...]:
    """Return every name that can be asked for, `family.platform`, in order."""
    return tuple(knowledge().clients)


def mistake_in(name: str) -> str:
    """Say what is wrong with a name and which one is nearest; nothing for a client or a family that is known."""
    families = tuple(dict.fromkeys(client.partition(".")[0] for client in known_clients()))
    if name in families or name in knowledge().clients:
        return ""
    family, dot, platform = name.lower().partition(".")
    of_family = tuple(client for client in known_clients() if client.startswith(f"{family}."))
    allowed = of_family or (known_clients() if dot else (*families, *known_clients()))
    near = [client for client in of_family if platform and platform in client.partition(".")[2]]
    near = near or difflib.get_close_matches(name.lower(), allowed, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(of_family or families)}"
    return f"'{name}' is no mail program that the digest knows; {hint}"


def expanded(names: Iterable[str]) -> tuple[str, ...]:
    """Return the clients that are asked for, once each; a family alone is all of its platforms.

    Raises ValueError with the sentence of `mistake_in`.
    """
    found: dict[str, None] = {}
    for name in names:
        mistake = mistake_in(name)
        if mistake:
            raise ValueError(mistake)
        found.update(dict.fromkeys(each for each in known_clients() if name in (each, each.partition(".")[0])))
    return tuple(found)


def spoken(clients: Iterable[str]) -> str:
    """Name clients as people do, those of one family together: `Gmail (Android, iOS) and Outlook (Windows)`."""
    families: dict[str, list[str]] = {}
    for client in clients:
        name, _, platform = knowledge().clients[client].removesuffix(")").partition(" (")
        families.setdefault(name, []).append(platform)
    named = [
        f"{name} ({', '.join(platform for platform in platforms if platform)})" if any(platforms) else name
        for name, platforms in families.items()
    ]
    return " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
