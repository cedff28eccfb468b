"""Decides how addresses are read: several at once, each within its time, redirects by hand, again where it helps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from digest.collect.fetching.answers import Answer, FetchError, asked, no_web_address, shown
from digest.collect.fetching.exchange import Exchange, certificate_fault
from digest.collect.fetching.redirects import MOST, carried, for_good
from digest.collect.fetching.retrying import pause_after, pause_before_asking_again

_AT_ONCE = 6
_T = TypeVar("_T")


class Fetcher:
    """Reads addresses of http and https; may be used from any thread, best as a context manager.

    `timeout_seconds` bounds one try as a whole: names, connections, redirects and body. `limit_bytes` bounds a body
    before and after it is unpacked; without `bodies` none is read. `attempts` counts all tries; `wait` is what passes
    the time between them.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        limit_bytes: int = 10_000_000,
        timeout_seconds: float = 30,
        attempts: int = 3,
        bodies: bool = True,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._attempts = attempts
        self._wait = wait
        self._exchange = Exchange(allow_private, limit_bytes, timeout_seconds / 3, bodies)
        self._starting = Lock()
        self._thread: Thread | None = None
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._closing = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return what stands at an address, whatever the status; raise `FetchError` when there is no answer."""
        return self._run(self._get(url, headers or {}))

    def head(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return what a server says of an address without what stands there; raise `FetchError` as `get` does."""
        return self._run(self._get(url, headers or {}, "HEAD"))

    def get_all(self, urls: Sequence[str], headers: Mapping[str, str] | None = None) -> list[Answer | FetchError]:
        """Read several addresses, a few at a time; each gives its answer or its error, in their order."""
        return self._run(self._get_all(urls, headers or {}))

    def close(self) -> None:
        """Close every connection; what is still being read is given up."""
        if self._thread and self._thread.is_alive():
            self._loop.result().call_soon_threadsafe(self._closing.set)
            self._thread.join()

    def _run(self, reading: Coroutine[Any, Any, _T]) -> _T:
        """Run on a loop of the fetcher's own, so that the caller may have one, too."""
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="fetcher", daemon=True)
                self._thread.start()
        return asyncio.run_coroutine_threadsafe(reading, self._loop.result()).result()

    async def _serve(self) -> None:
        self._loop.set_result(asyncio.get_running_loop())
        await self._closing.wait()
        await self._exchange.close()

    async def _get_all(self, urls: Sequence[str], headers: Mapping[str, str]) -> list[Answer | FetchError]:
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(url: str) -> Answer | FetchError:
            async with places:
                try:
                    return await self._get(url, headers)
                except FetchError as error:
                    return error

        return list(await asyncio.gather(*(one(url) for url in urls)))

    async def _get(self, url: str, headers: Mapping[str, str], method: str = "GET") -> Answer:
        """Try until there is an answer that will not change by itself, or the tries are used up."""
        tried = 0
        while True:
            tried += 1
            try:
                answer = await self._try(url, headers, method)
                pause = pause_before_asking_again(tried, answer.status, answer.headers)
                if pause is None or tried >= self._attempts:
                    return answer
            except FetchError as error:
                if not error.passing or tried >= self._attempts:
                    raise
                pause = pause_after(tried)
            await self._wait(pause)

    async def _try(self, url: str, headers: Mapping[str, str], method: str) -> Answer:
        """Ask once, and follow where it is sent on to; raise `FetchError`."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._follow(httpx.URL(url).copy_with(fragment=None), headers, method)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise no_web_address(url) from error
        except (TimeoutError, httpx.TransportError) as error:
            raise _failure(url, error, self._timeout_seconds) from error

    async def _follow(self, url: httpx.URL, headers: Mapping[str, str], method: str) -> Answer:
        first, moved, moving = url, "", True
        for _ in range(MOST + 1):
            said = await self._exchange.ask(url, headers, method)
            if said.onward is None:
                return Answer(said.status, asked(str(url)), said.headers, said.body, moved)
            moving = moving and for_good(said.status)
            moved = str(said.onward) if moving and not said.onward.userinfo else moved
            headers = carried(headers, url, said.onward)
            url = said.onward
        raise FetchError(f"{shown(str(first))} sends on more than {MOST} times", fix="check the address in a browser")


def _failure(url: str, error: Exception, seconds: float) -> FetchError:
    if fault := certificate_fault(error):
        return FetchError(f"{shown(url)} is not safe to read: {fault}", fix="tell who runs it; nothing was read")
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return FetchError(
            f"{shown(url)} did not answer in full within {seconds:g} seconds",
            fix="open it in a browser; if it answers there, try again later",
        )
    happened = "cannot be reached" if isinstance(error, httpx.ConnectError) else "broke off its answer"
    return FetchError(f"{shown(url)} {happened}", fix="check the address, or try again later", passing=True)
