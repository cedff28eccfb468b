"""How fast mail leaves: beside django-anymail and bare httpx on the same mails, and a whole issue with its memory."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from functools import cache
from itertools import count
from pathlib import Path

import httpx

from digest.models import READER_TOKEN, Email, Recipient, Secret
from digest.render import Renderer
from digest.send.mime import reader_copy
from digest.send.providers import Mailing, Verdict
from digest.send.providers.sendgrid import Provider
from tests.bench.comparators import installed
from tests.bench.sink import sink
from tests.bench.timing import side_by_side, tell
from tests.bench.whole_issue import BATCH, Departure, send_whole_issue, write_list
from tests.factories import TOKYO
from tests.render.issues import COPY, LINKS, TEMPLATES, issue_of, newsletter

BATCHES = 20
_READERS = BATCHES * BATCH
_ROUNDS = 5
_COPIES = 500
_FEW = (10_000, 100_000)
_USUAL = 200_000
_BARE = "bare httpx, its bodies ready"
_ALONE = "built and posted, no ledger"
_LEDGER = "claimed, built, posted and recorded"
_ANYMAIL = "django-anymail, no ledger"
_TITLES = {False: "that swallows", True: "that reads the JSON"}


def measure(folder: Path) -> None:
    """Time batches to a sink in another process, copies for mail servers, and issues from end to end."""
    mailings = _mailings()
    place = installed(folder)
    for reads in (False, True):
        _batches(folder / f"batches-{reads}", mailings, place, reads=reads)
    _copies(mailings[0])
    _whole_issues(folder)


@cache
def usual_mail() -> Email:
    """Return an issue of twenty posts as it leaves."""
    return Renderer(TEMPLATES, COPY, "css-inline").render(newsletter(max_posts=20), 3, issue_of(20), LINKS)


def _mailings() -> Sequence[Mailing]:
    mail, sent_at = usual_mail(), datetime(2026, 1, 19, 8, tzinfo=TOKYO)
    found = []
    for batch in range(BATCHES):
        numbers = range(batch * BATCH, (batch + 1) * BATCH)
        readers = (Recipient(f"reader{each}@example.com", f"読者{each}", secrets.token_urlsafe(18)) for each in numbers)
        found.append(Mailing(mail, tuple(readers), "bench/2026-W04", f"bench/2026-W04/{batch}/0123abcd", sent_at))
    return found


def _batches(folder: Path, mailings: Sequence[Mailing], place: Path | None, *, reads: bool) -> None:
    folder.mkdir()
    with sink(reads=reads) as server:
        provider = Provider(Secret("SENDGRID_API_KEY", "SG.bench"), base_url=server.url, batch_limit=BATCH)
        bodies = [provider.content(mailing, mailing.recipients, str)[1] for mailing in mailings]
        tasks: dict[str, Callable[[], object]] = {
            _BARE: lambda: asyncio.run(_posted(provider, bodies)),
            _ALONE: lambda: asyncio.run(_sent(provider, mailings)),
            _LEDGER: _with_ledger(folder, server.url),
        }
        if place:
            tasks[_ANYMAIL] = _by_anymail(folder, place, mailings, server.url)
        for name, task in tasks.items():
            before = server.counted().readers
            task()
            came = server.counted().readers - before
            assert came == _READERS, f"{name}: {came} readers came to the sink"
        medians = side_by_side(tasks, _ROUNDS)
    pairs = [(_ALONE, _BARE), (_LEDGER, _BARE)]
    if place:
        pairs += [(_ANYMAIL, _ALONE), (_ANYMAIL, _LEDGER)]
    title = f"SendGrid, {BATCHES} batches of {BATCH:,} readers, {len(bodies[0]):,} octets each"
    tell(f"{title}, to a sink {_TITLES[reads]}", medians, *pairs)
    for name, seconds in medians.items():
        print(f"  {name:<44} {_READERS / seconds:9,.0f} readers/s")


async def _posted(provider: Provider, bodies: Sequence[bytes]) -> float:
    async with httpx.AsyncClient() as client:
        started = time.perf_counter()
        for body in bodies:
            reply = await client.post(provider.url, content=body, headers={"Content-Type": "application/json"})
            assert reply.status_code == 202
        return time.perf_counter() - started


async def _sent(provider: Provider, mailings: Sequence[Mailing]) -> float:
    async with provider.connect() as connection:
        started = time.perf_counter()
        for mailing in mailings:
            answer = await connection.send(mailing)
            assert answer.verdict is Verdict.ANSWERED
        return time.perf_counter() - started


def _with_ledger(folder: Path, url: str) -> Callable[[], float]:
    """Return a task that sends to everybody on a list; each time to a fresh copy of the store."""
    original = folder / "list"
    original.mkdir()
    write_list(original, usual_mail(), _READERS)
    serial = count()

    def sent() -> float:
        place = shutil.copytree(original, folder / f"store-{next(serial)}")
        departure = Departure(place)
        departure.begin()
        return departure.send(url)

    return sent


def _by_anymail(folder: Path, place: Path, mailings: Sequence[Mailing], url: str) -> Callable[[], float]:
    mail = usual_mail()
    personal = [pair for pair in mail.headers if READER_TOKEN in pair[1] or pair[0].startswith("List-Unsubscribe")]
    task = {
        "subject": mail.subject,
        "sender": [mail.sender.address, mail.sender.name],
        "text": mail.text,
        "html": mail.html,
        "personal_headers": personal,
        "shared_headers": [pair for pair in mail.headers if pair not in personal],
        "issue": mailings[0].issue,
        "batches": [[[one.address, one.name, one.token] for one in mailing.recipients] for mailing in mailings],
    }
    file = folder / "task.json"
    file.write_text(json.dumps(task), encoding="utf-8")
    # It warns that nobody can test it against SendGrid any more; the API it speaks is the same.
    program = (sys.executable, "-W", "ignore", "-m", "tests.bench.by_anymail", file, url)
    found = {**os.environ, "PYTHONPATH": str(place)}
    return lambda: float(subprocess.run(program, env=found, check=True, stdout=subprocess.PIPE).stdout)


def _copies(mailing: Mailing) -> None:
    """Time the messages that go to files and mail servers, beside the standard library's."""
    readers = mailing.recipients[:_COPIES]
    ours, library = "messages of ours", "messages of the standard library"
    tasks: dict[str, Callable[[], object]] = {
        ours: lambda: [reader_copy(mailing, reader) for reader in readers],
        library: lambda: [_library_copy(mailing, reader) for reader in readers],
    }
    tell(f"File and SMTP, {_COPIES} readers' own messages", side_by_side(tasks), (ours, library))


