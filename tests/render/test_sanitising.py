"""What a post says is text: no tag, no template, no control character of its gets into a mail."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from digest.errors import TemplateError
from digest.models import Email, Mailbox, Newsletter, Selection
from digest.pipeline.drafting import for_readers
from digest.render import Renderer
from digest.render.plain import showable
from tests.factories import make_pick, make_post, make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, newsletter

DESIGNS = sorted(path.parent.name for path in TEMPLATES.glob("[a-z]*/email.html"))
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;iframe src=//evil.example&#62;",
    "</title></style></td></table><a href=javascript:alert(1)>x</a>",
    "<!--[if mso]><v:rect/><![endif]-->",
    "--><script>alert(1)</script><!--",
    "]]><?php ?><![CDATA[",
    "<b>bold</b> &amp; <i>thin</i>",
    "\x3cscript\x3e\x00<scr\x00ipt>",
    "＜script＞",
)
TEMPLATE_SYNTAX = ("{{ 7 * 7 }}", "{% include 'weekly/style.css' %}", "{# gone #}", "{{ links.unsubscribe }}")
EVERYWHERE = {"show_author": True, "show_images": True, "show_excerpts": True}
CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))


def week_of(said: str) -> Selection:
    """An issue whose posts say `said` wherever a post can say anything."""
    changes = {
        "title": f"T {said}",
        "author": f"A {said}",
        "categories": (f"C {said}",),
        "tags": (f"G {said}",),
        "image": f"https://e.com/i.png?{said}",
        "url": f"https://e.com/{said}",
    }
    other = make_post("other", **changes)
    picks = (
        make_pick("a", **changes, blurb=f"B {said}", also=(other,)),
        make_pick("b", **changes, body=f"{said}\n\nP {said} の本文です。\n", summary=f"S {said}"),
        make_pick("c", **changes, language="en", summary=f"S {said}"),
    )
    more = (make_pick("d", **changes, also=(replace(other, id="more-other"),)),)
    return for_readers(make_selection(*picks, more=more), 200)


def rendered(said: str, design: str = "weekly", **changes: object) -> Email:
    tokens = (TEMPLATES / design / "tokens.toml").read_text(encoding="utf-8")
    shown = {key: value for key, value in EVERYWHERE.items() if f"[{key}]" in tokens}
    lines = {
        "subject": "{{ lead.title }} {{ posts|map(attribute='author')|join }}",
        "preheader": "{{ lead.excerpt }}{{ lead.tags|join }}",
        "greeting": "{{ lead.title }}\n{{ more|map(attribute='title')|join('、') }}",
        "link_parameters": {"c": "{{ post.category }}", "s": "{{ post.slug }}"},
    }
    wanted = newsletter(template=design, design=shown, **{**lines, **changes})
    return Renderer(TEMPLATES, COPY).render(wanted, 3, week_of(said), LINKS)


def shape(html: str) -> tuple[Counter[str], set[str], int]:
    """Count the tags, and name the attributes, that a parser finds."""
    tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8"))
    tags = [each for each in tree.iter() if isinstance(each.tag, str) and each.tag != "span"]
    comments = sum(not isinstance(each.tag, str) for each in tree.iter())
    return Counter(each.tag for each in tags), {str(name) for each in tags for name in each.attrib}, comments


@cache
def harmless(design: str) -> tuple[Counter[str], set[str], int]:
    return shape(rendered("harmless", design).html)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("design", DESIGNS)
def test_what_a_post_says_becomes_no_tag_and_no_attribute(design: str, attack: str) -> None:
    html = rendered(attack, design).html
    tags, attributes, comments = shape(html)
    fair_tags, fair_attributes, fair_comments = harmless(design)
    assert tags <= fair_tags  # a tag in a text is left out, and with it perhaps all of an excerpt
    assert attributes <= fair_attributes
    assert comments == fair_comments
    tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8"))
    assert all(str(link.get("href")).startswith(("https:", "mailto:")) for link in tree.iter("a"))


@pytest.mark.parametrize("design", DESIGNS)
def test_readers_see_a_title_letter_by_letter(design: str) -> None:
    tree = etree.fromstring(rendered("<b>&amp;</b>", design).html.encode(), etree.HTMLParser(encoding="utf-8"))
    seen = "".join(str(part) for part in tree.find("body").itertext()).replace("\u200b", "")
    assert seen.count("T <b>&amp;</b>") >= 6


@pytest.mark.parametrize("syntax", TEMPLATE_SYNTAX)
@pytest.mark.parametrize("design", DESIGNS)
def test_what_looks_like_a_template_in_a_post_stays_what_it_is(design: str, syntax: str) -> None:
    email = rendered(syntax, design)
    for part in (email.subject, email.preheader, email.html, email.text):
        assert not re.search(r"\{[{%]", part)
    for part in (email.subject, email.text):
        assert f"T {syntax}".replace(" ", "") in re.sub(r"[\s\u200b]", "", part)
    assert "49" not in email.subject
    assert email.text.count(LINKS.unsubscribe_url) == 1


@pytest.mark.parametrize("design", DESIGNS)
def test_no_control_character_gets_into_a_mail(design: str) -> None:
    """Of posts, and of the words that marketing writes, itself or as a number."""
    said = "".join(f"x{each}y &#{ord(each)}; &#x{ord(each):02x};" for each in CONTROLS)
    words = {"read_more": f"続き{CONTROLS}", "why": f"{CONTROLS}{{newsletter}}"}
    email = rendered(said, design, greeting=f"「{CONTROLS}」こんにちは。", words=words, title=f"週刊{CONTROLS}")
    for part in (email.subject, email.preheader, *(text for pair in email.headers for text in pair), email.sender.name):
        assert set(part) & set(CONTROLS) == set()
    for part in (email.html, email.text):
        assert set(part) & set(CONTROLS) == {"\n"}


@pytest.mark.parametrize("code", [0x80, 0x85, 0x92, 0x9F])
@pytest.mark.parametrize("setting", ["subject", "preheader", "sender", "reply_to"])
def test_a_control_character_in_a_line_of_marketings_own_is_an_error_that_names_it(setting: str, code: int) -> None:
    mailbox = setting in {"sender", "reply_to"}
    value = Mailbox("news@example.com", f"編集{chr(code)}部") if mailbox else f"週{{{{ '{chr(code)}' }}}}刊"
    wanted: Newsletter = newsletter(**{setting: value})
    if code == 0x85 and not mailbox:  # Unicode calls it a blank, and blanks become a space
        email = Renderer(TEMPLATES, COPY).render(wanted, 3, make_selection(make_pick()), LINKS)
        assert getattr(email, setting) == "週 刊"
        return
    with pytest.raises(TemplateError, match=f"`{setting}` holds U\\+00{code:02X}"):
        Renderer(TEMPLATES, COPY).render(wanted, 3, make_selection(make_pick()), LINKS)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the designs that can be spoilt."""
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    return tmp_path / "templates"


