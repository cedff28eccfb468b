"""What providers post to `/webhooks/{kind}`: proved to be theirs on the raw bytes, written down once, and heeded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool as run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.app import Project
from digest.send.audience import identity
from digest.send.webhook_opening import fetch
from digest.send.webhooks import Posted, RefusedError
from digest.store.events import Heard

MOST_BYTES = 5_000_000
"""Of one request; SendGrid collects events for seconds, in up to some hundred kilobytes."""

_LOG = logging.getLogger(__name__)


def webhooks(project: Project, clock: Callable[[], datetime]) -> list[Route]:
    """Return the route for all kinds that are set up; raise `ConfigError` for one that lacks something."""
    known = project.webhooks

    async def webhook(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in known:
            return PlainTextResponse("Not found", status_code=404)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("Too large", status_code=413)
        url = f"{project.operator.site.public_url.rstrip('/')}/webhooks/{kind}"
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            heard = await run_sync(take, project, kind, Posted(url, headers, body), clock())
        except RefusedError as error:
            _LOG.warning("a request to /webhooks/%s was refused: %s", kind, error)
            return PlainTextResponse("Refused", status_code=403)
        return JSONResponse({"new": heard.new})

    return [Route("/webhooks/{kind}", webhook, methods=["POST"])]


def take(project: Project, kind: str, posted: Posted, now: datetime) -> Heard:
    """Take what a provider posted; raise `RefusedError` for what is not its own or cannot be understood."""
    webhook = project.webhooks[kind]
    webhook.verify(posted, now, fetch)
    events = webhook.events(posted, fetch)
    heard = project.store.events.take(kind, [(_identity(each.address), each) for each in events], now)
    for newsletter, period in heard.proved:
        if issue := project.store.issues.find(newsletter, period):
            project.store.outbox.finish(issue, now)
    return heard


def _identity(address: str) -> str:
    """Return an address as it is compared; what is none is written down as it is, and finds nobody."""
    try:
        return identity(address)
    except ValueError:
        return address.casefold()[:320]


async def _body(request: Request) -> bytes | None:
    """Return the body; None when it is too large, without reading on."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)
