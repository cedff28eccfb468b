"""Each check has a mail that fails it; the shipped design fails none."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace

import pytest

import digest.check
from digest.check import check_email
from digest.models import READER_TOKEN, Email, Level
from digest.render import Renderer
from tests.render.issues import COPY, LINKS, TEMPLATES, newsletter, week

GOOD = Renderer(TEMPLATES, COPY).render(newsletter(), 3, week(), LINKS)

Spoil = Callable[[Email], Email]


def html(old: str, new: str) -> Spoil:
    def spoil(email: Email) -> Email:
        assert old in email.html
        return replace(email, html=email.html.replace(old, new))

    return spoil


def body(extra: str) -> Spoil:
    return html("</body>", extra + "</body>")


def text(old: str, new: str) -> Spoil:
    def spoil(email: Email) -> Email:
        assert old in email.text
        return replace(email, text=email.text.replace(old, new))

    return spoil


def header(name: str, value: str | None) -> Spoil:
    def spoil(email: Email) -> Email:
        pairs = tuple((key, value if key == name else old) for key, old in email.headers)
        return replace(email, headers=tuple((key, old) for key, old in pairs if old is not None))

    return spoil


def link(address: str) -> Spoil:
    return body(f'<a href="{address}">ここ</a>')


def image(attributes: str) -> Spoil:
    return body(f'<img style="display:block" {attributes}>')


GOOD_IMAGE = 'alt="" width="100" src="https://blog.example.com/a.png"'
FIRST_URL = week().picks[0].post.url
SECOND_URL = week().picks[1].post.url

SPOILT: list[tuple[str, Level, Spoil]] = [
    ("mail.too-large", Level.ERROR, body("<p>" + "あ" * 33_000 + "</p>")),
    ("mail.large", Level.WARNING, body("<p>" + "あ" * 20_000 + "</p>")),
    ("mail.control-character", Level.ERROR, body("<p>it\u0092s</p>")),
    ("mail.control-character", Level.ERROR, lambda email: replace(email, text=email.text + "\x07")),
    ("mail.control-character", Level.ERROR, lambda email: replace(email, subject="a\r\nBcc: x")),
    (
        "mail.styles-too-large",
        Level.ERROR,
        html("</head>", "<style>" + ".a { color: #fff }\n" * 900 + "</style></head>"),
    ),
    ("mail.nested-at-rule", Level.ERROR, html("</head>", "<style>@media all { @media print { a {} } }</style></head>")),
    (
        "mail.nested-at-rule",
        Level.ERROR,
        html("</head>", "<style>@media all { @supports (x:y) { a {} } }</style></head>"),
    ),
    ("mail.style-unbalanced", Level.ERROR, html("</head>", "<style>@media all { a { color: red }</style></head>")),
    ("mail.style-unbalanced", Level.ERROR, html("</head>", "<style>a { color: red } }</style></head>")),
    ("mail.style-in-body", Level.ERROR, body("<style>a { color: red }</style>")),
    ("mail.inline-important", Level.ERROR, body('<p style="color: #ffffff !important">x</p>')),
    ("mail.inline-variable", Level.ERROR, body('<p style="color: var(--x)">x</p>')),
    ("mail.inline-color", Level.ERROR, body('<p style="color: rgba(0,0,0,.5)">x</p>')),
    ("mail.inline-color", Level.ERROR, body('<p style="color: hsl(1, 2%, 3%)">x</p>')),
    ("mail.line-height", Level.ERROR, body('<p style="font-size: 16px; line-height: 17px">x</p>')),
    ("mail.link-empty", Level.ERROR, link("")),
    ("mail.link-empty", Level.ERROR, link("#")),
    ("mail.link-empty", Level.ERROR, body("<a>x</a>")),
    ("mail.link-relative", Level.ERROR, link("/2026/post/")),
    ("mail.link-relative", Level.ERROR, link("javascript:alert(1)")),
    ("mail.link-relative", Level.ERROR, link("https://[broken")),
    ("mail.link-insecure", Level.ERROR, link("http://example.com/")),
    ("mail.link-local", Level.ERROR, link("https://localhost:8000/")),
    ("mail.link-local", Level.ERROR, link("http://127.0.0.1/")),
    ("mail.link-local", Level.ERROR, link("https://192.168.0.10/")),
    ("mail.no-unsubscribe-header", Level.ERROR, header("List-Unsubscribe", None)),
    ("mail.no-unsubscribe-header", Level.ERROR, header("List-Unsubscribe", f"<http://example.com/{READER_TOKEN}>")),
    ("mail.no-unsubscribe-header", Level.ERROR, header("List-Unsubscribe", "<https://example.com/everyone>")),
    ("mail.no-unsubscribe-one-click", Level.ERROR, header("List-Unsubscribe-Post", None)),
    ("mail.no-unsubscribe-link", Level.ERROR, html(READER_TOKEN, "token")),
    ("mail.no-unsubscribe-text", Level.ERROR, text(READER_TOKEN, "token")),
    ("mail.image-alt", Level.ERROR, image('width="100" src="https://blog.example.com/a.png"')),
    ("mail.image-width", Level.ERROR, image('alt="" src="https://blog.example.com/a.png"')),
    ("mail.image-width", Level.ERROR, image('alt="" width="601" src="https://blog.example.com/a.png"')),
    ("mail.image-width", Level.ERROR, image('alt="" width="100%" src="https://blog.example.com/a.png"')),
    ("mail.image-address", Level.ERROR, image('alt="" width="100" src="/a.png"')),
    ("mail.image-address", Level.ERROR, image('alt="" width="100" src="http://blog.example.com/a.png"')),
    ("mail.image-embedded", Level.ERROR, image('alt="" width="100" src="data:image/png;base64,AAAA"')),
    ("mail.image-format", Level.ERROR, image('alt="" width="100" src="https://blog.example.com/a.webp?x=1"')),
    ("mail.image-format", Level.ERROR, image('alt="" width="100" src="https://blog.example.com/a.SVG"')),
    ("mail.image-gap", Level.WARNING, body(f"<img {GOOD_IMAGE}>")),
    ("mail.no-language", Level.ERROR, html('<html lang="ja"', "<html")),
    ("mail.no-language", Level.ERROR, html(' lang="ja" xml:lang="ja"', "")),
    ("mail.no-language", Level.WARNING, html('ウィークリー" lang="ja"', 'ウィークリー"')),
    ("mail.other-language", Level.ERROR, html('<html lang="ja"', '<html lang="en"')),
    ("mail.no-doctype", Level.ERROR, html("<!DOCTYPE html>\n", "")),
    ("mail.no-charset", Level.ERROR, html('<meta charset="utf-8">', "")),
    ("mail.no-viewport", Level.ERROR, html('name="viewport"', 'name="x"')),
    ("mail.no-reformatting", Level.ERROR, html('name="x-apple-disable-message-reformatting"', 'name="x"')),
    ("mail.no-format-detection", Level.ERROR, html('name="format-detection"', 'name="x"')),
    ("mail.no-color-scheme", Level.ERROR, html('name="color-scheme"', 'name="x"')),
    ("mail.no-supported-color-schemes", Level.ERROR, html('name="supported-color-schemes"', 'name="x"')),
    ("mail.no-title", Level.ERROR, lambda email: replace(email, html=email.html.replace("<title>", "<x-title>"))),
    ("mail.no-outlook-sizes", Level.ERROR, html("PixelsPerInch", "Pixels")),
    ("mail.table-role", Level.ERROR, body("<table><tr><td>x</td></tr></table>")),
    ("mail.no-text", Level.ERROR, lambda email: replace(email, text=" \n")),
    ("mail.text-link-missing", Level.ERROR, text(FIRST_URL, "")),
    ("mail.text-order", Level.WARNING, lambda email: replace(email, text=SECOND_URL + "\n" + email.text)),
    ("mail.text-link-glued", Level.WARNING, text(FIRST_URL, f"詳しくは{FIRST_URL}へ")),
    ("mail.unrendered", Level.ERROR, body("<p>{{ lead.title }}</p>")),
    ("mail.unrendered", Level.ERROR, lambda email: replace(email, subject="{% if x %}")),
    ("mail.unrendered", Level.ERROR, lambda email: replace(email, text=email.text + "{{ x }}")),
    ("mail.unrendered", Level.ERROR, link("https://example.com/%7B%7B%20url%20%7D%7D")),
    ("mail.token-outside-address", Level.ERROR, body(f"<p>{READER_TOKEN}</p>")),
    ("mail.token-outside-address", Level.ERROR, lambda email: replace(email, subject=READER_TOKEN)),
    ("mail.no-subject", Level.ERROR, lambda email: replace(email, subject=" ")),
    ("mail.subject-long", Level.WARNING, lambda email: replace(email, subject="長" * 41)),
    ("mail.no-preheader", Level.ERROR, lambda email: replace(email, preheader="")),
]


def test_the_shipped_design_has_no_findings() -> None:
    assert check_email(GOOD) == ()


@pytest.mark.parametrize(("code", "level", "spoil"), SPOILT, ids=[f"{code}-{n}" for n, (code, *_) in enumerate(SPOILT)])
def test_what_spoils_a_mail_is_found(code: str, level: Level, spoil: Spoil) -> None:
    found = [finding for finding in check_email(spoil(GOOD)) if finding.code == code]
    assert [finding.level for finding in found] == [level]
    assert found[0].message[0].isupper()
    assert found[0].fix


def test_every_check_has_a_mail_that_fails_it() -> None:
    def codes(module: str, email: Email) -> set[str]:
        return {finding.code for finding in importlib.import_module(f"digest.check.{module}").check(email)}

    modules = [module.name for module in pkgutil.iter_modules(digest.check.__path__)]
    for module in modules:
        assert any(code in codes(module, spoil(GOOD)) for code, _, spoil in SPOILT), module


@pytest.mark.parametrize("address", ["mailto:help@example.com", "tel:0312345678", "https://example.com/#part"])
def test_links_that_readers_can_follow_are_fine(address: str) -> None:
    spoilt = replace(link(address)(GOOD), text=GOOD.text + f"\n{address}\n")
    assert check_email(spoilt) == ()


def test_an_address_may_hold_the_token_and_a_kept_style_may_be_important() -> None:
    assert READER_TOKEN in GOOD.html
    assert " !important" in GOOD.html
    assert check_email(GOOD) == ()


def test_a_mail_without_any_html_is_no_crash() -> None:
    found = check_email(replace(GOOD, html=""))
    assert {finding.code for finding in found} >= {"mail.no-doctype", "mail.no-language", "mail.no-unsubscribe-link"}


def test_errors_come_first() -> None:
    spoilt = replace(GOOD, subject="長" * 41, preheader="")
    assert [finding.level for finding in check_email(spoilt)] == [Level.ERROR, Level.WARNING]
