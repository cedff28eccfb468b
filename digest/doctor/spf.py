"""Whether an SPF record is one that receivers can use: RFC 7208."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from digest.doctor.dns_answers import Answers

_MOST = 10
"""Terms that ask the name service, those of included records too; with more, receivers stop: RFC 7208, 4.6.4."""
_ENOUGH = 30
"""Questions after which nobody has to count on."""
_TERM = re.compile(r"(?P<sign>[-+~?]?)(?P<name>[a-z][a-z0-9_.-]*)(?P<value>[:=/].*)?", re.IGNORECASE)
_ASKS = {"include", "a", "mx", "ptr", "exists", "redirect"}


def spf_records(texts: Sequence[str]) -> list[str]:
    """Return those that are SPF: version 1, alone or before a blank (RFC 7208, 4.5)."""
    return [each for each in texts if each.lower() == "v=spf1" or each.lower().startswith("v=spf1 ")]


def mistakes(answers: Answers, domain: str, record: str) -> Iterator[str]:
    """Yield why receivers cannot use a domain's record, one sentence each. Raise `UnansweredError`."""
    seen = _Seen()
    _walk(answers, domain, record, seen)
    yield from seen.mistakes
    if seen.questions > _MOST:
        yield f"it makes receivers ask more than {_MOST} times, so they take it for an error (RFC 7208, 4.6.4)"
    if re.search(r"(^|\s)\+?all(\s|$)", record, re.IGNORECASE):
        yield "it ends with +all: anybody may send in this domain's name"


@dataclass(slots=True)
class _Seen:
    questions: int = 0
    mistakes: list[str] = field(default_factory=list)


def _walk(answers: Answers, domain: str, record: str, seen: _Seen) -> None:
    for text in record.split()[1:]:
        term = _TERM.fullmatch(text)
        if term is None:
            seen.mistakes.append(f"“{text}” in the record of {domain} is no term of SPF")
            continue
        name, value = term["name"].lower(), (term["value"] or "")[1:]
        if name not in _ASKS or seen.questions > _ENOUGH:
            continue
        seen.questions += 1
        # A macro (`%{i}`) becomes a name only when a mail comes.
        if name in {"include", "redirect"} and value and "%" not in value:
            found = spf_records(answers.texts(value))
            if len(found) == 1:
                _walk(answers, value, found[0], seen)
            else:
                seen.mistakes.append(f"{domain} refers to {value}, which has {len(found) or 'no'} SPF records")
