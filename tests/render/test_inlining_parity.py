"""Two engines, one contract: whichever inlines, readers get the same mail."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping

import pytest
from lxml import etree

from digest.errors import ConfigError, TemplateError
from digest.models import Selection
from digest.render import Inliner, Renderer
from digest.render.designs import designs
from digest.render.inlining import inline
from tests.factories import make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, awkward, full_week, issue_of, more_awkward, newsletter
from tests.render.test_inline import KEPT, MAIL

ENGINES: tuple[Inliner, ...] = ("premailer", "css-inline")
SELECTIONS: Mapping[str, Callable[[], Selection]] = {
    "no posts": make_selection,
    "one": lambda: issue_of(1),
    "full week": full_week,
    "sixty": lambda: issue_of(60),
    "awkward": awkward,
    "more awkward": more_awkward,
}
SIDES = ("top", "right", "bottom", "left")
BORDER = re.compile(r"border(-top|-right|-bottom|-left)?")
STYLE_BLOCK = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)


def computed(style: str) -> dict[str, str]:
    """What a tag's declarations come to: later ones win, and shorthands are spread over their sides."""
    values: dict[str, str] = {}
    for declaration in re.split(r";(?=(?:[^\"']|\"[^\"]*\"|'[^']*')*$)", style):
        name, _, value = declaration.partition(":")
        if name.strip():
            values.update(spread(name.strip().lower(), as_written_by_anybody(value)))
    return values


def as_written_by_anybody(value: str) -> str:
    value = re.sub(r"\s*,\s*", ",", " ".join(value.split())).replace("'", '"')
    value = re.sub(r"#[0-9a-fA-F]+", lambda found: found[0].lower(), value)
    value = re.sub(r"#([0-9a-f])([0-9a-f])([0-9a-f])\b(?![0-9a-f])", r"#\1\1\2\2\3\3", value)
    return re.sub(r"\b0px\b", "0", value)