def spoilt(own: Path, line: str, file: str = "weekly/email.html", before: str = "{{ masthead() }}") -> Email:
    path = own / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, f"{line}{before}", 1), encoding="utf-8")
    selection = make_selection(make_pick(author="<i>A</i>", title="<b>T</b>"))
    return Renderer(own, COPY).render(newsletter(), 3, selection, LINKS)


def test_a_design_of_windows_punctuation_is_mended_in_both_parts(own: Path) -> None:
    (own / "weekly/email.txt").write_text("it\x92s &#146; {{ links.unsubscribe }}\x07\n", encoding="utf-8")
    email = spoilt(own, "<tr><td>it\x92s &#146; &#x92 &#8217; &amp;#146;\x07</td></tr>")
    assert "<td>it’s ’ ’ ’ &amp;#146;</td>" in email.html
    assert email.text == f"it’s ’ {LINKS.unsubscribe_url}\n"


@pytest.mark.parametrize("said", ["あ" * 50_000, "a " * 25_000, "a" * 50_000, "<b>" * 20_000, "。" * 50_000])
def test_a_post_that_says_something_endless_holds_up_no_mail(said: str) -> None:
    selection = make_selection(make_pick("a", title=said, author=said, categories=(said,)), make_pick("b"))
    wanted = newsletter(design={"show_author": True}, subject="週刊", preheader="")
    email = Renderer(TEMPLATES, COPY).render(wanted, 3, selection, LINKS)
    assert "投稿「b」の見出し" in email.text
    assert len(email.html) < 100_000


def test_what_is_a_character_stays_one() -> None:
    fine = "a\tb\n&#8217; &#128512; &amp;#146; é 𠮷 &#160; \u00a0"
    assert showable(fine) == fine


@pytest.mark.parametrize("call", ["said(lead)", "said(lead)|trim", "said(lead) ~ '!'", "[said(lead)]|join"])
def test_a_macro_of_a_text_file_hands_over_no_tag(own: Path, call: str) -> None:
    (own / "_macros/own.txt").write_text("{% macro said(post) %}{{ post.title }} & {% endmacro %}", encoding="utf-8")
    line = f'{{% from "_macros/own.txt" import said with context %}}<tr><td>{{{{ {call} }}}}</td></tr>'
    html = spoilt(own, line).html
    assert "<b>T" not in html
    assert "<td>&lt;b&gt;T&lt;/b&gt; &amp; " in html.replace("&amp;</td>", "&amp; </td>")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{% autoescape false %}{{ lead.title }}{% endautoescape %}", "autoescape"),
        ("{{ lead.title|safe }}", "safe"),
        ('{% include "_macros/own.txt" %}', "include"),
        ("{% include ['weekly/none.html', '_macros/own.txt'] %}", "include"),
        ("{% set name = '_macros/own.txt' %}{% include name %}", "include"),
        ('{% include "weekly/own.css" %}', "<"),
    ],
)
def test_no_template_can_hand_over_a_title_as_it_is(own: Path, line: str, says: str) -> None:
    for name in ("_macros/own.txt", "weekly/own.css"):
        (own / name).write_text("{{ lead.title }}", encoding="utf-8")
    with pytest.raises(TemplateError, match=says) as caught:
        spoilt(own, line)
    assert caught.value.line
    assert Path(caught.value.file or "").is_relative_to(own)


@pytest.mark.parametrize("filtered", ["striptags", "e", "e|upper", "replace('&', '<')", "title|e|replace('&lt;', '<')"])
def test_no_filter_turns_a_title_into_a_tag(own: Path, filtered: str) -> None:
    html = spoilt(own, f"<tr><td>{{{{ lead.title|{filtered} }}}}</td></tr>").html
    assert not re.search(r"<b>T|<B>T", html)
