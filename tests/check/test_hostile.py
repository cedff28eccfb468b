"""No mail, however made, keeps the checks busy for long; and a usual one takes no time that anybody notices."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from digest.check import READ_AT_MOST, Demands, check_email
from digest.models import READER_TOKEN
from tests.check.mails import FIRST, GOOD, Change, body, head, link, sheet, styled, text
from tests.check.test_checks import OWN

_NOTHING = Demands()
LONG = 400_000
SECONDS = 15.0
"""On a busy machine; each takes a fraction of it."""

HOSTILE = {
    "nested deeply": body("<div>" * 60_000),
    "nested deeply, closed": body("<b>" * 200 + "x" + "</b>" * 200),
    "a long attribute": body(f'<p class="{"a " * (LONG // 2)}" style="{"x" * 1000}">x</p>'),
    "a long style": styled("a" * LONG),
    "a style of many declarations": styled("color:#fff;" * (LONG // 11)),
    "a style of brackets": styled("(" * LONG),
    "a style of quotes": styled("'" * (LONG - 1)),
    "a style of digits": styled("font-size:" + "9" * LONG + "px"),
    "a long address": link("https://example.com/" + "a" * LONG),
    "an address of dots": link("https://example.com/", "a." * (LONG // 2)),
    "a long text": body("<p>" + "あ" * LONG + "</p>"),
    "a text of addresses": text(FIRST, "http://" * (LONG // 7)),
    "a text of tokens": body("<p>" + READER_TOKEN * (LONG // 16) + "</p>"),
    "many links": body(f'<a href="{FIRST}">x</a>' * 8_000),
    "many tags": body("<i>x</i>" * 40_000),
    "many images": body('<img src="x" alt="image">' * 12_000),
    "many tables": body('<table style="width:9px"><tr><td>x</td></tr></table>' * 6_000),
    "a sheet of braces": sheet("{" * LONG),
    "a sheet of rules": sheet(".text .text .text { color: #fff !important } " * 1_300),
    "a sheet of selectors": sheet(",".join(f".a{n} .text" for n in range(4_000)) + " { color: #fff }"),
    "a sheet of comments": sheet("/*" * (LONG // 2)),
    "a sheet of quotes": sheet('"\n' * (LONG // 2)),
    "many sheets": head("<style>p { color: #fff }</style>" * 5_000),
    "comments for Outlook": body("<!--[if mso]>" * 30_000),
    "tables for Outlook": body("<!--[if mso]>" + "<table " * 50_000 + "<![endif]-->"),
    "braces": body("<p>" + "{{" * (LONG // 2) + "</p>"),
    "blanks": text(FIRST, " " * LONG),
    "one long word": text(FIRST, "x" * LONG),
    "joined emoji": body("<p>" + "👨‍👩‍👧" * (LONG // 8) + "</p>"),
    "combining marks": text(FIRST, "か" + "\u3099" * LONG),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_no_mail_takes_long(change: Change) -> None:
    email = change(GOOD)
    assert len(email.html) <= READ_AT_MOST
    started = time.process_time()
    for check in OWN.values():
        list(check(email, _NOTHING))
    assert time.process_time() - started < SECONDS


def test_a_giant_is_weighed_and_nothing_else() -> None:
    started = time.process_time()
    found = check_email(styled("x" * 1_000_000)(GOOD))
    assert [each.code for each in found] == ["mail.too-large"]
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("subject", ["長" * 200_000, "\ud800", "\x00", "\u200b" * 100, "ア" * 5_000])
def test_any_subject_can_be_checked(subject: str) -> None:
    assert check_email(replace(GOOD, subject=subject, preheader=subject))
