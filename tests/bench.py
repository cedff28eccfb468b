"""Measurements, side by side in one run: medians and ratios, never a verdict. `make bench` prints them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import frontmatter

from digest.app import bare_source
from digest.models import Delivery, DeliveryState, IssueState, Recipient
from digest.store import Frozen, Store
from tests.factories import make_email, make_slot
from tests.projects import AS_OF, make_project

ROUNDS = 5


def main() -> None:
    """Run every measurement."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _start(folder)
        _collect(folder)
        _outbox(folder)


def _side_by_side(title: str, **tasks: Callable[[], object]) -> None:
    """Time each task in turn, round by round, so that a slow moment of the machine hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    first, *others = medians
    print(f"\n{title}")
    for name, median in medians.items():
        print(f"  {name.replace('_', ' '):<36} {median * 1000:9.1f} ms")
    for other in others:
        print(f"  ratio {first.replace('_', ' ')} / {other.replace('_', ' ')}: {medians[first] / medians[other]:.2f}")


def _start(folder: Path) -> None:
    project = make_project(folder / "project", readers=10)

    def run(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=False)

    timed = ("--project", str(project), "--as-of", AS_OF)
    _side_by_side(
        "Starting, as whole processes",
        digest_version=run("-m", "digest", "--version"),
        python_alone=run("-c", "pass"),
        digest_collect=run("-m", "digest", "collect", *timed),
        digest_check=run("-m", "digest", "check", *timed),
    )


def _collect(folder: Path) -> None:
    posts = folder / "blog" / "_posts"
    posts.mkdir(parents=True)
    (folder / "blog" / "_config.yml").write_text("url: https://blog.example.com\ntimezone: Asia/Tokyo\n")
    body = "これは本文の段落です。見出しのない、ふつうの文章がつづきます。\n\n" * 30
    for number in range(2_000):
        day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)
        date = f"{day:%Y-%m-%d} 08:46:44 +0000"
        head = f'---\ntitle: "見出し {number}"\ndate: {date}\ncategories: ["A"]\ntags: ["B", "C"]\n---\n'
        (posts / f"{day:%Y-%m-%d}-{number}.md").write_text(head + body, encoding="utf-8")
    source = bare_source(folder / "blog", "jekyll")
    now = datetime(2026, 1, 19, tzinfo=UTC)
    _side_by_side(
        "2,000 posts of 6 kB",
        jekyll_source=lambda: source.read(now),
        python_frontmatter_alone=lambda: [frontmatter.load(str(file)) for file in sorted(posts.iterdir())],
    )


def _outbox(folder: Path) -> None:
    readers, batch_size = 10_000, 100
    store = Store("sqlite:///bench.sqlite3", folder)
    slot = make_slot()
    now = slot.due_at
    issue = store.issues.plan("bench", slot, now)
    issue = store.issues.save(issue, 1, Frozen(make_email(), {"sections": []}, (), ()), IssueState.FROZEN, now)
    issue = store.issues.move(issue, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=now)
    started = time.perf_counter()
    tokens = store.readers.tokens("bench", [f"reader{number}@example.com" for number in range(readers)], now)
    made = time.perf_counter()
    store.outbox.begin(issue, (), [Recipient(address, "", token) for address, token in tokens.items()], batch_size, now)
    begun = time.perf_counter()
    while claim := store.outbox.claim(issue, "bench", now, now + timedelta(seconds=90)):
        accepted = [Delivery(each, DeliveryState.ACCEPTED) for each in claim.recipients]
        store.outbox.record(claim, accepted, now, outcome="answered")
    ended = time.perf_counter()
    print(f"\nThe outbox on SQLite, {readers} readers in batches of {batch_size}")
    for name, seconds in (("tokens", made - started), ("begin", begun - made), ("claim and record", ended - begun)):
        print(f"  {name:<36} {readers / seconds:9.0f} readers/s")
    store.close()


if __name__ == "__main__":
    main()
