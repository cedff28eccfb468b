"""A team at a studio: a project with users, browsers on other networks, and a clock that is moved by hand."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from lxml import html as lxml_html
from starlette.applications import Starlette

from digest.studio import create_app
from digest.studio.people.doors import TeamDoor, Times
from digest.studio.people.passwords import FILE, hash_of, write_password

HOST = "studio.example.com"
ADDRESS = f"https://{HOST}"
OURS = {"origin": ADDRESS}
WEEK = "/issues/weekly/2026-W04"
SESSION = "__Host-digest-studio-session"
PASSWORDS = {
    "花子": "correct horse 花子",
    "writer": "correct horse writer",
    "boss": "correct horse boss",
    "guest": "correct horse guest",
}
ROLES = {"花子": ["edit", "approve"], "writer": ["edit"], "boss": ["approve"], "guest": []}


@cache
def kept(password: str) -> str:
    """Return a hash, made once: it is slow on purpose."""
    return hash_of(password)


def give_users(project: Path, users: dict[str, list[str]] | None = None, **settings: object) -> None:
    """Write users with these roles into the project, and their passwords beside."""
    file = project / "config/digest.toml"
    text = file.read_text(encoding="utf-8").partition("\n[studio]\n")[0]
    lines = ["", "[studio]", *(f"{key} = {value}" for key, value in settings.items())]
    for name, roles in (ROLES if users is None else users).items():
        lines += ["[[studio.users]]", f'name = "{name}"', f"roles = {roles}"]
        write_password(project / FILE, name, kept(PASSWORDS[name]))
    file.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class Clock:
    """The time, which goes on when it is told to."""

    now: datetime = datetime(2026, 1, 19, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Team:
    """The studio as a team reaches it, through a proxy that speaks https."""

    project: Path
    clock: Clock
    app: Starlette
    open: AsyncExitStack
    door: TeamDoor
    wants: str = "en"
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    @classmethod
    def of(cls, project: Path, now: datetime, stack: AsyncExitStack) -> Team:
        clock = Clock()
        times = Times(timedelta(hours=2), timedelta(hours=12), clock)
        door = TeamDoor(project, {HOST: ADDRESS}, times)
        return cls(project, clock, create_app(project, lambda: now, newsletter=None, door=door), stack, door)

    async def browser(self, network: str = "203.0.113.5", **wants: Any) -> httpx.AsyncClient:
        """Return a browser of its own."""
        transport = httpx.ASGITransport(self.app, client=(network, 5000), **wants)
        headers = {"accept-language": self.wants}
        client = httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers)
        return await self.open.enter_async_context(client)

    async def signed_in(self, name: str, network: str = "203.0.113.5") -> httpx.AsyncClient:
        """Return a browser in which somebody has signed in."""
        client = await self.browser(network)
        answer = await sign_in(client, name)
        assert answer.status_code == 303, answer.text
        return client


async def sign_in(
    client: httpx.AsyncClient, name: str, password: str | None = None, to: str = "", **changes: str
) -> httpx.Response:
    """Fill in the form as the page has it, and send it."""
    shown = await client.get("/sign-in", params={"next": to} if to else {})
    assert shown.status_code == 200, shown.text
    fields = hidden(shown) | {"name": name, "password": PASSWORDS[name] if password is None else password} | changes
    return await client.post("/sign-in", data=fields, headers=OURS)


def hidden(answer: httpx.Response, form: str = "form") -> dict[str, str]:
    """Return the hidden fields of the first such form of a page."""
    (first, *_) = tree(answer).cssselect(form)
    return {each.get("name"): each.get("value") for each in first.cssselect("input[type=hidden]") if each.get("name")}


def tree(answer: httpx.Response) -> Any:
    return lxml_html.document_fromstring(answer.text)


async def form_token(client: httpx.AsyncClient) -> str:
    """Return the token of the browser's session."""
    return hidden(await client.get("/calendar"), "form[data-leave]")["form_token"]
