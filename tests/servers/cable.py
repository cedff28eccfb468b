"""A cable between hosts and a server: it can be pulled out, politely or not, and put in again."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

_PIECE = 65_536


class Cable:
    """Listens and carries every connection to a Unix socket, or to a host and port."""

    def __init__(self, to: Path | tuple[str, int], address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self._to = to
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._whole = threading.Event()
        self._whole.set()
        self._listener = socket.create_server(address, backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def pull(self) -> None:
        """Reset all connections, and take no new ones."""
        self._whole.clear()
        self._reset()

    def put_in(self) -> None:
        """Carry again."""
        self._whole.set()

    def close(self) -> None:
        """Be gone."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        self._reset()

    def _reset(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole.is_set():
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX if isinstance(self._to, Path) else socket.AF_INET)
            try:
                far.connect(str(self._to) if isinstance(self._to, Path) else self._to)
            except OSError:  # the server is being started again
                near.close()
                far.close()
                continue
            with self._lock:
                self._ends |= {near, far}
            both = [threading.Thread(target=_carry, args=ends, daemon=True) for ends in ((near, far), (far, near))]
            for each in both:
                each.start()
            threading.Thread(target=self._end, args=(both, near, far), daemon=True).start()

    def _end(self, both: list[threading.Thread], near: socket.socket, far: socket.socket) -> None:
        for each in both:
            each.join()
        with self._lock:
            self._ends -= {near, far}
        near.close()
        far.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(_PIECE):
            other.sendall(piece)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":  # in a namespace of its own: PORT of loopback there, HOST and PORT to lead to
    here, host, port = sys.argv[1:]
    Cable((host, int(port)), ("127.0.0.1", int(here)))
    print("ready", flush=True)
    threading.Event().wait()
