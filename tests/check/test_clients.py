"""The mail programs that were asked for know what a mail is made of; or people are told, and how old the news is."""

from __future__ import annotations

import importlib
import json
import re
import time
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import digest.check.clients
from digest.check.clients import DEFAULT_CLIENTS, check, expanded, known_clients, mistake_in, origin
from digest.check.clients.judgement import accepted, fix
from digest.check.clients.knowledge import knowledge
from digest.check.clients.names import spoken
from digest.check.clients.uses import uses
from digest.check.demands import Demands
from digest.models import Email, Finding, Level
from digest.render import Renderer
from tests.render.issues import COPY, LINKS, TEMPLATES, awkward, full_week, issue_of, newsletter, week

HERE = Path(digest.check.clients.__file__).parent
PUBLISHED: dict[str, Any] = json.loads((HERE / "caniemail.json").read_text("utf-8"))
OWN: dict[str, Any] = tomllib.loads((HERE / "overrides.toml").read_text("utf-8"))
ACCEPTED: dict[str, Any] = tomllib.loads((HERE / "accepted.toml").read_text("utf-8"))
GOOD = Renderer(TEMPLATES, COPY).render(newsletter(), 3, week(), LINKS)
WORD = "outlook.windows"


def mail(body: str = "", style: str = "") -> Email:
    block = f"<style>{style}</style>" if style else ""
    return replace(GOOD, html=f"<!DOCTYPE html><html><head>{block}</head><body>{body}</body></html>")


def findings(body: str = "", *clients: str, style: str = "") -> list[Finding]:
    return list(check(mail(body, style), Demands(clients=clients)))


def used(html: str) -> set[str]:
    return {use.feature for use in uses(etree.fromstring(html, etree.HTMLParser()))}


# ---- levels and words


def test_an_unknown_style_in_a_tag_is_a_warning_that_says_where_what_and_how_old() -> None:
    (found,) = findings('<p style="max-height: 40px">x</p>', "outlook")
    assert (found.level, found.code) == (Level.WARNING, "mail.client-lacks")
    assert "max-height: 40px" in found.message
    assert "in Outlook (Windows, Windows Mail) it has no effect (tested 2021-11)" in found.message
    assert "caniemail.com/features/css-max-height/" in found.fix


def test_a_style_that_all_asked_clients_know_is_no_finding() -> None:
    assert findings('<p style="max-height: 40px">x</p>', "apple-mail", "gmail") == []


def test_the_same_style_in_the_head_only_is_a_remark() -> None:
    (found,) = findings("<p>x</p>", WORD, style="p { max-height: 40px }")
    assert (found.level, found.code) == (Level.INFO, "mail.client-ignores")
    assert "the mail looks as its tags say" in found.message


def test_a_style_that_works_in_part_is_a_remark_with_the_note() -> None:
    (found,) = findings('<p style="padding: 8px">x</p>', WORD)
    assert (found.level, found.code) == (Level.INFO, "mail.client-partly")
    assert "only supported on table cells (tested 2019-07)" in found.message
    assert "table cell" in found.fix
    assert "`" not in found.message


def test_many_uses_are_one_finding_and_two_features_are_two() -> None:
    body = '<p style="max-height: 40px">x</p>' * 3 + '<p style="min-height: 4px">x</p>'
    assert len(findings(body, WORD)) == 2


def test_in_a_tag_weighs_more_than_in_the_head_and_one_client_more_than_another() -> None:
    (found,) = findings('<p style="cursor: help; opacity: 0.5">x</p>', style="p { opacity: 0.4 }")
    assert found.level is Level.WARNING
    (found,) = findings("<details>x</details>", WORD, "gmail.ios")
    assert found.level is Level.WARNING
    assert "in Gmail (iOS) it works in part" in found.message
    assert "in Outlook (Windows) it has no effect" in found.message


def test_unknown_support_is_no_finding() -> None:
    assert knowledge().verdict("css-opacity", "yahoo-japan.webmail").support == "u"
    assert findings('<p style="opacity: 0.5">x</p>', "yahoo-japan") == []


