"""Stages are measured, their spans tell the story of a run, and nobody's address is in one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from digest import pipeline
from digest.app import Project
from digest.send.edge import Edge
from digest.tracing import Measured, a_run, facts, listen, set_up, shut_down, stage
from digest.tracing.exporting import export_with
from tests.e2e.command import digest
from tests.projects import AS_OF, ISSUE, make_project
from tests.servers.http import HttpServer, reply


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    export_with(provider)
    yield exporter
    shut_down()


def send_the_issue(root: Path) -> None:
    with Project(root) as project, stage("run", newsletter="weekly"):
        asyncio.run(pipeline.run(project.press("weekly"), Edge(lambda: datetime.fromisoformat(AS_OF))))


def test_a_listener_is_told_of_each_stage_and_of_none_after_it_left() -> None:
    told: list[Measured] = []
    with listen(told.append), stage("outer", issue="weekly/1"), stage("inner", seq=2):
        sum(range(100_000))
    with stage("unheard"):
        pass
    assert [each.name for each in told] == ["inner", "outer"]
    inner, outer = told
    assert 0 < inner.wall_seconds <= outer.wall_seconds
    assert 0 < inner.cpu_seconds <= outer.cpu_seconds
    assert (inner.facts, inner.failed) == ({"seq": 2}, False)


def test_a_stage_that_fails_is_told_as_such_and_the_error_goes_on() -> None:
    told: list[Measured] = []
    with listen(told.append), pytest.raises(ValueError, match="mine"), stage("doomed"):
        raise ValueError("mine")
    assert told[0].failed


def test_what_a_run_is_about_is_known_inside_it_and_in_threads_that_get_the_context() -> None:
    assert facts() == {}
    with a_run("weekly") as name, stage("build", newsletter="weekly", issue="weekly/1"), ThreadPoolExecutor(1) as pool:
        expected = {"run": name, "newsletter": "weekly", "issue": "weekly/1"}
        assert facts() == expected
        assert pool.submit(copy_context().run, facts).result() == expected
    assert facts() == {}
    assert len(name) == 12


def test_the_spans_of_a_run_tell_its_story(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    send_the_issue(make_project(tmp_path / "p", readers=3))
    found = {span.name: span for span in spans.get_finished_spans()}
    order = sorted(found.values(), key=lambda span: span.start_time or 0)
    assert [span.name for span in order] == [
        "run",
        "collect",
        "source",
        "select",
        "render",
        "check",
        "freeze",
        "audience",
        "send",
        "batch",
    ]
    assert _parent(found, "source") == "collect", "threads of the pool belong to their run"
    assert _parent(found, "batch") == "send"
    assert {_parent(found, name) for name in ("collect", "select", "render", "check", "send")} == {"run"}
    assert dict(found["batch"].attributes or {}) == {
        "digest.newsletter": "weekly",
        "digest.issue": ISSUE,
        "digest.seq": 1,
        "digest.readers": 3,
    }


def test_no_span_holds_a_readers_address(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    root = make_project(tmp_path / "p", readers=3)
    (root / "examples/audience.csv").write_text("address\nreader0@example.com\nreader0@example.com\n", encoding="utf-8")
    send_the_issue(root)
    assert spans.get_finished_spans()
    assert "reader0" not in "".join(span.to_json() for span in spans.get_finished_spans())


def test_a_span_of_what_failed_names_the_kind_of_error_and_not_its_words(spans: InMemorySpanExporter) -> None:
    with pytest.raises(LookupError), stage("doomed"):
        raise LookupError("reader0@example.com")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "LookupError"
    assert "reader0" not in span.to_json()


def test_without_a_collector_in_the_environment_nothing_is_imported(tmp_path: Path) -> None:
    script = (
        "import sys; from digest.tracing import set_up, stage\n"
        "assert set_up({}) == ''\n"
        "with stage('x', seq=1): pass\n"
        "assert not any(each.startswith('opentelemetry') for each in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)


def test_a_collector_without_the_extra_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.tracing.exporting._NEEDED", ("no_such_package.trace",))
    told = set_up({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    assert told.startswith("OTEL_EXPORTER_OTLP_ENDPOINT is set")
    assert 'pip install "newsletter-digest[traces]"' in told


def test_a_run_sends_its_spans_to_the_collector_of_the_environment(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `traces` is not installed")
    root = make_project(tmp_path / "p", readers=2)
    with HttpServer(default=reply(200)) as collector:
        done = digest(root, "run", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
        assert done.returncode in {0, 3}, done.stderr
        assert {request.path for request in collector.requests} == {"/v1/traces"}


def test_a_collector_that_is_not_there_changes_nothing_about_the_run(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `traces` is not installed")
    root = make_project(tmp_path / "p", readers=2)
    assert digest(root, "run", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9").returncode in {0, 3}
    assert len(list((root / "var/outbox").rglob("*.eml"))) == 2


def _parent(found: dict[str, ReadableSpan], name: str) -> str:
    parent = found[name].parent
    return next(each.name for each in found.values() if parent and each.context.span_id == parent.span_id)
