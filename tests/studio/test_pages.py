"""The page says what there is to know, and nothing in a post or a template can speak for it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from lxml import html as lxml_html

from digest import pipeline
from digest.app import Project
from digest.cli.commands import app as commands
from digest.models import IssueState
from digest.select import slot_of_period
from tests.projects import replace_in

pytestmark = pytest.mark.anyio
POSTS = "examples/blog/_posts"


async def page(client: httpx.AsyncClient, path: str = "/") -> lxml_html.HtmlElement:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return lxml_html.document_fromstring(answer.text)


def text(tree: lxml_html.HtmlElement, name: str) -> str:
    return " ".join(tree.get_element_by_id(name).text_content().split())


def freeze(project: Path, now: datetime) -> None:
    with Project(project) as opened:
        press = opened.press("weekly")
        pipeline.build(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now)


def write_post(project: Path, name: str, front_matter: str) -> None:
    (project / POSTS / name).write_text(f"---\n{front_matter}\n---\nWords.\n", encoding="utf-8")


async def test_the_page_has_the_mail_twice_its_text_its_source_and_its_inbox_line(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    tree = await page(client)
    with Project(project) as opened:
        press = opened.press("weekly")
        email = pipeline.draft(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now).email
    assert text(tree, "subject") == " ".join(email.subject.split())
    assert text(tree, "preheader") == " ".join(email.preheader.split())
    assert text(tree, "sender") == email.sender.name
    assert tree.get_element_by_id("shown-text").text_content() == email.text
    assert tree.cssselect(".html code")[0].text_content() == email.html
    assert text(tree, "size") == f"{len(email.html.encode()) / 1000:.1f} kB"
    frames = tree.cssselect("iframe")
    assert len(frames) == 2
    for frame in frames:
        shown = re.sub(r' data-digest-offset="\d+"', "", frame.get("srcdoc"))  # what a click on a part is told by
        assert email.html.rpartition("</head>")[2] in shown


async def test_frames_never_allow_scripts(client: httpx.AsyncClient) -> None:
    for frame in (await page(client)).cssselect("iframe"):
        allowed = set(frame.get("sandbox").split())
        assert allowed == {"allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"}
        assert "default-src 'none'" in frame.get("srcdoc")
        assert not frame.get("src")


async def test_a_hostile_title_stays_text_everywhere(client: httpx.AsyncClient, project: Path) -> None:
    hostile = """</pre></iframe><script src=x>alert(1)</script><img src=x onerror=alert(1)>"'"""
    front_matter = f"title: >-\n  {hostile}\ndate: 2026-01-18 20:00:00 +0900\ncategories: [AI最新ニュース]"
    write_post(project, "2026-01-18-hostile.md", front_matter + "\nnewsletter:\n  pin: true")
    write_post(project, "2026-01-17-out.md", f"title: >-\n  {hostile}\ndate: 2025-01-01\nnewsletter: false")
    answer = await client.get("/")
    tree = lxml_html.document_fromstring(answer.text)
    assert "<script src=x>" in tree.get_element_by_id("shown-reasons").text_content()
    outside = re.sub(r'srcdoc="[^"]*"', "", answer.text)
    assert "<script src=x" not in outside
    assert "onerror=alert(1)>" not in outside
    scripts = [script.get("src") for script in tree.iter("script")]
    assert scripts
    assert all(re.fullmatch(r"/static/[a-z]+\.js", script or "") for script in scripts), scripts
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]


async def test_links_to_posts_tell_the_blog_nothing(client: httpx.AsyncClient) -> None:
    for link in (await page(client)).cssselect("#shown-reasons a"):
        assert link.get("href").startswith("https://")
        assert link.get("rel") == "noopener noreferrer"


