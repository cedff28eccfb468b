"""A template that defeats the counters ends its own process, and nobody else's."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import pytest

from digest.errors import SourceError, TemplateError
from digest.models import Text
from digest.render import Renderer, bounded
from digest.render.bounded import Workshop
from tests.render.issues import COPY, LINKS, TEMPLATES, full_week, issue_of, newsletter

NO_COUNTERS = """
import sys; sys.path[:] = sys.argv[1:]
import digest.render.limits as limits, digest.render.counts as counts
import digest.render.sandbox as sandbox, digest.render.rewriting as rewriting
nothing = lambda *_: None
for module in (limits, counts, sandbox, rewriting):
    for name in ("check_size", "check_operation", "check_printable", "check_arguments"):
        setattr(module, name, nothing)
counts.Counts.step = counts.Counts.count_output = counts.Counts.count_made = counts.Counts.check_clock = nothing
limits.bounded_range = sandbox.bounded_range = range
from digest.render.rendering_process import serve
serve()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    shutil.copytree(COPY, tmp_path / "copy")
    return tmp_path


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    with Workshop(TEMPLATES, COPY) as workshop:
        yield workshop


def process_of(workshop: Workshop) -> int:
    assert workshop._process
    return workshop._process.pid


def attacked(project: Path, attack: str) -> int:
    """Put an attack into the design; returns its line."""
    file = project / "templates" / "weekly" / "email.html"
    before, body, after = file.read_text(encoding="utf-8").partition("{% call sheet() %}\n")
    file.write_text(f"{before}{attack}\n{body}{after}", encoding="utf-8")
    return before.count("\n") + 1


def test_it_makes_the_very_mail_that_the_renderer_makes(workshop: Workshop) -> None:
    settings = newsletter(words=MappingProxyType({"read_more": "もっと"}))
    here = Renderer(TEMPLATES, COPY).render(settings, 3, full_week(), LINKS)
    assert workshop.render(settings, 3, full_week(), LINKS) == here


def test_one_process_serves_many_mails_and_many_threads(workshop: Workshop) -> None:
    with ThreadPoolExecutor(4) as threads:
        mails = list(threads.map(lambda n: workshop.render(newsletter(), n, issue_of(n), LINKS), range(1, 6)))
        started = process_of(workshop)
    assert [f"第{number}号" in mail.subject for number, mail in enumerate(mails, 1)] == [True] * 5
    workshop.render(newsletter(), 1, issue_of(1), LINKS)
    assert process_of(workshop) == started


def test_words_that_are_yet_to_be_read_are_read_here(workshop: Workshop) -> None:
    def lost() -> str:
        raise SourceError("the post is gone", file="posts/a.md")

    selection = issue_of(1)
    section = selection.sections[0]
    pick = section.picks[0]

    def with_words(text: Text) -> object:
        changed = replace(section, picks=(replace(pick, post=replace(pick.post, text=text)),))
        return workshop.render(newsletter(), 1, replace(selection, sections=(changed,)), LINKS)

    assert with_words(Text(lambda: "あ" * 9000)) == with_words(Text("あ" * 9000))
    with pytest.raises(SourceError, match="the post is gone"):
        with_words(Text(lost))


def test_an_error_keeps_its_file_its_line_and_its_fix(project: Path) -> None:
    line = attacked(project, "{{ lead.titel }}")
    with Workshop(project / "templates", project / "copy") as workshop, pytest.raises(TemplateError) as error:
        workshop.render(newsletter(), 3, issue_of(2), LINKS)
    with pytest.raises(TemplateError) as here:
        Renderer(project / "templates", project / "copy").render(newsletter(), 3, issue_of(2), LINKS)
    assert str(error.value) == str(here.value)
    assert error.value.line == line


