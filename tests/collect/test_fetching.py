"""What is read from the network: politely, within bounds, and never from inside of a private net."""

from __future__ import annotations

import asyncio
import gzip
import logging
import shutil
import socket
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from digest import __version__
from digest.collect.fetching import Answer, Fetcher, FetchError, asked, shown
from digest.collect.fetching.addresses import is_public
from digest.errors import SourceError
from tests.conftest import skip_or_fail
from tests.servers.http import (
    HttpServer,
    Scripted,
    closed_port,
    garbage,
    reply,
    reset_after_body,
    silence,
    trickle,
)
from tests.servers.http import unfinished_body as unfinished
from tests.servers.site import Asked, Page, Site, moved, page

PUBLIC = "93.184.216.34"


class Pauses(list[float]):
    """Notes how long somebody would have waited."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def fetcher(pauses: Pauses) -> Iterator[Fetcher]:
    with Fetcher(allow_private=True, wait=pauses, timeout_seconds=10) as made:
        yield made


@pytest.fixture
def stranger() -> Iterator[Fetcher]:
    """One that may ask nothing private."""
    with Fetcher(attempts=1, timeout_seconds=10) as made:
        yield made


Names = Callable[..., list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Let names have other addresses: each call of the returned function adds what a name answers, in turn."""
    told: dict[str, list[list[str]]] = {}
    look_up = socket.getaddrinfo
    looked_up: list[str] = []

    def answer(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host not in told:
            return look_up(host, port, *args, **options)
        looked_up.append(host)
        found = told[host].pop(0) if len(told[host]) > 1 else told[host][0]
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(families[ip_address(each).version], socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    def tell(host: str, *answers: list[str]) -> list[str]:
        told[host] = [*answers]
        return looked_up

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return tell


@pytest.fixture
def led_home(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Let every connection end on this machine, and note where it was meant to go."""
    connect = socket.socket.connect

    def lead(port: int) -> list[str]:
        meant: list[str] = []

        def home(self: socket.socket, address: tuple[str, int]) -> None:
            if self.family == socket.AF_INET and address[1] != port:
                meant.append(address[0])
                address = ("127.0.0.1", port)
            connect(self, address)

        monkeypatch.setattr(socket.socket, "connect", home)
        return meant

    return lead


def test_an_answer_has_status_final_address_headers_and_body(fetcher: Fetcher) -> None:
    with Site({"/a": moved("/b?x=1#there", 302), "/b": page("words", X_Some="Thing")}) as site:
        answer = fetcher.get(f"{site.url}/a#here")
    assert (answer.status, answer.url, answer.body) == (200, f"{site.url}/b?x=1", b"words")
    assert answer.headers["x-some"] == "Thing"


@pytest.mark.parametrize("status", [204, 304, 400, 401, 404, 410, 500])
def test_every_status_is_an_answer_and_none_of_these_is_asked_for_again(
    status: int, fetcher: Fetcher, pauses: Pauses
) -> None:
    with Site({"/": Page(status)}) as site:
        assert fetcher.get(f"{site.url}/").status == status
        assert (len(site.asked), pauses) == (1, [])


def test_it_says_who_it_is_and_brings_nothing_from_the_environment(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    caplog.set_level(logging.INFO)
    with Site({"/": Page(200, {"Set-Cookie": "id=1; Path=/"})}) as site:
        fetcher.get(f"{site.url}/?key=secret")
        fetcher.get(f"{site.url}/?key=secret", {"X-Mine": "1"})
    headers = site.asked[1].headers
    assert headers["user-agent"] == f"digest/{__version__} (+newsletter)"
    assert headers["x-mine"] == "1"
    assert not {"authorization", "cookie"} & headers.keys()
    assert caplog.text == ""


def test_user_name_and_password_of_an_address_are_told_to_its_server_and_to_nobody_else(fetcher: Fetcher) -> None:
    with Site({"/": page("x")}) as other, Site({"/": moved(f"{other.url}/", 308)}) as site:
        answer = fetcher.get(site.url.replace("//", "//me:s%20cret@") + "/")
        assert site.asked[0].headers["authorization"] == "Basic bWU6cyBjcmV0"
        assert "authorization" not in other.asked[0].headers
        assert (answer.url, answer.moved) == (f"{other.url}/", f"{other.url}/")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "192.0.0.192",
        "192.0.2.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
        "192.88.99.1", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1",
        "2001::1", "100::1", "3fff::1", "5f00::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a00:1::1",
    ],
)  # fmt: skip
def test_a_machine_of_no_public_net_is_not_asked(address: str, stranger: Fetcher, names: Names) -> None:
    assert not is_public(ip_address(address))
    names("blog.example", [address])
    host = f"[{address}]" if ":" in address else address
    for url in (f"http://{host}/", "http://blog.example/", "https://blog.example:8443/"):
        with pytest.raises(FetchError, match="private or reserved network") as caught:
            stranger.get(url)
        assert "allow_private" in caught.value.fix


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_a_machine_of_the_public_net_may_be_asked(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("written", ["2130706433", "0x7f.1", "127.1", "localhost", "LOCALHOST."])
def test_no_spelling_of_this_machine_is_asked(written: str, stranger: Fetcher) -> None:
    with pytest.raises(FetchError, match=r"private or reserved|cannot be found"):
        stranger.get(f"http://{written}/")


def test_a_name_with_one_private_address_is_not_asked_at_all(stranger: Fetcher, names: Names) -> None:
    names("blog.example", [PUBLIC, "10.0.0.1"])
    with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
        stranger.get("http://blog.example/")


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    stranger: Fetcher, names: Names, led_home: Callable[[int], list[str]]
) -> None:
    looked_up = names("blog.example", [PUBLIC], ["127.0.0.1"])
    with Site({"/": page("words")}) as site:
        meant = led_home(site.port)
        assert stranger.get("http://blog.example/").body == b"words"
    assert (meant, looked_up) == ([PUBLIC], ["blog.example"])
    assert site.asked[0].headers["host"] == "blog.example"


def test_each_redirect_is_checked_anew(stranger: Fetcher, names: Names, led_home: Callable[[int], list[str]]) -> None:
    names("blog.example", [PUBLIC])
    names("inner.example", ["192.168.0.1"])
    with Site({"/": moved("http://inner.example/admin")}) as site:
        led_home(site.port)
        with pytest.raises(FetchError, match=r"“inner\.example” is 192\.168\.0\.1"):
            stranger.get("http://blog.example/")
    assert len(site.asked) == 1


def test_when_one_machine_of_a_name_is_down_the_next_is_asked(fetcher: Fetcher, names: Names) -> None:
    names("blog.example", ["::1", "127.0.0.1"])
    with Site({"/": page("words")}) as site:
        assert fetcher.get(f"http://blog.example:{site.port}/").body == b"words"


def test_five_redirects_are_followed_and_no_more(fetcher: Fetcher) -> None:
    hops: dict[str, Any] = {f"/{number}": moved(f"/{number + 1}", 307) for number in range(6)}
    with Site({**hops, "/6": page("end")}) as site:
        assert fetcher.get(f"{site.url}/1").body == b"end"
        with pytest.raises(FetchError, match="more than 5 times"):
            fetcher.get(f"{site.url}/0")


def test_a_circle_of_redirects_ends(fetcher: Fetcher) -> None:
    with Site({"/": moved("/")}) as site, pytest.raises(FetchError, match="more than 5 times"):
        fetcher.get(f"{site.url}/")


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/", "javascript:alert(1)", "mailto:a@b.example"]
)
def test_a_redirect_leads_to_the_web_only(location: str, fetcher: Fetcher) -> None:
    with Site({"/": moved(location)}) as site, pytest.raises(FetchError, match=r"no web address|no address"):
        fetcher.get(f"{site.url}/")


def test_what_tells_of_one_page_and_what_is_secret_does_not_follow_to_another(fetcher: Fetcher) -> None:
    told = {
        "If-None-Match": '"1"',
        "If-Modified-Since": "x",
        "Authorization": "Bearer 1",
        "X-Key": "1",
        "Accept": "a/b",
    }
    with Site({"/": page("x")}) as other, Site({"/": moved("/2"), "/2": moved(f"{other.url}/")}) as site:
        fetcher.get(f"{site.url}/", told)
        first, second = (each.headers for each in site.asked)
    assert (first["if-none-match"], first["authorization"]) == ('"1"', "Bearer 1")
    assert (second.get("if-none-match"), second.get("if-modified-since")) == (None, None)
    assert second["authorization"] == "Bearer 1"
    assert other.asked[0].headers.keys() == {"host", "accept", "user-agent", "accept-encoding"}


def test_an_address_has_moved_as_far_as_all_redirects_before_are_for_good(fetcher: Fetcher) -> None:
    pages = {"/1": moved("/2", 301), "/2": moved("/3", 308), "/3": moved("/4", 302), "/4": moved("/5", 301)}
    with Site({**pages, "/5": page("x"), "/0": moved("/5", 307)}) as site:
        assert fetcher.get(f"{site.url}/1").moved == f"{site.url}/3"
        assert fetcher.get(f"{site.url}/0").moved == ""


PACKED = {
    "gzip": gzip.compress(b"words " * 1000),
    "x-gzip": gzip.compress(b"words " * 1000),
    "deflate": zlib.compress(b"words " * 1000),
    "identity": b"words " * 1000,
}


@pytest.mark.parametrize("packing", PACKED)
def test_a_body_is_unpacked(packing: str, fetcher: Fetcher) -> None:
    with Site({"/": Page(200, {"Content-Encoding": packing}, PACKED[packing])}) as site:
        assert fetcher.get(f"{site.url}/").body == b"words " * 1000
    assert site.asked[0].headers["accept-encoding"] == "gzip, deflate"


def test_gzip_in_several_parts_and_deflate_without_its_wrapping_are_unpacked(fetcher: Fetcher) -> None:
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    with Site() as site:
        parts = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0"
        site.pages["/parts"] = Page(200, {"Content-Encoding": "gzip"}, parts)
        site.pages["/bare"] = Page(200, {"Content-Encoding": "deflate"}, bare.compress(b"words") + bare.flush())
        site.pages["/nothing"] = Page(200, {"Content-Encoding": "gzip"}, b"")
        assert [fetcher.get(f"{site.url}/{name}").body for name in ("parts", "bare", "nothing")] == [
            b"one two", b"words", b""
        ]  # fmt: skip


def test_a_body_is_bounded_however_it_is_packed(pauses: Pauses) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with Site() as site, Fetcher(allow_private=True, limit_bytes=100_000, wait=pauses) as fetcher:
        site.pages["/bomb"] = Page(200, {"Content-Encoding": "gzip"}, bomb)
        site.pages["/long"] = Page(200, {}, bytes(100_001))
        site.pages["/many"] = Page(200, {"Content-Encoding": "gzip"}, gzip.compress(b"") * 6_000)
        site.pages["/fits"] = Page(200, {}, bytes(100_000))
        assert len(fetcher.get(f"{site.url}/fits").body) == 100_000
        for name in ("bomb", "long", "many"):
            with pytest.raises(FetchError, match="longer than 100000 bytes"):
                fetcher.get(f"{site.url}/{name}")
    assert pauses == []


def test_a_body_without_a_length_is_bounded_while_it_comes() -> None:
    bounded = Fetcher(allow_private=True, limit_bytes=1_000_000)

    def endless(connection: socket.socket, stopping: threading.Event) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not stopping.is_set():
            connection.sendall(bytes(65536))
        return False

    with HttpServer(Scripted(endless)) as server, pytest.raises(FetchError, match="longer than 1 MB"):
        bounded.get(server.url)
    bounded.close()


@pytest.mark.parametrize(
    ("packing", "body", "said"),
    [
        ("gzip", b"plain text", "not packed as it says"),
        ("deflate", b"\xff\xff\xff\xff", "not packed as it says"),
        ("gzip", gzip.compress(bytes(range(256)) * 100)[:-20], "breaks off"),
        ("br", b"x", "nobody asked for"),
        ("gzip, gzip", b"x", "nobody asked for"),
    ],
)
def test_a_spoilt_body_is_told(packing: str, body: bytes, said: str, fetcher: Fetcher) -> None:
    with Site({"/": Page(200, {"Content-Encoding": packing}, body)}) as site, pytest.raises(FetchError, match=said):
        fetcher.get(f"{site.url}/")


@pytest.mark.parametrize("script", [silence(), trickle(), trickle(b"HTTP/1.1 200 OK\r\n\r\n"), unfinished(200)])
def test_time_is_bounded_as_a_whole(script: Any) -> None:
    with HttpServer(script) as server, Fetcher(allow_private=True, timeout_seconds=0.3) as fetcher:
        with pytest.raises(FetchError, match=r"did not answer in full within 0\.3 seconds"):
            fetcher.get(server.url)
        assert len(server.requests) == 1


def test_a_name_server_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: done.wait(20) and [])
    try:
        with Fetcher(timeout_seconds=0.2) as fetcher, pytest.raises(FetchError, match="did not answer in full"):
            fetcher.get("http://blog.example/")
    finally:
        done.set()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_trouble_that_passes_is_waited_out(status: int, fetcher: Fetcher, pauses: Pauses) -> None:
    with HttpServer(reply(status), reply(status), reply(200, {}, "words")) as server:
        assert fetcher.get(server.url).body == b"words"
    assert pauses == [1.0, 2.0]


def test_trouble_that_stays_is_the_answer(fetcher: Fetcher, pauses: Pauses) -> None:
    with HttpServer(default=reply(503)) as server:
        assert fetcher.get(server.url).status == 503
        assert (len(server.requests), len(pauses)) == (3, 2)


def test_a_server_is_asked_again_when_it_says_so_and_not_at_all_when_that_is_far_away(
    fetcher: Fetcher, pauses: Pauses
) -> None:
    now, soon = "Sun, 22 Nov 2026 01:00:00 GMT", "Sun, 22 Nov 2026 01:00:20 GMT"
    later = reply(429, {"Retry-After": "61"})
    with HttpServer(
        reply(429, {"Retry-After": "7"}), reply(503, {"Retry-After": soon, "Date": now}), reply(200), later
    ) as server:
        assert fetcher.get(server.url).status == 200
        assert fetcher.get(server.url).status == 429
    assert pauses == [7.0, 20.0]


@pytest.mark.parametrize(
    "asks", ["-1", "soon", "٣", "Sun, 22 Nov 2026 01:00:20", "Xxx, 99 Nov 2026 01:00:20 GMT", "1.5"]
)
def test_a_wish_that_nobody_understands_is_no_wish(asks: str, fetcher: Fetcher, pauses: Pauses) -> None:
    with HttpServer(reply(503, {"Retry-After": asks.encode().decode("latin-1")}), reply(200)) as server:
        assert fetcher.get(server.url).status == 200
    assert pauses == [1.0]


@pytest.mark.parametrize("script", [reset_after_body(), garbage()])
def test_a_connection_that_breaks_is_tried_again(script: Any, fetcher: Fetcher, pauses: Pauses) -> None:
    with HttpServer(script, reply(200, {}, "words")) as server:
        assert fetcher.get(server.url).body == b"words"
    assert pauses == [1.0]


def test_a_body_that_breaks_off_is_no_answer(fetcher: Fetcher) -> None:
    def half(connection: socket.socket, stopping: threading.Event) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return False

    with HttpServer(default=Scripted(half)) as server, pytest.raises(FetchError, match="broke off its answer"):
        fetcher.get(server.url)
    assert len(server.requests) == 3


def test_nobody_at_home_is_tried_again_and_told(fetcher: Fetcher, pauses: Pauses) -> None:
    with pytest.raises(FetchError, match="cannot be reached") as caught:
        fetcher.get(f"http://127.0.0.1:{closed_port()}/")
    assert caught.value.passing
    assert pauses == [1.0, 2.0]


def test_an_unknown_name_is_told_at_once_and_a_sick_name_server_is_asked_again(
    fetcher: Fetcher, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(number: int) -> Callable[..., Any]:
        def answer(*args: Any, **options: Any) -> Any:
            raise socket.gaierror(number, "no")

        return answer

    monkeypatch.setattr(socket, "getaddrinfo", fails(socket.EAI_NONAME))
    with pytest.raises(FetchError, match=r"“blog\.example” cannot be found: there is no such name"):
        fetcher.get("http://blog.example/")
    assert pauses == []
    monkeypatch.setattr(socket, "getaddrinfo", fails(socket.EAI_AGAIN))
    with pytest.raises(FetchError, match="the name server did not answer"):
        fetcher.get("http://blog.example/")
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "/feed", "ftp://a/", "file:///etc/passwd", "http://", "http:///x", "http://a b/", "http://[::1",
     "http://a:99999/", "https://" + "a" * 300 + ".example/", "http://xn--\u0661/", "http://..", "http://a\0b/"],
)  # fmt: skip
def test_what_is_no_web_address_is_told_as_a_source_error(url: str, stranger: Fetcher) -> None:
    with pytest.raises(FetchError) as caught:
        stranger.get(url)
    assert isinstance(caught.value, SourceError)
    assert caught.value.fix


def test_a_header_cannot_smuggle_another(fetcher: Fetcher) -> None:
    with Site({"/": page("x")}) as site, pytest.raises(FetchError, match="“if-none-match” cannot be sent"):
        fetcher.get(f"{site.url}/", {"If-None-Match": '"1"\r\nX-Other: 1'})
    assert site.asked == []


def test_a_version_travels_byte_for_byte(fetcher: Fetcher) -> None:
    version = "W/\"\u00e9\u00df 'x'\""
    with Site({"/": page("x", etag=version)}) as site:
        assert fetcher.get(f"{site.url}/").headers["etag"] == version
        assert fetcher.get(f"{site.url}/", {"If-None-Match": version}).status == 304


def test_no_error_shows_what_is_secret(pauses: Pauses) -> None:
    secret = "hunter2"
    with Fetcher(allow_private=True, wait=pauses, limit_bytes=5, timeout_seconds=0.3) as fetcher, Site() as site:
        site.pages = {"/long": page("long body"), "/loop": moved(f"/loop?k={secret}"), "/bad": moved("gopher://x/")}
        urls = [f"{site.url}/long", f"{site.url}/loop", f"{site.url}/bad", f"http://127.0.0.1:{closed_port()}/"]
        with HttpServer(silence()) as slow:
            for url in [*urls, slow.url, "ftp://x/", "http://x y/"]:
                with pytest.raises(FetchError) as caught:
                    fetcher.get(url.replace("://", f"://me:{secret}@") + f"?key={secret}#{secret}")
                assert secret not in f"{caught.value} {caught.value.fix}"
    assert shown(f"https://me:{secret}@blog.example/feed?key={secret}#x") == "https://blog.example/feed"
    assert asked(f"https://me:{secret}@blog.example/feed?key=1#x") == "https://blog.example/feed?key=1"


def test_several_addresses_are_read_at_once_but_not_all_and_answer_in_order(fetcher: Fetcher) -> None:
    lock, present, most = threading.Lock(), 0, 0
    together = threading.Barrier(6)

    def answer(said: Asked) -> Page:
        nonlocal present, most
        with lock:
            present += 1
            most = max(most, present)
        together.wait(10)
        with lock:
            present -= 1
        return Page(200, {}, said.path.encode())

    with Site({f"/{number}": answer for number in range(12)}) as site:
        urls = [f"{site.url}/{number}" for number in range(12)]
        answers = fetcher.get_all([*urls, "ftp://x/"])
    assert [each.body for each in answers if isinstance(each, Answer)] == [b"/%d" % number for number in range(12)]
    assert isinstance(answers[12], FetchError)
    assert most == 6
    assert fetcher.get_all([]) == []


def test_it_serves_a_caller_that_has_an_event_loop_of_its_own(fetcher: Fetcher) -> None:
    async def caller(url: str) -> bytes:
        return fetcher.get(url).body

    with Site({"/": page("words")}) as site:
        assert asyncio.run(caller(f"{site.url}/")) == b"words"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if not openssl:
        skip_or_fail("openssl", "the program to make a certificate is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "certificate.pem", folder / "key.pem"
    subject = ["-subj", "/CN=blog.example", "-addext", "subjectAltName=DNS:blog.example"]
    command = [str(openssl), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject]
    subprocess.run([*command, "-out", str(made[0]), "-keyout", str(made[1])], check=True, capture_output=True)
    return made


def test_a_server_must_prove_its_name_though_its_address_is_asked(
    fetcher: Fetcher, certificate: tuple[Path, Path], names: Names, monkeypatch: pytest.MonkeyPatch, pauses: Pauses
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    names("blog.example", ["127.0.0.1"])
    names("other.example", ["127.0.0.1"])
    with Site({"/": page("words")}, certificate) as site:
        assert fetcher.get(f"https://blog.example:{site.port}/").body == b"words"
        for url in (f"https://other.example:{site.port}/", f"{site.url}/"):
            with pytest.raises(FetchError, match="certificate is not to be trusted"):
                fetcher.get(url)
        assert len(site.asked) == 1
    assert pauses == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    fetcher: Fetcher, certificate: tuple[Path, Path], names: Names
) -> None:
    names("blog.example", ["127.0.0.1"])
    with (
        Site({"/": page("x")}, certificate) as site,
        pytest.raises(FetchError, match="certificate is not to be trusted"),
    ):
        fetcher.get(f"https://blog.example:{site.port}/")


def test_a_server_that_does_not_speak_tls_is_told(fetcher: Fetcher) -> None:
    with (
        HttpServer(Scripted(garbage().act, reads=False)) as server,
        pytest.raises(FetchError, match="does not speak TLS"),
    ):
        fetcher.get(server.url.replace("http:", "https:"))


def test_what_was_encrypted_is_not_read_openly(
    fetcher: Fetcher, certificate: tuple[Path, Path], names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    names("blog.example", ["127.0.0.1"])
    sends_on = Site({"/": moved("http://127.0.0.1/")}, certificate)
    with sends_on as site, pytest.raises(FetchError, match="from https to the open"):
        fetcher.get(f"https://blog.example:{site.port}/")
