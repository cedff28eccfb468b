"""A Postfix of the tests' own, from the system's programs: it takes mail at several doors on loopback and files it.

    with postfix(["reader1@example.com"], {"open": {}, "small": {"message_size_limit": "2000"}}) as mta:
        ... mta.port("open") ... mta.delivered()["reader1@example.com"] ...

Nothing can leave the machine: this Postfix has no program that speaks SMTP to others.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_ports

_PATIENCE = 30.0
"""Seconds until a mail that is not delivered, or a server that does not end, is a failure."""
_FORGOTTEN = 900
"""Seconds after which a server that nobody stopped ends by itself."""

# What the parts of Postfix are, and how they run, is told in master(5); none of them is `smtp`.
_PARTS = """
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
proxymap  unix - - n - - proxymap
virtual   unix - n n - - virtual
error     unix - - n - - error
retry     unix - - n - - error
anvil     unix - - n - 1 anvil
tlsmgr    unix - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Return why Postfix cannot be started here, or nothing."""
    if not shutil.which("postconf"):
        return "Postfix is not installed"
    return "" if os.geteuid() == 0 else "Postfix starts for root only"


@dataclass(frozen=True)
class Postfix:
    """A running server; its doors differ in what they demand."""

    folder: Path
    ports: Mapping[str, int]
    boxes: Mapping[str, str]

    @property
    def host(self) -> str:
        return "127.0.0.1"

    def port(self, door: str) -> int:
        return self.ports[door]

    def delivered(self) -> dict[str, list[bytes]]:
        """Return by address what lies in the mailboxes as it was filed, once the queue is empty; then forget it."""
        queues = [self.folder / "queue" / name for name in ("incoming", "active", "deferred")]
        _wait(lambda: not any(file.is_file() for queue in queues for file in queue.rglob("*")), self.folder)
        found: dict[str, list[bytes]] = {}
        for address, box in self.boxes.items():
            for file in sorted((self.folder / "mail" / box).glob("new/*")):
                found.setdefault(address, []).append(file.read_bytes())
                file.unlink()
        return found


@contextmanager
def postfix(readers: Sequence[str], doors: Mapping[str, Mapping[str, str]], **settings: str) -> Iterator[Postfix]:
    """Run a server with a mailbox for each reader; `doors` are its ports by name, with settings of their own."""
    folder = Path(tempfile.mkdtemp(prefix="digest-mta-"))
    mta = Postfix(folder, dict(zip(doors, free_ports(len(doors)), strict=True)), _boxes(readers))
    _prepare(mta, doors, settings)
    configuration = str(folder / "etc")
    try:
        _call("postfix", "-c", configuration, "check")
        programs = Path(_call("postconf", "-c", configuration, "-h", "daemon_directory").strip())
        # With -w it returns when the doors are open.
        _call(str(programs / "master"), "-c", configuration, "-e", str(_FORGOTTEN), "-w")
        process = int((folder / "queue" / "pid" / "master.pid").read_text())
        try:
            yield mta
        finally:
            os.kill(process, signal.SIGTERM)
            _wait(lambda: not Path(f"/proc/{process}").exists(), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(mta: Postfix, doors: Mapping[str, Mapping[str, str]], settings: Mapping[str, str]) -> None:
    folder = mta.folder
    folder.chmod(0o755)  # Postfix gives up its rights, and has to get in all the same
    for name, owner in {"etc": "root", "queue": "root", "data": "postfix", "mail": "nobody"}.items():
        (folder / name).mkdir()
        shutil.chown(folder / name, owner)
    boxes = "".join(f"{address} {box}\n" for address, box in mta.boxes.items())
    (folder / "readers").write_text(boxes, encoding="utf-8")
    nobody = (folder / "mail").stat().st_uid
    main = {
        "compatibility_level": "3.6",
        "queue_directory": f"{folder}/queue",
        "data_directory": f"{folder}/data",
        "maillog_file": f"{folder}/log",
        "maillog_file_prefixes": str(folder),
        "myhostname": "mx.example.com",
        "mydestination": "",
        "mynetworks": "",
        "inet_interfaces": mta.host,
        "inet_protocols": "ipv4",
        "alias_maps": "",
        "smtpd_peername_lookup": "no",
        "smtpd_error_sleep_time": "0",
        "default_transport": "error:5.7.1 nothing leaves this machine",
        "relay_transport": "error:5.7.1 nothing leaves this machine",
        "virtual_mailbox_domains": " ".join(sorted({address.rpartition("@")[2] for address in mta.boxes})),
        "virtual_mailbox_base": f"{folder}/mail",
        "virtual_mailbox_maps": f"texthash:{folder}/readers",
        "virtual_uid_maps": f"static:{nobody}",
        "virtual_gid_maps": f"static:{nobody}",
        **settings,
    }
    written = "".join(f"{name} = {value}\n" for name, value in main.items())
    (folder / "etc" / "main.cf").write_text(written, encoding="utf-8")
    lines = [
        " ".join([f"{mta.host}:{mta.port(door)} inet n - n - - smtpd", *_options(own)]) for door, own in doors.items()
    ]
    (folder / "etc" / "master.cf").write_text("\n".join(lines) + _PARTS, encoding="utf-8")


def _options(settings: Mapping[str, str]) -> list[str]:
    # In braces a value may hold spaces.
    return [f"-o {{ {name} = {value} }}" for name, value in settings.items()]


def _boxes(readers: Sequence[str]) -> dict[str, str]:
    return {address: f"box{number}/" for number, address in enumerate(readers)}


def _call(*command: str) -> str:
    # To a file, not a pipe: the server would inherit it, and nobody would see its end.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
        output.seek(0)
        said = output.read()
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {said}")
    return said


def _wait(until: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not until():
        if time.monotonic() > deadline:
            log = folder / "log"
            raise RuntimeError("Postfix is not done: " + (log.read_text(errors="replace") if log.exists() else ""))
        time.sleep(0.01)  # another program's work, of which nothing tells
