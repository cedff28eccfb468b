"""A project: its configuration in, wired parts out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digest.app.places import told_as_failed, with_places
from digest.app.reviewers import nobody_asked, reviewers, studio_address
from digest.app.shipped import left_as_shipped
from digest.collect import Source
from digest.collect.merging import merge
from digest.config import Operator, read_newsletters, read_operator
from digest.errors import ConfigError, SourceError, StoreError
from digest.models import READER_TOKEN, Collection, Limits, Newsletter, Slot
from digest.tracing import stage

if TYPE_CHECKING:  # each is imported when it is first needed: a command pays only for what it uses
    from digest.check import Demands
    from digest.pipeline import Press
    from digest.pipeline.asking import Asker
    from digest.pipeline.reporting import Teller
    from digest.render import Links, Renderer
    from digest.render.bounded import Workshop
    from digest.send.ownership import Owner
    from digest.send.ping import Ping
    from digest.send.providers import Provider
    from digest.send.webhooks import Webhook
    from digest.store import Store

OPERATOR_FILE = Path("config/digest.toml")
NEWSLETTERS = Path("config/newsletters")
DATABASE_URL = "DIGEST_DATABASE_URL"
"""The variable of the environment that wins over `store.url`."""

_AT_ONCE = 8


class Project:
    """A folder with `config/`, `templates/` and `var/`, wired; parts are made when they are first needed.

    Raise `ConfigError` when its configuration is wrong. `close` it, or use it in a `with`.
    """

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        self.root = root.resolve()
        self._environment = os.environ if environment is None else environment
        self.operator: Operator = read_operator(self.root / OPERATOR_FILE)
        if str(self.root) not in sys.path:  # where ranking rules of the project's own are found, after all others
            sys.path.append(str(self.root))
        newsletters, self.broken = read_newsletters(self.root / NEWSLETTERS)
        # Messages name files as a person at the project's folder would.
        self.newsletters: Mapping[str, Newsletter] = {
            slug: replace(each, file=f"{NEWSLETTERS}/{slug}.toml") for slug, each in newsletters.items()
        }

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened."""
        if "store" in self.__dict__:
            self.store.close()

    def newsletter(self, slug: str | None = None) -> Newsletter:
        """Return a newsletter by its slug; the only one when none is named. Raise `ConfigError` for a broken one."""
        if slug in self.broken or (slug is None and self.broken):
            raise self.broken[slug] if slug else next(iter(self.broken.values()))
        if slug is None and len(self.newsletters) == 1:
            return next(iter(self.newsletters.values()))
        if slug is None or slug not in self.newsletters:
            asked = f"there is no newsletter '{slug}'" if slug else "there are several newsletters"
            raise ConfigError(asked, file=self.root / NEWSLETTERS, fix=f"name one of: {', '.join(self.newsletters)}")
        return self.newsletters[slug]

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The blogs."""
        from digest.collect.opening import open_source

        return tuple(
            open_source(
                source.name,
                source.kind,
                source.options(),
                self._environment,
                root=self.root,
                file=self.root / OPERATOR_FILE,
            )
            for source in self.operator.sources
        )

    def read_posts(self, now: datetime, since: datetime | None = None) -> Collection:
        """Read every blog, with `since` only what was offered from then on.

        The places of problems are relative to the project. What was read before is remembered in the store. Several
        are read at once, since most of the time of an address is waiting. One that cannot be read is a problem as
        long as another can; else raise its `SourceError`.
        """
        store = self.store  # opened here: threads that ask for it at once would each open one

        def read(source: Source) -> Collection:
            with stage("source", source=source.name):
                return source.read(now, since, store.memory(source.name))

        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            tasks = [pool.submit(copy_context().run, read, source) for source in self.sources]
        failures = [error for task in tasks if isinstance(error := task.exception(), SourceError)]
        if len(failures) == len(tasks):
            raise failures[0]
        return merge(
            told_as_failed(error, self.root)
            if isinstance(error := task.exception(), SourceError)
            else with_places(task.result(), source.name, self.operator)
            for source, task in zip(self.sources, tasks, strict=True)
        )

    def read_source(self, source: Source, now: datetime, since: datetime | None = None) -> Collection:
        """Read one blog; raise `SourceError` when that cannot be done."""
        return with_places(source.read(now, since, self.store.memory(source.name)), source.name, self.operator)

    @cached_property
    def store(self) -> Store:
        """The database; opened, and migrated, at the first use."""
        from digest.store import Store

        engine = self.operator.send.engine
        return Store(self.store_url, self.root, "" if engine == "none" else engine)

    @property
    def store_url(self) -> str:
        """Where the database is; it may have a password in it. Raise `StoreError` when the environment lacks it."""
        if url := self._environment.get(DATABASE_URL):  # the same project on several hosts, or in a container
            return url
        url = self.operator.store.url
        if url.startswith("env:"):
            variable = url.removeprefix("env:")
            url = self._environment.get(variable, "")
            if not url:
                raise StoreError(
                    f"the environment has no {variable}", file=self.root / OPERATOR_FILE, fix=f"set {variable}"
                )
        return url

    @cached_property
    def renderer(self) -> Renderer:
        """The templates and words."""
        from digest.render import Renderer

        try:
            return Renderer(self.root / "templates", self.root / "config" / "copy", self.operator.render.inliner)
        except ConfigError as error:
            raise ConfigError(error.message, file=self.root / OPERATOR_FILE, fix=error.fix) from error

    def workshop(self) -> Workshop:
        """Return what renders as `renderer` does, in a process of its own with limits; close it."""
        from digest.render.bounded import Workshop

        return Workshop(self.root / "templates", self.root / "config" / "copy", self.operator.render.inliner)

    @cached_property
    def provider(self) -> Provider:
        """The way mail leaves."""
        from digest.send.opening import open_provider

        provider = self.operator.provider
        file = self.root / OPERATOR_FILE
        return open_provider(provider.kind, provider.options(), self._environment, root=self.root, file=file)

    @cached_property
    def webhooks(self) -> Mapping[str, Webhook]:
        """Those whose events are taken, by their kind; raises `ConfigError` for one that is not set up."""
        from digest.send.webhook_opening import open_webhooks

        file = self.root / OPERATOR_FILE
        return open_webhooks(self.operator.webhooks, self._environment, root=self.root, file=file)

    @cached_property
    def teller(self) -> Teller:
        """Who tells people how runs ended."""
        from digest.pipeline.reporting import Teller, channels

        asked = self.operator.reports.model_dump(exclude_defaults=True, exclude={"ping"})
        ways = channels(asked, self._environment, root=self.root, file=self.root / OPERATOR_FILE)
        return Teller(ways, lambda: self.store, lambda: self.provider)

    @cached_property
    def ping(self) -> Ping | None:
        """What tells a dead-man switch outside that all is well; None when nobody wants to know."""
        from digest.send.ping import open_ping

        return open_ping(self.operator.reports.ping, self._environment)

    @cached_property
    def owner(self) -> Owner:
        """This process's name on its claims."""
        from digest.send.ownership import Owner

        return Owner(self.root / "var" / "senders")

    def press(self, slug: str | None = None) -> Press:
        """Put together all that the story of one newsletter needs."""
        from digest.app.readers import audience_of, waves
        from digest.pipeline import Press

        sending = self.operator.send
        newsletter = self.newsletter(slug)
        return Press(
            newsletter=newsletter,
            read_posts=self.read_posts,
            root=self.root,
            read_audience=lambda: audience_of(newsletter, self.root, self.store.subscribers),
            renderer=self.renderer,
            links=lambda slot: self.links(newsletter, slot),
            store=self.store,
            provider=self.provider,
            owner=self.owner,
            concurrency=sending.concurrency,
            patience_seconds=sending.patience_seconds,
            limits=Limits(sending.per_second, sending.per_day, sending.max_rejected_share),
            waves=waves(sending, self.root / OPERATOR_FILE),
            demands=self.demands(newsletter),
            warnings=(
                *left_as_shipped(newsletter, self.operator, OPERATOR_FILE),
                *nobody_asked(newsletter, self.operator),
            ),
            watched=self.watched,
            asker=lambda: self._asker(newsletter),
        )

    def _asker(self, newsletter: Newsletter) -> Asker:
        from digest.pipeline.asking import Asker

        return Asker(lambda: self.teller, reviewers(newsletter, self.operator), studio_address(self.operator))

    def demands(self, newsletter: Newsletter) -> Demands:
        """Return what the mails of a newsletter are measured by."""
        from digest.check import Demands

        check, publisher = self.operator.check, newsletter.publisher
        return Demands(check.clients, check.inboxes, publisher.name, publisher.postal_address, publisher.contact)

    def links(self, newsletter: Newsletter, slot: Slot) -> Links:
        """Return the public addresses of an issue; `digest serve` answers them."""
        from digest.render import Links

        public = self.operator.site.public_url
        return Links(f"{public}/u/{READER_TOKEN}", f"{public}/issues/{newsletter.slug}/{slot.period}")

    def watched(self) -> Sequence[Path]:
        """Return the files and folders whose change changes an issue."""
        blogs = [path for source in self.sources for path in source.watched()]
        return [self.root / "config", self.root / "templates", *blogs]
