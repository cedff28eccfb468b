"""What holds for every address of the server: policies, methods, sizes, no trust in what a request says of itself."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from digest.web.bounds import Bounds, network_of
from digest.web.guard import LARGEST_FORM
from digest.web.pages import words_for
from tests.conftest import ROOT
from tests.web.conftest import Visitor

FORMS = ["/subscribe/weekly", "/p/nobody"]


def paths(visitor: Visitor) -> Iterator[str]:
    token = visitor.put()
    yield from ("/subscribe/weekly", "/archive/weekly", "/healthz", "/nowhere", "/issues/weekly/2026-W04")
    yield from (f"/{page}/{token}" for page in ("u", "p", "confirm"))
    yield from ("/u/-", "/p/-", "/archive/weekly/feed.xml")


def test_every_answer_keeps_scripts_frames_and_referrers_out(visitor: Visitor) -> None:
    for path in paths(visitor):
        for method in ("GET", "POST", "HEAD"):
            headers = visitor.client.ask(method, path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"


def test_a_personal_page_is_stored_nowhere(visitor: Visitor) -> None:
    token = visitor.put()
    for page in ("u", "p", "confirm"):
        assert visitor.client.get(f"/{page}/{token}").headers["cache-control"] == "no-store"
    assert visitor.client.get("/subscribe/weekly").headers["cache-control"] == "no-store"


def test_the_only_style_that_is_allowed_is_the_one_of_the_page(visitor: Visitor) -> None:
    answer = visitor.client.get("/subscribe/weekly")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "style=" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_get_head_and_post_are_answered(visitor: Visitor, method: str) -> None:
    for path in paths(visitor):
        assert visitor.client.ask(method, path).status_code in {404, 405}


def test_what_is_no_address_is_not_found(visitor: Visitor) -> None:
    for path in (
        "/",
        "/u",
        "/u/",
        "/p/",
        "/u/a/b",
        "/subscribe",
        "/issues/weekly",
        "/issues/weekly/%00",
        "/etc/passwd",
    ):
        assert visitor.client.get(path).status_code == 404


def test_the_host_of_a_request_is_in_no_answer(visitor: Visitor) -> None:
    for path in (*paths(visitor), "/subscribe/weekly/", "/archive/weekly/"):
        for method in ("GET", "POST"):
            answer = visitor.client.ask(
                method, path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
            )
            assert "evil.example" not in answer.text + str(answer.headers)
    visitor.client.post(
        "/subscribe/weekly", data={"address": "a@example.com", "consent": "y"}, headers={"Host": "evil.example"}
    )
    assert "evil.example" not in visitor.mails()[0].as_string()


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_is_too_large_is_not_read_to_its_end(visitor: Visitor, path: str) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 4096
            yield b"a" * 4096

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.client.post(path, content=endless(), headers=kind).status_code == 413
    assert read <= 2 * LARGEST_FORM
    fitting = b"name=" + b"a" * (LARGEST_FORM - 5)
    assert visitor.client.post(path, content=fitting, headers=kind).status_code in {200, 400}


@pytest.mark.parametrize("path", FORMS)
def test_what_is_no_plain_form_is_refused(visitor: Visitor, path: str) -> None:
    assert visitor.client.post(path, json={"address": "a@example.com"}).status_code == 415
    assert visitor.client.post(path, files={"address": b"a@example.com"}).status_code == 415
    assert visitor.client.post(path, data={f"f{number}": "" for number in range(300)}).status_code == 400


def test_bytes_that_are_no_text_do_no_harm(visitor: Visitor) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (
        b"\xff\xfe=%ff%00&address=%ff%fe@example.com&consent=y",
        b"&&&===",
        b"%",
        b"address=%ED%A0%80@example.com",
    ):
        assert visitor.client.post("/subscribe/weekly", content=body, headers=kind).status_code == 400
    assert visitor.mails() == []


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_of_an_address_only_the_network_is_kept(host: str | None, network: str) -> None:
    assert network_of(host) == network


def test_all_networks_together_have_a_bound(visitor: Visitor) -> None:
    bounds, now = Bounds(), visitor.now
    assert sum(bounds.allow(f"{number}", now) for number in range(300)) == 100
    assert not bounds.allow("another", now + timedelta(seconds=5))
    assert bounds.allow("one more", now + timedelta(seconds=6))


def test_a_network_that_has_nothing_left_takes_nothing_from_the_others(visitor: Visitor) -> None:
    bounds = Bounds()
    assert sum(bounds.allow("loud", visitor.now) for _ in range(1000)) == 10
    assert sum(bounds.allow(f"{number}", visitor.now) for number in range(300)) == 90


def test_a_clock_that_goes_back_gives_nothing_away(visitor: Visitor) -> None:
    bounds = Bounds()
    for _ in range(10):
        bounds.allow("a", visitor.now)
    assert not bounds.allow("a", visitor.now - timedelta(days=1))
    assert not bounds.allow("a", visitor.now)


def test_the_pages_have_the_same_words_in_both_languages() -> None:
    japanese, english = words_for("ja"), words_for("en")
    assert japanese.keys() == english.keys()
    for name, text in japanese.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[name])), name


def test_no_page_loads_anything() -> None:
    for file in (ROOT / "digest/web").glob("page.*"):
        assert "url(" not in file.read_text(encoding="utf-8")
        assert "src=" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("ink", "paper", 4.5),
        ("ink", "back", 4.5),
        ("ink", "good", 4.5),
        ("soft", "paper", 4.5),
        ("main", "paper", 4.5),
        ("on-main", "main", 4.5),
        ("bad-ink", "bad", 4.5),
        ("edge", "paper", 3),
        ("edge", "back", 3),
    ],
)
def test_the_colors_are_far_enough_apart_in_the_light_and_in_the_dark(ink: str, paper: str, least: float) -> None:
    style = (ROOT / "digest/web/page.css").read_text(encoding="utf-8")
    light, dark = style.split("prefers-color-scheme: dark", 1)
    for scheme in (light, dark):
        colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", scheme))
        assert contrast(colors[ink], colors[paper]) >= least


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * each for each in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
