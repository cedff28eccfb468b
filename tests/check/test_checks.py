"""Each check has a mail that fails it; a mail that lacks nothing and the shipped designs fail none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.check import Check, Demands, _checks, check_email
from digest.models import Email, Finding, Level
from tests.check.cases import SPOILT
from tests.check.mails import (
    FIRST,
    GOOD,
    PUBLISHER,
    WAY_OUT,
    Change,
    body,
    described,
    fields,
    html,
    in_english,
    link,
    styled,
    text,
)

OWN = {name: check for name, check in _checks().items() if name != "clients"}
"""The data about mail clients have tests of their own."""


def found_in(email: Email, demands: Demands = PUBLISHER) -> list[Finding]:
    return [finding for check in OWN.values() for finding in check(email, demands)]


def test_a_mail_that_lacks_nothing_has_no_findings() -> None:
    assert found_in(GOOD) == []
    assert found_in(in_english(GOOD)) == []


WITHOUT_A_PLACE = {"mail.no-unsubscribe-header", "mail.no-unsubscribe-one-click"}
"""What the settings decide, and no template writes."""


@pytest.mark.parametrize(("code", "level", "spoil"), SPOILT, ids=[f"{code}-{n}" for n, (code, *_) in enumerate(SPOILT)])
def test_what_spoils_a_mail_is_found(code: str, level: Level, spoil: Change) -> None:
    found = [finding for finding in found_in(spoil(GOOD)) if finding.code == code]
    assert [finding.level for finding in found] == [level]
    assert found[0].message[0].isupper() or found[0].message[0] in "“123456789"
    assert found[0].fix
    assert found[0].spot or code in WITHOUT_A_PLACE


@pytest.mark.parametrize("check", OWN.values(), ids=OWN)
def test_every_check_has_a_mail_that_fails_it(check: Check) -> None:
    assert any(code in {each.code for each in check(spoil(GOOD), PUBLISHER)} for code, _, spoil in SPOILT)


def test_every_finding_has_a_mail_that_brings_it_and_a_code_of_its_own() -> None:
    known = {code for code, _, _ in SPOILT} | {"mail.subject-cut"}
    seen = {finding.code for _, _, spoil in SPOILT for finding in found_in(spoil(GOOD))}
    assert seen <= known


FINE: list[tuple[str, Change]] = [
    ("a mail address", link("mailto:help@example.com")),
    ("a phone number", link("tel:0312345678")),
    ("an address with a fragment", lambda email: text(FIRST, FIRST + "#part")(html(FIRST, FIRST + "#part")(email))),
    (
        "an address shown as it is",
        lambda email: text("一つめの記事を読む", "blog.example.com/one/")(
            html("一つめの記事を読む", "blog.example.com/one/")(email)
        ),
    ),
    (
        "a picture that only repeats a link",
        body(
            f'<a href="{FIRST}" aria-hidden="true" tabindex="-1"><img alt="" width="100" '
            f'src="https://blog.example.com/a.png" style="display:block"></a><a class="text" href="{FIRST}" '
            'style="color:#333333">読む</a>'
        ),
    ),
    (
        "a picture that repeats the link before it",
        body(
            f'<a class="text" href="{FIRST}" style="color:#333333">読む</a><a href="{FIRST}" aria-hidden="true">'
            '<img alt="" width="100" src="https://blog.example.com/a.png" style="display:block"></a>'
        ),
    ),
    ("an address that follows its word at once", text(WAY_OUT, f"→{WAY_OUT}")),
    (
        "the same link again after words",
        body(
            f'<p class="text"><a class="text" style="color:#333333" href="{FIRST}">一</a>と'
            f'<a class="text" style="color:#333333" href="{FIRST}">一</a></p>'
        ),
    ),
    ("a description that says something", described("会議室で話す三人")),
    ("a word like “image” in a description", described("Image processing on a phone")),
    ("a share of 100 % in the words", body('<p class="text">100%です、20%sale、%d0</p>')),
    ("signs as in templates for programmers", body('<p class="text">$PATH と 100% と [[wiki]]</p>')),
    ("a margin of nothing in a cell", html('<td class="text" style="', '<td class="text" style="margin: 0; ')),
    (
        "a large text of less contrast",
        body('<p class="text" style="font-size:24px; line-height:36px; color:#888888">大きな字</p>'),
    ),
    ("hidden words in any colour", styled("display:none; color:#fefefe")),
    ("an arrow that is decoration", styled("color:#bbbbbb", "→")),
    ("a number with a full-width tilde", fields(subject="1～2月の見出し（－）")),
    ("a subject with an emoji", fields(subject="🎉見出し")),
    ("a named colour", styled("color: black; background-color: white")),
    ("a comment in a style block", html("<style>\n@media (max", "<style>\n/* it's { odd; */\n@media (max")),
    ("a table of data", body("<table><tr><th>年</th></tr><tr><td>数</td></tr></table>")),
    (
        "a button that Outlook is told about",
        body(
            '<table role="presentation"><tr><td style="mso-padding-alt:8px"><a class="text" '
            'href="https://a.example/" style="display:block; padding:8px; color:#333333">押す</a></td></tr></table>'
        ),
    ),
    (
        "a long address in the text part",
        lambda email: text(FIRST, FIRST + "x" * 200)(html(FIRST, FIRST + "x" * 200)(email)),
    ),
]


@pytest.mark.parametrize("change", [change for _, change in FINE], ids=[name for name, _ in FINE])
def test_what_is_fine_is_left_alone(change: Change) -> None:
    allowed = {"mail.text-link-missing", "mail.text-unlike"}  # the changes add words and links to one part alone
    assert [finding for finding in found_in(change(GOOD)) if finding.code not in allowed] == []


def test_without_a_publisher_nobody_is_looked_for() -> None:
    assert found_in(html("株式会社サンプル", "")(GOOD), Demands()) == []


def test_the_law_is_met_in_other_ways_of_writing() -> None:
    written = replace(PUBLISHER, publisher_address="東京都千代田区 丸の内１－１－１")
    assert found_in(html("1-1-1", "1－1－1")(GOOD), written) == []


def test_a_mail_without_any_html_is_no_crash() -> None:
    found = check_email(replace(GOOD, html=""))
    assert {finding.code for finding in found} >= {"mail.no-doctype", "mail.no-language", "mail.no-unsubscribe-link"}


def test_errors_come_first() -> None:
    spoilt = replace(GOOD, subject="①" + "長" * 41, preheader="")
    levels = [each.level for each in check_email(spoilt)]
    assert set(levels) == set(Level)
    assert levels == sorted(levels, key=list(Level).index)
