"""A page speaks the language that was chosen here, else the browser's, the newsletter's, or English."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from lxml import html as lxml_html
from starlette.applications import Starlette
from starlette.requests import Request

from digest import pipeline
from digest.app import Project
from digest.models import IssueState
from digest.select import slot_of_period
from digest.studio.amounts import number, when
from digest.studio.listening import COOKIE, hearing, preferred
from digest.studio.speaking import LANGUAGES, speech
from tests.projects import replace_in
from tests.studio.conftest import HOST, TOKEN

pytestmark = pytest.mark.anyio
WEEK = "/issues/weekly/2026-W04"
DESIGN = "/designs/weekly/email.html"
OURS = {"origin": f"http://{HOST}"}
NAMES = {"digest", "studio", "gmail", "html", "utc", "kb", "px", "tab", "esc", "ctrl", "s", "weekly", "magazine"}
NAMES |= {"iphone", "outlook", "yahoo"}
"""What a Japanese page may say in Latin letters: names, signs of keys and of sizes."""
SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-last-good")


@pytest.fixture
async def reader(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client that came with the token, and whose browser says nothing of languages."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}") as client:
        await client.get("/", params={"token": TOKEN})
        yield client


def tree_of(answer: httpx.Response) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(answer.text)


def language_of(answer: httpx.Response) -> str:
    said = tree_of(answer).get("lang")
    assert answer.headers["content-language"] == said
    return str(said)


def freeze(project: Path, now: datetime) -> None:
    with Project(project) as opened:
        press = opened.press("weekly")
        pipeline.build(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now)


def asking(query: str = "", cookie: str = "", accept: str | None = None, path: str = "/") -> Request:
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())] if cookie else []
    headers += [] if accept is None else [(b"accept-language", accept.encode("latin-1"))]
    return Request({"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers})


# ---------------------------------------------------------------- which language


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "shown", "language"),
    [
        ("language=ja", "en", "en", "en", "ja"),
        ("language=xx", "ja", "en", "en", "ja"),
        ("", "ja", "en", "en", "ja"),
        ("", "<script>", "ja", "en", "ja"),
        ("", "", "ja", "en", "ja"),
        ("", "", "ko-KR", "ja", "ja"),
        ("", "", None, "ja-JP", "ja"),
        ("", "", None, "ko", "en"),
        ("", "", None, "", "en"),
        ("language=", "", "", "", "en"),
    ],
)
async def test_the_choice_counts_first_then_the_cookie_the_browser_and_the_newsletter(
    query: str, cookie: str, accept: str | None, shown: str, language: str
) -> None:
    assert hearing(asking(query, cookie, accept), shown).language == language


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("ja", "ja"),
        ("JA-jp", "ja"),
        ("ja_JP", "ja"),
        ("ja-Hira-JP;q=0.9, fr;q=1", "ja"),
        ("en;q=0.8, ja;q=0.9", "ja"),
        ("en;q=0.9, ja;q=0.9", "en"),
        ("fr, de;q=0.9, ja;q=0.001, en;q=0.0001", "ja"),
        ("ja;q=0, en;q=0.1", "en"),
        ("ja;q=0.000", "en"),
        ("ja ; Q=0.5 , en ;q=0.4", "ja"),
        ("ja;level=1, en;q=0.1", "en"),
        ("ja;q=2, en", "en"),
        ("ja;q=, ja;q=-1, ja;q=x, ja;q=0.5;q=1", "en"),
        ("*", "en"),
        ("*;q=0.5, ja;q=0.1", "ja"),
        (",,, ;q=1, ja", "ja"),
        ("japanese, jav, jax-JA", "en"),
        ("ja\x00", "en"),
        ("\xe3\x81\x82, ja", "ja"),
        ("fr," * 60 + "ja", "en"),
    ],
)
async def test_the_browsers_wishes_are_read_in_every_form(accept: str, language: str) -> None:
    assert hearing(asking(accept=accept)).language == language


async def test_wishes_of_one_weight_keep_their_order() -> None:
    assert preferred("a, b;q=1, c;q=0.5, d") == ["a", "b", "d", "c"]


async def test_several_headers_are_one() -> None:
    request = asking()
    request.scope["headers"] = [(b"accept-language", b"fr"), (b"accept-language", b"ja;q=0.5")]
    assert hearing(request).language == "ja"


# ---------------------------------------------------------------- how it stays


async def test_a_choice_leads_on_to_the_same_page_and_stays(reader: httpx.AsyncClient) -> None:
    assert language_of(await reader.get(WEEK)) == "ja"
    answer = await reader.get(f"{WEEK}?dark=1&language=en&images=0")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{WEEK}?dark=1&images=0")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=en;")
    assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))
    for path in (WEEK, DESIGN, "/nowhere/else", "/issues/weekly/2026-W99"):
        said = await reader.get(path)
        if "content-language" in said.headers:
            assert language_of(said) == "en", path


async def test_the_first_address_can_choose_too(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/", params={"token": TOKEN, "language": "ja"})
    assert answer.headers["location"] == "/"
    assert language_of(await stranger.get("/")) == "ja"


@pytest.mark.parametrize("asked", ["xx", "", "ja\r\nset-cookie: a=b", "<b>", "ja" * 2000, "日本語"])
async def test_unknown_languages_choose_nothing(client: httpx.AsyncClient, asked: str) -> None:
    answer = await client.get("/", params={"language": asked})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert language_of(answer) == "en"


async def test_a_stranger_chooses_nothing_but_is_told_in_the_own_language(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/?language=ja")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert language_of(answer) == "ja"
    assert "このページは非公開です" in answer.text


async def test_a_choice_never_leads_to_another_host(reader: httpx.AsyncClient) -> None:
    for path in ("//evil.example/?language=en", "/%2Fevil.example?language=en", "/issues//evil.example?language=en"):
        answer = await reader.get(httpx.URL(f"http://{HOST}").copy_with(raw_path=path.encode()))
        assert not answer.headers.get("location", "/").startswith("//")
        assert hearing(asking("language=en", path="//evil.example/")).switch == "/evil.example/?language=ja"


@pytest.mark.parametrize("path", [WEEK, f"{WEEK}?dark=1", DESIGN, "/designs/weekly/_macros/footer.html?dark=1"])
async def test_the_switch_is_a_link_to_the_same_page_in_its_own_language(reader: httpx.AsyncClient, path: str) -> None:
    first = await reader.get(path)
    switch = tree_of(first).get_element_by_id("language")
    assert (switch.tag, switch.get("lang"), switch.get("hreflang"), switch.text) == ("a", "en", "en", "English")
    led = await reader.get(switch.get("href"))
    assert led.headers["location"] == path
    back = tree_of(await reader.get(path)).get_element_by_id("language")
    assert (back.get("lang"), back.text) == ("ja", "日本語")


async def test_a_page_of_trouble_has_the_switch_too(client: httpx.AsyncClient, project: Path) -> None:
    replace_in(project / "config/digest.toml", "[site]", "[sight]")
    tree = tree_of(await client.get("/"))
    assert tree.get_element_by_id("language").get("href") == "/?language=ja"


# ---------------------------------------------------------------- what stays as it is


async def test_the_mail_keeps_its_own_language(client: httpx.AsyncClient) -> None:
    tree = tree_of(await client.get(WEEK))
    assert tree.get("lang") == "en"
    for part in ("subject", "preheader"):
        assert tree.get_element_by_id(part).get("lang") == "ja"
    assert tree.cssselect("#shown-text pre")[0].get("lang") == "ja"


async def test_the_same_mail_is_shown_in_both_languages(reader: httpx.AsyncClient) -> None:
    frames = []
    for language in LANGUAGES:
        await reader.get(f"/?language={language}")
        frames.append([each.get("srcdoc") for each in tree_of(await reader.get("/")).cssselect("iframe")])
    assert frames[0] == frames[1]


async def test_the_digests_own_sentences_are_marked_as_english_below_a_headline(reader: httpx.AsyncClient) -> None:
    tree = tree_of(await reader.get(WEEK))
    findings = tree.cssselect("#shown-findings .finding")
    assert findings
    for each in findings:
        code = each.cssselect(".level code")[0].text
        assert each.cssselect(".headline")[0].text == speech("ja").words[f"findings.{code}"]
        assert each.cssselect(".message")[0].get("lang") == "en"


# ---------------------------------------------------------------- every page


OTHERS_WORDS = (
    "#newsletter, .newsletter, #subject, .subject, .preheader, .from, .headers dt, .pick h3, .pick span[lang], "
    ".out-title, .group h2 span[lang], .inbox-cuts [lang] > b, .inbox-cuts .second, .tools .unseen, "
    ".weighed span[lang], option"
)
"""What the newsletter and its posts say, wherever it is shown."""
QUOTED = ".pick h3, .out-title, .tools .unseen, option"
"""What is said of these in whole sentences, such as the name of a button."""
WRITTEN_ALIKE = re.compile(r"\b[0-9a-f]{12,}\b|\b\d{4}-W\d\d\b|\b[\w/]+\.(?:html|css|txt|toml)\b")
"""Fingerprints, periods and files."""


def visible(element: lxml_html.HtmlElement, language: str = "") -> Iterator[str]:
    """Give all that is read or read out in Japanese: code, the mail and what is marked as English are not."""
    if not isinstance(element.tag, str) or element.tag in {"code", "pre", "textarea", "script", "style", "svg"}:
        return
    language = element.get("lang", language)
    if language == "ja":
        yield from (element.get(name) for name in SPOKEN if element.get(name))
        yield element.text or ""
    for child in element:
        yield from visible(child, language)
        if language == "ja":
            yield child.tail or ""


def foreign(answer: httpx.Response) -> set[str]:
    """Return the words of a Japanese page that are in Latin letters, and are no names."""
    tree = tree_of(answer)
    quoted = {" ".join(part.text_content().split()) for part in tree.cssselect(QUOTED)}
    quoted |= {str(part.get("value")) for part in tree.cssselect("input[name=title]")}
    for part in tree.cssselect(OTHERS_WORDS):
        part.set("lang", "")
    texts = list(visible(tree))
    assert any(re.search("[ぁ-ん]", text) for text in texts)
    for each in sorted(filter(None, quoted), key=len, reverse=True):
        texts = [text.replace(each, "") for text in texts]
    words = (word for text in texts for word in re.findall(r"[A-Za-z]+", WRITTEN_ALIKE.sub("", text)))
    return {word for word in words if word.lower() not in NAMES}


async def test_no_english_is_left_on_the_page_of_a_draft(reader: httpx.AsyncClient, project: Path) -> None:
    (project / "examples/blog/_posts/2026-01-16-broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    for path in (WEEK, f"{WEEK}?dark=1&images=0", "/issues/weekly/2026-W02", "/issues/weekly/2026-W09"):
        assert foreign(await reader.get(path)) == set(), path


async def test_no_english_is_left_on_the_pages_of_two_versions(
    reader: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    freeze(project, now)
    replace_in(project / "config/newsletters/weekly.toml", 'title = "ことのは週報"', 'title = "新しい名前"')
    for path in (WEEK, f"{WEEK}?shown=draft"):
        answer = await reader.get(path)
        assert "下書きと確定版に違いがあります" in answer.text
        assert foreign(answer) == set(), path


async def test_no_english_is_left_on_a_page_of_trouble(reader: httpx.AsyncClient, project: Path, now: datetime) -> None:
    freeze(project, now)
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead( }}")
    answer = await reader.get(WEEK)
    assert "テンプレートに誤りがあります" in answer.text
    assert foreign(answer) == set()


async def test_no_english_is_left_where_there_is_nothing_but_trouble(reader: httpx.AsyncClient, project: Path) -> None:
    replace_in(project / "config/digest.toml", "[site]", "[sight]")
    await reader.get("/?language=ja")
    answer = await reader.get("/")
    assert "設定に誤りがあります" in answer.text
    assert foreign(answer) == set()


@pytest.mark.parametrize("state", [*IssueState])
async def test_no_english_is_left_in_any_state(
    reader: httpx.AsyncClient, project: Path, now: datetime, state: IssueState
) -> None:
    freeze(project, now)
    with Project(project) as opened:
        issue = opened.store.issues.find("weekly", "2026-W04")
        assert issue is not None
        opened.store.issues.move(issue, state, allowed=[issue.state], now=now, who="someone", reason="because")
    answer = await reader.get(WEEK)
    assert speech("ja").say(f"states.{state}") in answer.text
    assert foreign(answer) == set()


async def test_no_english_is_left_where_a_design_is_edited(reader: httpx.AsyncClient, project: Path) -> None:
    first = await reader.get(DESIGN)
    assert foreign(first) == set()
    form = {str(each.get("name")): str(each.get("value")) for each in tree_of(first).cssselect("#edit input")}
    good = (project / "templates/weekly/email.html").read_text(encoding="utf-8")
    for text, step, outcome in (
        (good.replace("{{ masthead() }}", "{{ masthead( }}"), "save", "refused"),
        (good + "<table><tr><td>", "try", ""),
        (good + "{# neu #}\n", "save", "saved"),
        (good, "save", "changed"),
    ):
        answer = await reader.post(DESIGN, data={**form, "text": text, "step": step}, headers=OURS)
        assert f'data-outcome="{outcome}' in answer.text
        assert foreign(answer) == set(), outcome
    former = next((project / "var/studio/history/weekly/email.html").iterdir()).name
    assert foreign(await reader.get(f"{DESIGN}?before={former}")) == set()
    await reader.get("/?language=ja")  # no newsletter wears this one
    assert foreign(await reader.get("/designs/magazine/style.css")) == set()


async def test_no_english_is_left_where_something_is_refused(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reader.get("/?language=ja")
    form = {"content-type": "application/x-www-form-urlencoded"}
    answers = [
        await reader.get("/issues/weekly/2026-W99"),
        await reader.get("/designs/nowhere"),
        await reader.get("/", headers={"host": "evil.example"}),
        await reader.get("/", headers={"origin": "https://evil.example"}),
        await reader.delete("/", headers=OURS),
        await reader.post(DESIGN, content=b"x", headers={**OURS, **form}),
        await reader.post(DESIGN, content=b"x" * 2_000_001, headers={**OURS, **form}),
        await reader.get("/", params={"token": "wrong"}),
    ]
    assert [each.status_code for each in answers] == [404, 404, 421, 403, 405, 403, 413, 403]
    for answer in answers:
        assert language_of(answer) == "ja"
        assert foreign(answer) == set(), answer.text


async def test_an_error_of_our_own_is_told_in_the_language(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("digest.studio.routes.studio_page", broken)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    wants = {"accept-language": "ja"}
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=wants) as client:
        await client.get("/", params={"token": TOKEN})
        answer = await client.get("/")
    assert (answer.status_code, language_of(answer)) == (500, "ja")
    assert foreign(answer) == set()


async def test_scripts_get_their_words_from_the_page(reader: httpx.AsyncClient) -> None:
    for path in (WEEK, DESIGN):
        main = tree_of(await reader.get(path)).get_element_by_id("main")
        assert '"live": "\\u81ea' in main.get("data-words")


# ---------------------------------------------------------------- amounts


async def test_dates_and_numbers_are_written_as_the_language_writes_them() -> None:
    moment = datetime(2026, 1, 9, 9, 5)  # noqa: DTZ001 - only how it is written counts
    assert when(moment, "ja") == "2026年1月9日(金) 9:05"
    assert when(moment, "en") == "Fri, 9 Jan 2026, 09:05"
    assert (when(moment, "ja", "day"), when(moment, "en", "day")) == ("1月9日(金)", "Fri 9 Jan")
    assert (when(moment, "ja", "short"), when(moment, "en", "short")) == ("1月9日 9:05", "9 Jan, 09:05")
    assert number(1234.5, "ja", 2) == number(1234.5, "en", 2) == "1,234.50"