@pytest.mark.parametrize(
    ("feature", "body", "client", "without"),
    [
        ("css-opacity", '<p style="opacity: .5">x</p>', WORD, '<p style="color: #333333">x</p>'),
        ("css-float", '<div style="float: left">x</div>', WORD, '<div align="left">x</div>'),
        ("css-box-sizing", '<p style="box-sizing: border-box">x</p>', WORD, '<p style="margin: 0">x</p>'),
        ("css-transform", '<p style="transform: rotate(1deg)">x</p>', "gmail", "<p>x</p>"),
        ("css-modern-color", '<td style="color: oklch(50% 0.1 20)">x</td>', WORD, '<td style="color: #123456">'),
        ("css-linear-gradient", '<td style="background-image: linear-gradient(red, blue)">x</td>', WORD, "<td>x</td>"),
        ("css-text-shadow", '<p style="filter: blur(2px)">x</p>', "gmail", '<p style="text-shadow: 0 0 1px #fff">'),
        ("html-picture", "<picture><img src='a.png'></picture>", "gmail", "<img src='a.png'>"),
        ("html-srcset", '<img src="a.png" srcset="b.png 2x">', "outlook", '<img src="a.png">'),
        ("html-semantics", "<main>x</main>", WORD, "<div>x</div>"),
        ("html-select", "<select><option>x</option></select>", WORD, "<p>x</p>"),
        ("html-hidden", "<p hidden>x</p>", "gmail", "<p>x</p>"),
        ("image-tiff", '<img src="https://example.com/a.TIFF?x=1">', WORD, '<img src="https://example.com/a.jpg">'),
        ("image-heif", '<img src="https://example.com/a.heic">', WORD, '<img src="https://example.com/a.png">'),
        ("html-anchor-links", '<a href="#part">x</a>', "gmail.ios", '<a href="#">x</a>'),
    ],
)
def test_what_is_lacking_is_found_and_its_stand_in_is_fine(feature: str, body: str, client: str, without: str) -> None:
    found = findings(body, client)
    assert [each.level for each in found] == [Level.WARNING], feature
    assert found[0].message[0].isupper()
    assert found[0].fix
    assert findings(without, client) == []


@pytest.mark.parametrize(
    ("style", "client", "without"),
    [
        ("a:has(b) { color: #fff }", "gmail", "a b { color: #fff }"),
        ("td > a { color: #fff }", WORD, "td a { color: #fff }"),
        ("p::before { color: #fff }", "gmail", "p { color: #fff }"),
        ("@supports (color: red) { p { color: #fff } }", "gmail", "@media screen { p { color: #fff } }"),
        ("@keyframes x { from { top: 0 } }", "gmail", "p { color: #fff }"),
        ("p { accent-color: red }", "outlook.ios", "p { color: red }"),
        ("p { display: flex }", WORD, "p { display: block }"),
        ("p { animation: x 1s }", "gmail", "p { color: red }"),
    ],
)
def test_what_is_lacking_in_the_head_is_a_remark(style: str, client: str, without: str) -> None:
    assert {each.level for each in findings("", client, style=style)} == {Level.INFO}
    assert findings("", client, style=without) == []


# ---- whom a use reaches


def test_comments_for_outlook_and_what_is_kept_from_it_are_not_held_against_it() -> None:
    tall = '<p style="max-height: 40px">x</p>'
    assert findings(f"<!--[if mso]>{tall}<![endif]-->", WORD) == []
    assert findings(f"<!--[if !mso]><!-->{tall}<!--<![endif]-->", WORD) == []
    assert findings(f"<!--[if !mso]><!--><p>y</p><!--<![endif]-->{tall}", WORD) != []
    blurred = '<p style="filter: blur(2px)">x</p>'
    assert findings(f"<!--[if !mso]><!-->{blurred}<!--<![endif]-->", "gmail") != []


def test_a_client_without_the_query_is_not_asked_about_what_stands_in_it() -> None:
    style = "@media (prefers-color-scheme: dark) { p { accent-color: red } }"
    assert findings("", "gmail", style=style) == []
    assert len(findings("", "outlook.ios", style=style)) == 1


