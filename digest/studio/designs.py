"""Where the files of a design are edited: what may be asked and sent, and one try after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from digest.app import Project, newsletter_saying
from digest.errors import DigestError, SourceError, TemplateError
from digest.models import Collection
from digest.pipeline.designing import (
    LONGEST,
    AbandonedError,
    DesignFile,
    Earlier,
    Edit,
    Histories,
    Outcome,
    Repository,
    Result,
    SettingsFile,
    design_files,
    find_file,
    mails_of,
    try_edit,
    try_settings,
)
from digest.pipeline.designing.files import decoded, one_ending
from digest.studio.design_page import design_page, open_file
from digest.studio.desk import Desk
from digest.studio.forms import sent_form
from digest.studio.framing import Looks
from digest.studio.listening import chosen, hearing
from digest.studio.pages import missing, refusal
from digest.studio.people.persons import person_of, remember_name, who_acts
from digest.studio.trials import bench_for, bench_for_settings
from digest.studio.watching import News

HISTORY = Path("var/studio/history")
STATUS = {Outcome.REFUSED: 422, Outcome.CHANGED: 409, Outcome.UNWRITTEN: 500}


@dataclass(slots=True)
class Progress:
    """How far the try has come that is under way."""

    place: str
    total: int = 0
    done: int = 0


class Designs:
    """The pages of designs. Tries run in a thread of their own, one at a time; others wait for their turn."""

    def __init__(self, desk: Desk, news: News, turn: anyio.CapacityLimiter, wall: Callable[[], datetime]) -> None:
        self._desk = desk
        self._news = news
        self._turn = turn
        self._wall = wall
        self._templates = desk.root / "templates"
        self.histories = Histories(desk.root / HISTORY, Repository(desk.root))
        self._one_try = anyio.CapacityLimiter(1)
        self._progress: Progress | None = None

    async def page(self, request: Request) -> Response:
        """Show a design's file, and with `?before=` what a save changed."""
        if led_on := chosen(request):
            return led_on
        file = await self._found(request)
        if file is None:
            return missing(hearing(request), request.url.path, "design")
        return await self._shown(request, file)

    async def change(self, request: Request) -> Response:
        """Try or save what a person wrote, or bring back what a file said before."""
        fields = sent_form(request)
        file = await self._found(request)
        if file is None:
            return missing(hearing(request), request.url.path, "design")
        text, former = one_ending(fields.get("text", "")), None
        if fields.get("step") == "bring-back":
            former = await to_thread.run_sync(self.histories.find, file, fields.get("former", ""))
            if former is None or not former.comes_back:
                return missing(hearing(request), request.url.path, "design")
            try:
                text = decoded(await to_thread.run_sync(former.before), file.place).text
            except (OSError, TemplateError):
                return missing(hearing(request), request.url.path, "design")
        if len(text) > LONGEST:
            return refusal(hearing(request), 413, "large")
        who, back_to = who_acts(request, fields), former.saved_at if former else None
        edit = Edit(file, text, fields.get("fingerprint", ""), who, fields.get("step") != "try", back_to)
        try:
            result = await self.tried(edit)
        except DigestError as error:
            return await self._shown(request, file, text, error=error, who=who)
        answer = await self._shown(request, file, text, result, who=who)
        remember_name(request, answer, who)
        return answer

    async def tried(self, edit: Edit) -> Result:
        """Try an edit of a design's or newsletter's file when its turn comes, and save it if it is to be saved."""
        work = partial(self._try, edit, await self._posts())
        result = await to_thread.run_sync(work, limiter=self._one_try)
        if result.outcome is Outcome.SAVED:  # the watcher will notice, a moment after this answer
            await to_thread.run_sync(self._desk.forget, [edit.file.path], limiter=self._turn)
        return result

    async def trying(self, _: Request) -> Response:
        """Tell how far the try has come that is under way."""
        now = self._progress
        return JSONResponse({"place": now.place, "done": now.done, "total": now.total} if now else {})

    async def _found(self, request: Request) -> DesignFile | None:
        design, name = request.path_params["design"], request.path_params.get("file", "")
        if not name:
            files = await to_thread.run_sync(design_files, self._templates, design)
            return files[0] if files else None
        return await to_thread.run_sync(find_file, self._templates, design, name)

    async def _posts(self) -> Callable[[datetime], Collection]:
        """Return what reads the posts: they are read already, and a try reads no blog again."""
        try:
            posts = await to_thread.run_sync(self._desk.posts, limiter=self._turn)
        except DigestError as error:
            kept = SourceError(error.message, file=error.file, line=error.line, fix=error.fix)

            def failing(_: datetime) -> Collection:
                raise kept

            return failing
        return lambda _: posts

    def _try(self, edit: Edit, read_posts: Callable[[datetime], Collection]) -> Result:
        progress = self._progress = Progress(edit.file.place)

        def tell() -> None:
            if self._news.over:
                raise AbandonedError(TemplateError("the studio was stopped meanwhile"))
            progress.done += 1

        now = self._wall()
        try:
            with Project(self._desk.root) as project:
                if isinstance(edit.file, SettingsFile):
                    slug = edit.file.path.stem
                    bench, trial_of = bench_for_settings(project, slug, read_posts, now, tell)
                    progress.total = mails_of(bench.trials)
                    read = partial(newsletter_saying, slug=slug)
                    return try_settings(bench, trial_of, read, edit, self.histories, now)
                bench = bench_for(project, edit.file, read_posts, now, tell)
                progress.total = mails_of(bench.trials)
                return try_edit(bench, edit, self.histories, now)
        finally:
            self._progress = None

    async def _shown(
        self,
        request: Request,
        file: DesignFile,
        text: str | None = None,
        result: Result | None = None,
        error: DigestError | None = None,
        who: str = "",
    ) -> Response:
        version = self._news.version  # before looking: what changes meanwhile is announced once more
        design = request.path_params["design"]
        view = await to_thread.run_sync(self._desk.view_in, design, limiter=self._turn)
        before: Earlier | None = None
        if name := request.query_params.get("before"):
            before = await to_thread.run_sync(self.histories.find, file, name)
            if before is None:
                return missing(hearing(request), request.url.path, "design")
        read = partial(open_file, self._desk.root, self.histories, design, file, text, result, error, before)
        looks = Looks(dark=request.query_params.get("dark") == "1")
        status = STATUS.get(result.outcome, 200) if result else 422 if error else 200
        spoken = view.newsletter.language if view and view.newsletter else ""
        opened = await to_thread.run_sync(read)
        token = person_of(request).form_token
        return design_page(
            view, looks, version, token, opened, who or who_acts(request), hearing(request, spoken), status
        )
