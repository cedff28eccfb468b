"""Other people's preview servers that the studio is measured beside: react-email's and Maizzle's, from npm."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ARTICLES = 20
_WORDS = "word " * 60
_PATIENCE = 90
"""Seconds until a server answers, on a busy machine."""

_REACT = """import { Body, Container, Head, Heading, Html, Link, Section, Text } from "@react-email/components";
const posts = Array.from({ length: ARTICLES }, (_, number) => `Post ${number}`);
export default function Bench() {
  return (
    <Html><Head /><Body style={{ margin: 0 }}><Container>
      <Section id="bench" style={{ backgroundColor: "COLOR" }}><Heading>Bench</Heading></Section>
      {posts.map((title) => (
        <Section key={title} style={{ padding: "24px 40px", borderTop: "1px solid #dddddd" }}>
          <Heading as="h2" style={{ fontSize: 18, lineHeight: "28px" }}>{title}</Heading>
          <Text style={{ fontSize: 16, lineHeight: "28px" }}>WORDS</Text>
          <Link href="https://blog.example.com/">Read more</Link>
        </Section>
      ))}
    </Container></Body></Html>
  );
}
"""
_MAIZZLE = """<!DOCTYPE html>
<html><head><style>
.bench { background-color: COLOR; }
.post { padding: 24px 40px; border-top: 1px solid #dddddd; }
.title { font-size: 18px; line-height: 28px; }
.text { font-size: 16px; line-height: 28px; }
</style></head>
<body><table><tr><td id="bench" class="bench">Bench</td></tr>
<each loop="post in page.posts"><tr><td class="post"><h2 class="title">{{ post }}</h2><p class="text">WORDS</p>
<a href="https://blog.example.com/">Read more</a></td></tr></each>
</table></body></html>
"""
_CONFIG = """export default {
  build: { content: ["emails/**/*.html"] },
  css: { inline: true },
  posts: Array.from({ length: ARTICLES }, (_, number) => `Post ${number}`),
};
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview server, and the mail that it shows."""

    name: str
    packages: tuple[str, ...]
    """From npm, pinned."""
    file: str
    text: str
    """Of the mail, with `COLOR` where its ground belongs."""
    config: str
    command: tuple[str, ...]
    """Below `node_modules/.bin`, with `PORT`."""
    path: str
    """Of the page that shows the mail."""


PREVIEWS = (
    Preview(
        "react-email",
        (
            "react-email@6.11.6",
            "@react-email/ui@6.11.6",
            "@react-email/components@1.0.12",
            "react@19.3.1",
            "react-dom@19.3.1",
        ),
        "emails/bench.jsx",
        _REACT,
        "",
        ("email", "dev", "--port", "PORT"),
        "/preview/bench",
    ),
    # The next major version needs Node 22.
    Preview(
        "Maizzle",
        ("@maizzle/framework@5.5.0",),
        "emails/bench.html",
        _MAIZZLE,
        _CONFIG,
        ("maizzle", "serve", "--port", "PORT"),
        "/emails/bench.html",
    ),
)


@contextmanager
def previewed(preview: Preview, folder: Path) -> Iterator[tuple[str, Path, str] | None]:
    """Yield the address of the page, the file of the mail and its text; None, and say so, when it cannot be started."""
    place = folder / preview.name
    if not _installed(preview, place):
        yield None
        return
    file, port = place / preview.file, _free_port()
    file.parent.mkdir(exist_ok=True)
    text = preview.text.replace("WORDS", _WORDS).replace("ARTICLES", str(ARTICLES))
    file.write_text(text.replace("COLOR", "#124e78"), encoding="utf-8")
    if preview.config:
        (place / "config.js").write_text(preview.config.replace("ARTICLES", str(ARTICLES)), encoding="utf-8")
    program, *arguments = (str(port) if each == "PORT" else each for each in preview.command)
    quiet = subprocess.DEVNULL
    command = [str(place / "node_modules/.bin" / program), *arguments]
    # A group of its own, since it starts others that would stay.
    process = subprocess.Popen(command, cwd=place, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        address = f"http://localhost:{port}{preview.path}"
        yield (address, file, text) if _answers(address, preview.name) else None
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _installed(preview: Preview, place: Path) -> bool:
    npm = shutil.which("npm")
    place.mkdir(parents=True, exist_ok=True)
    if (place / "node_modules").is_dir():
        return True
    if not npm:
        print(f"\n(no {preview.name}: Node.js is not installed)")
        return False
    (place / "package.json").write_text('{"private": true, "type": "module"}\n', encoding="utf-8")
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", *preview.packages]
    try:
        subprocess.run(install, cwd=place, check=True, capture_output=True, timeout=300)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        print(f"\n(no {preview.name}: it could not be installed)")
        shutil.rmtree(place)
        return False
    return True


def _answers(address: str, name: str) -> bool:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=30):  # our own machine
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    print(f"\n(no {name}: its preview server did not answer)")
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