def test_a_client_without_style_blocks_is_not_asked_about_what_stands_in_them() -> None:
    assert findings("", "gmail.ios", style="p { accent-color: red }") != []
    assert findings("", "gmail.other-accounts", style="p { accent-color: red }") == []
    assert findings('<p style="accent-color: red">x</p>', "gmail.other-accounts") != []


def test_a_selector_for_one_client_asks_nothing_of_the_others() -> None:
    assert findings("", style="[data-ogsc] .text { color: #fff } u + #body a { color: #fff }") == []
    assert findings("", style="[data-other] .text { color: #fff } p + a { color: #fff }") != []


def test_who_sees_the_text_part_alone_is_asked_nothing_else() -> None:
    assert findings('<p style="max-height: 40px; position: absolute">x</p><video></video>', "uq-mobile") == []


def test_a_plainer_style_before_it_makes_a_lack_a_remark() -> None:
    (bare,) = findings('<p style="color: oklch(50% 0.1 20)">x</p>', WORD)
    (backed,) = findings('<p style="color: #123456; color: oklch(50% 0.1 20)">x</p>', WORD)
    assert (bare.level, backed.level) == (Level.WARNING, Level.INFO)
    assert "the plainer style before it is used" in backed.message


def test_a_gradient_over_a_colour_is_fine() -> None:
    gradient = "background-image: linear-gradient(red, blue)"
    assert findings(f'<td style="background-color: #ffffff; {gradient}">x</td>') == []
    assert findings(f'<td bgcolor="#ffffff" style="{gradient}">x</td>') == []
    assert findings(f'<td style="{gradient}">x</td>') != []


@pytest.mark.parametrize(
    ("harmless", "harmful"),
    [
        ('<td style="padding: 8px">x</td>', '<div style="padding: 8px">x</div>'),
        ('<p style="padding: 0">x</p>', '<p style="padding: 0 4px">x</p>'),
        ('<table style="max-width: 600px"></table>', '<div style="max-width: 600px">x</div>'),
        ('<img width="20" style="width: 20px">', '<img style="width: 20px">'),
        ('<td style="height: 40px">x</td>', '<div style="height: 40px">x</div>'),
        ('<p style="margin: 8px 0">x</p>', '<p style="margin: 0 auto">x</p>'),
        ('<p style="margin: 8px">x</p>', '<p style="margin: 8px; background-color: #fff">x</p>'),
        ('<td style="border: 2px solid">x</td>', '<td style="border: 9px solid">x</td>'),
        ('<td style="border: 2px solid">x</td>', '<p style="border: 2px solid">x</p>'),
        ('<p style="font-weight: bold">x</p>', '<p style="font-weight: 500">x</p>'),
        ('<p style="letter-spacing: 1px">x</p>', '<p style="letter-spacing: 0.1em">x</p>'),
        ('<p style="text-transform: uppercase">x</p>', '<p style="text-transform: lowercase">x</p>'),
        (
            '<div style="display: none; mso-hide: all; overflow: hidden; max-height: 0">x</div>',
            '<p style="overflow: hidden">',
        ),
        ('<td style="background: #fff">x</td>', '<td style="background: url(https://example.com/a.png)">x</td>'),
        ('<a style="text-decoration: none">x</a>', '<a style="text-decoration: underline overline">x</a>'),
    ],
)
def test_a_note_about_part_of_a_feature_counts_only_where_it_applies(harmless: str, harmful: str) -> None:
    assert findings(harmless, WORD) == []
    assert findings(harmful, WORD) != []


# ---- the shipped design


@pytest.mark.parametrize("clients", [DEFAULT_CLIENTS, ("gmail", "outlook", "apple-mail", "yahoo", "yahoo-japan")])
def test_the_shipped_design_has_no_warning(clients: tuple[str, ...]) -> None:
    for selection in (week(), full_week(), awkward()):
        email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, selection, LINKS)
        found = list(check(email, Demands(clients=clients)))
        assert [each for each in found if each.level is not Level.INFO] == []
        assert all(each.code == "mail.client-partly" for each in found)
        assert all("Do without it" not in each.fix for each in found), "a person can mend what is left"