async def test_every_post_in_and_out_has_its_reason_and_its_file(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    shown = text(await page(client), "shown-reasons")
    with Project(project) as opened:
        press = opened.press("weekly")
        selection = pipeline.draft(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now).selection
    for each in (*selection.picks, *selection.more, *selection.left_out):
        assert " ".join(each.post.title.split()) in shown
        assert " ".join(each.reason.split()) in shown
        assert each.post.path in shown


async def test_the_parts_of_a_score_are_bars_of_one_scale(client: httpx.AsyncClient) -> None:
    tree = await page(client)
    for pick in tree.cssselect(".pick"):
        numbers = [float(part.text_content()) for part in pick.cssselect("dd span")]
        bars = [float(bar.get("width").rstrip("%")) for bar in pick.cssselect(".fill")]
        assert sum(numbers) == pytest.approx(float(pick.cssselect(".score")[0].text_content()), abs=0.02)
        assert all(0 <= bar <= 100 for bar in bars)
        assert [number for _, number in sorted(zip(bars, numbers, strict=True))] == sorted(numbers)


async def test_posts_that_are_told_by_their_title_are_a_group_of_their_own(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    for old, new in (("max_posts = 12", "max_posts = 4"), ("max_more = 8", "max_more = 3")):
        replace_in(project / "config/newsletters/weekly.toml", old, new)
    tree = await page(client)
    with Project(project) as opened:
        press = opened.press("weekly")
        selection = pipeline.draft(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now).selection
    group = tree.get_element_by_id("more-posts")
    titles = [" ".join(each.text_content().split()) for each in group.cssselect("h3")]
    assert titles == [pick.post.title for pick in selection.more]
    assert len(titles) == 3
    assert [each.text_content() for each in group.cssselect(".rank")] == ["5", "6", "7"]


async def test_the_lead_is_marked_once_and_numbered_first(client: httpx.AsyncClient) -> None:
    tree = await page(client)
    (marked,) = [each for each in tree.cssselect(".pick") if each.cssselect("h3 .count")]
    assert marked.cssselect(".rank")[0].text_content() == "1"
    numbers = sorted(int(each.text_content()) for each in tree.cssselect(".pick .rank"))
    assert numbers == list(range(1, len(numbers) + 1))


async def test_other_posts_of_a_story_are_named_below_the_one_that_is_in(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    with Project(project) as opened:
        press = opened.press("weekly")
        selection = pipeline.draft(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now).selection
    told = {pick.post.title: [f"Also: {post.title}" for post in pick.also] for pick in selection.picks if pick.also}
    assert told
    picks = (await page(client)).cssselect(".pick")
    for title, others in told.items():
        (pick,) = [each for each in picks if title in each.cssselect("h3")[0].text_content()]
        assert [each.text_content() for each in pick.cssselect(".why")[1:]] == others


async def test_every_post_that_is_out_says_what_would_bring_it_in(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    shown = text(await page(client), "shown-reasons")
    with Project(project) as opened:
        press = opened.press("weekly")
        selection = pipeline.draft(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now).selection
    assert selection.left_out
    assert shown.count("What would bring it in:") == sum(bool(out.remedy) for out in selection.left_out)


async def test_posts_of_other_weeks_are_folded_and_counted(client: httpx.AsyncClient) -> None:
    folded = (await page(client)).get_element_by_id("out-of-window")
    assert folded.get("open") is None
    assert int(folded.cssselect(".count")[0].text_content()) == len(folded.cssselect("li"))


async def test_findings_are_counted_and_say_where_and_what_to_do(client: httpx.AsyncClient, project: Path) -> None:
    write_post(project, "2026-01-16-broken.md", "title: [\ndate: 2026-01-16")
    tree = await page(client)
    assert int(tree.cssselect("#counts .bad")[0].text) == len(tree.cssselect(".finding.error"))
    assert "errors" in text(tree, "counts")
    broken = next(each for each in tree.cssselect(".finding") if "2026-01-16-broken.md" in each.text_content())
    assert re.search(rf"{POSTS}/2026-01-16-broken\.md:\d+", broken.text_content())
    assert broken.cssselect(".fix")


async def test_without_a_frozen_version_the_page_says_draft(client: httpx.AsyncClient) -> None:
    tree = await page(client, "/?shown=frozen")
    assert text(tree, "version") == "Draft"
    assert text(tree, "state") == "not built"
    assert not tree.cssselect("#note, .segments")


async def test_the_frozen_version_is_marked_and_said_to_be_the_same(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    freeze(project, now)
    tree = await page(client)
    assert (text(tree, "version"), text(tree, "state")) == ("Frozen version", "frozen")
    assert "very same mail" in text(tree, "note")


async def test_of_an_issue_that_nobody_gets_the_page_does_not_say_that_readers_get_it(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    freeze(project, now)
    assert "readers get" in text(await page(client, "/issues/weekly/2026-W04"), "note")
    with Project(project) as opened:
        issue = opened.store.issues.find("weekly", "2026-W04")
        assert issue
        pipeline.skip(opened.store, issue, "kay", "holidays", now)
    note = text(await page(client, "/issues/weekly/2026-W04"), "note")
    assert "not sent to anybody" in note
    assert "readers get" not in note


async def test_a_draft_that_differs_from_the_frozen_version_is_told_on_both(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    freeze(project, now)
    replace_in(project / "config/newsletters/weekly.toml", 'title = "ことのは週報"', 'title = "新しい名前"')
    frozen, draft = await page(client, "/"), await page(client, "/?shown=draft")
    assert text(frozen, "version") == "Frozen version"
    assert "ことのは週報" in text(frozen, "subject")
    assert text(draft, "version") == "Draft"
    assert "新しい名前" in text(draft, "subject")
    for tree in (frozen, draft):
        assert "differ" in text(tree, "note")


async def test_an_error_shows_its_lines_and_keeps_the_rest_away(client: httpx.AsyncClient, project: Path) -> None:
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead( }}<b>")
    tree = await page(client)
    trouble = tree.cssselect(".trouble")[0]
    assert re.search(r"templates/weekly/email\.html:\d+", trouble.text_content())
    assert trouble.cssselect(".guilty code")[0].text == "{{ masthead( }}<b>"
    assert tree.get_element_by_id("workbench").get("hidden") is not None
    assert tree.findtext(".//title", "").startswith("⚠")


async def test_weeks_lead_to_their_pages(client: httpx.AsyncClient) -> None:
    tree = await page(client)
    assert tree.get_element_by_id("before").get("href") == "/issues/weekly/2026-W03"
    assert tree.get_element_by_id("after").get("href") == "/issues/weekly/2026-W05"
    options = tree.cssselect("#week option")
    assert [each.get("value") for each in options if each.get("selected") is not None] == ["/issues/weekly/2026-W04"]
    for path in ("/issues/weekly/2026-W03", "/issues/weekly"):
        await page(client, path)


async def test_looks_stay_while_walking_through_the_weeks(client: httpx.AsyncClient) -> None:
    tree = await page(client, "/issues/weekly/2026-W04?dark=1&images=0")
    assert tree.get_element_by_id("before").get("href") == "/issues/weekly/2026-W03?dark=1&images=0"
    assert tree.get_element_by_id("dark").get("data-go") == "/issues/weekly/2026-W04?images=0"
    assert "color-scheme:dark!important" in tree.cssselect("iframe")[0].get("srcdoc")
    assert "img-src 'none'" in tree.cssselect("iframe")[0].get("srcdoc")


@pytest.mark.parametrize("path", ["/issues/weekly/2026-W60", "/issues/daily/2026-W04", "/issues/<script>"])
async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "<script>" not in answer.text


@pytest.mark.parametrize("state", [None, *IssueState])
async def test_the_commands_that_are_shown_exist(
    client: httpx.AsyncClient, project: Path, now: datetime, state: IssueState | None
) -> None:
    if state:
        freeze(project, now)
        with Project(project) as opened:
            issue = opened.store.issues.find("weekly", "2026-W04")
            assert issue is not None
            opened.store.issues.move(issue, state, allowed=[issue.state], now=now)
    shown = [each.get("data-copy").split() for each in (await page(client)).cssselect("[data-copy]")]
    assert shown
    group: Any = typer.main.get_command(commands)
    for program, name, *arguments in shown:
        assert program == "digest"
        assert arguments[0] == "weekly/2026-W04"
        with group.commands[name].make_context(name, arguments) as context:
            assert context.params["issue"] == "weekly/2026-W04"
