"""What is shown: the draft of a week as `pipeline.draft` makes it now, and the version that the store has frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from digest.app import Project
from digest.errors import DigestError
from digest.models import Collection, Email, Issue, Newsletter, Override, Slot
from digest.pipeline import Press
from digest.select import slot_of_period
from digest.studio.drafts import Drafts
from digest.studio.sayings import Sayings, sayings
from digest.studio.sheets import NOT_FROZEN, Sheet, draft_sheet, frozen_sheet
from digest.studio.trouble import Trouble, trouble_from
from digest.studio.weeks import Calendar, calendar_around, first_shown

_ALL = 1_000
"""Issues of one newsletter: twenty years of weeks."""
T = TypeVar("T")

_NEVER = datetime.max.replace(tzinfo=UTC)


class NoSuchWeekError(LookupError):
    """The address names a newsletter or a week that does not exist."""


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows at one moment; what is missing could not be read."""

    now: datetime
    newsletters: tuple[Newsletter, ...] = ()
    newsletter: Newsletter | None = None
    calendar: Calendar | None = None
    draft: Sheet | None = None
    """The last one that could be made."""
    frozen: Sheet | None = None
    trouble: Trouble | None = None
    """Why there is no newer draft."""
    sayings: Sayings | None = None
    """What people said about its posts."""
    inboxes: tuple[str, ...] = ()
    """Where people want to see how its line is cut; names of `digest.check.inboxes`."""

    @property
    def differs(self) -> bool:
        """Whether readers would get something else if the issue were built now."""
        if self.frozen is None or self.draft is None or self.trouble:
            return False
        return self.frozen.email != self.draft.email


