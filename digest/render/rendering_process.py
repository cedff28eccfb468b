"""What the process does that renders one mail after the other for a `Workshop`, and how it bounds itself."""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

from digest.errors import DigestError
from digest.models import Email
from digest.render import Renderer

_LONGEST_ANSWER = 64_000_000
_LENGTH = struct.Struct(">I")


def serve() -> None:
    """Render what comes on the standard input until it ends; the answers go to the standard output."""
    jobs = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints, prints nowhere
    import babel.dates  # noqa: F401
    import budoux  # noqa: F401
    import cssutils  # noqa: F401
    import lxml.etree  # noqa: F401

    import digest.render.compose  # noqa: F401 - these and the above before the clock runs: they take a second

    send(answers, b"ready")
    while job := receive(jobs):
        send(answers, json.dumps(answer_to(job)).encode())


def answer_to(job: bytes) -> dict[str, Any]:
    """Do one job: `{"email", "parts", "notes", "compact"}`, `{"findings"}`, or `{"error", "file", "line", "fix"}`."""
    made_of, (seconds, megabytes), what, arguments, folder = pickle.loads(job)  # noqa: S301 - from who started us
    os.chdir(folder)
    try:
        with _bounded_memory(megabytes), _bounded_time(seconds):
            renderer = Renderer(*made_of)
            return _DONE[what](renderer, arguments)
    except DigestError as error:
        message = f"the template takes more than {megabytes} megabytes of memory" if _is_memory(error) else ""
        return {"error": message or error.message, "file": error.file, "line": error.line, "fix": error.fix}
    except MemoryError:
        message = f"the template takes more than {megabytes} megabytes of memory"
    except Exception as error:  # noqa: BLE001 - what went wrong is told on the other side
        message = str(error) or type(error).__name__
    return {"error": message, "file": None, "line": None, "fix": ""}


def _typeset(renderer: Renderer, arguments: tuple[Any, ...]) -> dict[str, Any]:
    made = renderer.typeset(*arguments)
    return {
        "email": _plain(made.email),
        "parts": [(part.key, str(part.label), part.size) for part in made.parts],
        "notes": [note.plain() for note in made.notes],
        "compact": made.compact,
    }


def _located(renderer: Renderer, arguments: tuple[Any, ...]) -> dict[str, Any]:
    return {"findings": [finding.plain() for finding in renderer.located(*arguments)]}


_DONE = {"typeset": _typeset, "located": _located}


class _TooLongError(Exception):
    """Time is up."""


def too_long(seconds: float) -> str:
    """Say it in the words that both sides use."""
    return f"the template takes more than {seconds:g} seconds"


def _is_memory(error: BaseException | None) -> bool:
    while error and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


@contextmanager
def _bounded_time(seconds: float) -> Iterator[None]:
    """Stop what is inside when its time is up: with an error that has a line, else by the system, for good."""
    if not hasattr(signal, "setitimer"):
        yield  # the process is ended from outside
        return
    import resource

    def stop(*_: object) -> None:
        raise _TooLongError(too_long(seconds) + " — look for a loop without end")

    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime + seconds) + 2
    _set_soft_limit(resource.RLIMIT_CPU, until)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _set_soft_limit(resource.RLIMIT_CPU, None)


@contextmanager
def _bounded_memory(megabytes: int) -> Iterator[None]:
    """Let what is inside take so much more than there is taken already, where the system can tell."""
    pages = Path("/proc/self/statm")
    if not pages.is_file():
        yield
        return
    import resource

    taken = int(pages.read_text().split()[0]) * resource.getpagesize()
    _set_soft_limit(resource.RLIMIT_AS, taken + megabytes * 1_000_000)
    try:
        yield
    finally:
        _set_soft_limit(resource.RLIMIT_AS, None)


def _set_soft_limit(kind: int, limit: int | None) -> None:
    """Set what the process itself may raise again; None is as much as it may have at all."""
    import resource

    hard = resource.getrlimit(kind)[1]
    bounded = hard if limit is None else limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (bounded, hard))


def _plain(email: Email) -> dict[str, Any]:
    reply_to = email.reply_to
    return {
        **{field.name: getattr(email, field.name) for field in fields(email)},
        "sender": [email.sender.address, email.sender.name],
        "reply_to": [reply_to.address, reply_to.name] if reply_to else None,
    }


def send(stream: IO[bytes], message: bytes) -> None:
    """Write a message, its length before it."""
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """Return the next message; nothing when there is none, or one of an absurd length."""
    head = stream.read(_LENGTH.size)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    return bytes(stream.read(length)) if length <= _LONGEST_ANSWER else b""
