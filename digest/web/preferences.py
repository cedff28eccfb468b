"""What a reader of a list in the store chooses: sections, name, language, to leave and to come back.

No CSRF token anywhere here or in the form for new readers: nothing is done with a cookie's authority. The token in the
address is the whole authority, and a page of somebody else's that knew it could send any request by itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from babel import Locale, UnknownLocaleError
from starlette.concurrency import run_in_threadpool as run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest.app import Project
from digest.models import Newsletter, Standing, Subscriber
from digest.send.headers import forbidden
from digest.web.guard import only, read_form
from digest.web.leaving import leave
from digest.web.pages import (
    NOBODY,
    button,
    link,
    nobody_page,
    page,
    say,
    text_field,
    tick,
    unsubscribe_page,
    unsubscribed_page,
    words_for,
)
from digest.web.whose import Whose, whose

LONGEST_NAME = 100


def preferences(project: Project, clock: Callable[[], datetime]) -> list[Route]:
    """Return the routes of `/p/`."""

    async def nobody(_request: Request) -> Response:
        return HTMLResponse(nobody_page("ja"))

    async def show(request: Request) -> Response:
        holder = await run_sync(whose, project, request.path_params["token"])
        return HTMLResponse(_page(project, holder) or unsubscribe_page(holder.language, ""))

    async def change(request: Request) -> Response:
        token, fields = request.path_params["token"], await read_form(request)
        holder = await run_sync(whose, project, token)
        if holder.subscriber is None or holder.newsletter is None:
            await run_sync(leave, project, token, clock())
            return HTMLResponse(unsubscribed_page(holder.language, ""))
        said, wrong = await run_sync(_act, project, token, fields, holder.newsletter, clock())
        holder = await run_sync(whose, project, token)
        shown = _page(project, holder, said, wrong)
        return HTMLResponse(shown or unsubscribe_page(holder.language, ""), status_code=400 if wrong else 200)

    return [
        Route(f"/p/{NOBODY}", nobody, methods=["GET", "POST"]),
        Route("/p/{token}", show, methods=["GET"]),
        Route("/p/{token}", change, methods=["POST"]),
    ]


def languages(project: Project, newsletter: Newsletter) -> Sequence[str]:
    """Return the languages that a newsletter's words exist in, its own first."""
    there = sorted(file.stem for file in (project.root / "config" / "copy").glob("*.toml"))
    return [newsletter.language, *(each for each in there if each != newsletter.language)]


def usable_name(typed: str) -> str | None:
    """Return a name as it is kept; None for one that could break a line of a header, or is no name by its length."""
    name = unicodedata.normalize("NFC", typed.strip())
    return None if forbidden(name) or len(name) > LONGEST_NAME else name


def _act(
    project: Project, token: str, fields: Mapping[str, list[str]], newsletter: Newsletter, now: datetime
) -> tuple[str, str]:
    """Do what a button asks for; return the names of the words that say what was done, and what is wrong."""
    match only(fields, "act"):
        case "leave":
            leave(project, token, now)
            return "", ""
        case "return":
            how = f"came back {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            return ("back" if project.store.subscribers.come_back(token, how) else ""), ""
        case "save":
            return _save(project, token, fields, newsletter)
        case _:
            return "", ""


def _save(project: Project, token: str, fields: Mapping[str, list[str]], newsletter: Newsletter) -> tuple[str, str]:
    ticked = set(fields.get("section", []))
    keys = [section.key for section in newsletter.sections]
    wanted = [key for key in keys if key in ticked]
    name, language = usable_name(only(fields, "name")), only(fields, "language")
    if name is None:
        return "", "bad_name"
    if not wanted:
        return "", "no_section"
    kept = language if language in languages(project, newsletter)[1:] else ""
    chosen = () if wanted == keys else tuple(wanted)
    return ("saved" if project.store.subscribers.choose(token, name=name, language=kept, sections=chosen) else ""), ""


def _page(project: Project, holder: Whose, said: str = "", wrong: str = "") -> str:
    """Return the page of a reader of a list in the store; nothing for anybody else."""
    subscriber, newsletter = holder.subscriber, holder.newsletter
    if subscriber is None or newsletter is None:
        return ""
    words = words_for(holder.language)
    told = say(words[said], "said") if said else say(words[wrong], "wrong") if wrong else ""
    whom = say(words["reader"].replace("{address}", shortened(subscriber.address)))
    match subscriber.standing:
        case Standing.UNSUBSCRIBED:
            blocks = [say(words["left"]), button(words["come_back"], "return")]
        case Standing.SUPPRESSED:
            blocks = [say(words["out"])]
        case Standing.UNCONFIRMED:
            confirm = holder.preferences.replace("/p/", "/confirm/")
            blocks = [say(words["unconfirmed"]), link(words["to_confirm"], confirm), _leave(words)]
        case _:
            blocks = [_choices(project, newsletter, subscriber, words), _leave(words)]
    return page(holder.language, f"{words['choose_title']} · {newsletter.title}", told, whom, *blocks)


def _leave(words: Mapping[str, str]) -> str:
    return button(words["button"], "leave", second=True, above=say(words["leave"]))


def _choices(project: Project, newsletter: Newsletter, subscriber: Subscriber, words: Mapping[str, str]) -> str:
    wanted = set(subscriber.sections)
    ticks = "".join(
        tick("section", each.key, each.heading, checked=not wanted or each.key in wanted)
        for each in newsletter.sections
    )
    name = text_field("name", words["name"], subscriber.name, f' maxlength="{LONGEST_NAME}" autocomplete="name"')
    return (
        f'<form method="post"><fieldset><legend>{escape(words["sections"])}</legend>{ticks}'
        f"{say(words['sections_hint'], 'hint')}</fieldset>{name}"
        f"{_language_field(languages(project, newsletter), subscriber.language, words)}"
        f'<button name="act" value="save">{escape(words["save"])}</button></form>'
    )


def _language_field(offered: Sequence[str], chosen: str, words: Mapping[str, str]) -> str:
    if len(offered) < 2:
        return ""
    options = "".join(
        f'<option value="{escape(each)}"{" selected" if each == chosen else ""}>{escape(_called(each))}</option>'
        for each in offered
    )
    label = f'<label class="field" for="language">{escape(words["language"])}</label>'
    return f'{label}<select class="text" id="language" name="language">{options}</select>'


def _called(language: str) -> str:
    try:
        return Locale.parse(language, sep="-").get_display_name() or language
    except (UnknownLocaleError, ValueError):
        return language


def shortened(address: str) -> str:
    """Return an address as a page may show it: `h…@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