class Desk:
    """The project, its posts and the drafts made of them, kept until something changes. One thread at a time."""

    def __init__(self, root: Path, clock: Callable[[], datetime], newsletter: str | None) -> None:
        self.root = root.resolve()
        self._ours = (self.root / "config", self.root / "templates")
        self._clock = clock
        self._first = newsletter
        self._project: Project | None = None
        self._outdated = True
        self._watched: Sequence[Path] | None = None
        self._posts: Collection | None = None
        self._posts_until = _NEVER
        self._issues: dict[str, Mapping[str, Issue]] = {}
        self._said: dict[tuple[str, str], tuple[Override, ...]] = {}
        self._drafts = Drafts()

    def close(self) -> None:
        """Close what was opened."""
        if self._project:
            self._project.close()

    def view(self, slug: str | None = None, period: str | None = None) -> View:
        """Return what there is to see of a week; without names, of the week that people look at first.

        Errors of the digest become the view's trouble. Raise `NoSuchWeekError`.
        """
        now = self._clock()
        trouble: DigestError | None = None
        try:
            self._configure()
        except DigestError as error:
            trouble = error
        if self._project is None:
            return View(now, trouble=trouble_from(trouble, self.root) if trouble else None)
        newsletter = self._newsletter(self._project, slug or self._first)
        try:
            self._read_issues(self._project, newsletter.slug)
        except DigestError as error:
            trouble = trouble or error
        slot, calendar = self._calendar(newsletter, period, now)
        said: tuple[Override, ...] = ()
        try:
            said = self._read_said(self._project, newsletter.slug, slot.period)
        except DigestError as error:
            trouble = trouble or error
        if trouble is None:
            trouble = self._refresh(self._project, newsletter, slot, now)
        good = self._drafts.good(newsletter.slug, slot.period)
        frozen = None
        try:
            frozen = frozen_sheet(self._project, calendar.shown.issue, good)
        except DigestError as error:
            trouble = trouble or error
        return View(
            now,
            tuple(self._project.newsletters.values()),
            newsletter,
            calendar,
            draft_sheet(good) if good else None,
            frozen,
            trouble_from(trouble, self.root) if trouble else None,
            sayings(said, calendar.shown.issue, newsletter, self._posts, good),
            self._project.operator.check.inboxes,
        )

    def picture(self, slug: str, period: str, *, wants_draft: bool) -> Email | None:
        """Return the mail of a week's draft, unchecked; None where the page shows another, or an error.

        Raise `NoSuchWeekError`.
        """
        now = self._clock()
        try:
            project = self._configure()
            newsletter = self._newsletter(project, slug)
            self._read_issues(project, slug)
            slot, calendar = self._calendar(newsletter, period, now)
            self._read_said(project, slug, slot.period)
            issue = calendar.shown.issue
            if issue and issue.state not in NOT_FROZEN and not wants_draft:
                return None
            return self._drafts.mail(self._press(project, newsletter, now), slot, now).email
        except DigestError:  # the page tells it, with its place
            return None

    def act(self, slug: str, period: str, work: Callable[[Press, Slot, datetime], T]) -> T:
        """Do something about an issue, with the posts as they are shown. Raise `NoSuchWeekError`, or what it raises."""
        now = self._clock()
        project = self._configure()
        newsletter = self._newsletter(project, slug)
        slot, _ = self._calendar(newsletter, period, now)
        press = self._press(project, newsletter, now)
        try:
            return work(press, slot, now)
        finally:
            self._drafts.clear()

    def read(self, work: Callable[[Project, datetime], T]) -> T:
        """Find something out that needs no posts; raise what it raises."""
        return work(self._configure(), self._clock())

    def view_in(self, design: str) -> View | None:
        """Return what there is to see of a newsletter that wears a design, in the week that people look at first.

        None when no newsletter wears it.
        """
        try:
            project = self._configure()
        except DigestError as error:
            if self._project is None:
                return View(self._clock(), trouble=trouble_from(error, self.root))
            project = self._project
        wearing = [slug for slug, each in project.newsletters.items() if each.template == design]
        return self.view(self._first if self._first in wearing else wearing[0]) if wearing else None

    def posts(self) -> Collection:
        """Return what the blogs show now; raise what keeps them from being read."""
        return self._read_posts(self._configure(), self._clock())

    def watched(self) -> Sequence[Path]:
        """Return the files and folders whose change changes what is shown; some may not exist."""
        if self._watched is None:
            try:
                self._watched = tuple(self._configure().watched())
            except DigestError:  # found again when it is mended: not kept
                blogs = self._project.operator.sources if self._project else ()
                return (*self._ours, *(self.root / blog.path for blog in blogs if blog.path))
        return self._watched

    def forget(self, changed: Iterable[Path]) -> None:
        """Drop what was made of files that have changed since."""
        paths = tuple(changed)
        if not paths:
            return
        self._drafts.clear_looks()
        self._watched = None
        config, _ = self._ours
        self._outdated = self._outdated or any(path.is_relative_to(config) for path in paths)
        if not all(any(path.is_relative_to(ours) for ours in self._ours) for path in paths):
            self._posts = None
            self._drafts.clear()

    def decisions(self) -> object:
        """Return a value that changes whenever the store has another state, content or say of an issue."""
        try:
            store = self._configure().store
            issues, said = store.issues.latest(limit=_ALL), store.overrides.so_far()
        except DigestError:
            return None
        return said, [(issue.name, issue.state, issue.fingerprint, issue.reason) for issue in issues]

    # ------------------------------------------------------------ what it is made of

    def _configure(self) -> Project:
        if self._project is None or self._outdated:
            fresh = Project(self.root)
            if fresh.broken and (self._project or not fresh.newsletters):
                # What was good stays in view, below what is wrong with a newsletter's file.
                raise next(iter(fresh.broken.values()))
            if self._project:
                if self._project.operator != fresh.operator:
                    self._posts = None
                    self._drafts.clear()
                self._project.close()
            self._project, self._outdated = fresh, False
            self._drafts.clear_looks()
        return self._project

    def _newsletter(self, project: Project, slug: str | None) -> Newsletter:
        if slug is None:
            return next(iter(project.newsletters.values()))
        if slug not in project.newsletters:
            raise NoSuchWeekError(slug)
        return project.newsletters[slug]

    def _read_issues(self, project: Project, slug: str) -> None:
        issues = {issue.period: issue for issue in project.store.issues.latest(slug, _ALL)}
        if issues != self._issues.get(slug):
            self._issues[slug] = issues
            self._drafts.clear()  # coverage and numbers may be others now

    def _read_said(self, project: Project, slug: str, period: str) -> tuple[Override, ...]:
        said = project.store.overrides.history(slug, period)
        if said != self._said.get((slug, period), ()):
            self._said[slug, period] = said
            self._drafts.drop(slug, period)
        return said

    def _calendar(self, newsletter: Newsletter, period: str | None, now: datetime) -> tuple[Slot, Calendar]:
        schedule, issues = newsletter.schedule, self._issues.get(newsletter.slug, {})
        try:
            slot = slot_of_period(schedule, period) if period else first_shown(schedule, issues, now)
            return slot, calendar_around(schedule, slot, issues, now)
        except (ValueError, OverflowError) as error:
            raise NoSuchWeekError(period) from error

    def _refresh(self, project: Project, newsletter: Newsletter, slot: Slot, now: datetime) -> DigestError | None:
        """Make the draft of a week unless there is one of these very files; return what kept it from being made."""
        try:
            return self._drafts.refresh(self._press(project, newsletter, now), slot, now)
        except DigestError as error:
            return error

    def _press(self, project: Project, newsletter: Newsletter, now: datetime) -> Press:
        """Return all that an issue is made with, and the posts as they are shown."""
        posts = self._read_posts(project, now)
        return replace(project.press(newsletter.slug), read_posts=lambda _: posts)

    def _read_posts(self, project: Project, now: datetime) -> Collection:
        """Read the blogs, once until one changes or a post's time comes: nothing else changes what they say."""
        if self._posts is None or now >= self._posts_until:
            self._posts = project.read_posts(now)
            coming = (post.published_at for post in self._posts.posts if post.published_at > now)
            self._posts_until = min(coming, default=_NEVER)
            self._drafts.clear()
        return self._posts
