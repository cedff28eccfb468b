"""`config/digest.toml`: where posts come from, how mail leaves and where state lies."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from digest.check.clients import mistake_in
from digest.check.inboxes import INBOXES
from digest.config.newsletter import ADDRESS
from digest.config.studio import StudioConfig
from digest.config.toml import Open, Strict, read_toml
from digest.config.watching import LogConfig, MonitorConfig

_VARIABLE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


class SiteConfig(Strict):
    """`[site]`: the public addresses of the newsletter."""

    public_url: str
    """Where `digest serve` is reached: unsubscribe links and "view online" begin with it."""

    @field_validator("public_url")
    @classmethod
    def _https(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an https address such as https://news.example.com")
        return url.rstrip("/")


class SourceConfig(Open):
    """`[[sources]]`: one blog; further keys are options of its kind."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    kind: str | None = None
    path: str = ""

    def options(self) -> dict[str, Any]:
        """Return the options for the source, as written."""
        options: dict[str, Any] = dict(self.model_extra or {})
        return {**options, "path": self.path} if self.path else options


class StoreConfig(Strict):
    """`[store]`: the database."""

    url: str = "sqlite:///var/digest.sqlite3"


class ProviderConfig(Open):
    """`[provider]`: how mail leaves; further keys are options of its kind."""

    kind: str = "file"

    def options(self) -> dict[str, Any]:
        """Return the options for the provider, as written."""
        return dict(self.model_extra or {})


class CheckConfig(Strict):
    """`[check]`: what mails are measured by."""

    clients: tuple[str, ...] = ()
    """Mail programs of the readers; empty for the usual ones."""
    inboxes: tuple[str, ...] = ()
    """Where it is told how much of the subject and the preheader is seen."""

    @field_validator("clients")
    @classmethod
    def _known_clients(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if mistake := mistake_in(name):
                raise ValueError(mistake)
        return names

    @field_validator("inboxes")
    @classmethod
    def _known_inboxes(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in INBOXES:
                near = difflib.get_close_matches(name, INBOXES, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(INBOXES)}"
                raise ValueError(f"'{name}' is no inbox that the digest knows; {hint}")
        return names


class RenderConfig(Strict):
    """`[render]`: how mails are made."""

    inliner: Literal["premailer", "css-inline"] = "premailer"
    """Which engine moves the styles into the tags: the one of record, or the fast one."""


class SendConfig(Strict):
    """`[send]`: the pace."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    """Requests under way at once; of each worker, where there are some."""
    engine: Literal["none", "procrastinate"] = "none"
    """What brings batches to `digest worker` processes; with `none` they are sent by who runs the issue."""
    patience_seconds: Annotated[float, Field(ge=0)] = 300
    """How long one run waits for a provider that says "later", before it leaves the rest to the next run."""
    per_second: Annotated[float, Field(ge=0)] = 0
    """Readers a second on average; 0 for as fast as it goes."""
    per_day: Annotated[int, Field(ge=0)] = 0
    """Readers of all newsletters in any 24 hours; 0 for no limit."""
    max_rejected_share: Annotated[float, Field(gt=0, le=1)] = 0.2
    """Above this share of refused readers an issue is paused for a person."""
    seeds: tuple[str, ...] = ()
    """Addresses that get an issue before all readers, such as the staff's own mailboxes."""
    first_share: Annotated[float, Field(ge=0, lt=1)] = 0
    """Of the readers, those who get it next; 0 when all get it at once."""
    look_minutes: Annotated[float, Field(ge=0, le=1440)] = 0
    """How long nothing leaves after the seeds, and after the first share."""
    after_wave: Literal["go_on", "pause"] = "go_on"
    """Whether the next wave follows by itself, or waits for a person."""


class ReportsConfig(Strict):
    """`[reports]`: where people are told how runs ended."""

    mail: tuple[str, ...] = ()
    """Addresses of staff; the mail leaves through the provider."""
    webhook: str = ""
    """`env:NAME`: the address of a chat's incoming webhook."""
    file: str = ""
    """A folder for one file a report, relative to the project."""
    ping: str = ""
    """`env:NAME`: the address that is asked for while all is well, so that its silence is noticed."""

    @field_validator("mail")
    @classmethod
    def _addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            if not ADDRESS.fullmatch(address):
                raise ValueError(f"'{address}' is not an e-mail address")
        return addresses

    @model_validator(mode="before")
    @classmethod
    def _never_quoted(cls, table: Any) -> Any:
        # What a message quotes is the value that the validator below gets: of a secret that stands here, nothing.
        if not isinstance(table, dict):
            return table
        quoted = [key for key in ("webhook", "ping") if not _VARIABLE.fullmatch(str(table.get(key, "env:NAME")))]
        return {**table, **dict.fromkeys(quoted)}

    @field_validator("webhook", "ping", mode="before")
    @classmethod
    def _secret(cls, found: object) -> object:
        if found is None:
            raise ValueError("is a secret and may not stand in a file; write env:NAME, and set NAME in the environment")
        return found


class Operator(Strict):
    """The whole file."""

    site: SiteConfig
    sources: Annotated[tuple[SourceConfig, ...], Field(min_length=1)]
    store: StoreConfig = StoreConfig()
    provider: ProviderConfig = ProviderConfig()
    send: SendConfig = SendConfig()
    render: RenderConfig = RenderConfig()
    check: CheckConfig = CheckConfig()
    reports: ReportsConfig = ReportsConfig()
    studio: StudioConfig = StudioConfig()
    log: LogConfig = LogConfig()
    monitor: MonitorConfig = MonitorConfig()
    webhooks: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By the kind of provider, the options of each."""

    @field_validator("sources")
    @classmethod
    def _unique_names(cls, sources: tuple[SourceConfig, ...]) -> tuple[SourceConfig, ...]:
        names = [source.name for source in sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have the same name; a post's identity begins with it")
        return sources


def read_operator(file: Path) -> Operator:
    """Read `config/digest.toml`; raise `ConfigError`."""
    return read_toml(file, Operator)
