"""Whether subject and sender hold characters that some phones and older programs show as another or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.spots import SUBJECT
from digest.models import Email, Finding, Level

_SAFE = frozenset("～∥－￠￡￢")
"""Windows and the standard write these differently, and programs know both."""
_SHOWN = 8


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look for machine-dependent characters (①, ㈱, 髙, half-width kana): in Windows' set, and not in JIS X 0208."""
    if not email.language.lower().startswith("ja"):
        return
    for where, text, spot in (("subject", email.subject, SUBJECT), ("name of the sender", email.sender.name, None)):
        found = "".join(dict.fromkeys(each for each in text[:2000] if _depends_on_the_machine(each)))
        if found:
            message = (
                f"The {where} holds characters that older Japanese phones and mail programs may garble, above all in "
                f"replies: {found[:_SHOWN]}"
            )
            fix = "Write (1), (株) or full-width kana"
            yield Finding(Level.INFO, "mail.machine-dependent", message, fix=fix, spot=spot)


def _depends_on_the_machine(character: str) -> bool:
    return character not in _SAFE and _fits(character, "cp932") and not _fits(character, "iso2022_jp")


def _fits(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
