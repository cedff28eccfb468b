"""Where a newsletter's look is chosen: the form, the mail while somebody types, a save, and what was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from digest.app import newsletter_saying
from digest.errors import DigestError, TemplateError
from digest.models import Newsletter, Slot
from digest.pipeline import Draft, Press, draft
from digest.pipeline.designing import Earlier, Edit, Outcome, Result, SettingsFile, settings_file
from digest.pipeline.designing.files import decoded, read_text
from digest.pipeline.differences import differences
from digest.render import Rendered
from digest.studio.design_page import open_file
from digest.studio.designs import STATUS, Designs
from digest.studio.desk import Desk
from digest.studio.forms import sent_form
from digest.studio.framing import Looks
from digest.studio.listening import chosen, hearing
from digest.studio.look_form import LookForm, began_with, look_form, said_by
from digest.studio.look_page import Look, look_page, open_settings
from digest.studio.pages import missing, refusal
from digest.studio.people.persons import person_of, remember_name, who_acts
from digest.studio.picture_desk import looks_of, picture_of
from digest.studio.sheets import Sheet
from digest.studio.trouble import trouble_from
from digest.studio.watching import News


@dataclass(slots=True)
class LookDesk:
    """The pages of newsletters' looks."""

    desk: Desk
    news: News
    turn: anyio.CapacityLimiter
    designs: Designs
    """One try after the other, of designs and of newsletters alike."""
    _made: dict[tuple[str, int], tuple[Press, Draft]] = field(default_factory=dict)
    """The issue that the form is seen with: while somebody types, only its looks change."""
    _typed: tuple[tuple[Newsletter, tuple[str, int]], Rendered] | None = field(default=None)
    """The mail that was made last, and of what: first its picture is asked for, then what is told about it."""

    async def page(self, request: Request) -> Response:
        """Show the form, and with `?before=` what a save changed."""
        if led_on := chosen(request):
            return led_on
        file = await self._found(request)
        former = await self._former(file, request.query_params.get("before", "")) if file else None
        if file is None or (former is None and request.query_params.get("before")):
            return missing(hearing(request), request.url.path, "design")
        return await self._shown(request, file, _Said(who=who_acts(request)), former=former)

    async def change(self, request: Request) -> Response:
        """Show the mail as somebody types it, try it or save it, or bring back what the file said before."""
        fields = sent_form(request)
        file = await self._found(request)
        if file is None:
            return missing(hearing(request), request.url.path, "design")
        step, said = fields.get("step", ""), _Said(fields, began_with(fields), who_acts(request, fields))
        if step == "bring-back":
            return await self._bring_back(request, file, said)
        if said.began is None:
            return refusal(hearing(request), 400, "form")
        if step == "picture":
            html = await to_thread.run_sync(self._picture, file, said, limiter=self.turn)
            return picture_of(html, looks_of(request))
        if step == "show":
            return await self._shown(request, file, said)
        try:
            text = await to_thread.run_sync(self._text, file, said)
        except DigestError as error:
            return await self._shown(request, file, said, error=error)
        edit = Edit(file, text, fields.get("fingerprint", ""), said.who, step != "try")
        return await self._tried(request, file, said, edit)

    async def _bring_back(self, request: Request, file: SettingsFile, said: _Said) -> Response:
        former = await self._former(file, said.fields.get("former", ""))
        if former is None or not former.comes_back:
            return missing(hearing(request), request.url.path, "design")
        try:
            text = decoded(await to_thread.run_sync(former.before), file.place).text
        except (OSError, TemplateError):
            return missing(hearing(request), request.url.path, "design")
        edit = Edit(file, text, said.fields.get("fingerprint", ""), said.who, back_to=former.saved_at)
        return await self._tried(request, file, _Said(fields={**said.fields}, who=said.who), edit)

    async def _tried(self, request: Request, file: SettingsFile, said: _Said, edit: Edit) -> Response:
        try:
            result = await self.designs.tried(edit)
        except DigestError as error:
            return await self._shown(request, file, said, error=error)
        answer = await self._shown(request, file, said, result)
        remember_name(request, answer, said.who)
        return answer

    # ------------------------------------------------------------ what is shown

    async def _shown(
        self,
        request: Request,
        file: SettingsFile,
        said: _Said,
        result: Result | None = None,
        error: DigestError | None = None,
        former: Earlier | None = None,
    ) -> Response:
        version = self.news.version  # before looking: what changes meanwhile is announced once more
        slug = file.path.stem
        done = result is not None and result.outcome in {Outcome.SAVED, Outcome.SAME}
        read = partial(self._look, file, _Said(who=said.who) if done else said, result, error, former)
        look = await to_thread.run_sync(read, limiter=self.turn)
        view = None
        if look.form:
            view = await to_thread.run_sync(self.desk.view, slug, limiter=self.turn)
        looks = Looks(dark=request.query_params.get("dark") == "1")
        status = STATUS.get(result.outcome, 200) if result else 422 if error else 200
        spoken = look.form.newsletter.language if look.form else ""
        return look_page(view, looks, version, person_of(request).form_token, look, hearing(request, spoken), status)

    def _look(
        self,
        file: SettingsFile,
        said: _Said,
        result: Result | None,
        error: DigestError | None,
        former: Earlier | None,
    ) -> Look:
        slug, root = file.path.stem, self.desk.root
        form: LookForm | None = None
        sheet: Sheet | None = None
        began: Mapping[str, str] = {}
        changed: Mapping[str, str] = {}
        ours: str | None = None
        design = ""
        trouble: DigestError | None = None
        try:
            now = read_text(file)
            letter = newsletter_saying(now.text, slug)
            design = letter.template
            form = look_form(root, letter)
            began = form.values
            if said.began is not None:
                changes = form.changes(said.fields, said.began)
                changed = {name: said.fields[name] for name in form.values if tuple(name.split(".", 1)) in changes}
                ours, letter = said_by(file, now, changes)
                form = look_form(root, letter)
            sheet = self._sheet(letter)
        except DigestError as wrong:
            trouble = wrong
        opened = open_file(root, self.designs.histories, design, file, ours, result, error, former)
        if opened.now and result and result.outcome is Outcome.CHANGED and ours is not None:
            opened = replace(opened, changes=differences(opened.now.text, ours))
        told = trouble_from(trouble, root) if trouble and not opened.trouble else None
        stale = sheet is None
        if sheet is None and (last := self._last(slug)):
            sheet = last
        return Look(open_settings(opened, slug, began), form, sheet, stale, told, began, changed, said.who)

    def _picture(self, file: SettingsFile, said: _Said) -> str:
        """Return the mail as it is typed, and nothing about it; empty where only the whole page can tell."""
        try:
            now = read_text(file)
            form = look_form(self.desk.root, newsletter_saying(now.text, file.path.stem))
            return self._sheet(said_by(file, now, form.changes(said.fields, said.began or {}))[1]).email.html
        except DigestError:
            return ""

    def _sheet(self, letter: Newsletter) -> Sheet:
        """Return the issue that people look at first, as other settings of its newsletter would make it."""
        key = (letter.slug, self.news.version)
        if key not in self._made:
            calendar = self.desk.view(letter.slug).calendar

            def work(press: Press, slot: Slot, now: datetime) -> tuple[Press, Draft]:
                return press, draft(replace(press, newsletter=letter), slot, now)

            period = calendar.shown.slot.period if calendar else ""
            made = self.desk.act(letter.slug, period, work)
            self._made = {known: each for known, each in self._made.items() if known[0] != letter.slug}
            self._made[key] = made
        press, made_of = self._made[key]
        if self._typed is None or self._typed[0] != (letter, key):
            links = press.links(made_of.slot)
            self._typed = (letter, key), press.renderer.typeset(letter, made_of.number, made_of.selection, links)
        rendered = self._typed[1]
        return Sheet(rendered.email, made_of.number, {}, rendered.notes, ())

    def _last(self, slug: str) -> Sheet | None:
        """Return the last good mail of a newsletter."""
        try:
            return self.desk.view(slug).draft
        except LookupError:
            return None

    def _text(self, file: SettingsFile, said: _Said) -> str:
        """Return what the file is to say; raise what is wrong with what was typed."""
        now = read_text(file)
        form = look_form(self.desk.root, newsletter_saying(now.text, file.path.stem))
        return said_by(file, now, form.changes(said.fields, said.began or {}))[0]

    async def _found(self, request: Request) -> SettingsFile | None:
        return await to_thread.run_sync(settings_file, self.desk.root, request.path_params["newsletter"])

    async def _former(self, file: SettingsFile, name: str) -> Earlier | None:
        return await to_thread.run_sync(self.designs.histories.find, file, name) if name else None


@dataclass(frozen=True, slots=True)
class _Said:
    """What a form said."""

    fields: Mapping[str, str] = field(default_factory=dict)
    began: Mapping[str, str] | None = None
    who: str = ""