def test_nothing_told_means_the_usual_clients() -> None:
    body = '<p style="opacity: 0.5">x</p><main>y</main>'
    assert findings(body) == findings(body, *DEFAULT_CLIENTS) != []
    assert set(DEFAULT_CLIENTS) <= set(known_clients())


def test_a_large_mail_is_checked_in_a_moment() -> None:
    email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(60), LINKS)
    assert len(email.html.encode()) > 60_000
    times = []
    for _ in range(7):
        begun = time.process_time()
        list(check(email, Demands()))
        times.append(time.process_time() - begun)
    assert min(times) < 0.05, "five times what it takes"


@pytest.mark.parametrize(
    "body",
    [
        f'<p style="font-size:{"9" * 60_000}">x</p>',
        f'<p style="{"(" * 60_000}">x</p>',
        "<!--[if !mso]>" * 20_000,
        '<p style="opacity: .5">x</p>' * 15_000,
        "".join(f'<p style="width: {number}px">x</p>' for number in range(9_000)),
        f"<style>{'a:not(' * 9_000}</style>",
        f"<style>{','.join(f'.a{number} > b' for number in range(5_000))} {{ opacity: .5 }}</style>",
    ],
    ids=["digits", "brackets", "comments", "the same", "not the same", "selector", "selectors"],
)
def test_no_mail_takes_long(body: str) -> None:
    begun = time.process_time()
    assert all(len(each.message) < 1_000 for each in findings(body))
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "html", ["", "<", "<style>@media {", "<p style=';;:;x'>", "<a href='http://[x'><img src='//['>"]
)
def test_broken_mail_is_no_crash(html: str) -> None:
    assert isinstance(list(check(replace(GOOD, html=html), Demands())), list)


# ---- names of clients


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("gmial", "gmail"),
        ("outlok.windows", "outlook.windows"),
        ("outlook.window", "outlook.windows"),
        ("gmail.web", "gmail.desktop-webmail"),
        ("Outlook.Windows", "outlook.windows"),
        ("yahoo-jp", "yahoo-japan"),
        ("apple.ios", "apple-mail.ios"),
    ],
)
def test_a_misspelt_client_is_told_the_right_one(name: str, nearest: str) -> None:
    assert f"'{name}' is no mail program" in mistake_in(name)
    assert f"did you mean '{nearest}'?" in mistake_in(name)
    with pytest.raises(ValueError, match=re.escape(mistake_in(name))):
        expanded([name])


def test_a_name_like_none_is_told_all_families() -> None:
    assert "known are" in mistake_in("ポストペット")
    assert "yahoo-japan" in mistake_in("ポストペット")
    assert "gmail.ios" in mistake_in("gmail.amiga")


def test_a_family_is_all_of_its_platforms_and_nobody_is_asked_twice() -> None:
    assert expanded(["apple-mail"]) == ("apple-mail.ios", "apple-mail.macos")
    assert expanded(["apple-mail.macos", "apple-mail"]) == ("apple-mail.macos", "apple-mail.ios")
    assert all(mistake_in(name) == "" for name in (*known_clients(), "gmail", "docomo"))


def test_clients_are_named_as_people_do() -> None:
    assert spoken(["gmail.ios", WORD, "gmail.android"]) == "Gmail (iOS, Android) and Outlook (Windows)"
    assert spoken(["uq-mobile.mms", "yahoo-japan.app"]) == "UQ mobile mail (MMS) and Yahoo! JAPAN Mail (app)"


@pytest.mark.parametrize("client", ["docomo", "au", "softbank"])
def test_who_asks_for_a_client_that_nobody_tested_is_told_so(client: str) -> None:
    (found,) = findings("<main>x</main>", client)
    assert (found.level, found.code) == (Level.INFO, "mail.client-untested")
    assert all(not knowledge().is_untested(name) for name in DEFAULT_CLIENTS)


# ---- what is known


