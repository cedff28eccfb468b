"""The drafts of weeks, kept until something changes: what an edit leaves as it was is not made again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from digest.errors import DigestError
from digest.models import Newsletter, Slot
from digest.pipeline import Chosen, Draft, Press, choose, drafted, sketched
from digest.render import Rendered

_Key = tuple[str, str]
"""Newsletter and period."""


@dataclass(slots=True)
class Drafts:
    """Drafts by newsletter and period, in three layers: posts, the mail that is made of them, and what is found."""

    _chosen: dict[_Key, tuple[Newsletter, Chosen]] = field(default_factory=dict)
    _mails: dict[_Key, Rendered] = field(default_factory=dict)
    _drafts: dict[_Key, Draft | DigestError] = field(default_factory=dict)
    _good: dict[_Key, Draft] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything but the last good drafts: other posts may be chosen now."""
        self._chosen.clear()
        self.clear_looks()

    def clear_looks(self) -> None:
        """Forget how the issues look, and keep which posts are in them."""
        self._mails.clear()
        self._drafts.clear()

    def drop(self, slug: str, period: str) -> None:
        """Forget everything about a week but its last good draft."""
        for each in (self._chosen, self._mails, self._drafts):
            each.pop((slug, period), None)

    def good(self, slug: str, period: str) -> Draft | None:
        """Return the last draft of a week that could be made."""
        return self._good.get((slug, period))

    def mail(self, press: Press, slot: Slot, now: datetime) -> Rendered:
        """Return the mail of a week's draft, which nobody may have checked yet. Raise what keeps it from being made."""
        key = (press.newsletter.slug, slot.period)
        known = self._drafts.get(key)
        if isinstance(known, DigestError):
            raise known
        try:
            if key not in self._mails:
                self._mails[key] = sketched(press, self._choice(press, slot, now))
        except DigestError as error:
            self._drafts[key] = error
            raise
        return self._mails[key]

    def refresh(self, press: Press, slot: Slot, now: datetime) -> DigestError | None:
        """Make the draft of a week unless there is one; return what keeps it from being made."""
        key = (press.newsletter.slug, slot.period)
        try:
            if key not in self._drafts:
                mail = self.mail(press, slot, now)
                self._drafts[key] = self._good[key] = drafted(press, self._choice(press, slot, now), mail)
        except DigestError as error:
            self._drafts[key] = error
        made = self._drafts[key]
        return made if isinstance(made, DigestError) else None

    def _choice(self, press: Press, slot: Slot, now: datetime) -> Chosen:
        """Return the posts of a week: those that were chosen before, where only the looks are others since."""
        key, asked = (press.newsletter.slug, slot.period), _without_looks(press.newsletter)
        if key not in self._chosen or self._chosen[key][0] != asked:
            self._chosen[key] = (asked, choose(press, slot, now))
        return self._chosen[key][1]


def _without_looks(newsletter: Newsletter) -> Newsletter:
    """Return what of a newsletter has a say in which posts there are."""
    return replace(newsletter, design={}, words={}, subject="", preheader="", greeting="")
