"""The form for new readers, and the link that confirms: nobody is on a list before they pressed its button.

Like the preferences it needs no CSRF token (see there): the form does nothing that its visitor could not do from
anywhere, and what it does is to send one mail that asks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool as run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest.app import Project
from digest.errors import DigestError
from digest.models import Newsletter, Subscriber
from digest.pipeline.welcoming import Welcome, confirmation_link, welcome
from digest.web.bounds import Bounds, network_of
from digest.web.guard import missing, only, read_form
from digest.web.join_form import TRAP, filled_in, form_page, language_of, offers_form
from digest.web.pages import button, link, page, say, words_for
from digest.web.whose import whose

_LOG = logging.getLogger(__name__)
_BETWEEN_ERASINGS = timedelta(hours=1)


def joining(project: Project, clock: Callable[[], datetime]) -> list[Route]:
    """Return the routes of `/subscribe/` and `/confirm/`."""
    bounds, desk = Bounds(), _Desk(project, clock)

    async def show(request: Request) -> Response:
        newsletter = _newsletter(project, request)
        if newsletter is None:
            return missing()
        language = language_of(request.query_params.get("language"), newsletter)
        return HTMLResponse(form_page(newsletter, language, {}))

    async def take(request: Request) -> Response:
        newsletter = _newsletter(project, request)
        if newsletter is None:
            return missing()
        fields, network = await read_form(request), _network(request)
        language = language_of(only(fields, "language"), newsletter)
        words = words_for(language)
        asking = filled_in(project, newsletter, fields, language, network)
        if isinstance(asking, str):
            return HTMLResponse(form_page(newsletter, language, fields, asking), status_code=400)
        if not bounds.allow(network, clock()):
            too_many = page(language, words["too_many_title"], say(words["too_many"]))
            return HTMLResponse(too_many, status_code=429, headers={"Retry-After": "3600"})
        # All that depends on the address comes after the answer: neither its words nor its time tell who is a reader.
        task = None if only(fields, TRAP) else BackgroundTask(desk.answer, newsletter, asking)
        sent = page(language, words["sent_title"], say(words["sent"]), say(words["sent_hint"], "hint"))
        return HTMLResponse(sent, background=task)

    async def ask(request: Request) -> Response:
        holder = await run_sync(whose, project, request.path_params["token"])
        words = words_for(holder.language)
        press = button(words["confirm_button"])
        return HTMLResponse(page(holder.language, words["confirm_title"], say(words["confirm"]), press))

    async def confirm(request: Request) -> Response:
        token = request.path_params["token"]
        holder = await run_sync(whose, project, token)
        words = words_for(holder.language)
        known = holder.subscriber is not None
        if known and await run_sync(project.store.signups.confirm, token, _network(request), clock()):
            to_choose = link(words["confirmed_link"], holder.preferences)
            return HTMLResponse(page(holder.language, words["confirmed_title"], say(words["confirmed"]), to_choose))
        return HTMLResponse(page(holder.language, words["expired_title"], say(words["expired"])))

    return [
        Route("/subscribe/{newsletter}", show, methods=["GET"]),
        Route("/subscribe/{newsletter}", take, methods=["POST"]),
        Route("/confirm/{token}", ask, methods=["GET"]),
        Route("/confirm/{token}", confirm, methods=["POST"]),
    ]


class _Desk:
    """Does what a form asked for once it is answered, and erases who never confirmed."""

    def __init__(self, project: Project, clock: Callable[[], datetime]) -> None:
        self._project = project
        self._clock = clock
        self._erased_at: datetime | None = None

    async def answer(self, newsletter: Newsletter, asking: Subscriber) -> None:
        """Ask for confirmation, if that may be asked."""
        now = self._clock()
        try:
            # The whole list is looked through for it, so not with every form.
            if self._erased_at is None or now - self._erased_at >= _BETWEEN_ERASINGS:
                self._erased_at = now
                await run_sync(self._project.store.signups.erase_unconfirmed, now)
            to_confirm = confirmation_link(self._project.operator.site.public_url)
            desk = Welcome(self._project.store, self._project.provider, newsletter, to_confirm)
            await welcome(desk, asking, now)
        except DigestError as error:  # the form is answered long ago: only the operator can still be told
            _LOG.error("Somebody who asked for %s got no confirmation mail: %s", newsletter.slug, error)


def _newsletter(project: Project, request: Request) -> Newsletter | None:
    found = project.newsletters.get(request.path_params["newsletter"])
    return found if found is not None and offers_form(found) else None


def _network(request: Request) -> str:
    return network_of(request.client.host if request.client else None)
