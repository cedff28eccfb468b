"""Where the contact sheet is shown: all cases small, one at full size, and the mail of one for a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from digest.app import Project
from digest.errors import DigestError, SourceError
from digest.models import Collection, Newsletter
from digest.studio.contact.contact_page import grouped, picture, progress_of
from digest.studio.contact.making import Making, ReadPosts, Sheets, version_of
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.framing import Looks, framed
from digest.studio.listening import chosen, hearing
from digest.studio.pages import filled, missing
from digest.studio.trouble import trouble_from
from digest.studio.watching import News


@dataclass(slots=True)
class ContactDesk:
    """Answers below `/stress/{newsletter}`."""

    desk: Desk
    news: News
    turn: anyio.CapacityLimiter
    sheets: Sheets

    async def page(self, request: Request) -> Response:
        """Show all cases that are made by now."""
        return await self._answered(request, self._page)

    async def state(self, request: Request) -> Response:
        """Tell how far the sheet is."""
        return await self._answered(request, lambda _, __, making: JSONResponse(progress_of(making)))

    async def one(self, request: Request) -> Response:
        """Show a case at full size, with what was found in it."""
        return await self._answered(request, self._one)

    async def mail(self, request: Request) -> Response:
        """Give a case's mail for a frame; as text, so that no browser takes it for a page of ours."""
        return await self._answered(request, self._mail)

    async def _answered(self, request: Request, answer: Callable[[Request, Newsletter, Making], Response]) -> Response:
        if led_on := chosen(request):
            return led_on
        slug = request.path_params["newsletter"]
        try:
            letter, making = await to_thread.run_sync(self._sheet, slug, limiter=self.turn)
            return answer(request, letter, making)
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        except DigestError as error:
            values = {"trouble": trouble_from(error, self.desk.root)}
            return filled("past_trouble.html", hearing(request), values, 500)

    def _sheet(self, slug: str) -> tuple[Newsletter, Making]:
        def version(project: Project, _: datetime) -> tuple[Newsletter, str]:
            if slug not in project.newsletters:
                raise NoSuchWeekError(slug)
            return project.newsletters[slug], version_of(project, slug)

        letter, made_of = self.desk.read(version)
        return letter, self.sheets.sheet(slug, made_of, self._posts())

    def _posts(self) -> ReadPosts:
        """Return what reads the posts of stored issues: as the studio knows them, no blog is read again."""
        try:
            posts: Collection | DigestError = self.desk.posts()
        except DigestError as error:
            posts = error

        def read(_: datetime) -> Collection:
            if isinstance(posts, DigestError):
                raise SourceError(posts.message, file=posts.file, line=posts.line, fix=posts.fix)
            return posts

        return read

    def _page(self, request: Request, letter: Newsletter, making: Making) -> Response:
        shots = tuple(making.shots)
        values = self._around(letter, making) | {
            "groups": grouped(shots),
            "made": len(shots),
            "beforehand": making.beforehand,
            "trouble": trouble_from(making.trouble, self.desk.root) if making.trouble else None,
        }
        return filled("contact.html", hearing(request, letter.language), values)

    def _one(self, request: Request, letter: Newsletter, making: Making) -> Response:
        number = request.path_params["number"]
        if not 0 < number <= len(making.shots):
            raise NoSuchWeekError(f"{letter.slug} {number}")
        shown = picture(number, making.shots[number - 1])
        looks = _looks(request)
        values = self._around(letter, making) | {
            "picture": shown,
            "looks": looks,
            "last": len(making.shots),
            "frame": framed(shown.shot.html, looks) if shown.shot.html else "",
        }
        return filled("contact_case.html", hearing(request, letter.language), values)

    def _mail(self, request: Request, _: Newsletter, making: Making) -> Response:
        number = request.path_params["number"]
        if not 0 < number <= len(making.shots) or not (html := making.shots[number - 1].html):
            return PlainTextResponse("", 404)
        return PlainTextResponse(framed(html, _looks(request)))

    def _around(self, letter: Newsletter, making: Making) -> dict[str, Any]:
        return {"newsletter": letter, "making": making, "version": self.news.version}


def _looks(request: Request) -> Looks:
    return Looks(dark=request.query_params.get("dark") == "1")