def spread(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name in {"padding", "margin"}:
        parts = (value.split() * 4)[:4] if len(value.split()) < 3 else [*value.split(), value.split()[1]][:4]
        yield from ((f"{name}-{side}", part) for side, part in zip(SIDES, parts, strict=True))
    elif border := BORDER.fullmatch(name):
        sides = [border[1][1:]] if border[1] else SIDES
        yield from ((f"border-{side}", value) for side in sides)
    else:
        yield name, value


def elements(html: str) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Every tag: where it stands, its computed declarations, its other attributes."""
    root = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8"))
    tree, found = root.getroottree(), []
    for element in root.iter("*"):
        others = {str(name): str(value) for name, value in element.attrib.items() if name != "style"}
        found.append((tree.getpath(element), computed(str(element.get("style", ""))), others))
    return found


def text_and_links(html: str) -> tuple[str, list[str]]:
    root = etree.fromstring(STYLE_BLOCK.sub("", html).encode(), etree.HTMLParser(encoding="utf-8"))
    text = " ".join("".join(map(str, root.xpath("//text()"))).split())
    return text, [str(link) for link in root.xpath("//@href")]


def difference(one: str, other: str) -> str:
    """The first element in which two mails differ, and how; empty when they are the same."""
    ours, theirs = elements(one), elements(other)
    for (place, style, attributes), (their_place, their_style, their_attributes) in zip(ours, theirs, strict=False):
        if place != their_place:
            return f"{place} stands where the other has {their_place}"
        for what, mine, yours in (("style", style, their_style), ("attributes", attributes, their_attributes)):
            odd = {key: (mine.get(key), yours.get(key)) for key in mine | yours if mine.get(key) != yours.get(key)}
            if odd:
                return f"{what} of {place} (class {attributes.get('class')!r}): {odd}"
    return "" if len(ours) == len(theirs) else f"{len(ours)} elements against {len(theirs)}"


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("design", designs(TEMPLATES))
def test_both_engines_give_every_design_the_same_mail(design: str, selection: str) -> None:
    wanted, picked = newsletter(template=design, max_posts=80), SELECTIONS[selection]()
    mails = [Renderer(TEMPLATES, COPY, engine).render(wanted, 3, picked, LINKS) for engine in ENGINES]
    record, fast = (mail.html for mail in mails)
    assert difference(record, fast) == ""
    assert text_and_links(record) == text_and_links(fast)
    assert STYLE_BLOCK.findall(record) == STYLE_BLOCK.findall(fast)
    assert mails[0].text == mails[1].text
    assert len(record.encode()) == len(fast.encode()), "an issue that is too large would shorten other posts"


@pytest.mark.parametrize("changed", ["#ffffff", "14px 32px 1px"])
def test_a_difference_would_be_seen(changed: str) -> None:
    html = inline(MAIL)
    other = html.replace("#123456" if changed[0] == "#" else "1px 2px", changed, 1)
    assert "/html/body/p[1]" in difference(html, other)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_contract_holds_for_hacks_comments_and_rare_characters(engine: Inliner) -> None:
    result = inline(MAIL, inliner=engine)
    assert f"<style>{KEPT}</style>" in result
    assert re.findall(r"<!--.*?-->", result, re.DOTALL) == re.findall(r"<!--.*?-->", MAIL, re.DOTALL)
    assert "葛󠄀城 👨‍👩‍👧 𠮷野家 \u00a0“x” \u034f" in result
    assert "&#" not in result
    assert "data-" not in result.replace("[data-ogsc]", "")
    assert difference(inline(MAIL), result) == ""


TRICKY = {
    "a list of selectors": "td.a, p { color: #111111; }",
    "the more specific wins, though it is first": "#x { color: #111111 } .a { color: #222222 } p { color: #333333 }",
    "children and neighbours": "div > p { color: #111111 } p + p { color: #222222 } table td { padding: 1px }",
    "attributes": '[align] { color: #111111 } td[align="center"] { color: #222222; }',
    "a family with quotes": "p { font-family: \"Hiragino Sans\", 'Yu Gothic', sans-serif; }",
    "a side after all sides": ".a { padding: 1px 2px } .b { padding-top: 9px }",
    "what only Outlook knows": "p { mso-line-height-rule: exactly; mso-padding-alt: 1px 2px; }",
    "attributes for old Outlooks": "td { text-align: center; vertical-align: top; background-color: #abc; }",
    "an address": "td { background-image: url(https://example.com/a.png?x=1); }",
}


@pytest.mark.parametrize("rule", TRICKY)
def test_both_engines_read_a_rule_alike(rule: str) -> None:
    body = (
        '<div><p class="a b" id="x" align="left">一</p><p class="b a" style="color:#444444">二</p><p>三</p></div>'
        '<table><tr><td class="b" align="center">四</td><td class="a">五</td></tr>'
        "<tbody><tr><td>六</td></tr></tbody></table>"
    )
    mail = f"<!DOCTYPE html><html><head><style>{TRICKY[rule]}</style></head><body>{body}</body></html>"
    record, fast = (inline(mail, inliner=engine) for engine in ENGINES)
    assert difference(record, fast) == ""
    assert record != inline(mail.replace(TRICKY[rule], ""))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", ["#fff !important", "var(--x)"])
def test_no_engine_lets_a_declaration_pass_that_clients_drop(engine: Inliner, value: str) -> None:
    with pytest.raises(TemplateError, match="stands in a style attribute"):
        inline(MAIL.replace('<p class="a c">', f'<p style="color: {value}">'), inliner=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_engine_leaves_its_mark(engine: Inliner) -> None:
    with pytest.raises(TemplateError, match="the mark `data-premailer` would stay"):
        inline(MAIL.replace('<p class="a c">', '<p data-premailer="ignore">'), inliner=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_engine_fetches_a_sheet(engine: Inliner) -> None:
    link = '<link rel="stylesheet" href="https://198.51.100.1/a.css">'
    assert link in inline(MAIL.replace("<style>\n", f"{link}\n<style>\n", 1), inliner=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_styles_without_number_are_refused(engine: Inliner) -> None:
    with pytest.raises(TemplateError, match="more than 40 <style> tags"):
        inline(MAIL.replace("<body", "<style>" * 41 + "<body"), inliner=engine)


def test_the_fast_engine_is_asked_for_and_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "css_inline", None)
    Renderer(TEMPLATES, COPY, "premailer")
    with pytest.raises(ConfigError, match="pip install css-inline"):
        Renderer(TEMPLATES, COPY, "css-inline")