def test_an_edit_shows_at_once(project: Path) -> None:
    with Workshop(project / "templates", project / "copy") as workshop:
        before = workshop.render(newsletter(), 3, issue_of(2), LINKS)
        attacked(project, "<!-- edited -->")
        after = workshop.render(newsletter(), 3, issue_of(2), LINKS)
    assert "<!-- edited -->" not in before.html
    assert "<!-- edited -->" in after.html


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        ("{% for i in range(10 ** 12) %}{% endfor %}", "takes more than 3 seconds"),
        ("{% for i in range(10 ** 12) %}x{% endfor %}", "takes more than"),
        ("{{ 7 ** 7 ** 7 ** 7 }}{{ 3 ** (10 ** 9) }}", "takes more than 3 seconds"),
        ("{{ 'a' * 10 ** 10 }}", "takes more than 200 megabytes of memory"),
        (
            "{% set n = namespace(x=['a']) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
            "200 mega",
        ),
    ],
)
def test_a_template_without_counters_is_ended_from_outside(
    attack: str, message: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "_PROGRAM", NO_COUNTERS)
    line = attacked(project, attack)
    with Workshop(project / "templates", project / "copy", seconds=3, megabytes=200) as workshop:
        with pytest.raises(TemplateError, match=message) as error:
            workshop.render(newsletter(), 3, issue_of(2), LINKS)
        assert error.value.file == str(project / "templates" / "weekly" / "email.html")
        assert error.value.line == line
        monkeypatch.undo()
        shutil.copytree(TEMPLATES, project / "templates", dirs_exist_ok=True)
        assert workshop.render(newsletter(), 3, issue_of(2), LINKS).subject


def test_a_process_that_is_killed_is_told_and_replaced(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.render(newsletter(), 3, issue_of(1), LINKS)
    first, send = process_of(workshop), bounded.send

    def send_and_kill(stream: BinaryIO, job: bytes) -> None:
        os.kill(first, signal.SIGSTOP)
        send(stream, job)
        os.kill(first, signal.SIGKILL)

    monkeypatch.setattr(bounded, "send", send_and_kill)
    with pytest.raises(TemplateError, match="the process that renders the template was ended with -9") as error:
        workshop.render(newsletter(), 3, issue_of(1), LINKS)
    assert error.value.file == str(TEMPLATES / "weekly" / "email.html")
    monkeypatch.undo()
    assert workshop.render(newsletter(), 3, issue_of(1), LINKS).subject
    assert process_of(workshop) != first


def test_a_process_that_says_nothing_is_ended_in_time() -> None:
    with Workshop(TEMPLATES, COPY, seconds=3) as workshop:
        workshop.render(newsletter(), 3, issue_of(1), LINKS)
        os.kill(process_of(workshop), signal.SIGSTOP)
        with pytest.raises(TemplateError, match="takes more than 3 seconds"):
            workshop.render(newsletter(), 3, issue_of(1), LINKS)


@pytest.mark.parametrize("answer", ["b'no json'", "b'[]'", "b'{}'", 'b\'{"email": 1, "error": 2}\''])
def test_an_answer_that_is_none_is_not_believed(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import sys; sys.path[:] = sys.argv[1:]; from digest.render.rendering_process import receive, send\n"
    program += f"send(sys.stdout.buffer, b'ready'); receive(sys.stdin.buffer); send(sys.stdout.buffer, {answer})"
    monkeypatch.setattr(bounded, "_PROGRAM", program)
    with Workshop(TEMPLATES, COPY) as workshop, pytest.raises(TemplateError, match="the process that renders"):
        workshop.render(newsletter(), 3, issue_of(1), LINKS)


def test_no_secret_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDGRID_API_KEY", "the-secret")
    program = (
        "import json, os, sys; sys.path[:] = sys.argv[1:]; from digest.render.rendering_process import receive, send\n"
    )
    program += "send(sys.stdout.buffer, b'ready'); receive(sys.stdin.buffer)\n"
    program += "said = {'error': repr(dict(os.environ)), 'file': 'f', 'line': 1, 'fix': ''}\n"
    program += "send(sys.stdout.buffer, json.dumps(said).encode())"
    monkeypatch.setattr(bounded, "_PROGRAM", program)
    with Workshop(TEMPLATES, COPY) as workshop, pytest.raises(TemplateError) as error:
        workshop.render(newsletter(), 3, issue_of(1), LINKS)
    assert error.value.message.startswith("{")
    assert "the-secret" not in error.value.message
    assert "HOME" not in error.value.message


def test_closing_leaves_no_process(project: Path) -> None:
    workshop = Workshop(TEMPLATES, COPY)
    workshop.render(newsletter(), 3, issue_of(1), LINKS)
    process = workshop._process
    workshop.close()
    workshop.close()
    assert process
    assert process.returncode is not None
    assert workshop.watched() == (TEMPLATES, COPY)
