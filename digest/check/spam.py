"""What SpamAssassin says about a mail, where it is installed: run only when somebody asks for it.

The program runs on this machine and without the network (`spamassassin -L -t`); no mail is shown to a service. This
room starts no processes: whoever runs the check hands over a `Scan` that does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from digest.models import Finding, Level

SPAM = 5.0
"""Points from which SpamAssassin, as it is delivered, calls a mail spam."""
SUSPECT = 2.0
"""Points that leave little room for a bad reputation."""

_SCORE = re.compile(r"^Content analysis details:\s+\((-?\d{1,4}(?:\.\d{1,3})?) (?:points|hits), ", re.MULTILINE)
_HIT = re.compile(r"^\s*(-?\d{1,3}(?:\.\d{1,3})?)\s+([A-Z][A-Z0-9_]{2,60})\s+(\S.*)$")
_GOES_ON = re.compile(r"^\s{20,}(\S.*)$")
_SHOWN = 5
_HINTS = {
    "MPART_ALT_DIFF": "make the text part say what the HTML says",
    "MPART_ALT_DIFF_COUNT": "make the text part say what the HTML says",
    "MIME_HTML_ONLY": "send a text part",
    "HTML_IMAGE_ONLY": "use more words and fewer images",
    "SUBJ_ALL_CAPS": "write the subject in lower case",
    "MISSING_DATE": "send it through the outbox, which dates it",
}


class Scan(Protocol):
    """Runs a mail through SpamAssassin, within a time."""

    def __call__(self, message: bytes) -> str | None:
        """Return what `spamassassin -L -t` prints; None when it is not installed. Raise TimeoutError or OSError."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that a mail meets."""

    points: float
    rule: str
    description: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that SpamAssassin says."""

    points: float
    hits: tuple[Hit, ...]


def check_spam(message: bytes, scan: Scan) -> tuple[Finding, ...]:
    """Scan the mail as it is sent (RFC 5322 bytes) and return one finding at most; none for a clean mail."""
    try:
        report = scan(message)
    except TimeoutError:
        return (_untold("did not come to an end in time"),)
    except OSError as error:
        return (_untold(f"could not be run ({error.strerror or error})"),)
    if report is None:
        sentence = "SpamAssassin is not installed here, so the mail was not checked for what makes filters suspicious."
        return (Finding(Level.INFO, "mail.spam-unchecked", sentence, fix="Install it: apt install spamassassin"),)
    verdict = verdict_of(report)
    if verdict is None:
        return (_untold("printed no report"),)
    if verdict.points < SUSPECT:
        return ()
    against = sorted((hit for hit in verdict.hits if hit.points > 0), key=lambda hit: (-hit.points, hit.rule))
    reasons = "; ".join(f"{hit.points:g} for {hit.description} ({hit.rule})" for hit in against[:_SHOWN])
    level, says = (Level.ERROR, "calls the mail spam") if verdict.points >= SPAM else (Level.WARNING, "is suspicious")
    sentence = f"SpamAssassin {says}, with {verdict.points:g} of {SPAM:g} points: {reasons or 'no rule is named'}."
    hints = dict.fromkeys(_HINTS[hit.rule] for hit in against if hit.rule in _HINTS)
    fix = "; ".join(hints) if hints else "look the rules up at spamassassin.apache.org"
    return (Finding(level, "mail.spam", sentence, fix=f"{fix[0].upper()}{fix[1:]}"),)


def verdict_of(report: str) -> Verdict | None:
    """Read what `spamassassin -t` prints; None without a report. The last report counts: a mail may quote another."""
    reports = list(_SCORE.finditer(report))
    if not reports:
        return None
    found = reports[-1]
    hits: list[Hit] = []
    for line in report[found.end() :].splitlines():
        hit, rest = _HIT.match(line), _GOES_ON.match(line)
        if hit:
            hits.append(Hit(float(hit[1]), hit[2], hit[3].strip()))
        elif rest and hits:
            hits[-1] = Hit(hits[-1].points, hits[-1].rule, f"{hits[-1].description} {rest[1].strip()}")
    return Verdict(float(found[1]), tuple(hits))


def _untold(what: str) -> Finding:
    sentence = f"SpamAssassin {what}, so the mail was not checked for what makes filters suspicious."
    return Finding(Level.INFO, "mail.spam-unchecked", sentence, fix="Try `spamassassin -L -t` by hand")
