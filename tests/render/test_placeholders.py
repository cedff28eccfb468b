"""A post about templates goes out as its author wrote it; what a template or the newsletter left over does not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import etree

from digest.check import check_email
from digest.models import Email, Level, Mailbox, Publisher
from digest.render import Renderer
from tests.factories import make_pick, make_post, make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, newsletter

DESIGNS = sorted(path.parent.name for path in TEMPLATES.glob("[a-z]*/email.html"))
TITLE = "{{ user.name }} を GitHub Actions で"
SAYINGS = (
    TITLE,
    "${{ secrets.TOKEN }} の渡し方",
    "{% if %} と {# 注 #}",
    "Vue の {{{ 三重 }}} と {",
    "%s と %(name)s の違い",
)
ADDRESSES = (
    "https://blog.example.com/{{ user.name }}/?a={{x}}",
    "https://blog.example.com/%7B%7Bx%7D%7D/printf-%s/?p=100%",
)
FILLED_IN_BY_OTHERS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|%7B%7B|%7b%7b|%\(\w+\)s|%s/")


def mail(said: str, address: str, design: str) -> Email:
    """An issue whose posts say it in every place in which a post can say anything."""
    changes = {"title": said, "author": said, "categories": (said,), "tags": (said,), "url": address, "language": said}
    changes |= {"image": f"{address}.png"}
    picks = [replace(make_pick(name, **changes, also=(make_post("z", **changes),)), excerpt=said) for name in "ab"]
    selection = make_selection(picks[0], picks[1], make_pick("c"), more=(picks[1],))
    design_tokens = (
        {"show_author": True} if "[show_author]" in (TEMPLATES / design / "tokens.toml").read_text("utf-8") else {}
    )
    lines = {"subject": "{{ lead.title }}", "preheader": "{{ lead.excerpt }}", "greeting": "{{ lead.author }}"}
    parameters = {"utm_campaign": "{{ post.category }}"}
    wanted = newsletter(template=design, design=design_tokens, link_parameters=parameters, **lines)
    return Renderer(TEMPLATES, COPY).render(wanted, 3, selection, LINKS)


def read(text: str) -> str:
    """Return what is seen of a text: no characters without width, and no line breaks of the text part."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return "".join(seen.split())


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("said", SAYINGS)
@pytest.mark.parametrize("design", DESIGNS)
def test_a_post_about_templates_goes_out_and_reads_as_it_was_written(design: str, said: str, address: str) -> None:
    email = mail(said, address, design)
    assert not [finding for finding in check_email(email) if finding.level is Level.ERROR]
    assert read(email.subject) == read(email.preheader) == read(said)
    tree: Any = etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))
    shown = read("".join(str(part) for part in tree.find("body").itertext()))
    places = 6
    assert shown.count(read(said)) >= places
    assert read(email.text).count(read(said)) >= places


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("said", SAYINGS[:-1])
@pytest.mark.parametrize("design", DESIGNS)
def test_no_provider_fills_in_what_a_post_says(design: str, said: str, address: str) -> None:
    email = mail(said, address, design)
    for part in (email.subject, email.preheader, email.html, email.text):
        assert not FILLED_IN_BY_OTHERS.search(part)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_braces_leads_where_it_led(address: str) -> None:
    email = mail("題", address, "weekly")
    shown = next(line for line in email.text.splitlines() if line.startswith("https://blog.example.com/"))
    assert unquote(shown).startswith(unquote(address))


@pytest.mark.parametrize(
    "left_over",
    [
        {"title": "{{ title }} 週刊"},
        {"words": {"unsubscribe": "{{ words.unsubscribe }}"}},
        {"design": {"footer_note": "{% if x %}"}},
        {"greeting": "{{ '{{ name }}' }} さん"},
        {"link_parameters": {"utm_source": "{{ '{{ name }}' }}"}},
        {"sender": Mailbox("news@example.com", "{{ newsletter.title }}")},
        {"publisher": Publisher("{{ name }}", "東京都千代田区丸の内1-1-1", "https://example.com/contact")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_placeholder_that_the_newsletter_left_over_keeps_the_mail_back(left_over: dict[str, object]) -> None:
    email = Renderer(TEMPLATES, COPY).render(newsletter(**left_over), 3, make_selection(), LINKS)
    assert "mail.unrendered" in {finding.code for finding in check_email(email) if finding.level is Level.ERROR}


def test_a_placeholder_in_the_heading_of_a_section_keeps_the_mail_back() -> None:
    selection = make_selection()
    section = replace(selection.sections[0], heading="{{ section.heading }}")
    email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, replace(selection, sections=(section,)), LINKS)
    assert "mail.unrendered" in {finding.code for finding in check_email(email)}
