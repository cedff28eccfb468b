"""Where the studio listens, and how it stops."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import uvicorn
from anyio import to_thread

from digest.errors import ConfigError, DigestError
from digest.studio.people.doors import TeamDoor, Times, TokenDoor
from digest.studio.routes import create_app


@dataclass(frozen=True, slots=True)
class Team:
    """For whom the studio is served, when not only for this machine: users sign in."""

    address: str
    """What their browsers open, without a path; empty for the very address that is listened on."""
    trusted_proxies: tuple[str, ...]
    """Whose `X-Forwarded-For` is believed."""
    idle: timedelta
    longest: timedelta


def serve(
    root: Path,
    clock: Callable[[], datetime],
    *,
    newsletter: str | None,
    host: str = "127.0.0.1",
    port: int = 8025,
    team: Team | None = None,
    on_ready: Callable[[str], None],
) -> None:
    """Show the project in `root` until SIGINT or SIGTERM.

    `on_ready` gets the address once it answers, with this start's token where nobody signs in; port 0 is any free
    port. Raise `ConfigError` for a host that is not loopback without a team, `DigestError` for a port that is taken.
    """
    with _listen(host, port, team) as listener:
        name, bound = f"[{host}]" if ":" in host else host, listener.getsockname()[1]
        names = {name, "localhost"}
        hosts = [f"{each}:{bound}" for each in names] + (list(names) if bound == 80 else [])
        token = secrets.token_urlsafe(24)
        door = _team_door(root, team, hosts) if team else TokenDoor(token, hosts)
        app = create_app(root, clock, newsletter=newsletter, door=door)
        config = uvicorn.Config(
            app,
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=team is not None,
            # Named here, so that no variable of the environment names more.
            forwarded_allow_ips=list(team.trusted_proxies) if team else [],
        )

        def stopping() -> None:
            app.state.sendings.begin_nothing()  # first: open pages may still have something to read
            app.state.news.end()

        address = (team.address or f"http://{name}:{bound}") + "/" if team else f"http://{name}:{bound}/?token={token}"
        _Server(config, ready=partial(on_ready, address), stopping=stopping).run([listener])


def _team_door(root: Path, team: Team, hosts: Sequence[str]) -> TeamDoor:
    if team.address:
        origins = {urlsplit(team.address).netloc: team.address}
    else:
        origins = {each: f"http://{each}" for each in hosts}
    return TeamDoor(root, origins, Times(team.idle, team.longest))


def _listen(host: str, port: int, team: Team | None) -> socket.socket:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback and team is None:
        raise ConfigError(
            f"the studio shows drafts to whoever reaches it, so it cannot listen on {host}",
            fix="use 127.0.0.1 and reach it through `ssh -L`, or name users in [[studio.users]]",
        )
    if not loopback and team and not team.address.startswith("https://"):
        raise ConfigError(
            f"the studio listens on {host}, which others can reach, so it has to know its outside address",
            fix='write `address = "https://…"` below [studio]; config/README.md tells how a proxy leads there',
        )
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise DigestError(
            f"the studio cannot listen on port {port} of {host}: {error.strerror}",
            fix="is a studio open already? Close it, or take another port with `--port` (0 is any free one)",
        ) from error
    # What is accepted has it from here. Without it the end of an answer waits 40 ms for the other side to confirm its
    # beginning: asyncio sees to that for sockets that it makes itself, and only for them.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready, self._stopping = ready, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await to_thread.run_sync(self._ready)  # opening a browser takes its time

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()  # open event streams would keep it waiting
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True  # not noted as uvicorn does: it would raise the signal once more at the end
