"""A DNS server on loopback with TXT records of its own, that can also keep silent.

    with DnsServer({"example.com": ["v=spf1 -all"]}) as server:
        ... server.resolver() ...

A name that is not among the records does not exist; one with an empty list exists without a TXT record. `None` keeps
silent.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset


class DnsServer:
    def __init__(self, records: Mapping[str, Sequence[str] | None]) -> None:
        self._records = {name.lower(): found for name, found in records.items()}
        self.asked: list[str] = []
        self._stopping = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def resolver(self) -> dns.resolver.Resolver:
        """Return a resolver that asks this server and nobody else."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self._socket.getsockname()[1]
        return resolver

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                octets, whose = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            if answer := self._answer(dns.message.from_wire(octets)):
                self._socket.sendto(answer.to_wire(), whose)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name not in self._records:
            answer.set_rcode(dns.rcode.NXDOMAIN)
            return answer
        found = self._records[name]
        if found is None:
            return None
        if found and question.rdtype == dns.rdatatype.TXT:
            pieces = [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in found]
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", "TXT", pieces))
        return answer
