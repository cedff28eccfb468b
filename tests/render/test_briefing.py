"""What the briefing promises: a list that is read in a minute, the same in both parts, for every week there can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from lxml import etree
from playwright.sync_api import Browser, sync_playwright

from digest.check import check_email
from digest.models import READER_TOKEN, Email, Finding, Level, Selection
from digest.render import Renderer
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
LANGUAGES = ("ja", "en")


def mail(selection: Selection, language: str = "ja", **changes: object) -> Email:
    settings = {"template": "briefing", "language": language, "max_posts": 80, **changes}
    return Renderer(TEMPLATES, COPY).render(newsletter(**settings), 3, selection, LINKS)


def tree_of(email: Email) -> etree._Element:
    return etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))


def words_in(element: etree._Element) -> str:
    """Give the words of an element without what only helps to break its lines."""
    return "".join("".join(map(str, element.itertext())).replace("\u200b", "").split())


def links_in(email: Email, wanted: list[str]) -> list[tuple[str, str]]:
    """Give the links of the HTML that are wanted, in order: address and words."""
    links = [(str(link.get("href")), words_in(link)) for link in tree_of(email).iter("a")]
    return [(url, words) for url, words in links if url in wanted]


def found_in(email: Email) -> list[Finding]:
    allowed = {"mail.subject-long"}  # the subject names the lead, and its title may be long
    return [finding for finding in check_email(email) if finding.code not in allowed]


def cells(email: Email) -> list[str]:
    """Give the numbers in front of the posts of the HTML."""
    return [words_in(cell) for cell in tree_of(email).iter("td") if cell.get("width") == "36"]


@pytest.fixture(scope="module", params=[(week, language) for week in WEEKS for language in LANGUAGES], ids="-".join)
def week(request: pytest.FixtureRequest) -> tuple[Selection, Email]:
    name, language = request.param
    selection = WEEKS[name]()
    return selection, mail(selection, language)


def test_no_check_finds_anything(week: tuple[Selection, Email]) -> None:
    assert found_in(week[1]) == []


def test_both_parts_tell_the_same_posts_with_the_same_links_in_the_same_order(week: tuple[Selection, Email]) -> None:
    selection, email = week
    told = [post for pick in (*selection.picks, *selection.more) for post in (pick.post, *pick.also)]
    wanted = [post.url for post in told]
    shown = links_in(email, wanted)
    assert [url for url, _ in shown] == wanted
    assert [line for line in email.text.splitlines() if line in wanted] == wanted
    text = "".join(email.text.split())
    place = 0
    for _, title in shown:
        place = text.find(title, place)
        assert place >= 0, title
        place += len(title)


def test_each_post_is_one_link_and_no_picture(week: tuple[Selection, Email]) -> None:
    selection, email = week
    links = [url for url, _ in links_in(email, [pick.post.url for pick in selection.picks])]
    assert len(links) == len(set(links)) == len(selection.picks)
    assert not list(tree_of(email).iter("img"))


def test_both_parts_number_the_posts_from_the_lead_on(week: tuple[Selection, Email]) -> None:
    selection, email = week
    numbers = [str(number + 1) for number in range(len(selection.picks))]
    assert cells(email) == numbers
    assert re.findall(r"^(?: |(?=\d\d))(\d+)\. ", email.text, re.MULTILINE) == numbers


def test_it_stays_far_below_what_gmail_shows(week: tuple[Selection, Email]) -> None:
    assert len(week[1].html.encode()) <= 80_000


def test_both_parts_show_the_same_sentence_which_is_as_short_as_marketing_wants() -> None:
    excerpt = next(pick.excerpt for pick in full_week().sections[0].picks)
    first = "推論性能が2倍になったという発表に、正直「またか」と思ったのが本音です。"
    for columns, sentence in ((200, excerpt), (100, first)):
        email = mail(full_week(), design={"excerpt_columns": columns})
        told = {words_in(each) for each in tree_of(email).iter("p")}
        assert "".join(sentence.split()) in told
        assert sentence in "".join(email.text.split())
    assert excerpt not in "".join(email.text.split())


def test_the_lead_tells_its_whole_excerpt() -> None:
    selection = full_week()
    lead = next(pick for pick in selection.picks if pick.post.id == selection.lead)
    email = mail(selection, design={"excerpt_columns": 40})
    assert lead.excerpt in {words_in(each) for each in tree_of(email).iter("p")}
    assert lead.excerpt in "".join(email.text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_marketing_can_turn_parts_off(language: str) -> None:
    off = {"show_lead": False, "show_excerpts": False, "show_numbers": False, "show_reading_time": False}
    email = mail(full_week(), language, design=off)
    both = email.html + email.text
    assert cells(email) == []
    assert not re.search(r"^ ?\d+\. ", email.text, re.MULTILINE)
    for gone in ("権限の管理", "今週の一本", "Story of the week", "約9分", "9 min read"):
        assert gone not in both
    assert found_in(email) == []


def test_a_post_that_only_repeats_its_section_does_not_name_its_category() -> None:
    email = mail(full_week())
    assert [words_in(each) for each in tree_of(email).iter("b")] == ["第3号", "投資分析"]


def test_what_is_too_large_shrinks_to_titles_and_loses_none() -> None:
    selection = issue_of(80)
    email = mail(selection)
    assert len(email.html.encode()) <= 80_000
    wanted = [pick.post.url for pick in selection.picks]
    assert [url for url, _ in links_in(email, wanted)] == wanted
    assert 10 < len(list(tree_of(email).iter("h3"))) < 80


def test_the_dark_form_is_also_told_to_outlook_in_its_own_way() -> None:
    styles = re.findall(r"<style>(.*?)</style>", mail(full_week()).html, re.DOTALL)
    dark = next(block for block in styles if "ogsc" in block)
    asked = re.findall(r"^  (\.[^{]+)\{ (?:color|background-color):", dark, re.MULTILINE)
    classes = {name for rule in asked for name in re.findall(r"\.([\w-]+)", rule)}
    assert classes
    assert classes <= set(re.findall(r"\[data-ogs[cb]\] \.([\w-]+)", dark))


@pytest.mark.parametrize("accent", ["#000000", "#ffffff", "#e8b400", "#ff0000", "#777777"])
@pytest.mark.parametrize("font", ["gothic", "mincho"])
def test_every_accent_can_be_read(accent: str, font: str) -> None:
    design = {"accent": accent, "heading_font": font, "body_font": font}
    assert found_in(mail(full_week(), design=design)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_foot_says_who_answers_and_how_to_leave(language: str) -> None:
    email = mail(issue_of(1), language)
    leave = {"ja": ("配信を停止する", "ブラウザで読む"), "en": ("Unsubscribe", "Read in a browser")}[language]
    for part in (email.html, email.text):
        for wanted in ("株式会社サンプル", "丸の内1-1-1", "https://example.com/contact", f"/u/{READER_TOKEN}", *leave):
            assert wanted in part


def test_without_a_public_address_there_is_no_link_to_a_browser() -> None:
    links = type(LINKS)(unsubscribe_url=LINKS.unsubscribe_url)
    email = Renderer(TEMPLATES, COPY).render(newsletter(template="briefing"), 3, issue_of(1), links)
    assert "ブラウザで読む" not in email.html + email.text
    assert not [finding for finding in check_email(email) if finding.level is Level.ERROR]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=switches)
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", [name for name in WEEKS if name not in {"no posts", "one post"}])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_sticks_out_of_the_screen_with_the_styles_in_the_head_and_without(
    name: str, language: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.set_content(mail(WEEKS[name](), language).html)
    for _ in range(2):
        for width in (320, 375, 600, 1024):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            sheet = page.locator("table[style*='max-width']").first.bounding_box()
            assert sheet is not None
            assert sheet["width"] <= 600
        page.evaluate("document.querySelectorAll('style').forEach(style => style.remove())")
    page.close()


@pytest.mark.browser
def test_twelve_posts_are_shorter_than_in_the_weekly(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.route("https://**/*", lambda route: route.abort())
    heights = []
    for email in (mail(issue_of(12)), Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(12), LINKS)):
        page.set_content(email.html)
        heights.append(page.evaluate("document.documentElement.scrollHeight"))
    page.close()
    assert heights[0] < 0.75 * heights[1]
