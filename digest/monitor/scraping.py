"""The numbers of the store for Prometheus: read when somebody asks, and kept for a while, since counting takes time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Protocol

from prometheus_client import CollectorRegistry, Metric, generate_latest, write_to_textfile
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

from digest import __version__
from digest.app import Project
from digest.errors import DigestError
from digest.models import DeliveryState, IssueState
from digest.select import next_slot

_KEPT_SECONDS = 15.0
_AT_MOST_A_TWENTIETH = 20
"""Numbers are kept for so many times what reading them took: of a million readers, reading takes a second."""
_THERE = timedelta(minutes=3)
"""A scheduler that was not seen for so long is not there: it looks every minute."""
_KINDS = ("schedule", "worker")
"""Processes that run long; a `run` ends."""


class Collector(Protocol):
    """What prometheus_client asks."""

    def collect(self) -> Iterable[Metric]:
        """Return metrics."""
        ...


class Scraping:
    """The numbers of one project: no reader's address among them, and no label with more values than are configured."""

    def __init__(
        self, root: Path, clock: Callable[[], datetime], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._root, self._clock, self._seconds = root, clock, seconds
        self._lock = Lock()
        self._kept: Sequence[Metric] = ()
        self._kept_until = float("-inf")

    def collect(self) -> Iterable[Metric]:
        """Return the metrics, as they were at most a quarter of a minute ago where counting is quick."""
        with self._lock:  # two who ask at once count once
            began = self._seconds()
            if began >= self._kept_until:
                self._kept = tuple(self._read())
                took = self._seconds() - began
                self._kept_until = began + took + max(_KEPT_SECONDS, _AT_MOST_A_TWENTIETH * took)
            return self._kept

    def _read(self) -> Iterator[Metric]:
        yield InfoMetricFamily("digest_build", "The version of the digest.", {"version": __version__})
        readable = GaugeMetricFamily("digest_store_readable", "Whether configuration and store can be read.")
        try:
            with Project(self._root) as project:
                found = [*_of_newsletters(project, self._clock()), *_of_processes(project, self._clock())]
        except DigestError:
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        yield from found


def _of_newsletters(project: Project, now: datetime) -> Iterator[Metric]:
    labels = ["newsletter"]
    success = GaugeMetricFamily(
        "digest_last_success_timestamp_seconds", "When an issue was sent to its end.", labels=labels
    )
    upcoming = GaugeMetricFamily("digest_next_run_timestamp_seconds", "When the next issue is due.", labels=labels)
    unknown = GaugeMetricFamily(
        "digest_unknown_readers",
        "Readers of whom nobody knows whether they have an issue that is not over.",
        labels=labels,
    )
    broken = GaugeMetricFamily("digest_newsletter_broken", "Whether its file cannot be read.", labels=labels)
    by_state = [*labels, "state"]
    states = GaugeMetricFamily("digest_issue_state", "1 for the state of the newest issue.", labels=by_state)
    readers = GaugeMetricFamily(
        "digest_deliveries", "Readers of the newest issue that left or is leaving, by state.", labels=by_state
    )
    batches = GaugeMetricFamily("digest_queue_batches", "Batches of issues that are not over.", labels=by_state)
    for slug, newsletter in project.newsletters.items():
        figure = project.store.figures.of(slug)
        if figure.last_success_at:
            success.add_metric([slug], figure.last_success_at.timestamp())
        upcoming.add_metric([slug], next_slot(newsletter.schedule, now).due_at.timestamp())
        unknown.add_metric([slug], figure.unknown)
        broken.add_metric([slug], 0)
        for state in IssueState:
            states.add_metric([slug, state], int(figure.state is state))
        for each in DeliveryState:
            readers.add_metric([slug, each], figure.deliveries.get(each, 0))
            batches.add_metric([slug, each], figure.batches.get(each, 0))
    for slug in project.broken:
        broken.add_metric([slug], 1)
    yield from (success, upcoming, unknown, broken, states, readers, batches)


def _of_processes(project: Project, now: datetime) -> Iterator[Metric]:
    there = GaugeMetricFamily("digest_processes_seen", "Processes that looked in the last minutes.", labels=["kind"])
    last = GaugeMetricFamily(
        "digest_process_last_seen_timestamp_seconds", "When one of its kind last looked, or ran.", labels=["kind"]
    )
    alive = [each.kind for each in project.store.processes.alive(now - _THERE)]
    for kind in _KINDS:
        there.add_metric([kind], alive.count(kind))
    for kind, at in project.store.figures.last_seen().items():
        last.add_metric([kind], at.timestamp())
    yield from (there, last)


def registry_of(collectors: Iterable[Collector]) -> CollectorRegistry:
    """Return a registry of these only: nothing of the process itself, and nothing of other libraries."""
    registry = CollectorRegistry(auto_describe=False)
    for each in collectors:
        registry.register(_Undescribed(each))
    return registry


class _Undescribed:
    """Keeps a registry from collecting just to learn the names."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def collect(self) -> Iterable[Metric]:
        return self._collector.collect()

    def describe(self) -> Iterable[Metric]:
        return ()


def text_of(root: Path, clock: Callable[[], datetime]) -> str:
    """Return the numbers of the project in `root` as Prometheus reads them."""
    return generate_latest(registry_of([Scraping(root, clock)])).decode()


def write_file(root: Path, clock: Callable[[], datetime], file: Path) -> None:
    """Write them to a file, whole or not at all: node_exporter may read it at any time. Raise `DigestError`."""
    try:
        write_to_textfile(str(file), registry_of([Scraping(root, clock)]))
    except OSError as error:
        raise DigestError(f"the metrics cannot be written: {error.strerror}", file=file) from error
