"""Mail as files: one `.eml` for each reader in a folder, for trying out and for tests; needs no account."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from digest.errors import DigestError
from digest.models import Delivery, DeliveryState
from digest.send.detail import retell
from digest.send.mime import Copy, reader_copy, unsendable
from digest.send.providers import ALWAYS, Answer, Connection, Mailing, Request, Verdict

_SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9@._+=-]{0,119}")
_SAFE_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_READABLE = 100
"""Characters kept of an unsafe name, so that the whole stays far below the 255 octets of file systems."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Write each copy to `<outbox>/<newsletter>/<period>/<address>.eml`; proofs go to `proofs/` below that."""

    outbox: Path = Path("var/outbox")
    batch_limit: ClassVar[int] = 100
    repeatable_for: ClassVar[timedelta] = ALWAYS
    """The same key overwrites the same files with the same bytes."""
    keeps_list: ClassVar[bool] = False
    settles_after: ClassVar[timedelta | None] = None

    def problems(self) -> Sequence[str]:
        """Say so when the folder cannot be one."""
        for folder in (self.outbox, *self.outbox.parents):
            if folder.exists():
                return () if folder.is_dir() else (f"{folder} is a file; outbox must be a folder",)
        return ()

    def cautions(self) -> Sequence[str]:
        """Return nothing: what is written is what readers get."""
        return ()

    def describe(self, mailing: Mailing) -> Request:
        """Return the folder, and the text of each file by its name."""
        copies = [reader_copy(mailing, recipient) for recipient in mailing.recipients if not unsendable(recipient)]
        body = {file_name(copy.recipient.address): copy.content.decode() for copy in copies}
        return Request("WRITE", str(self.folder(mailing)), body=body)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Need nothing."""
        yield _Writer(self)

    def folder(self, mailing: Mailing) -> Path:
        """Return where the files of a mailing lie."""
        parts = [part if _SAFE_FOLDER.fullmatch(part) else _unsafe(part) for part in mailing.issue.split("/")]
        return self.outbox.joinpath(*parts, *(["proofs"] if mailing.proof else []))


@dataclass(frozen=True, slots=True)
class _Writer:
    provider: Provider

    async def send(self, mailing: Mailing) -> Answer:
        """Write the copies one after the other; what could not be written is still pending."""
        folder, told = self.provider.folder(mailing), list[Delivery]()
        failure = ""
        for recipient in mailing.recipients:
            if reason := unsendable(recipient):
                told.append(Delivery(recipient, DeliveryState.REJECTED, error=reason))
                continue
            if failure:
                told.append(Delivery(recipient, DeliveryState.PENDING, error=failure))
                continue
            try:
                copy = reader_copy(mailing, recipient)
                await asyncio.to_thread(_write, folder / file_name(recipient.address), copy)
            except (DigestError, OSError) as error:
                failure = retell(str(error))
                told.append(Delivery(recipient, DeliveryState.PENDING, error=failure))
            else:
                told.append(Delivery(recipient, DeliveryState.ACCEPTED, message_id=copy.message_id))
        if failure and not any(delivery.state is DeliveryState.ACCEPTED for delivery in told):
            return Answer(Verdict.REFUSED, detail=failure)
        return Answer(Verdict.ANSWERED, tuple(told), detail=failure or f"written to {folder}")


def file_name(address: str) -> str:
    """Return the name of a reader's file: the address itself when that is harmless, else marked with its hash.

    No two addresses share a name, not even on a file system that ignores case, and none leaves the folder.
    """
    return (address if _SAFE_NAME.fullmatch(address) else _unsafe(address)) + ".eml"


def _unsafe(name: str) -> str:
    """Return a readable, harmless name; `~` and the hash of the whole keep it apart from every other."""
    readable = re.sub(r"[^A-Za-z0-9@._+=-]+|^\.+", "_", name)[:_READABLE]
    return f"{readable}~{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _write(path: Path, copy: Copy) -> None:
    """Write so that the file is there as a whole or not at all, even when the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(copy.content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open a folder, and its renames need no help
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
