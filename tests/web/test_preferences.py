"""Preferences: a reader of a list in the store chooses, leaves and comes back; nobody else learns anything."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from digest.app import Project
from digest.models import Standing, Suppression
from tests.projects import make_project
from tests.web.conftest import PUBLIC, WITH_FORM, Visitor, shown

ALL = ["news", "practice", "engineering", "events"]


def ticked(page: str) -> list[str]:
    return re.findall(r'name="section" value="(\w+)" checked', page)


def test_the_page_shows_what_is_chosen_and_no_whole_address(visitor: Visitor) -> None:
    token = visitor.put(name="花子", sections=("news", "events"))
    page = visitor.client.get(f"/p/{token}")
    assert "h…@example.com" in shown(page)
    assert "hanako" not in page.text
    assert ticked(page.text) == ["news", "events"]
    assert 'value="花子"' in page.text
    for heading in ("AI最新ニュース", "現場のAI活用", "技術と開発", "イベント・お知らせ"):
        assert heading in shown(page)


def test_who_chose_nothing_gets_everything(visitor: Visitor) -> None:
    assert ticked(visitor.client.get(f"/p/{visitor.put()}").text) == ALL


def test_what_is_saved_is_what_is_kept(visitor: Visitor) -> None:
    token = visitor.put(name="花子")
    chosen = {"act": "save", "section": ["news", "events"], "name": " 山田 花子 ", "language": "en"}
    answer = visitor.client.post(f"/p/{token}", data=chosen)
    assert 'role="status"' in answer.text
    assert '<html lang="en">' in answer.text, "the page goes on in another language"
    reader = visitor.reader()
    assert (reader.sections, reader.name, reader.language) == (("news", "events"), "山田 花子", "en")
    visitor.client.post(f"/p/{token}", data={"act": "save", "section": ALL, "language": "ja"})
    assert (visitor.reader().sections, visitor.reader().name, visitor.reader().language) == ((), "", "")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"section": []}, "コーナーを1つ以上"),
        ({"section": ["nothing"]}, "コーナーを1つ以上"),
        ({"section": ALL, "name": "花子\nBcc: x@example.com"}, "このお名前は使えません"),
        ({"section": ALL, "name": "花" * 101}, "このお名前は使えません"),
    ],
)
def test_what_cannot_be_kept_is_said_and_changes_nothing(
    visitor: Visitor, fields: dict[str, object], says: str
) -> None:
    token = visitor.put(name="花子", sections=("news",))
    answer = visitor.client.post(f"/p/{token}", data={"act": "save", **fields})
    assert answer.status_code == 400
    assert says in shown(answer)
    assert (visitor.reader().name, visitor.reader().sections) == ("花子", ("news",))


def test_a_language_without_words_is_not_offered_and_not_kept(visitor: Visitor) -> None:
    token = visitor.put()
    assert re.findall(r'<option value="(\w+)"', visitor.client.get(f"/p/{token}").text) == ["ja", "en"]
    visitor.client.post(f"/p/{token}", data={"act": "save", "section": ALL, "language": "fr"})
    assert visitor.reader().language == ""


def test_with_words_in_one_language_there_is_nothing_to_choose(visitor: Visitor) -> None:
    (visitor.project.root / "config/copy/en.toml").unlink()
    assert "<select" not in visitor.client.get(f"/p/{visitor.put()}").text


def test_leaving_and_coming_back(visitor: Visitor) -> None:
    token = visitor.put(consent="店頭の用紙")
    left = visitor.client.post(f"/p/{token}", data={"act": "leave"})
    assert "配信を停止しています" in shown(left)
    assert visitor.reader().standing is Standing.UNSUBSCRIBED
    back = visitor.client.post(f"/p/{token}", data={"act": "return"})
    assert "購読を再開しました" in shown(back)
    assert visitor.reader().standing is Standing.SUBSCRIBED
    assert visitor.reader().consent == "店頭の用紙 · came back 2026-01-19T00:00:00Z"


def test_looking_brings_nobody_back(visitor: Visitor) -> None:
    token = visitor.put()
    visitor.client.post(f"/u/{token}")
    visitor.client.get(f"/p/{token}?act=return")
    visitor.client.post(f"/p/{token}")
    assert visitor.reader().standing is Standing.UNSUBSCRIBED


@pytest.mark.parametrize("because", ["bounced", "complained", "by hand"])
def test_nobody_comes_back_from_a_bounce_or_complaint(visitor: Visitor, because: str) -> None:
    one, other = visitor.put("one@example.com"), visitor.put("other@example.com")
    visitor.project.store.suppressions.add(Suppression("one@example.com", because, "", "provider", visitor.now))
    visitor.project.store.readers.suppress(other, because, visitor.now)
    for token, address in ((one, "one@example.com"), (other, "other@example.com")):
        page = visitor.client.get(f"/p/{token}")
        assert "配信していません" in shown(page)
        assert "<button" not in page.text
        visitor.client.post(f"/p/{token}", data={"act": "return"})
        assert visitor.reader(address).suppressed_because == because


def test_who_left_and_then_bounced_does_not_come_back_either(visitor: Visitor) -> None:
    token = visitor.put()
    visitor.client.post(f"/u/{token}")
    visitor.project.store.suppressions.add(Suppression("hanako@example.com", "bounced", "", "provider", visitor.now))
    visitor.client.post(f"/p/{token}", data={"act": "return"})
    assert visitor.reader().standing is Standing.SUPPRESSED


def test_who_has_not_confirmed_is_sent_to_where_that_is_done(visitor: Visitor) -> None:
    visitor.join()
    token = visitor.reader().token
    page = visitor.client.get(f"/p/{token}")
    assert f"{PUBLIC}/confirm/{token}" in page.text
    visitor.client.post(f"/p/{token}", data={"act": "return"})
    visitor.client.post(f"/p/{token}", data={"act": "save", "section": "news"})
    assert visitor.reader().standing is Standing.UNCONFIRMED


def test_the_unsubscribe_page_leads_there(visitor: Visitor) -> None:
    token = visitor.put()
    assert f'href="{PUBLIC}/p/{token}"' in visitor.client.get(f"/u/{token}").text
    assert f'href="{PUBLIC}/p/{token}"' in visitor.client.post(f"/u/{token}").text


@pytest.mark.parametrize("guess", ["nobody", "x" * 500, "%00", "'; DROP TABLE reader"])
def test_an_unknown_token_gets_what_a_reader_of_a_file_gets(tmp_path: Path, now: datetime, guess: str) -> None:
    with Project(make_project(tmp_path / "p", readers=1)) as project:
        visitor = Visitor(project, now)
        token = project.store.readers.tokens("weekly", ["reader0@example.com"], now)["reader0@example.com"]
        for ask in (visitor.client.get, visitor.client.post):
            known, unknown = ask(f"/p/{token}"), ask(f"/p/{guess}")
            assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
            assert known.status_code == 200
        reader = project.store.readers.by_token(token)
        assert reader
        assert reader.suppressed_because == "unsubscribed"


def test_who_is_forgotten_can_only_leave(visitor: Visitor) -> None:
    token = visitor.put(name="花子")
    visitor.project.store.subscribers.forget("weekly", "hanako@example.com", visitor.now)
    assert visitor.client.get(f"/p/{token}").text == visitor.client.get("/p/nobody").text
    visitor.client.post(f"/p/{token}", data={"act": "return"})
    assert visitor.project.store.subscribers.find("weekly", "hanako@example.com") is None


def test_a_list_that_moved_to_a_file_can_only_be_left(tmp_path: Path, now: datetime) -> None:
    root = make_project(tmp_path / "p", weekly=WITH_FORM)
    with Project(root) as project:
        token = Visitor(project, now).put()
    file = root / "config/newsletters/weekly.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace(WITH_FORM[next(iter(WITH_FORM))], next(iter(WITH_FORM))),
        encoding="utf-8",
    )
    with Project(root) as project:
        visitor = Visitor(project, now)
        assert visitor.client.get(f"/p/{token}").text == visitor.client.get("/p/nobody").text


def test_what_a_reader_is_called_is_escaped(visitor: Visitor) -> None:
    token = visitor.put(name='"><script>alert(1)</script>')
    assert "<script" not in visitor.client.get(f"/p/{token}").text


def test_the_link_in_the_public_issue_is_nobodys(visitor: Visitor) -> None:
    for ask in (visitor.client.get, visitor.client.post):
        assert "お手元に届いたメール" in shown(ask("/p/-"))
