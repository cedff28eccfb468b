"""How another week, template or language is picked: any day leads to its issue, and a draft is tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from digest.errors import DigestError
from digest.models import Newsletter, Slot
from digest.pipeline import Draft, Press, draft
from digest.render.designs import designs
from digest.render.tokens import read_tokens
from digest.select import latest_slot
from digest.studio.desk import Desk, View
from digest.studio.framing import Looks
from digest.studio.sheets import draft_sheet
from digest.studio.trouble import trouble_from

DAY, DESIGN, SPOKEN = "day", "design", "spoken"
"""The fields of the picker, as an address says them."""
_Key = tuple[int, str, str, str, str]


@dataclass(slots=True)
class Wardrobe:
    """Shows drafts in another template or language. One thread at a time, as the desk; nothing is written."""

    desk: Desk
    _made: tuple[_Key, Draft | DigestError] | None = None
    """The one that was asked for last."""

    def offered(self) -> Mapping[str, tuple[str, ...]]:
        """Return the templates, and the languages that have words."""
        words = (self.desk.root / "config" / "copy").glob("*.toml")
        return {
            "designs": designs(self.desk.root / "templates"),
            "languages": tuple(sorted(file.stem for file in words)),
        }

    def tried_on(self, view: View, looks: Looks, query: QueryParams, version: int) -> tuple[View, Looks]:
        """Return the view with its draft as an address wants it made, and looks that say so; else both as they are.

        `version` counts what has changed. Without a picker's fields, or with what does not exist, nothing is tried on.
        """
        letter, offered = view.newsletter, self.offered()
        if letter is None or view.calendar is None:
            return view, looks
        wanted = {
            "design": (query.get(DESIGN, ""), letter.template, offered["designs"]),
            "spoken": (query.get(SPOKEN, ""), letter.language, offered["languages"]),
        }
        other = {name: value for name, (value, own, known) in wanted.items() if value in known and value != own}
        if not other:
            return view, looks
        looks = replace(looks, design=other.get("design", ""), spoken=other.get("spoken", ""))
        slot = view.calendar.shown.slot
        made = self._draft(letter, slot, looks, version)
        if isinstance(made, DigestError):
            return replace(view, trouble=trouble_from(made, self.desk.root)), looks
        return replace(view, draft=draft_sheet(made)), looks

    def _draft(self, letter: Newsletter, slot: Slot, looks: Looks, version: int) -> Draft | DigestError:
        key = (version, letter.slug, slot.period, looks.design, looks.spoken)
        if self._made is None or self._made[0] != key:
            dressed = self._dressed(letter, looks)

            def work(press: Press, slot: Slot, now: datetime) -> Draft:
                return draft(replace(press, newsletter=dressed), slot, now)

            try:
                self._made = (key, self.desk.act(letter.slug, slot.period, work))
            except DigestError as error:
                self._made = (key, error)
        return self._made[1]

    def _dressed(self, letter: Newsletter, looks: Looks) -> Newsletter:
        """Return the newsletter with another template, and of its choices those that this one knows; likewise words."""
        if looks.design:
            tokens = self.desk.root / "templates" / looks.design / "tokens.toml"
            known = {token.key for token in read_tokens(tokens)} if tokens.is_file() else set()
            mine = {name: value for name, value in letter.design.items() if name in known}
            letter = replace(letter, template=looks.design, design=mine)
        if looks.spoken:  # its own words are in its own language; those that are shipped take their place
            letter = replace(letter, language=looks.spoken, words={})
        return letter


def elsewhere(letter: Newsletter, query: QueryParams) -> Response | None:
    """Return the way to the issue of a day that an address names; None when it names none."""
    try:
        day = date.fromisoformat(query.get(DAY, ""))
        end = datetime.combine(day, time(23, 59, 59), letter.schedule.time_zone)
        period = latest_slot(letter.schedule, end).period
    except (ValueError, OverflowError):
        return None
    kept = urlencode([(name, value) for name, value in query.multi_items() if name != DAY and value])
    return RedirectResponse(f"/issues/{quote(letter.slug)}/{quote(period)}{'?' if kept else ''}{kept}", 303)