def _library_copy(mailing: Mailing, reader: Recipient) -> bytes:
    mail, message = mailing.email, EmailMessage(SMTP)
    message["From"] = formataddr((mail.sender.name, mail.sender.address), "utf-8")
    message["To"] = formataddr((reader.name, reader.address), "utf-8")
    message["Subject"], message["Date"] = mail.subject, format_datetime(mailing.sent_at)
    for name, value in mail.headers:
        message[name] = value.replace(READER_TOKEN, reader.token)
    message.set_content(mail.text.replace(READER_TOKEN, reader.token), cte="base64")
    message.add_alternative(mail.html.replace(READER_TOKEN, reader.token), subtype="html", cte="base64")
    return message.as_bytes()


def _whole_issues(folder: Path) -> None:
    many = int(os.environ.get("DIGEST_BENCH_READERS", _USUAL))
    print(f"\nAn issue end to end: the list in SQLite, begin, claim, SendGrid in batches of {BATCH:,}, record")
    costs: dict[int, float] = {}
    for readers in (*(each for each in _FEW if each < many), many):
        place = folder / f"issue-{readers}"
        with sink() as server:
            told = send_whole_issue(place, server.url, readers)
            came = server.counted().readers
        shutil.rmtree(place)
        costs[readers] = (told["begin"] + told["send"]) / readers
        each = f"begin {told['begin']:6.1f} s  send {told['send']:6.1f} s  {1 / costs[readers]:8,.0f} readers/s"
        print(f"  {readers:>9,} readers  {each}  peak {told['mb']:.0f} MB  {came:,} came to the sink")
    few = min(costs)
    print(f"  ratio of a reader's cost, {many:,} / {few:,} readers: {costs[many] / costs[few]:.2f}")
