"""A person's say about the posts of one issue: written down, checked, and taken back."""

from __future__ import annotations

import re
from datetime import datetime

from digest.errors import ConfigError
from digest.models import Issue, IssueState, Override, OverrideKind, Post, Slot
from digest.pipeline.press import Draft, Press
from digest.pipeline.steps import build

_BUILT = (IssueState.DRAFT, IssueState.FROZEN, IssueState.APPROVED, IssueState.HELD)
_LONGEST = 2_000
"""Characters of a reworded title or excerpt."""
_NO_WORDS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no mail may hold; a lone surrogate is a byte of a terminal that does not speak UTF-8."""


def say(press: Press, slot: Slot, post: Post, kind: OverrideKind, value: str, who: str, now: datetime) -> Override:
    """Write down what somebody says about a post of an issue.

    Raise `ConfigError` for a value that makes no sense, `IssueStateError` when the issue has begun to leave.
    """
    said = checked(press, kind, value)
    return press.store.overrides.add(press.newsletter.slug, slot.period, post.id, kind, said, who, now)


def take_back(press: Press, slot: Slot, number: int | None, who: str, now: datetime) -> Override:
    """Undo what was said, by its number or the newest; raise `IssueStateError` when there is nothing to undo."""
    return press.store.overrides.undo(press.newsletter.slug, slot.period, number, who, now)


def built_again(press: Press, slot: Slot, now: datetime) -> tuple[Issue, Draft] | None:
    """Build the issue again if a version of it is waiting, so that nothing leaves that ignores what was said."""
    issue = press.store.issues.find(press.newsletter.slug, slot.period)
    return build(press, slot, now) if issue and issue.state in _BUILT else None


def checked(press: Press, kind: OverrideKind, value: str) -> str:
    """Return the value as it is written down; raise `ConfigError` for one that makes no sense."""
    value = value.strip()
    keys = [section.key for section in press.newsletter.sections]
    match kind:
        case OverrideKind.MOVE if value not in keys:
            raise ConfigError(f"there is no section “{value}”", fix=f"name one of: {', '.join(keys)}")
        case OverrideKind.ORDER if not _is_place(value):
            raise ConfigError(f"“{value[:20]}” is no place in a section", fix="write a number from 1 to 100")
        case OverrideKind.TITLE | OverrideKind.EXCERPT if not value or len(value) > _LONGEST:
            raise ConfigError(f"the {kind} is {'empty' if not value else 'too long'}", fix="write the words to show")
        case OverrideKind.TITLE | OverrideKind.EXCERPT if _NO_WORDS.search(value):
            raise ConfigError(f"the {kind} is not text: it holds control characters", fix="type it in UTF-8")
        case OverrideKind.TITLE:
            return " ".join(value.split())
        case OverrideKind.PIN | OverrideKind.EXCLUDE:
            return ""
        case _:
            return value


def _is_place(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= len("100") and 1 <= int(value) <= 100
