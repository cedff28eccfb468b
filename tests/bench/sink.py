"""What stands in for a provider while sending is measured: it takes every request whole, says 202 and counts readers.

It runs in a process of its own. One that swallows does as little as it can; one that reads looks into the JSON first,
as every provider must before it can say 202.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

_PIECE = 1024 * 1024
_READER = b'"to":'
"""Stands before the address of each personalization; within a text of JSON its quotation marks would be escaped."""


@dataclass
class _Counts:
    requests: int = 0
    readers: int = 0
    octets: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, body: bytes, *, reads: bool) -> None:
        readers = len(json.loads(body)["personalizations"]) if reads else body.count(_READER)
        with self.lock:
            self.requests += 1
            self.readers += readers
            self.octets += len(body)


class Counted(NamedTuple):
    """What has come to a sink so far."""

    requests: int
    readers: int
    octets: int
    """Of bodies."""


@dataclass(frozen=True)
class Sink:
    """A running sink."""

    url: str
    port: int

    def counted(self) -> Counted:
        """Ask the sink itself."""
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: sink\r\n\r\n")
            told = line.makefile("rb").read().partition(b"\r\n\r\n")[2]
        return Counted(*map(int, told.split()))


@contextmanager
def sink(*, reads: bool = False, milliseconds: int = 0) -> Iterator[Sink]:
    """Start a sink and end it afterwards. It thinks about each request for some milliseconds, without any work."""
    program = (sys.executable, "-m", "tests.bench.sink", "reads" if reads else "swallows", str(milliseconds))
    with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield Sink(f"http://127.0.0.1:{port}", port)
        finally:
            process.terminate()


def main(*, reads: bool, thinks: float) -> None:
    """Tell the port and serve until somebody ends the process."""
    counts = _Counts()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            line, _ = listener.accept()
            threading.Thread(target=_serve, args=(line, counts, reads, thinks), daemon=True).start()


def _serve(line: socket.socket, counts: _Counts, reads: bool, thinks: float) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffered = bytearray()
    serial = 0
    with line:
        while True:
            while (end := buffered.find(b"\r\n\r\n")) < 0:
                if not (more := line.recv(_PIECE)):
                    return
                buffered += more
            head = bytes(buffered[:end]).lower()
            if head.startswith(b"get "):
                told = f"{counts.requests} {counts.readers} {counts.octets}".encode()
                line.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + told)
                return
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            if b"expect: 100-continue" in head:
                line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            whole = bytearray(end + 4 + length)
            have = len(buffered)
            whole[:have] = buffered
            rest = memoryview(whole)[have:]
            while rest:
                if not (came := line.recv_into(rest)):
                    return
                rest = rest[came:]
            serial += 1
            counts.add(bytes(memoryview(whole)[end + 4 :]), reads=reads)
            time.sleep(thinks)
            reply = f"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink-{id(line):x}-{serial}\r\nContent-Length: 0\r\n\r\n"
            line.sendall(reply.encode())
            buffered = bytearray()


if __name__ == "__main__":
    main(reads=sys.argv[1] == "reads", thinks=int(sys.argv[2]) / 1000)
