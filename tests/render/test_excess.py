"""A post that says too much, or nothing, holds up no mail, and people are told what readers do not see of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.check import check_email
from digest.models import Level, Pick
from digest.render import Rendered, Renderer
from digest.render.plain import LONGEST_ADDRESS, LONGEST_TITLE, page_address, plain, plain_address, plain_title
from digest.typography import columns_of
from tests.factories import make_pick, make_post, make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, newsletter

DESIGNS = sorted(path.parent.name for path in TEMPLATES.glob("[a-z]*/email.html"))
ENDLESS = "https://blog.example.com/" + "a" * 1_000_000


def made(pick: Pick, template: str = "weekly", **changes: object) -> Rendered:
    wanted = newsletter(template=template, **changes)
    rendered = Renderer(TEMPLATES, COPY).typeset(wanted, 3, make_selection(pick, make_pick("b")), LINKS)
    assert not [finding for finding in check_email(rendered.email) if finding.level is Level.ERROR]
    assert "投稿「b」の見出し" in rendered.email.text
    return rendered


@pytest.mark.parametrize("design", DESIGNS)
def test_a_link_without_end_leads_to_the_site_and_somebody_is_told(design: str) -> None:
    other = make_post("other", url=ENDLESS + "other", title="同じ話の別の記事")
    rendered = made(make_pick("a", url=ENDLESS, also=(other,)), design, link_parameters={"utm_source": "mail"})
    assert "\nhttps://blog.example.com/?utm_source=mail\n" in rendered.email.text
    told = [note for note in rendered.notes if note.code == "mail.link-shortened"]
    assert [note.file for note in told] == ["_posts/2026-01-14-a.md", "_posts/2026-01-14-other.md"]
    assert "同じ話の別の記事" in told[1].message


@pytest.mark.parametrize("design", DESIGNS)
def test_a_picture_with_an_address_without_end_is_left_out_and_somebody_is_told(design: str) -> None:
    rendered = made(make_pick("a", image=ENDLESS), design)
    assert "aaaa" not in rendered.email.html
    assert [note.code for note in rendered.notes] == ["mail.image-left-out"]


def test_an_address_may_be_as_long_as_programs_open() -> None:
    longest = "https://e.com/" + "a" * (LONGEST_ADDRESS - 14)
    assert plain_address(longest) == page_address(longest) == longest
    assert plain_address(longest + "a") == ""
    assert page_address(longest + "a") == "https://e.com/"
    assert plain_address("https://e.com/" + "あ" * 300) == ""  # nine characters each


def test_a_text_in_the_place_of_a_title_is_cut_and_somebody_is_told() -> None:
    rendered = made(
        make_pick("a", title="題名のない長い文章が続きます。" * 5_000), subject="週刊", preheader="今週の記事"
    )
    assert [note.code for note in rendered.notes] == ["mail.title-shortened"]
    assert len(rendered.notes[0].message) < 300
    assert columns_of(plain_title("あ" * 5_000)) <= LONGEST_TITLE
    assert plain_title("あ" * 200) == "あ" * 200


@pytest.mark.parametrize("said", ["{" * 5_000, "{%" * 5_000, "&#146;" * 5_000, "%7B" * 5_000, "<" * 5_000])
@pytest.mark.parametrize("design", DESIGNS)
def test_an_author_and_a_category_without_end_hold_up_no_mail(design: str, said: str) -> None:
    shown = {"show_author": True} if "[show_author]" in (TEMPLATES / design / "tokens.toml").read_text("utf-8") else {}
    made(make_pick("a", author=said, categories=(said,) * 1_000, tags=(said,) * 1_000), design, design=shown)


@pytest.mark.parametrize("nothing", ["", " ", "\u200b", "\u3164", "\x00\ufeff", "\u202e"])
@pytest.mark.parametrize("design", DESIGNS)
def test_a_post_without_a_title_is_called_by_its_address(design: str, nothing: str) -> None:
    url = "https://blog.example.com/2026/%E5%80%89%E5%BA%AB%E3%81%AE%E8%A9%B1.html"
    rendered = made(make_pick("a", title=nothing, url=url), design)
    assert rendered.email.subject.endswith("：倉庫の話")
    assert not [finding.code for finding in check_email(rendered.email)]


@pytest.mark.parametrize("said", ["_{}_", "ja; x=1", "en\"onload='", "x" * 10_000, "日本語"])
def test_a_language_that_is_none_counts_as_the_newsletters(said: str) -> None:
    html = made(make_pick("a", language=said)).email.html
    assert said not in html
    assert "dir=" not in html


def test_a_number_for_a_character_stays_what_the_author_wrote() -> None:
    """A design's `&#146;` is mended in the text part; a post may be about it."""
    title = "&#146; と &#x92; の直し方"
    rendered = made(replace(make_pick("a", title=title, url="https://e.com/?a&#146;"), excerpt=title))
    assert rendered.email.text.replace("\u200b", "").count(title) == 2
    assert "\nhttps://e.com/?a#146;\n" in rendered.email.text
    assert plain("a&b &#8217;") == "a&b &#8217;"


def test_an_address_in_a_title_stays_one_when_it_may_break() -> None:
    made(make_pick("a", title="source:https://example.com/a/long/address/of/some/page を読む"))
