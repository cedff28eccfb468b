"""How the pages are made: templates of `pages/`, filled with a view and the words of a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from digest.check.size import COMFORTABLE, LIMIT
from digest.pipeline.designing import LONGEST
from digest.render.tag_offsets import numbered
from digest.studio.amounts import number, when
from digest.studio.desk import View
from digest.studio.framing import Looks, dressed
from digest.studio.inbox_lines import inbox_lines
from digest.studio.leaving import Leaving
from digest.studio.listening import Hearing
from digest.studio.notices import Notice
from digest.studio.sayings import anchor
from digest.studio.sheets import Sheet
from digest.studio.speaking import speech
from digest.studio.ways import way_to
from digest.studio.weight import weights

_FOLDER = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Around:
    """What a page of an issue holds besides the issue."""

    version: int
    form_token: str
    who: str
    """Whose name stands in its forms."""
    notice: Notice | None = None
    """What became of the last step."""
    here: str = ""
    """Where its forms are sent."""
    leaving: Leaving | None = None
    """How far the issue is on its way; None for one that the store does not know."""
    proof_to: str = ""
    """To whom the last proofs went."""
    wearable: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The templates (`designs`) and `languages` that an issue can be tried on with."""


def studio_page(view: View, looks: Looks, wants: str, around: Around, hearing: Hearing) -> HTMLResponse:
    """Return the page of a week. `wants` is `draft` or `frozen`; without a frozen version it is the draft."""
    shown = "draft" if view.frozen is None or ((wants == "draft" or looks.tried) and view.draft) else "frozen"
    sheet = view.draft if shown == "draft" else view.frozen
    values = {
        "view": view,
        "looks": looks,
        "shown": shown,
        "sheet": sheet,
        "stale": bool(view.trouble and sheet and shown == "draft"),
        "version": around.version,
        "wearable": around.wearable,
        "around": replace(around, here=_address(view, looks, shown)),
        **(dressed(numbered(sheet.email.html), looks) if sheet else {"frame": "", "turned": ""}),
        "size": len(sheet.email.html.encode()) if sheet else 0,
        "clip": LIMIT,
        "weights": weights(sheet.parts, LIMIT) if sheet else None,
        "lines": inbox_lines(sheet.email, view.inboxes) if sheet else (),
        "comfortable": COMFORTABLE,
        "widest": _widest(sheet) if sheet else 1,
        "week": view.calendar.shown if view.calendar else None,
        "issue": view.calendar.shown.issue if view.calendar else None,
    }
    return filled("studio.html", hearing, values)


def filled(name: str, hearing: Hearing, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Return a page of the folder `pages` with its values, in the language of who asked."""
    page = _templates(hearing.language).get_template(name).render(values, hearing=hearing)
    return HTMLResponse(page, status, {"Content-Language": hearing.language})


def missing(hearing: Hearing, what: str, kind: str = "issue") -> HTMLResponse:
    """Return the page for an address that leads to nothing; `kind` is `issue` or `design`."""
    return filled("missing.html", hearing, {"what": what, "kind": kind}, 404)


def crashed(hearing: Hearing) -> HTMLResponse:
    """Return the page for an error that is the studio's own."""
    return filled("crashed.html", hearing, {}, 500)


def refusal(hearing: Hearing, status: int, why: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Return the page for a request that is not answered.

    `why` is `host`, `origin`, `method`, `token`, `session`, `right`, `form` or `large`.
    """
    answer = filled("refused.html", hearing, {"why": why, "longest": LONGEST}, status)
    answer.headers.update(headers or {})
    return answer


@cache
def _templates(language: str) -> Environment:
    """Return the templates with the words of a language, which all of them and their macros can say."""
    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spoken = speech(language)
    templates.globals |= {
        "say": spoken.say,
        "say_code": spoken.code,
        "known": spoken.known,
        "gap": spoken.gap,
        "for_scripts": spoken.table("script"),
        "language": language,
    }
    templates.filters |= {
        "when": partial(when, language=language),
        "number": partial(number, language=language),
        "address": _address,
        "anchor": anchor,
        "way": way_to,
    }
    return templates


def _address(view: View, looks: Looks, shown: str, **changes: Any) -> str:
    """Return the address of the same page with something changed.

    That is `period`, `newsletter`, `shown`, `dark`, `gmail`, `images`, `design` or `spoken`.
    """
    newsletter = changes.get("newsletter", view.newsletter.slug if view.newsletter else "")
    period = changes.get("period", view.calendar.shown.slot.period if view.calendar else "")
    query: dict[str, str] = {}
    if changes.get("shown", shown) == "draft" and view.frozen:
        query["shown"] = "draft"
    if changes.get("dark", looks.dark):
        query["dark"] = "1"
    if changes.get("gmail", looks.turned):
        query["gmail"] = "1"
    if not changes.get("images", looks.images):
        query["images"] = "0"
    for name in ("design", "spoken") if newsletter == (view.newsletter and view.newsletter.slug) else ():
        if value := changes.get(name, getattr(looks, name)):
            query[name] = value
    path = f"/issues/{newsletter}/{period}" if period else f"/issues/{newsletter}"
    return path + (f"?{urlencode(query)}" if query else "")


def _widest(sheet: Sheet) -> float:
    """Return the largest part of any score, the unit of the bars."""
    shown = (*sheet.selection["sections"], {"picks": sheet.selection.get("more", ())})
    picks = (pick for section in shown for pick in section["picks"])
    return max((abs(part) for pick in picks for part in pick["parts"].values()), default=1) or 1