def test_the_data_tells_its_version_its_day_and_its_licence() -> None:
    assert PUBLISHED["package"] == "caniemail"
    assert PUBLISHED["licence"][0] == "MIT License"
    assert any(line.startswith("Copyright ©") for line in PUBLISHED["licence"])
    assert date.fromisoformat(PUBLISHED["updated"]) > date(2026, 1, 1)
    assert origin() == f"caniemail {PUBLISHED['version']} of {PUBLISHED['updated']}"
    assert (HERE / "caniemail.json").stat().st_size < 150_000


def test_the_data_is_sorted_complete_and_of_one_line_a_feature() -> None:
    features: dict[str, Any] = PUBLISHED["features"]
    clients = {f"{family}.{name}" for family, names in PUBLISHED["clients"].items() for name in names}
    assert len(features) > 300
    assert list(features) == sorted(features)
    lines = (HERE / "caniemail.json").read_text("utf-8").splitlines()
    assert sum(line.startswith(tuple(f'"{slug}":' for slug in features)) for line in lines) == len(features)
    for slug, feature in features.items():
        assert feature["title"], slug
        assert date(2018, 1, 1) < date.fromisoformat(feature["tested"]) <= date.fromisoformat(PUBLISHED["updated"])
        for word, names in feature["support"].items():
            support, *numbers = word.split()
            assert support in {"a", "n", "u"}, slug
            assert set(names.split()) <= clients | set(PUBLISHED["clients"]), slug
            assert set(numbers) <= set(feature.get("notes", {})), slug


def test_the_newest_version_of_a_client_counts() -> None:
    assert knowledge().verdict("css-at-media-prefers-color-scheme", "apple-mail.ios").support == "y"
    assert knowledge().verdict("css-at-media-prefers-color-scheme", "outlook.android").support == "y"
    assert knowledge().verdict("css-at-media", WORD).support == "n"


def test_our_own_facts_have_a_source_and_a_day_and_win() -> None:
    for fact in OWN["facts"]:
        assert fact["source"].startswith("https://")
        assert date(2013, 1, 1) < fact["date"] <= date(2026, 11, 22)
        assert fact["support"] in {"y", "a", "n"}
        assert fact.get("note") or fact["support"] != "a"
        assert fact["feature"] in knowledge().features
        for client in fact["clients"]:
            assert client in known_clients()
            assert knowledge().verdict(fact["feature"], client).support == fact["support"]
    assert "Times" in knowledge().verdict("css-at-font-face", WORD).notes[0]


def test_what_one_author_reported_says_so() -> None:
    assert any(fact.get("single") for fact in OWN["facts"])
    (found,) = findings('<div style="height: 4px">x</div>', "yahoo-japan")
    assert "Yahoo! JAPAN Mail (webmail)" in found.message
    assert "(reported by one author 2019-10)" in found.message


def test_gmail_with_other_accounts_is_gmail_but_for_what_is_said() -> None:
    other = "gmail.other-accounts"
    assert knowledge().verdict("html-style", other).support == "n"
    assert knowledge().verdict("html-style", "gmail.android").support == "a"
    assert knowledge().verdict("css-filter", other) == knowledge().verdict("css-filter", "gmail.android")
    assert not any("non Google" in note for note in knowledge().verdict("css-display", "gmail.ios").notes)


# ---- what is nobody's worry


def test_whatever_is_accepted_has_a_ground_and_exists() -> None:
    families = {name.partition(".")[0] for name in known_clients()}
    for entry in ACCEPTED["accepted"]:
        assert entry["ground"]
        assert set(entry["features"]) <= set(knowledge().features), entry
        assert set(entry.get("clients", ())) <= families | set(known_clients()), entry
        notes = [
            note
            for slug in entry["features"]
            for name in known_clients()
            for note in knowledge().verdict(slug, name).notes
        ]
        assert "note" not in entry or any(entry["note"] in note for note in notes), entry
    assert set(ACCEPTED["fixes"]) <= set(knowledge().features)


