"""Where the studio listens, and how it stops."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType

import uvicorn
from anyio import to_thread

from digest.errors import ConfigError, DigestError
from digest.studio.routes import create_app


def serve(
    root: Path,
    clock: Callable[[], datetime],
    *,
    newsletter: str | None,
    host: str = "127.0.0.1",
    port: int = 8025,
    on_ready: Callable[[str], None],
) -> None:
    """Show the project in `root` until SIGINT or SIGTERM.

    `on_ready` gets the address with this start's token once it answers; port 0 is any free port. Raise `ConfigError`
    for a host that is not loopback, `DigestError` for a port that is taken.
    """
    with _listen(host, port) as listener:
        name, bound = f"[{host}]" if ":" in host else host, listener.getsockname()[1]
        names = {name, "localhost"}
        hosts = [f"{each}:{bound}" for each in names] + (list(names) if bound == 80 else [])
        token = secrets.token_urlsafe(24)
        app = create_app(root, clock, newsletter=newsletter, token=token, hosts=hosts)
        config = uvicorn.Config(app, ws="none", log_level="warning", access_log=False, server_header=False)
        _Server(
            config, ready=lambda: on_ready(f"http://{name}:{bound}/?token={token}"), stopping=app.state.news.end
        ).run([listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigError(
            f"the studio shows drafts to whoever reaches it, so it cannot listen on {host}",
            fix="use 127.0.0.1; from another machine, reach it through `ssh -L`",
        )
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise DigestError(
            f"the studio cannot listen on port {port} of {host}: {error.strerror}",
            fix="is a studio open already? Close it, or take another port with `--port` (0 is any free one)",
        ) from error


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
