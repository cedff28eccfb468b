"""Who gets an issue before the others, how long one looks at that, and when the rest must not follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from digest.models import Wave


@dataclass(frozen=True, slots=True)
class Waves:
    """What the operator wants to see before an issue goes to everybody."""

    seeds: tuple[str, ...] = ()
    """Addresses of the first wave, such as the staff's own mailboxes; in their normal form."""
    first_share: float = 0
    """Of the readers, those who are the next wave; 0 when all of them are one."""
    look: timedelta = timedelta()
    """How long nothing leaves after a wave."""
    ask: bool = False
    """Whether a person has to let the issue go on after each wave."""
    max_refused_share: float = 0.2
    """Of a wave; above it the issue is paused."""

    def judge(self, over: Wave) -> str:
        """Return why the issue must be paused after a wave, or nothing."""
        if over.unclear:
            return f"of the first {over.readers} readers, {over.unclear} may or may not have it"
        if over.refused > self.max_refused_share * over.readers:
            share = f"more than {self.max_refused_share:.0%}"
            return f"of the first {over.readers} readers, {over.refused} were refused, bounced or complained: {share}"
        if self.ask:
            have_it = "reader has it" if over.readers == 1 else f"{over.readers:,} readers have it"
            return f"the first {have_it}; look, then let the others have it"
        return ""


AT_ONCE = Waves()
