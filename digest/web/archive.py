"""What has left, for everybody: an issue in the browser, the list of all issues, and their Atom feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from html import escape

from babel.dates import format_date
from starlette.concurrency import run_in_threadpool as run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest.app import Project
from digest.models import READER_TOKEN, Issue, IssueState, Newsletter
from digest.web.feed import atom
from digest.web.guard import AS_MAIL, missing
from digest.web.join_form import offers_form
from digest.web.pages import NOBODY, link, page, say, spoken, words_for

_SHOWN = {IssueState.SENDING, IssueState.PAUSED, IssueState.SETTLING, IssueState.SENT, IssueState.NEEDS_REVIEW}
_LISTED = _SHOWN - {IssueState.SENDING, IssueState.PAUSED}
"""One that is still leaving may be stopped: it is announced when it is through."""
_NAME = re.compile(r"[A-Za-z0-9-]{1,100}")
_MOST = 500
_IN_FEED = 20


def archive(project: Project) -> list[Route]:
    """Return the routes of `/issues/` and `/archive/`."""

    async def issue(request: Request) -> Response:
        html = await run_sync(_sent_html, project, request.path_params["newsletter"], request.path_params["period"])
        return HTMLResponse(html, headers=AS_MAIL) if html else missing()

    async def overview(request: Request) -> Response:
        newsletter = project.newsletters.get(request.path_params["newsletter"])
        if newsletter is None:
            return missing()
        issues = await run_sync(_left, project, newsletter)
        return HTMLResponse(_overview(project, newsletter, issues), headers={"Cache-Control": "no-cache"})

    async def feed(request: Request) -> Response:
        newsletter = project.newsletters.get(request.path_params["newsletter"])
        if newsletter is None:
            return missing()
        issues = await run_sync(_left, project, newsletter)
        content = atom(newsletter, project.operator.site.public_url, issues[:_IN_FEED])
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if _has(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/atom+xml", headers=headers)

    return [
        Route("/issues/{newsletter}/{period}", issue),
        Route("/archive/{newsletter}", overview),
        Route("/archive/{newsletter}/feed.xml", feed),
    ]


def _has(condition: str, etag: str) -> bool:
    """Whether an If-None-Match names the tag; it is compared weakly (RFC 9110, 13.1.2)."""
    return condition.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in condition.split(",")}


def _sent_html(project: Project, newsletter: str, period: str) -> str | None:
    if not (_NAME.fullmatch(newsletter) and _NAME.fullmatch(period)):
        return None  # databases do not take every character
    issue = project.store.issues.find(newsletter, period)
    if issue is None or issue.state not in _SHOWN:
        return None
    frozen = project.store.issues.frozen(issue)
    return frozen.email.html.replace(READER_TOKEN, NOBODY) if frozen else None


def _left(project: Project, newsletter: Newsletter) -> Sequence[Issue]:
    return [each for each in project.store.issues.latest(newsletter.slug, _MOST) if each.state in _LISTED]


def _overview(project: Project, newsletter: Newsletter, issues: Sequence[Issue]) -> str:
    words, public = words_for(newsletter.language), project.operator.site.public_url
    feed = f"{public}/archive/{newsletter.slug}/feed.xml"
    head = f'<link rel="alternate" type="application/atom+xml" href="{escape(feed)}">'
    lines = "".join(_line(public, newsletter, each, words["archive_number"]) for each in issues)
    join = words["join_title"].replace("{newsletter}", newsletter.title)
    return page(
        newsletter.language,
        words["archive_title"].replace("{newsletter}", newsletter.title),
        f'<ul class="issues">{lines}</ul>' if lines else say(words["archive_empty"]),
        link(join, f"{public}/subscribe/{newsletter.slug}") if offers_form(newsletter) else "",
        link(words["archive_feed"], feed),
        head=head,
    )


def _line(public: str, newsletter: Newsletter, issue: Issue, number: str) -> str:
    day = issue.due_at.astimezone(newsletter.schedule.time_zone).date()
    shown = format_date(day, format="long", locale=spoken(newsletter.language))
    where = f"{public}/issues/{issue.newsletter}/{issue.period}"
    return (
        f'<li><span class="hint">{escape(number.replace("{number}", str(issue.number)))} · '
        f'<time datetime="{day.isoformat()}">{escape(shown)}</time></span>'
        f'<a href="{escape(where)}">{escape(issue.subject)}</a></li>'
    )
