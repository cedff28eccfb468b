"""What the shipped design promises, for a week without posts as for one with forty."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from lxml import etree

from digest.check import check_email
from digest.models import READER_TOKEN, Email, Level, Selection
from digest.render import Renderer
from digest.render.colors import contrast, mix
from tests.render.issues import COPY, LINKS, TEMPLATES, awkward, full_week, issue_of, more_awkward, newsletter

WEEKS: dict[str, Callable[[], Selection]] = {
    "no posts": lambda: issue_of(0),
    "one post": lambda: issue_of(1),
    "twelve posts": lambda: issue_of(12),
    "forty posts": lambda: issue_of(40),
    "awkward posts": awkward,
    "a full week": full_week,
    "awkward titles": more_awkward,
}


def told(selection: Selection) -> list[str]:
    """Give the addresses of all that readers are told of, in the order in which they meet it."""
    picks = (*selection.picks, *selection.more)
    return [post.url for pick in picks for post in (pick.post, *pick.also)]


@pytest.fixture(scope="module", params=WEEKS)
def week(request: pytest.FixtureRequest) -> tuple[Selection, Email]:
    selection = WEEKS[request.param]()
    return selection, Renderer(TEMPLATES, COPY).render(newsletter(), 3, selection, LINKS)


@pytest.fixture
def email(week: tuple[Selection, Email]) -> Email:
    return week[1]


@pytest.fixture
def tree(email: Email) -> etree._Element:
    return etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))


def without_comments(html: str) -> str:
    return re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)


def test_no_check_finds_anything(email: Email) -> None:
    allowed = {"mail.subject-long"}  # the subject names the lead, and an awkward one may be long
    assert [finding for finding in check_email(email) if finding.code not in allowed] == []


def test_gmail_shows_it_whole(email: Email) -> None:
    assert len(email.html.encode()) <= 80_000


def test_twelve_posts_take_less_than_sixty_kilobytes() -> None:
    email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(12), LINKS)
    assert len(email.html.encode()) < 60_000


def test_japanese_is_never_written_as_numbers(email: Email) -> None:
    assert not re.search(r"&#x?[0-9a-fA-F]+;", without_comments(email.html))
    assert "ウィークリー" in email.html


def test_both_parts_show_every_post_once_and_in_the_same_order(week: tuple[Selection, Email]) -> None:
    selection, email = week
    wanted = told(selection)
    assert len(wanted) == len(selection.shown)
    tree = etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))
    shown = list(dict.fromkeys(str(link.get("href")) for link in tree.iter("a")))
    assert [url for url in shown if url in wanted] == wanted
    lines = email.text.splitlines()
    assert [line for line in lines if line in wanted] == wanted


def test_every_table_that_lays_out_says_so(tree: etree._Element) -> None:
    assert {table.get("role") for table in tree.iter("table")} == {"presentation"}


def test_no_style_in_a_tag_uses_what_outlook_or_gmail_drop(email: Email) -> None:
    styles = " ".join(re.findall(r"""\sstyle=("[^"]*"|'[^']*')""", without_comments(email.html)))
    assert not re.search(r"!\s*important|var\(|rgba?\(|hsla?\(|\brem\b|flex|grid|url\(", styles)
    assert styles


def test_font_sizes_and_line_heights_are_even_and_lines_have_room(tree: etree._Element) -> None:
    for element in tree.iter():
        style = dict(re.findall(r"([\w-]+):\s*(\d+)px", str(element.get("style") or "")))
        if "font-size" in style and int(style["font-size"]) > 1:
            assert int(style["font-size"]) % 2 == 0
            assert int(style["line-height"]) % 2 == 0
            assert int(style["line-height"]) >= int(style["font-size"]) + 2


def test_it_reads_with_the_styles_in_its_tags_alone(tree: etree._Element) -> None:
    for paragraph in (each for each in tree.iter("p", "h1", "h2", "h3") if str(each.text or "").strip()):
        style = str(paragraph.get("style"))
        assert "font-size" in style
        assert "color:#" in style.replace(" ", "")


def test_the_frame_is_six_hundred_wide_for_outlook_and_no_wider_for_the_others(email: Email) -> None:
    assert '<!--[if mso]><table role="presentation" width="600"' in email.html
    assert email.html.count("<!--[if mso]>") == email.html.count("<![endif]-->")
    assert re.search(r"<table[^>]*max-width:600px", email.html)


def test_it_says_its_language_where_clients_keep_it(tree: etree._Element, email: Email) -> None:
    body = tree.find("body")
    assert body is not None
    assert tree.get("lang") == "ja"
    assert body.get("lang") == "ja"
    assert body[0].get("lang") == "ja"
    assert 'xml:lang="ja"' in email.html


def test_the_preheader_comes_first_and_is_hidden(tree: etree._Element, email: Email) -> None:
    first = tree.find("body")[0][0]
    assert "display:none" in str(first.get("style"))
    assert str(first.text).startswith(email.preheader[:20])


def test_nobody_elses_html_becomes_ours(email: Email) -> None:
    seen: dict[str, list[tuple[str, str | None]]] = {}

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.setdefault(tag, []).extend(attrs)

    Tags().feed(email.html)
    assert not seen.keys() & {"script", "iframe", "form", "object", "video"}
    assert not [name for attributes in seen.values() for name, _ in attributes if name.startswith("on")]


def test_the_styles_that_stay_are_those_of_the_files(email: Email) -> None:
    kept = re.findall(r"<style>\n(.*?)</style>", without_comments(email.html), re.DOTALL)
    assert len(kept) == 3
    assert (TEMPLATES / "weekly" / "phone.css").read_text() in email.html
    assert (TEMPLATES / "weekly" / "clients.css").read_text() in email.html
    assert "data-premailer" not in email.html
    assert "data-css-inline" not in email.html


