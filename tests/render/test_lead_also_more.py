"""The story that opens an issue, other posts of the same stories, and the titles of what found no place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from digest.check import check_email
from digest.models import Email, Selection
from digest.render import Renderer
from digest.render.variables import variables
from tests.factories import make_pick, make_post, make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, full_week, newsletter, week

LEAD = "今週の一本"
ALSO = "関連記事"
MORE = "そのほかの記事"


def rendered(selection: Selection, **changes: object) -> Email:
    return Renderer(TEMPLATES, COPY).render(newsletter(**changes), 3, selection, LINKS)


def addresses(email: Email) -> tuple[list[str], list[str]]:
    """Give the addresses of posts in the HTML and in the text part, each once, in order."""
    tree = etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))
    links = dict.fromkeys(str(link.get("href")) for link in tree.iter("a"))
    lines = dict.fromkeys(email.text.splitlines())
    return ([each for each in links if "/2026/01/14/" in each], [each for each in lines if "/2026/01/14/" in each])


def headings(email: Email) -> tuple[list[str], list[str]]:
    """Give the headings of sections in the HTML and in the text part."""
    tree = etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))
    titles = [str(each.text) for each in tree.iter("h2") if each.get("class") == "section-title"]
    return titles, re.findall(r"^=+\n(.+)\n=+$", email.text, re.MULTILINE)


def test_the_lead_comes_first_wherever_its_section_stands_and_is_told_once() -> None:
    selection = full_week()
    lead = next(pick.post for pick in selection.picks if pick.post.id == selection.lead)
    assert selection.sections[0].picks[0].post != lead
    email = rendered(selection)
    html, text = addresses(email)
    assert html == text
    assert html[0] == lead.url
    assert email.text.count(lead.title) == 1
    assert email.html.count(f'href="{lead.url}"') == 2  # the title and the button
    assert email.text.index(LEAD) < email.text.index(lead.title) < email.text.index(selection.sections[0].heading)


def test_posts_are_counted_as_readers_meet_them() -> None:
    selection = full_week()
    lead, sections = selection.lead, selection.sections
    first: Any = variables(newsletter(), 3, selection, LINKS)
    assert first["lead"]["title"] == sections[1].picks[0].post.title
    assert [post["number"] for post in (*first["posts"], *first["more"])] == list(range(1, 21))
    assert [post["number"] for post in first["sections"][0]["posts"]] == [2, 3, 4, 5]
    assert [post["number"] for post in first["sections"][1]["posts"]] == [1, 6, 7]
    assert [post["number"] for post in first["sections"][1]["rest"]] == [6, 7]
    in_place: Any = variables(newsletter(), 3, selection, LINKS, lead_first=False)
    assert [post["number"] for post in in_place["sections"][1]["posts"]] == [5, 6, 7]
    assert [post["lead"] for post in in_place["posts"]].index(True) == 4
    assert in_place["lead"] == in_place["posts"][4]
    assert lead == sections[1].picks[0].post.id


def test_a_design_that_shows_no_lead_leaves_it_in_its_section() -> None:
    selection = full_week()
    lines = {"subject": "{{ lead.title }}", "preheader": "{{ posts|map(attribute='title')|first }}"}
    email = rendered(selection, design={"show_lead": False}, **lines)
    assert LEAD not in email.html + email.text
    html, text = addresses(email)
    in_place = [pick.post.url for section in selection.sections for pick in section.picks]
    assert [each for each in html if each in in_place] == in_place
    assert html == text
    assert email.subject == selection.sections[1].picks[0].post.title
    assert email.preheader == selection.sections[0].picks[0].post.title
    assert check_email(email) == ()


def test_an_issue_that_nothing_opens_has_no_lead_and_its_subject_names_the_first_post() -> None:
    selection = replace(week(), lead="")
    email = rendered(selection, subject="{{ lead.title }}")
    assert LEAD not in email.html + email.text
    assert email.subject == selection.picks[0].post.title
    assert addresses(email)[0] == [pick.post.url for pick in selection.picks]


def test_a_section_that_holds_the_lead_alone_shows_no_heading() -> None:
    selection = week()
    alone = replace(selection.sections[1], picks=selection.sections[1].picks[:1])
    selection = replace(selection, sections=(selection.sections[0], alone), lead=alone.picks[0].post.id)
    html, text = headings(rendered(selection))
    assert html == ["AI最新ニュース"]
    assert text == [LEAD, "AI最新ニュース"]
    in_place = headings(rendered(selection, design={"show_lead": False}))
    assert in_place == (["AI最新ニュース", "投資分析"],) * 2


def test_other_posts_of_a_story_stand_below_it_as_many_as_the_newsletter_wants() -> None:
    others = tuple(make_post(f"other-{number}", title=f"別の視点{number}") for number in range(1, 5))
    selection = make_selection(make_pick("a", also=others[:1]), make_pick("b", also=others[1:]))
    html, text = addresses(rendered(selection))
    names = [address.split("/")[-2] for address in html]
    assert html == text
    assert names == ["a", "other-1", "b", "other-2", "other-3"]
    none = rendered(selection, max_also=0)
    assert ALSO not in none.html + none.text
    assert [address.split("/")[-2] for address in addresses(none)[0]] == ["a", "b"]


def test_other_posts_of_a_story_are_told_by_their_title_alone() -> None:
    other = make_post("other", title="別の視点", image="https://blog.example.com/x.png", summary="概要")
    email = rendered(make_selection(make_pick("a", also=(other,))))
    assert "別の視点" in email.html
    assert "[関連記事] 別の視点" in email.text
    assert "<img" not in email.html
    assert "概要" not in email.html + email.text


def test_more_posts_are_a_list_of_titles_at_the_end_under_a_heading() -> None:
    selection = full_week()
    email = rendered(selection)
    for part in (email.html, email.text):
        start = part.index(MORE)
        assert all(part.index(pick.post.url) > start for pick in selection.more)
        assert all(part.index(pick.post.url) < start for pick in selection.picks)
    assert email.text[email.text.index(MORE) :].count("最初の段落です") == 0
    assert headings(email)[0][-1] == headings(email)[1][-1] == MORE


def test_without_more_posts_there_is_no_heading_for_them() -> None:
    email = rendered(week())
    assert MORE not in email.html + email.text
    assert ALSO not in email.html + email.text


def test_titles_in_another_language_say_which_wherever_they_stand() -> None:
    html = rendered(full_week()).html
    for title in ("What the multiples", "Five questions", "What the EU AI Act"):
        before = html[: html.index(f">{title}")]
        assert 'lang="en"' in before[-240:], title
    english = rendered(full_week(), language="en").html
    assert "See also" in english
    assert "More posts" in english
    assert 'lang="ja"' in english[english.index("More posts") :]


def test_a_mail_that_would_be_too_large_still_tells_everything_it_counts_as_told() -> None:
    busy = week(20)
    others = [make_post(f"other-{number}", title="別の視点から見た同じ話題" * 2) for number in range(80)]
    more = tuple(make_pick(f"more-{number}", title="題名だけで伝えるそのほかの記事" * 2) for number in range(20))
    ids = iter(others)
    sections = tuple(
        replace(section, picks=tuple(replace(pick, also=(next(ids),)) for pick in section.picks))
        for section in busy.sections
    )
    selection = replace(busy, sections=sections, more=more)
    email = rendered(selection)
    html, text = addresses(email)
    assert len(html) == len(selection.shown) == 180
    assert html == text
    assert len(email.html.encode()) < 100_000
    assert email.html.count("続きを読む") < len(selection.picks) - 1
