"""Decides how much of an answer is read and how it is unpacked: no answer, however packed, fills the memory."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping

from digest.collect.fetching.answers import FetchError

ACCEPTED = "gzip, deflate"
"""How a server may pack its answer."""


async def read_body(chunks: AsyncIterator[bytes], headers: Mapping[str, str], limit: int, where: str) -> bytes:
    """Return the unpacked body; raise `FetchError` when it is longer than `limit` bytes, packed or not, or spoilt."""
    said = headers.get("content-length", "")
    if said.isdecimal() and int(said) > limit:
        raise _too_long(where, limit)
    packing = headers.get("content-encoding", "").strip().lower()
    if packing not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise FetchError(f"{where} answers packed as “{packing}”, which nobody asked for", fix="tell who runs it")
    unpacking = _Unpacking(packing) if packing not in {"", "identity"} else None
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        try:
            body += unpacking.unpack(chunk, limit + 1 - len(body)) if unpacking else chunk
        except zlib.error as error:
            raise FetchError(f"the answer of {where} is not packed as it says ({packing})", fix=_AGAIN) from error
        if received > limit or len(body) > limit:
            raise _too_long(where, limit)
    if unpacking and received and not unpacking.whole:
        raise FetchError(f"the answer of {where} breaks off before its end", fix=_AGAIN)
    return bytes(body)


_AGAIN = "try again later; if it stays so, tell who runs it"


class _Unpacking:
    """Unpacks gzip of one or several parts, and deflate with or without its wrapping."""

    def __init__(self, packing: str) -> None:
        self._gzip = packing != "deflate"
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS if self._gzip else zlib.MAX_WBITS)
        self._begun = False

    @property
    def whole(self) -> bool:
        """Tell whether the last part came to its end."""
        return self._stream.eof

    def unpack(self, chunk: bytes, limit: int) -> bytes:
        """Return what the chunk holds, no more than `limit` bytes; raise `zlib.error`."""
        unpacked = b""
        while chunk and len(unpacked) < limit:
            if self._stream.eof:
                if not self._gzip or not chunk.startswith(b"\x1f\x8b"):
                    break  # padding
                self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
            unpacked += self._part(chunk, limit - len(unpacked))
            chunk = self._stream.unconsumed_tail or self._stream.unused_data
        return unpacked

    def _part(self, chunk: bytes, limit: int) -> bytes:
        try:
            part = self._stream.decompress(chunk, limit)
        except zlib.error:
            if self._gzip or self._begun:
                raise
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # some servers leave the wrapping off
            part = self._stream.decompress(chunk, limit)
        self._begun = True
        return part


def _too_long(where: str, limit: int) -> FetchError:
    return FetchError(
        f"the answer of {where} is longer than {limit // 1_000_000 or limit} {'MB' if limit >= 1_000_000 else 'bytes'}",
        fix="check that it is the right address",
    )