def test_every_declaration_that_stays_wins_over_those_in_tags(email: Email) -> None:
    for block in re.findall(r"<style>\n(.*?)</style>", without_comments(email.html), re.DOTALL):
        css = re.sub(r"/\*.*?\*/|:root \{[^}]*\}", "", block, flags=re.DOTALL)
        for declarations in re.findall(r"\{([^{}]*)\}", css):
            for declaration in filter(None, map(str.strip, declarations.split(";"))):
                assert declaration.endswith(" !important"), declaration


def test_the_dark_form_is_also_told_to_outlook_in_its_own_way(email: Email) -> None:
    dark = next(block for block in re.findall(r"<style>(.*?)</style>", email.html, re.DOTALL) if "ogsc" in block)
    asked = set(re.findall(r"\.([\w-]+)[^{}]*\{ (?:color|background-color):", dark.partition("[data-og")[0]))
    told = set(re.findall(r"\[data-ogs[cb]\] \.([\w-]+)", dark))
    assert asked <= told


def test_the_header_lets_readers_leave_with_one_click(email: Email) -> None:
    headers = dict(email.headers)
    assert headers == {
        "List-Unsubscribe": f"<https://news.example.com/u/{READER_TOKEN}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "<weekly.example.com>",
        "Feedback-ID": "2026-W04:weekly:digest:example-com",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }


def test_the_foot_says_who_answers_why_it_came_and_how_to_leave(email: Email) -> None:
    for part in (email.html, email.text):
        for wanted in (
            "株式会社サンプル",
            "丸の内1-1-1",
            "https://example.com/contact",
            "配信を停止する",
            "ブラウザで読む",
        ):
            assert wanted in part
        assert "ご登録いただいた方へ" in "".join(part.split())
        assert f"/u/{READER_TOKEN}" in part


def test_without_a_public_address_there_is_no_link_to_a_browser() -> None:
    links = type(LINKS)(unsubscribe_url=LINKS.unsubscribe_url)
    email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(1), links)
    assert "ブラウザで読む" not in email.html + email.text
    assert not [finding for finding in check_email(email) if finding.level is Level.ERROR]


def test_a_post_in_another_language_says_which() -> None:
    email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(12), LINKS)
    title = re.search(r"<h3[^>]*>(?=<a[^>]*>What the EU AI Act)", email.html)
    assert title is not None
    assert 'lang="en"' in title[0]
    assert "・英語・" in email.text


def test_the_newsletter_speaks_english_too() -> None:
    email = Renderer(TEMPLATES, COPY).render(newsletter(language="en", title="Weekly"), 3, issue_of(1), LINKS)
    assert 'lang="en"' in email.html
    assert "Unsubscribe" in email.text
    assert "1 story" in email.text
    assert "Jan 12" in email.text


def test_a_mail_that_would_be_too_large_shows_its_lowest_ranked_posts_as_titles() -> None:
    selection = issue_of(80)
    email = Renderer(TEMPLATES, COPY).render(newsletter(max_posts=80), 3, selection, LINKS)
    assert len(email.html.encode()) <= 80_000
    tree = etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))
    links = [str(link.get("href")) for link in tree.iter("a") if "post-" in str(link.get("href"))]
    full = {url for url in links if links.count(url) > 1}
    scores = {pick.post.url: pick.score for pick in selection.picks}
    assert set(links) == set(scores)
    assert 10 < len(full) < 80
    assert min(scores[url] for url in full) > max(scores[url] for url in scores if url not in full)
    assert selection.picks[0].post.url in full


def test_marketing_can_turn_parts_off() -> None:
    plain = newsletter(design={"show_lead": False, "show_excerpts": False, "show_images": False})
    email = Renderer(TEMPLATES, COPY).render(plain, 3, issue_of(12), LINKS)
    assert "今週の一本" not in email.html + email.text
    assert "<img" not in email.html
    assert "権限の管理" not in email.html + email.text
    assert not [finding for finding in check_email(email) if finding.level is Level.ERROR]


@pytest.mark.parametrize("accent", ["#000000", "#ffffff", "#e8b400", "#124e78", "#ff0000", "#777777"])
def test_every_accent_gives_text_that_can_be_read(accent: str) -> None:
    email = Renderer(TEMPLATES, COPY).render(newsletter(design={"accent": accent}), 3, full_week(), LINKS)
    tree = etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))

    def color(element: etree._Element, name: str) -> str:
        found = re.search(rf"(?:^|; ){name}:(#[0-9a-f]+)", str(element.get("style")))
        assert found is not None
        value = found[1]
        return value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])

    masthead = next(tree.iter("h1"))
    button = next(td for td in tree.iter("td") if td.get("class") == "button")
    assert contrast(color(masthead, "color"), accent) >= 4.5
    assert contrast(color(button[0], "color"), color(button, "background-color")) >= 4.5
    for kicker in (each for each in tree.iter("p") if each.get("class") == "kicker"):
        assert contrast(color(kicker, "color"), mix(accent, "#ffffff", 93)) >= 4.5
    for link in (each for each in tree.iter("a") if each.get("class") == "more-link"):
        assert contrast(color(link, "color"), "#ffffff") >= 4.5
    for small in (
        each for each in tree.iter() if each.get("class") in {"about", "category", "also-label", "also-link"}
    ):
        assert contrast(color(small, "color"), mix(accent, "#ffffff", 93)) >= 4.5
