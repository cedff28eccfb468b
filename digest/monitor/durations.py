"""How long the stages of this process took, since it began."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric

from digest.tracing import Measured

_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
"""Seconds: a batch takes a tenth of one, sending an issue to a million readers hours."""


class Durations:
    """Histograms by stage; a stage's name is one of ours, so there are few."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        took, failed = "Seconds that stages took.", "Stages that ended with an error."
        cpu = "Processor seconds of the process while a stage lasted."
        by, here = ("stage",), self._registry
        self._wall = Histogram("digest_stage_duration_seconds", took, by, buckets=_BUCKETS, registry=here)
        self._cpu = Counter("digest_stage_cpu_seconds", cpu, by, registry=here)
        self._failed = Counter("digest_stage_failures", failed, by, registry=here)

    def note(self, measured: Measured) -> None:
        """Add a stage that is over."""
        self._wall.labels(measured.name).observe(measured.wall_seconds)
        self._cpu.labels(measured.name).inc(max(measured.cpu_seconds, 0.0))
        if measured.failed:
            self._failed.labels(measured.name).inc()

    def collect(self) -> Iterable[Metric]:
        """Return all of it for Prometheus."""
        return self._registry.collect()