ELSEWHERE = {
    "inline_styles": ['<p style="color: rgba(0,0,0,.5)">x</p>', '<p style="color: hsl(1, 2%, 3%)">x</p>'],
    "styles": ["<style>p { color: var(--x) }</style>"],
    "images": ['<img src="https://example.com/a.webp">', '<img src="data:image/png;base64,AA">'],
    "active_content": ["<video></video>", "<form><input></form>", '<link rel="stylesheet" href="x">', "<svg></svg>"],
    "old_engines": [
        '<div style="display: flex; align-items: center">x</div>',
        '<div style="display: grid; grid-template-columns: 1px">x</div>',
        '<div style="gap: 4px">x</div>',
        '<p style="position: absolute; top: 2px; z-index: 2">x</p>',
        '<p style="font-size: 1rem">x</p>',
        '<td style="width: calc(100% - 2px)">x</td>',
        '<td style="padding: 2vw">x</td>',
        '<p style="margin: -4px">x</p>',
    ],
    "word_breaks": ['<p style="overflow-wrap: anywhere">x</p>', "<p>x<wbr>y</p>", "<ruby>字<rt>じ</rt></ruby>"],
    "fonts": ["<style>@font-face { font-family: x; src: url(y) }</style>"],
    "buttons": ['<a style="display: inline-block; padding: 8px">x</a>'],
}


@pytest.mark.parametrize(("module", "body"), [(name, body) for name, bodies in ELSEWHERE.items() for body in bodies])
def test_what_another_check_tells_is_not_told_twice(module: str, body: str) -> None:
    other = importlib.import_module(f"digest.check.{module}").check
    assert list(other(mail(body), Demands())) != []
    assert [each for each in findings(body) if each.code != "mail.client-partly"] == []


def test_every_other_check_that_is_named_has_an_example() -> None:
    named = {entry.check for entries in accepted().values() for entry in entries if entry.check}
    assert named - {"text_part", "document"} == set(ELSEWHERE)
    assert all(hasattr(importlib.import_module(f"digest.check.{name}"), "check") for name in named)


def test_a_fix_is_an_instruction_or_an_address() -> None:
    assert fix("css-float").startswith("Use a table")
    assert fix("css-filter").endswith("/features/css-filter/")


# ---- what is looked for

