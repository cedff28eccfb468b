"""Links are asked for once each, within bounds, and what comes back is told in words."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from digest.check import reachable
from digest.check.reachable import Answer, check_links
from digest.models import READER_TOKEN, Email, Finding, Level
from tests.check.mails import GOOD


class Web:
    """A web of pages: address -> what it answers, by method."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def __call__(self, method: str, address: str, seconds: float) -> Answer:
        assert seconds == reachable.SECONDS_EACH
        self.asked.append((method, address))
        return self.answers.get(method, Answer(404))


def mail(*addresses: str) -> Email:
    links = "".join(f'<a href="{address}">読む</a>' for address in addresses)
    return replace(GOOD, html=f"<html><body>{links}</body></html>")


def told(answer: Answer) -> list[tuple[Level, str]]:
    return [(each.level, each.code) for each in check_links(mail("https://a.example/x"), Web(HEAD=answer, GET=answer))]


@pytest.mark.parametrize(
    ("answer", "findings"),
    [
        (Answer(200), []),
        (Answer(204), []),
        (Answer(404), [(Level.ERROR, "mail.link-dead")]),
        (Answer(410), [(Level.ERROR, "mail.link-dead")]),
        (Answer(500), [(Level.WARNING, "mail.link-failing")]),
        (Answer(503), [(Level.WARNING, "mail.link-failing")]),
        (Answer(400), [(Level.WARNING, "mail.link-failing")]),
        (Answer(403), [(Level.INFO, "mail.link-guarded")]),
        (Answer(429), [(Level.INFO, "mail.link-guarded")]),
        (Answer(reason="did not answer within 5 s"), [(Level.WARNING, "mail.link-unanswered")]),
        (Answer(private=True), [(Level.ERROR, "mail.link-private")]),
        (Answer(200, "https://b.example/x"), [(Level.INFO, "mail.link-moved")]),
        (Answer(200, "https://a.example/y"), []),
        (Answer(200, "https://www.a.example/x"), []),
        (Answer(404, "https://b.example/x"), [(Level.ERROR, "mail.link-dead")]),
    ],
)
def test_each_answer_has_its_finding(answer: Answer, findings: list[tuple[Level, str]]) -> None:
    assert told(answer) == findings


def test_a_reason_becomes_part_of_the_sentence() -> None:
    web = Web(HEAD=Answer(reason="did not answer within 5 s"))
    (finding,) = check_links(mail("https://a.example/x"), web)
    assert finding.message == "The link “読む” did not answer within 5 s: https://a.example/x"


def test_head_comes_first_and_get_only_where_head_is_refused() -> None:
    polite, old = Web(HEAD=Answer(200)), Web(HEAD=Answer(405), GET=Answer(200))
    assert check_links(mail("https://a.example/"), polite) == check_links(mail("https://a.example/"), old) == ()
    assert [method for method, _ in polite.asked] == ["HEAD"]
    assert [method for method, _ in old.asked] == ["HEAD", "GET"]


def test_one_page_is_asked_for_once_and_without_its_fragment() -> None:
    web = Web(HEAD=Answer(200))
    check_links(mail("https://a.example/#one", "https://a.example/#two", "https://a.example/"), web)
    assert web.asked == [("HEAD", "https://a.example/")]


@pytest.mark.parametrize(
    "address",
    [
        f"https://news.example.com/u/{READER_TOKEN}",
        "mailto:help@example.com",
        "/relative",
        "https://localhost/",
        "http://127.0.0.1:8000/",
        "https://192.168.1.1/",
        "http://[::1]/",
        "https://[broken",
        "",
    ],
)
def test_readers_own_and_private_addresses_are_never_asked_for(address: str) -> None:
    web = Web(HEAD=Answer(200))
    assert check_links(mail(address), web) == ()
    assert web.asked == []


def test_no_more_than_a_hundred_are_asked_for_and_eight_at_once() -> None:
    under_way, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(reachable.AT_ONCE)

    def ask(method: str, address: str, seconds: float) -> Answer:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        if int(address.rsplit("/", 1)[1]) < reachable.AT_ONCE:
            together.wait(timeout=30)  # all eight are under way
        with lock:
            under_way -= 1
        return Answer(200)

    found = check_links(mail(*(f"https://a.example/{number}" for number in range(130))), ask)
    assert [(each.level, each.code) for each in found] == [(Level.INFO, "mail.links-not-tried")]
    assert found[0].message.startswith("30 more links")
    assert most == reachable.AT_ONCE


def test_what_takes_too_long_altogether_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "SECONDS_IN_ALL", 0.2)
    end = threading.Event()

    def ask(method: str, address: str, seconds: float) -> Answer:
        if "slow" in address:
            end.wait(timeout=30)
        return Answer(404)

    found: tuple[Finding, ...] = ()
    try:
        found = check_links(mail("https://a.example/gone", *(f"https://slow.example/{n}" for n in range(12))), ask)
    finally:
        end.set()
    assert [each.code for each in found] == ["mail.link-dead", "mail.links-given-up"]
    assert "12 links" in found[1].message


def test_findings_stand_in_the_order_of_the_links() -> None:
    addresses = [f"https://a.example/{number}" for number in range(20)]
    found = check_links(mail(*addresses), Web(HEAD=Answer(404)))
    assert [each.message.rsplit(" ", 1)[1] for each in found] == addresses
