"""Decides how one request is made: to the very address that was checked, under the server's own name."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from digest import __version__
from digest.collect.fetching.addresses import resolve
from digest.collect.fetching.answers import FetchError, no_web_address, shown
from digest.collect.fetching.bodies import ACCEPTED, read_body
from digest.collect.fetching.redirects import next_address

USER_AGENT = f"digest/{__version__} (+newsletter)"
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout)
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Said:
    """What one server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    onward: httpx.URL | None
    """Where it sends on to; then the body is not read."""


@dataclass
class Exchange:
    """The connections of one fetcher: each server has its own, since each has another name to prove."""

    allow_private: bool
    limit_bytes: int
    connect_seconds: float
    """For each of a name's machines."""
    bodies: bool = True
    """Whether answers are read to their end; else nothing of their bodies."""
    _transports: dict[tuple[str, str], httpx.AsyncHTTPTransport] = field(default_factory=dict)
    _trust: ssl.SSLContext | None = None

    async def ask(self, url: httpx.URL, headers: Mapping[str, str], method: str = "GET") -> Said:
        """Ask once; raise `FetchError`, or an `httpx.HTTPError` when the connection fails."""
        if url.scheme not in {"http", "https"} or not url.host:
            raise no_web_address(str(url))
        port = url.port or (443 if url.scheme == "https" else 80)
        name = url.raw_host.decode("ascii")
        machines = await resolve(name, port, allow_private=self.allow_private)
        for machine in machines[:-1]:
            try:
                return await self._ask_machine(machine, name, url, headers, method)
            except _NO_CONNECTION as error:
                if certificate_fault(error):
                    raise
        return await self._ask_machine(machines[-1], name, url, headers, method)

    async def close(self) -> None:
        """Close every connection."""
        for transport in self._transports.values():
            await transport.aclose()

    async def _ask_machine(
        self, machine: str, name: str, url: httpx.URL, headers: Mapping[str, str], method: str
    ) -> Said:
        request = httpx.Request(method, url.copy_with(host=machine), headers=_sent(headers, url))
        request.extensions["timeout"] = {"connect": self.connect_seconds}
        if machine != name:
            request.extensions["sni_hostname"] = name
        response = await self._transport(url.scheme, name).handle_async_request(request)
        try:
            heard = _heard(response)
            onward = next_address(response.status_code, heard, url)
            where = shown(str(url))
            skipped = onward or not self.bodies or method == "HEAD"
            body = b"" if skipped else await read_body(response.aiter_raw(), heard, self.limit_bytes, where)
        finally:
            await response.aclose()
        return Said(response.status_code, heard, body, onward)

    def _transport(self, scheme: str, name: str) -> httpx.AsyncHTTPTransport:
        """Return the connections to one server; without a client above them nothing is logged, stored or sent along."""
        if (scheme, name) not in self._transports:
            trust = self._trusted() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody
            self._transports[scheme, name] = httpx.AsyncHTTPTransport(verify=trust, trust_env=False)
        return self._transports[scheme, name]

    def _trusted(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = httpx.create_ssl_context(trust_env=False)
            self._trust.load_default_certs()  # what the machine trusts, a house's own authority too
        return self._trust


def certificate_fault(error: BaseException) -> str:
    """Return what is wrong with a server's certificate or encryption, or nothing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not to be trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return f"it does not speak TLS as it should ({cause.reason or 'unknown reason'})"
        cause = cause.__cause__ or cause.__context__
    return ""


def _sent(headers: Mapping[str, str], url: httpx.URL) -> list[tuple[bytes, bytes]]:
    """Return the headers to send, values byte for byte; raise `FetchError` for one that cannot be sent."""
    whole = {"accept": "*/*", **{name.lower(): value for name, value in headers.items()}}
    if url.userinfo and "authorization" not in whole:
        secret = f"{url.username}:{url.password}".encode()
        whole["authorization"] = f"Basic {base64.b64encode(secret).decode('ascii')}"
    whole |= {"host": url.netloc.decode("ascii"), "user-agent": USER_AGENT, "accept-encoding": ACCEPTED}
    if name := next((name for name, value in whole.items() if _UNSENDABLE.search(value)), None):
        raise FetchError(f"the header “{name}” cannot be sent", fix="write it with plain letters, in one line")
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in whole.items()]


def _heard(response: httpx.Response) -> dict[str, str]:
    heard: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        heard[name] = f"{heard[name]}, {value}" if name in heard else value
    return heard
