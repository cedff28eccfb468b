"""The processes that send and are killed: the real command in a process that costs little to start."""

from __future__ import annotations

import json
import multiprocessing
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.projects import AS_OF

_context = multiprocessing.get_context("forkserver")
# What a start would spend its time with; it is imported once, and each process is a fork of that.
_context.set_forkserver_preload(
    [
        "digest.cli.commands",
        "digest.pipeline",
        "digest.app",
        "digest.store",
        "digest.schedule",
        "digest.schedule.worker",
        "digest.store.queues.procrastinate",
        "digest.send.opening",
        "digest.send.providers.sendgrid",
        "digest.send.providers.resend",
        "digest.send.providers.file",
        "httpx",
        "premailer",
        "psycopg",
        "sqlalchemy.dialects.postgresql.psycopg",
        "sqlalchemy.dialects.sqlite.pysqlite",
        "tests.kill.senders",
    ]
)

KEYS = {"SENDGRID_API_KEY": "a-key-for-a-server-on-loopback", "RESEND_API_KEY": "a-key-for-a-server-on-loopback"}


@dataclass(frozen=True)
class Done:
    exit_code: int
    said: str
    complained: str


def _run_command(arguments: list[str], environment: dict[str, str], output: str | None) -> None:
    """In the child: the real command, from its arguments on."""
    os.environ.update(environment)
    for stream, ending in ((1, "out"), (2, "err")):
        file = f"{output}.{ending}" if output else os.devnull
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    from digest.cli import main

    code = 70
    try:
        code = main(arguments)
    finally:
        os._exit(code)


@dataclass
class Senders:
    """Starts commands on one project; each start is some seconds later by the clock that they are given."""

    project: Path
    store_url: str
    started: int = 0

    def start(self, *arguments: str, output: str | None = None, now: datetime | None = None) -> ForkServerProcess:
        """Start a command and let it run; `now` by its clock, or as all of its kind."""
        self.started += 1
        environment = {**KEYS, "DIGEST_STORE_URL": self.store_url}
        command = [*arguments, "--project", str(self.project)]
        if now is None and arguments[0] in {"run", "send"}:
            # What waits for another try must come to its turn, in however short a life.
            now = datetime.fromisoformat(AS_OF) + timedelta(seconds=5 * self.started)
        if now is not None:
            command += ["--as-of", now.isoformat()]
        process = _context.Process(target=_run_command, args=(command, environment, output))
        process.start()
        return process

    def call(self, *arguments: str, now: datetime | None = None) -> Done:
        """Run a command to its end."""
        output = self.project.parent / "said"
        process = self.start(*arguments, output=str(output), now=now)
        process.join(120)
        assert process.exitcode is not None, f"{arguments} does not end"
        said, complained = (output.with_suffix(each).read_text(encoding="utf-8") for each in (".out", ".err"))
        return Done(process.exitcode, said, complained)

    def history(self, issue: str) -> dict[str, Any]:
        """Return what the digest says of every reader of an issue."""
        told = self.call("history", issue, "--json", "--recipients")
        assert told.exit_code == 0, told.complained
        found: dict[str, Any] = json.loads(told.said)
        return found
