"""Whether spans leave this process, by OpenTelemetry's own variables of the environment, and how.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/: OTEL_EXPORTER_OTLP_ENDPOINT, or the same with TRACES in it.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from digest.tracing.about import facts as known_facts
from digest.tracing.stages import Fact, open_spans_with

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NEEDED = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter")
_GOODBYE_SECONDS = 5.0
"""At the end of a process: a collector that does not answer must not keep a run from ending."""


def set_up(environment: Mapping[str, str]) -> str:
    """Export the spans of stages when the environment names a collector; return a warning for a person, or nothing."""
    named = next((name for name in _ENDPOINTS if environment.get(name)), None)
    if named is None or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return ""
    if not all(map(_is_installed, _NEEDED)):
        return f'{named} is set, but no trace is exported: pip install "newsletter-digest[traces]"'
    # Only now: this takes a tenth of a second and more.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    service = environment.get("OTEL_SERVICE_NAME") or "digest"
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    export_with(provider)
    return ""


class _Exporting:
    provider: TracerProvider | None = None


def export_with(provider: TracerProvider) -> None:
    """Open each stage's span with this provider from now on."""
    from digest import __version__

    _Exporting.provider = provider
    tracer = provider.get_tracer("digest", __version__)

    @contextmanager
    def spans(name: str, facts: Mapping[str, Fact]) -> Iterator[None]:
        with _span(tracer, name, facts):
            yield

    open_spans_with(spans)


def shut_down() -> None:
    """Send what is still here, within a few seconds, and open no more spans."""
    open_spans_with(None)
    provider, _Exporting.provider = _Exporting.provider, None
    if provider is not None:
        # The exporter has patience of its own, and tries again; a thread can be left behind.
        last = threading.Thread(target=provider.shutdown, daemon=True)
        last.start()
        last.join(_GOODBYE_SECONDS)


@contextmanager
def _span(tracer: Tracer, name: str, facts: Mapping[str, Fact]) -> Iterator[None]:
    from opentelemetry.trace import StatusCode

    attributes = {f"digest.{key}": value for key, value in {**known_facts(), **facts}.items()}
    # What an exception says may hold an address, so only its kind is told.
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
