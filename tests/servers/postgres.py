"""A PostgreSQL server of the tests' own, from the system's programs, on a Unix socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


def server_programs() -> Path | None:
    """Return the folder with `initdb` and `postgres`, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@dataclass(frozen=True)
class Server:
    """A running server, and its administrator's hand."""

    url: str
    socket: Path
    _pg_ctl: Callable[..., None]

    def restart(self, mode: str = "fast") -> None:
        """End it and start it again; `immediate` as if its power failed for a moment."""
        self._pg_ctl("restart", "-m", mode)


@contextmanager
def postgres(programs: Path) -> Iterator[str]:
    """Run a server and give its URL."""
    with server(programs) as running:
        yield running.url


@contextmanager
def server(programs: Path) -> Iterator[Server]:
    """Run a server. It refuses to run as root, so root lends it the account `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-"))
    account = _account()
    if account:
        shutil.chown(folder, account)
    data = folder / "data"

    def call(program: str, *arguments: str) -> None:
        command = [str(programs / program), *arguments]
        done = subprocess.run(command, user=account, capture_output=True, text=True, cwd=folder, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")

    def pg_ctl(*arguments: str) -> None:
        # Nothing but the Unix socket; the log goes to a file so that pg_ctl's pipe is closed.
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        call("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, *arguments)

    call("initdb", "-D", str(data), "-U", "digest", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
    pg_ctl("start")
    try:
        yield Server(f"postgresql://digest@/postgres?host={folder}", folder / ".s.PGSQL.5432", pg_ctl)
    finally:
        pg_ctl("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("postgres").pw_name
