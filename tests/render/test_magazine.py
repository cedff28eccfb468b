"""What the magazine promises: a cover, and cards in two columns that never look broken, whatever a week brings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

import pytest
from lxml import etree

from digest.check import check_email
from digest.models import Email, Finding, Level, Selection
from digest.render import Renderer
from tests.render.issues import COPY, LINKS, PICTURE, TEMPLATES, awkward, full_week, issue_of, more_awkward, newsletter

ALL = range(99)


def pictured(selection: Selection, places: Collection[int]) -> Selection:
    """Give the posts at these places of the sections a picture, and the others none."""
    serial = iter(range(999))

    def with_picture(section_post: str) -> str:
        place = next(serial)
        return PICTURE.format(name=f"picture-{place}-{section_post[-2:]}") if place in places else ""

    sections = tuple(
        replace(
            section,
            picks=tuple(
                replace(pick, post=replace(pick.post, image=with_picture(pick.post.id))) for pick in section.picks
            ),
        )
        for section in selection.sections
    )
    return replace(selection, sections=sections)


WEEKS: dict[str, Callable[[], Selection]] = {
    "no posts": lambda: issue_of(0),
    "one post": lambda: issue_of(1),
    "two posts": lambda: issue_of(2),
    "twelve posts": lambda: issue_of(12),
    "forty posts": lambda: issue_of(40),
    "awkward posts": awkward,
    "awkward posts with pictures": lambda: pictured(awkward(), ALL),
    "a full week": full_week,
    "a full week with pictures": lambda: pictured(full_week(), ALL),
    "a full week with some": lambda: pictured(full_week(), (0, 4, 6, 7)),
    "awkward titles": more_awkward,
}


def mail(selection: Selection, **changes: object) -> Email:
    settings = {"template": "magazine", **changes}
    return Renderer(TEMPLATES, COPY).render(newsletter(**settings), 3, selection, LINKS)


def tree_of(email: Email) -> etree._Element:
    return etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))


def found_in(email: Email) -> list[Finding]:
    allowed = {"mail.subject-long"}  # the subject names the lead, and its title may be long
    return [finding for finding in check_email(email) if finding.code not in allowed]


def told(selection: Selection) -> list[tuple[str, str]]:
    """Give the address and title of all that readers are told of, in the order in which they meet it."""
    picks = (*selection.picks, *selection.more)
    return [(post.url, post.title) for pick in picks for post in (pick.post, *pick.also)]


def as_outlook_sees(html: str) -> str:
    """Do what Word does with conditional comments: open those for it, and drop what is hidden from it."""
    without = re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", html, flags=re.DOTALL)
    return re.sub(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", r"\1", without, flags=re.DOTALL)


def plates(email: Email) -> list[str]:
    return [str(cell.text) for cell in tree_of(email).iter("td") if cell.get("class") == "plate"]


@pytest.fixture(scope="module", params=[(week, language) for week in WEEKS for language in ("ja", "en")], ids="-".join)
def week(request: pytest.FixtureRequest) -> tuple[Selection, Email]:
    name, language = request.param
    selection = WEEKS[name]()
    return selection, mail(selection, language=language)


def test_no_check_finds_anything(week: tuple[Selection, Email]) -> None:
    assert found_in(week[1]) == []


def test_both_parts_tell_every_post_in_the_same_order_with_the_same_links(week: tuple[Selection, Email]) -> None:
    selection, email = week
    wanted = [url for url, _ in told(selection)]
    assert len(wanted) == len(selection.shown)
    shown = dict.fromkeys(str(link.get("href")) for link in tree_of(email).iter("a"))
    assert [url for url in shown if url in wanted] == wanted
    assert [line for line in email.text.splitlines() if line in wanted] == wanted


def test_outlook_sees_two_cells_of_one_table_where_others_see_two_columns(week: tuple[Selection, Email]) -> None:
    html = week[1].html
    tree = etree.fromstring(as_outlook_sees(html).encode(), etree.HTMLParser(encoding="utf-8"))
    ghosts = [table for table in tree.iter("table") if table.get("width") == "560"]
    assert len(ghosts) * 2 == html.count('<div class="column"')
    for ghost in ghosts:
        cells = ghost.findall("tr/td")
        assert [cell.get("width") for cell in cells] == ["280", "280"]
        assert all(cell.find("table") is not None for cell in cells)
    assert not list(tree.iterfind(".//td//div"))


def test_no_blank_stands_between_two_columns(week: tuple[Selection, Email]) -> None:
    html = re.sub(r"<!--.*?-->", "", week[1].html, flags=re.DOTALL)
    assert html.count("</div><div") == html.count('<div class="column"') / 2


def test_twelve_posts_with_pictures_take_less_than_half_of_what_gmail_shows() -> None:
    assert len(mail(pictured(issue_of(12), ALL)).html.encode()) < 50_000
    assert len(mail(pictured(full_week(), ALL)).html.encode()) < 60_000


def test_the_lead_has_a_large_picture_or_else_a_plate_for_its_title() -> None:
    with_picture = tree_of(mail(pictured(full_week(), ALL)))
    cover = next(cell for cell in with_picture.iter("td") if cell.get("class") == "cover")
    before = next(image for image in with_picture.iter("img"))
    assert before.get("width") == "600"
    assert cover.find("h2") is not None
    without = tree_of(mail(pictured(full_week(), ())))
    plate = next(cell for cell in without.iter("td") if cell.get("class") == "cover-plate")
    assert plate.find("h2") == next(without.iter("h2"))
    assert not list(without.iter("img"))


def test_a_post_without_a_picture_gets_a_plate_only_beside_one_that_has_one() -> None:
    categories = ("AI最新ニュース", "現場", "", "AI最新ニュース")
    section = issue_of(4).sections[0]
    picks = tuple(
        replace(pick, post=replace(pick.post, categories=(category,) if category else (), tags=()))
        for pick, category in zip(section.picks, categories, strict=True)
    )
    selection = replace(issue_of(4), sections=(replace(section, picks=picks),), lead="")
    assert plates(mail(pictured(selection, ()))) == []
    assert plates(mail(pictured(selection, ALL))) == []
    assert plates(mail(pictured(selection, (0,)))) == ["現場"]
    assert plates(mail(pictured(selection, (1, 3)))) == ["AI最新ニュース", "AI最新ニュース"]
    assert plates(mail(pictured(selection, ALL), design={"show_images": False})) == []
    tagged = replace(picks[0], post=replace(picks[0].post, tags=("推論",)))
    selection = replace(selection, sections=(replace(section, picks=(tagged, *picks[1:])),))
    assert plates(mail(pictured(selection, (1,)))) == ["推論"]


def test_the_category_is_said_once_on_the_plate_or_beside_the_date() -> None:
    section = issue_of(2).sections[0]
    picks = tuple(replace(pick, post=replace(pick.post, categories=("現場",))) for pick in section.picks)
    selection = replace(issue_of(2), sections=(replace(section, picks=picks),), lead="")
    for places in ((), (0,), ALL):
        assert mail(pictured(selection, places)).html.count(">現場<") == 2


def test_a_mail_that_would_be_too_large_shrinks_posts_to_titles_and_keeps_their_order() -> None:
    selection = pictured(issue_of(90), ALL)
    email = mail(selection, max_posts=90)
    assert len(email.html.encode()) <= 100_000
    links = [str(link.get("href")) for link in tree_of(email).iter("a")]
    wanted = [url for url, _ in told(selection)]
    assert [url for url in dict.fromkeys(links) if url in wanted] == wanted
    assert 10 < len([url for url in wanted if links.count(url) > 1]) < 90
    unlike = {"mail.text-unlike"}  # the text part has room for all excerpts
    assert {finding.code for finding in found_in(email)} <= unlike


def test_what_marketing_switches_off_is_gone_from_both_parts() -> None:
    off = dict.fromkeys(("show_lead", "show_excerpts", "show_images", "show_reading_time"), False)
    email = mail(pictured(full_week(), ALL), design=off)
    assert "今週の一本" not in email.html + email.text
    assert "<img" not in email.html
    assert "権限の管理" not in email.html + email.text
    assert "約7分" not in email.html + email.text
    assert found_in(email) == []


@pytest.mark.parametrize("accent", ["#000000", "#ffffff", "#e8b400", "#9b3022", "#ff0000", "#777777"])
def test_every_accent_gives_text_that_can_be_read_in_light_and_dark(accent: str) -> None:
    for places in ((), (0, 4)):
        found = found_in(mail(pictured(full_week(), places), design={"accent": accent}))
        assert [finding for finding in found if finding.level is Level.ERROR] == []


def test_a_newsletter_can_change_from_the_weekly_design_and_keep_what_it_chose() -> None:
    chosen = {"accent": "#124e78", "corner": 8, "body_size": 14, "heading_font": "gothic", "footer_note": "またね"}
    assert "またね" in mail(issue_of(3), design=chosen).html
    assert mail(issue_of(3), template="weekly", design=chosen).html


def test_the_styles_that_stay_win_over_those_in_tags() -> None:
    blocks = re.findall(
        r"<style>\n(.*?)</style>", re.sub(r"<!--.*?-->", "", mail(full_week()).html, flags=re.DOTALL), re.DOTALL
    )
    assert len(blocks) == 3
    for block in blocks:
        css = re.sub(r"/\*.*?\*/|:root \{[^}]*\}", "", block, flags=re.DOTALL)
        for declarations in re.findall(r"\{([^{}]*)\}", css):
            for declaration in filter(None, map(str.strip, declarations.split(";"))):
                assert declaration.endswith(" !important"), declaration