NOT_IN_THE_HTML = {
    "amp": "a part of its own",
    "bimi": "a record of the sender's domain",
    "css-comments": "nothing is shown of it",
    "css-important": "inline_styles and styles tell",
    "html-comments": "nothing is shown of it",
    "html-doctype": "document asks for it",
}
AWKWARD = {
    "css-at-media-device-pixel-ratio": "<style>@media (-webkit-min-device-pixel-ratio: 2) { a { top: 0 } }</style>",
    "css-block-inline-size": '<p style="block-size: 1px">',
    "css-border-inline-block": '<p style="border-inline: 1px">',
    "css-border-inline-block-individual": '<p style="border-inline-start: 1px">',
    "css-border-inline-block-longhand": '<p style="border-inline-start-color: red">',
    "css-border-radius-logical": '<p style="border-start-start-radius: 1px">',
    "css-column-layout-properties": '<p style="column-rule: 1px">',
    "css-display-flex": '<p style="display: inline-flex">',
    "css-display-grid": '<p style="display: grid">',
    "css-display-none": '<p style="display: none">',
    "css-flex-direction": '<p style="flex-direction: column">',
    "css-flex-wrap": '<p style="flex-wrap: wrap">',
    "css-function-light-dark": '<p style="color: light-dark(red, blue)">',
    "css-grid-template": '<p style="grid-template-columns: 1px">',
    "css-hsl": '<p style="color: hsla(1, 2%, 3%, 1)">',
    "css-inert-attribute": "<p inert>x",
    "css-intrinsic-size": '<p style="width: fit-content">',
    "css-left-right-top-bottom": '<p style="left: 1px">',
    "css-margin-block-start-end": '<p style="margin-block-end: 1px">',
    "css-margin-inline-block": '<p style="margin-inline: 1px">',
    "css-margin-inline-start-end": '<p style="margin-inline-start: 1px">',
    "css-modern-color": '<p style="color: lab(1 2 3)">',
    "css-nesting": "<style>a { &:hover { color: red } }</style>",
    "css-padding-block-start-end": '<p style="padding-block-end: 1px">',
    "css-padding-inline-block": '<p style="padding-inline: 1px">',
    "css-padding-inline-start-end": '<p style="padding-inline-start: 1px">',
    "css-rgb": '<p style="color: rgb(1, 2, 3)">',
    "css-rgba": '<p style="color: rgba(1, 2, 3, 1)">',
    "css-scroll-snap": '<p style="scroll-snap-type: x">',
    "css-selector-adjacent-sibling": "<style>a + b { color: red }</style>",
    "css-selector-attribute": "<style>[lang] { color: red }</style>",
    "css-selector-chaining": "<style>.a.b { color: red }</style>",
    "css-selector-child": "<style>a > b { color: red }</style>",
    "css-selector-class": "<style>.a { color: red }</style>",
    "css-selector-descendant": "<style>a b { color: red }</style>",
    "css-selector-general-sibling": "<style>a ~ b { color: red }</style>",
    "css-selector-grouping": "<style>a, b { color: red }</style>",
    "css-selector-id": "<style>#a { color: red }</style>",
    "css-selector-type": "<style>a { color: red }</style>",
    "css-selector-universal": "<style>* { color: red }</style>",
    "css-sytem-ui": '<p style="font-family: system-ui">',
    "css-unit-calc": '<p style="width: calc(1px + 2px)">',
    "css-unit-initial": '<p style="color: initial">',
    "css-unit-percent": '<p style="width: 50%">',
    "css-variables": '<p style="--x: 1px">',
    "html-anchor-links": '<a href="#x">x</a>',
    "html-button-reset": '<button type="reset">x</button>',
    "html-button-submit": "<button>x</button>",
    "html-h1-h6": "<h3>x</h3>",
    "html-image-maps": "<map><area></map>",
    "html-input-text": "<input>",
    "html-link": '<link rel="stylesheet">',
    "html-lists": "<ol><li>x</ol>",
    "html-loading-attribute": '<img loading="lazy">',
    "html-mailto-links": '<a href="mailto:a@example.com">x</a>',
    "html-meta-color-scheme": '<meta name="color-scheme" content="light">',
    "html-semantics": "<nav>x</nav>",
    "image-base64": '<img src="data:image/png;base64,AA">',
    "mail-html": "<p>x",
}
ATTRIBUTES = (
    "align background cellpadding cellspacing dir height hidden lang popover required role srcset target valign width"
)


def example(slug: str) -> str:
    if slug in AWKWARD:
        return AWKWARD[slug]
    area, _, rest = slug.partition("-")
    patterns = {
        "css-at-media-": "<style>@media ({}: x) {{ a {{ color: red }} }}</style>",
        "css-at-": "<style>@{} x {{ a {{ color: red }} }}</style>",
        "css-pseudo-class-": "<style>a:{}(x) {{ color: red }}</style>",
        "css-pseudo-element-": "<style>a::{} {{ color: red }}</style>",
        "css-unit-": '<p style="width: 1.5{}">',
        "css-function-": '<p style="width: {}(1px)">',
        "html-input-": '<input type="{}">',
        "image-": '<img src="https://example.com/a.{}">',
    }
    for start, pattern in patterns.items():
        if slug.startswith(start):
            return pattern.format(slug.removeprefix(start))
    if slug.endswith("-gradient"):
        return f'<p style="background: {rest}(red, blue)">'
    if area == "html":
        attribute = rest in ATTRIBUTES.split() or rest.startswith("aria-")
        return f'<p {rest}="x">x' if attribute else f"<{rest}>x"
    return f'<p style="{rest}: x">'


@pytest.mark.parametrize("slug", sorted(set(knowledge().features) - set(NOT_IN_THE_HTML)))
def test_every_feature_is_looked_for(slug: str) -> None:
    assert slug in used(example(slug))


def test_a_plain_mail_uses_few_features() -> None:
    plain = used('<html><head><title>x</title></head><body><p style="color: #fff">flex</p></body></html>')
    assert plain == {"mail-html", "html-body", "html-p"}
