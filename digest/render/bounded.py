"""How long a design may take to render, and how much memory: in a process of its own, ended when it is too much.

For the stress sheet and for saves in the studio: a template that defeats the counters of the sandbox takes neither of
them down. The weekly run does without, since it knows its designs and starting takes half a second: it keeps the
counters. Memory is bounded where the system lets a process bound itself (Linux; not Windows, nor macOS as a rule), time
everywhere. The process gets no variable of the environment, so no secret of it, and its answer is read as plain data.
No system lets a program without privileges take the network or the files away from another everywhere alike: that
templates reach neither is the sandbox's work.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

from digest.errors import TemplateError
from digest.models import Email, Finding, Level, Mailbox, Newsletter, Selection, Text
from digest.render import Inliner, Links, Renderer
from digest.render.rendered import Part, Rendered
from digest.render.rendering_process import receive, send, too_long

SECONDS = 10.0
"""Of one rendering; sixty posts take less than one."""
MEGABYTES = 512
"""Of one rendering, besides what Python takes to start."""

_START_SECONDS = 60.0
_GRACE_SECONDS = 1.0
"""So long the process may take to say itself at which line it was stopped."""
_PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What Python itself may need to start."""
_ANSWERS = ({"email", "parts", "notes", "compact"}, {"findings"}, {"error", "file", "line", "fix"})
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from digest.render.rendering_process import serve; serve()"


class Workshop:
    """Renders as `Renderer` does, one mail at a time, in a process that serves until it must be ended.

    It starts with the first mail, and again after one that ended it. May be used from several threads; a context
    manager, or `close()` ends the process.
    """

    def __init__(
        self,
        templates: Path,
        copy: Path,
        inliner: Inliner = "premailer",
        *,
        seconds: float = SECONDS,
        megabytes: int = MEGABYTES,
    ) -> None:
        self._renderer = Renderer(templates, copy, inliner)
        self._made_of = (templates, copy, inliner)
        self._limits = (seconds, megabytes)
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, newsletter: Newsletter, number: int, selection: Selection, links: Links) -> Email:
        """Return what `Renderer.render` returns; see `typeset`."""
        return self.typeset(newsletter, number, selection, links).email

    def typeset(self, newsletter: Newsletter, number: int, selection: Selection, links: Links) -> Rendered:
        """Return what `Renderer.typeset` returns, and raise what it raises, with file and line.

        Raises TemplateError also for a rendering that takes too long or too much memory: with the line where that
        can be told, else naming the design's `email.html`.
        """
        return _rendered(self._done("typeset", newsletter, (newsletter, number, selection, links)))

    def located(
        self,
        findings: Iterable[Finding],
        made: Rendered,
        newsletter: Newsletter,
        number: int,
        selection: Selection,
        links: Links,
    ) -> tuple[Finding, ...]:
        """Return what `Renderer.located` returns, and raise what `typeset` raises."""
        wanted = tuple(findings)
        if all(each.file or not each.spot for each in wanted):
            return wanted
        answer = self._done("located", newsletter, (wanted, made, newsletter, number, selection, links))
        return tuple(_finding(each) for each in answer["findings"])

    def watched(self) -> Sequence[Path]:
        """Return the folders whose change changes the result."""
        return self._renderer.watched()

    def close(self) -> None:
        """End the process; the next mail would start another."""
        with self._one_at_a_time:
            self._end()

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _done(self, what: str, newsletter: Newsletter, arguments: tuple[Any, ...]) -> dict[str, Any]:
        design = self._made_of[0] / newsletter.template / "email.html"
        job = _packed((self._made_of, self._limits, what, arguments, Path.cwd()))
        with self._one_at_a_time:
            answer = self._answer(job, design)
        if "error" in answer:
            raise TemplateError(
                str(answer["error"]), file=answer["file"] or design, line=answer["line"], fix=str(answer["fix"])
            )
        return answer

    def _answer(self, job: bytes, design: Path) -> dict[str, Any]:
        process = self._process if self._process and self._process.poll() is None else self._started(design)
        assert process.stdin  # noqa: S101 - it was asked for
        assert process.stdout  # noqa: S101
        seconds = self._limits[0]
        with _ended_after(seconds + _GRACE_SECONDS, process) as late:
            with suppress(OSError):
                send(process.stdin, job)
            answer = receive(process.stdout)
        with suppress(ValueError, KeyError, TypeError):
            found = json.loads(answer)
            if isinstance(found, dict) and found.keys() in _ANSWERS:
                return dict(found)
        self._end()
        if late.is_set():
            raise TemplateError(too_long(seconds), file=design, fix="look for a loop without end")
        how = f"was ended with {process.returncode}" if process.returncode else "gave no answer"
        raise TemplateError(
            f"the process that renders the template {how}", file=design, fix="look for a loop over something large"
        )

    def _started(self, design: Path) -> subprocess.Popen[bytes]:
        self._end()
        self._process = process = subprocess.Popen(  # noqa: S603 - this very Python, and a program of ours
            [sys.executable, "-I", "-X", "utf8", "-c", _PROGRAM, *(str(Path(each).absolute()) for each in sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            start_new_session=True,
        )
        assert process.stdout  # noqa: S101 - it was asked for
        with _ended_after(_START_SECONDS, process):
            ready = receive(process.stdout)
        if ready != b"ready":
            self._end()
            raise TemplateError("the process that renders templates cannot be started", file=design)
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if not process:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()


@contextmanager
def _ended_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """End a process that is not done in time; the event tells whether that was so."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


class _Packer(pickle.Pickler):
    """Packs the nouns: words that are yet to be read are read, and what is read-only is so again on the other side."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Text):
            return Text, (value.read(),)
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        return NotImplemented


def _read_only(values: dict[str, Any]) -> MappingProxyType[str, Any]:
    return MappingProxyType(values)


def _packed(job: object) -> bytes:
    stream = io.BytesIO()
    _Packer(stream).dump(job)
    return stream.getvalue()


def _rendered(answer: dict[str, Any]) -> Rendered:
    parts = tuple(Part(*part) for part in answer["parts"])
    notes = tuple(_finding(note) for note in answer["notes"])
    return Rendered(_email(answer["email"]), parts, notes, tuple(answer["compact"]))


def _finding(plain: dict[str, Any]) -> Finding:
    return Finding(**{**plain, "level": Level(plain["level"])})


def _email(plain: dict[str, Any]) -> Email:
    mailboxes = {key: Mailbox(*plain[key]) if plain[key] else None for key in ("sender", "reply_to")}
    headers = tuple((name, value) for name, value in plain["headers"])
    return Email(**{**plain, **mailboxes, "headers": headers})
