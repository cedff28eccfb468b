"""The form: one mail that asks, nothing told about anybody, and nobody on the list before the button is pressed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import Project
from digest.models import Recipient, Standing, Suppression
from digest.pipeline.welcoming import confirmation, confirmation_link
from digest.send.http_batch import HttpBatch
from digest.send.providers import Mailing, Request
from tests.projects import make_project
from tests.web.conftest import IN_STORE, PUBLIC, WITH_FORM, Visitor, shown


def test_from_the_form_to_the_list(visitor: Visitor) -> None:
    form = visitor.client.get("/subscribe/weekly")
    assert form.status_code == 200
    assert "「ことのは週報」を購読する" in shown(form)
    assert visitor.join(name="花子").status_code == 200
    assert visitor.reader().standing is Standing.UNCONFIRMED
    visitor.wait(minutes=5)
    page = visitor.client.get(visitor.link())
    assert "ボタンを押すと登録が完了" in shown(page)
    assert visitor.reader().standing is Standing.UNCONFIRMED, "a link scanner confirmed somebody"
    done = visitor.client.post(visitor.link())
    assert "登録が完了しました" in shown(done)
    assert f"{PUBLIC}/p/{visitor.reader().token}" in done.text
    reader = visitor.reader()
    assert (reader.standing, reader.name, reader.confirmed_at) == (
        Standing.SUBSCRIBED,
        "花子",
        visitor.now.astimezone(UTC),
    )


def test_what_was_agreed_to_is_kept_with_time_form_and_network(visitor: Visitor) -> None:
    visitor.join()
    visitor.wait(minutes=5)
    visitor.at("2001:db8:1:2::9").post(visitor.link())
    assert visitor.reader().consent == (
        "asked 2026-01-19T00:00:00Z: https://news.example.com/subscribe/weekly from 203.0.113.0/24: "
        "株式会社ことのはから「ことのは週報」がメールで届くことに同意します。配信はいつでも停止できます。"
        " · confirmed 2026-01-19T00:05:00Z from 2001:db8:1::/48"
    )


def test_the_mail_asks_and_has_nothing_of_what_was_typed(visitor: Visitor) -> None:
    visitor.join(name="安い薬 https://spam.example/")
    (mail,) = visitor.mails()
    assert mail["To"] == "hanako@example.com"
    assert mail["Subject"] == "【ことのは週報】購読のご確認"
    assert mail["From"].addresses[0].addr_spec == "digest@news.example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body
        text = body.get_content()
        assert "安い薬" not in text
        assert "spam.example" not in text
        assert f"{PUBLIC}{visitor.link()}" in text
        assert "<img" not in text
        assert "株式会社ことのは" in text


def test_in_english_for_who_asks_for_it(visitor: Visitor) -> None:
    form = visitor.client.get("/subscribe/weekly?language=en")
    assert '<html lang="en">' in form.text
    assert "株式会社ことのは sends me" in shown(form)
    assert "Look into your mailbox" in shown(visitor.join(language="en"))
    (mail,) = visitor.mails()
    assert mail["Subject"] == "Please confirm: ことのは週報"
    assert "Confirm your subscription" in shown(visitor.client.get(visitor.link()))
    assert visitor.reader().language == "en"


def test_the_answer_is_the_same_whoever_it_is(visitor: Visitor) -> None:
    visitor.put("known@example.com")
    visitor.put("waiting@example.com", confirmed_at=None)
    visitor.project.store.readers.suppress(visitor.put("left@example.com"), "unsubscribed", visitor.now)
    for address, because in (("bounced@example.com", "bounced"), ("complained@example.com", "complained")):
        visitor.project.store.suppressions.add(Suppression(address, because, "", "provider", visitor.now))
    visitor.project.store.readers.suppress(visitor.put("dead@example.com"), "bounced", visitor.now)
    everybody = ["new", "known", "waiting", "left", "bounced", "complained", "dead"]
    answers = {(visitor.join(f"{each}@example.com").text, visitor.join(f"{each}@example.com").status_code) for each in (
        everybody[:5]
    )}  # fmt: skip
    visitor.wait(hours=3)
    answers |= {(visitor.join(f"{each}@example.com").text, 200) for each in everybody[5:]}
    assert len(answers) == 1
    asked = [mail["To"] for mail in visitor.mails()]
    assert sorted(asked) == ["left@example.com", "new@example.com", "waiting@example.com"]


def test_nothing_that_depends_on_the_address_happens_before_the_answer(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    store, app = visitor.project.store, visitor.app
    ask = store.signups.ask
    monkeypatch.setattr(store.signups, "ask", lambda *given: happened.append("looked up") or ask(*given))

    async def watched(scope, receive, send):  # type: ignore[no-untyped-def]
        async def noting(message):  # type: ignore[no-untyped-def]
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                happened.append("answered")

        await app(scope, receive, noting)

    visitor.client.app = watched
    visitor.join()
    assert happened == ["answered", "looked up"]


def test_one_mail_an_hour_and_three_a_day(visitor: Visitor) -> None:
    for minutes in (0, 10, 49, 1):  # the last one is an hour after the first
        visitor.wait(minutes=minutes)
        visitor.join()
    assert len(visitor.mails()) == 2
    for _ in range(5):
        visitor.wait(hours=3)
        visitor.join()
    assert len(visitor.mails()) == 3
    visitor.wait(hours=24)
    visitor.join()
    assert len(visitor.mails()) == 4
    assert len({mail["Message-ID"] for mail in visitor.mails()}) == 4


def test_the_bound_of_an_address_outlives_a_restart(visitor: Visitor) -> None:
    visitor.join()
    visitor.wait(minutes=30)
    Visitor(visitor.project, visitor.now).join()
    assert len(visitor.mails()) == 1


def test_a_network_is_told_to_wait_and_the_others_are_not(visitor: Visitor) -> None:
    answers = [visitor.join(f"reader{number}@example.com") for number in range(11)]
    assert [each.status_code for each in answers] == [200] * 10 + [429]
    assert answers[-1].headers["retry-after"]
    assert "しばらくたってから" in shown(answers[-1])
    filled = {"address": "more@example.com", "consent": "yes"}
    assert visitor.at("203.0.113.99").post("/subscribe/weekly", data=filled).status_code == 429
    assert visitor.at("198.51.100.1").post("/subscribe/weekly", data=filled).status_code == 200
    visitor.wait(minutes=10)
    assert visitor.join("later@example.com").status_code == 200
    assert visitor.join("later2@example.com").status_code == 429


def test_too_many_is_said_of_a_known_address_as_of_a_new_one(visitor: Visitor) -> None:
    visitor.put("known@example.com")
    answers = [visitor.join("known@example.com").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_a_program_that_fills_in_everything_gets_the_same_page_and_nothing_else(visitor: Visitor) -> None:
    caught = visitor.join(website="https://spam.example")
    assert visitor.mails() == []
    assert visitor.project.store.subscribers.find("weekly", "hanako@example.com") is None
    assert caught.text == visitor.join().text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"address": "no address"}, "形式が正しくありません"),
        ({"address": "a@b.example\r\nBcc: victim@example.com"}, "形式が正しくありません"),
        ({"address": "a@b.example\nBcc: victim@example.com"}, "形式が正しくありません"),
        ({"address": "a@b.example,victim@example.com"}, "形式が正しくありません"),
        ({"address": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example"}, "形式が正しくありません"),
        ({"address": "a\x00@example.com"}, "形式が正しくありません"),
        ({"name": "花子\r\nBcc: victim@example.com"}, "このお名前は使えません"),
        ({"name": "花子\u2028Bcc"}, "このお名前は使えません"),
        ({"name": "あ" * 101}, "このお名前は使えません"),
        ({"consent": ""}, "同意のチェック"),
    ],
)
def test_what_cannot_be_used_is_said_and_reaches_nobody(visitor: Visitor, fields: dict[str, str], says: str) -> None:
    answer = visitor.join(**fields)
    assert answer.status_code == 400
    assert says in shown(answer)
    assert visitor.mails() == []
    assert list(visitor.project.store.subscribers.everyone("weekly")) == []


def test_the_field_that_is_meant_is_marked_for_who_hears_the_page(visitor: Visitor) -> None:
    wrong = {"address": {"address": "no"}, "name": {"name": "a" * 101}, "consent": {"consent": ""}}
    for field, fields in wrong.items():
        marked = re.findall(r'name="(\w+)"[^>]* aria-invalid="true"', visitor.join(**fields).text)
        assert marked == [field]


def test_what_was_typed_comes_back_escaped(visitor: Visitor) -> None:
    answer = visitor.join('"><script>alert(1)</script>', name="<b>花子</b>")
    assert "<script" not in answer.text
    assert "<b>" not in answer.text
    assert "&lt;b&gt;花子&lt;/b&gt;" in answer.text


def test_a_confirmation_link_works_for_a_week(visitor: Visitor) -> None:
    visitor.join()
    link = visitor.link()
    visitor.wait(days=7, seconds=1)
    assert "このリンクは使えません" in shown(visitor.client.post(link))
    assert visitor.reader().standing is Standing.UNCONFIRMED


def test_whoever_does_not_confirm_is_erased_when_the_next_form_comes(visitor: Visitor) -> None:
    visitor.join("a@example.com", name="花子")
    visitor.put("imported@example.com", confirmed_at=None)
    visitor.wait(days=7, seconds=1)
    visitor.join("b@example.com")
    there = [each.address for each in visitor.project.store.subscribers.everyone("weekly")]
    assert there == ["imported@example.com", "b@example.com"]
    with visitor.project.store._engine.begin() as connection:
        kept = connection.exec_driver_sql("SELECT address, name FROM reader ORDER BY address").all()
    assert [row[0] for row in kept] == ["b@example.com", "imported@example.com"]


def test_pressing_twice_is_as_good_as_once(visitor: Visitor) -> None:
    visitor.join()
    link = visitor.link()
    pages = [shown(visitor.client.post(link)) for _ in range(2)]
    assert pages[0] == pages[1]
    assert visitor.reader().consent.count("confirmed") == 1


def test_who_left_comes_back_by_confirming_and_by_no_older_link(visitor: Visitor) -> None:
    visitor.join()
    link = visitor.link()
    visitor.client.post(link)
    visitor.wait(minutes=1)
    visitor.client.post(link.replace("confirm", "u"))
    assert "このリンクは使えません" in shown(visitor.client.post(link))
    assert visitor.reader().standing is Standing.UNSUBSCRIBED
    visitor.wait(hours=2)
    visitor.join()
    assert visitor.reader().standing is Standing.UNSUBSCRIBED, "the form alone brought somebody back"
    visitor.client.post(visitor.link())
    assert visitor.reader().standing is Standing.SUBSCRIBED


def test_a_complaint_after_the_asking_is_not_lifted_by_confirming(visitor: Visitor) -> None:
    visitor.join()
    link = visitor.link()
    entry = Suppression("hanako@example.com", "complained", "", "provider", visitor.now)
    visitor.project.store.suppressions.add(entry)
    assert "このリンクは使えません" in shown(visitor.client.post(link))
    assert visitor.reader().standing is Standing.SUPPRESSED


def test_a_form_that_somebody_else_fills_in_changes_nothing_of_a_reader(visitor: Visitor) -> None:
    visitor.put(name="花子", sections=("news",))
    visitor.join(name="だれか", language="en")
    assert (visitor.reader().name, visitor.reader().language, visitor.reader().sections) == ("花子", "", ("news",))


@pytest.mark.parametrize("audience", [{}, IN_STORE])
def test_without_subscribe_there_is_no_form(tmp_path: Path, now: datetime, audience: dict[str, str]) -> None:
    with Project(make_project(tmp_path / "p", weekly=audience)) as project:
        visitor = Visitor(project, now)
        assert visitor.client.get("/subscribe/weekly").status_code == 404
        assert visitor.join().status_code == 404
    assert not (project.root / "var/outbox").exists()


def test_no_form_for_a_newsletter_that_is_not_there(visitor: Visitor) -> None:
    assert visitor.client.get("/subscribe/monthly").status_code == 404
    assert visitor.client.post("/subscribe/monthly").status_code == 404


def test_the_newsletters_own_words_of_consent(tmp_path: Path, now: datetime) -> None:
    own = {
        'audience = "examples/audience.csv"': 'audience = "store"\nsubscribe = true\nconsent = "週に一度 & それだけ"'
    }
    with Project(make_project(tmp_path / "p", weekly=own)) as project:
        visitor = Visitor(project, now)
        assert "週に一度 &amp; それだけ" in visitor.client.get("/subscribe/weekly").text
        visitor.join()
        assert "週に一度 & それだけ" in visitor.reader().consent


@pytest.mark.parametrize(
    ("contact", "shows"),
    [
        ("https://blog.example.com/contact/", 'href="https://blog.example.com/contact/"'),
        ("editors@example.com", 'href="mailto:editors@example.com"'),
        ("javascript:alert(1)", "(javascript:alert(1))"),
    ],
)
def test_the_publisher_is_linked(tmp_path: Path, now: datetime, contact: str, shows: str) -> None:
    changed = WITH_FORM | {'contact = "https://blog.example.com/contact/"': f'contact = "{contact}"'}
    with Project(make_project(tmp_path / "p", weekly=changed)) as project:
        page = Visitor(project, now).client.get("/subscribe/weekly").text
    assert shows in page
    assert 'href="javascript' not in page


def test_a_mail_that_the_provider_does_not_take_is_told_to_the_operator_only(
    tmp_path: Path, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    nobody_listens = 'kind = "smtp"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"'
    with Project(make_project(tmp_path / "p", provider=nobody_listens, weekly=WITH_FORM)) as project:
        answer = Visitor(project, now).join()
    assert "メールをご確認ください" in shown(answer)
    assert "was not sent" in caplog.text
    assert "hanako" not in caplog.text


def test_a_provider_that_cannot_be_used_costs_nobody_the_next_asking(
    tmp_path: Path, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    no_key = 'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"'
    with Project(make_project(tmp_path / "p", provider=no_key, weekly=WITH_FORM), {}) as project:
        assert Visitor(project, now).join().status_code == 200
        assert project.store.subscribers.find("weekly", "hanako@example.com") is None
    assert "SENDGRID_API_KEY is not set" in caplog.text


def test_no_provider_watches_whether_the_mail_is_opened(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = 'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\ntracking = true'
    root = make_project(tmp_path / "p", provider=tracking, weekly=WITH_FORM)
    asked: list[Request] = []
    connect = HttpBatch.connect

    def noting(provider: HttpBatch) -> object:
        email = confirmation(project.newsletter(), "ja", confirmation_link(PUBLIC))
        mailing = Mailing(email, (Recipient("a@example.com", token="t"),), "weekly/c", "weekly/c/1", sent_at=now)
        asked.append(provider.describe(mailing))
        return connect(replace(provider, base_url="http://127.0.0.1:9"))

    monkeypatch.setattr(HttpBatch, "connect", noting)
    with Project(root, {"SENDGRID_API_KEY": "SG.key"}) as project:
        Visitor(project, now).join()
    (request,) = asked
    assert isinstance(request.body, dict)
    settings = request.body["tracking_settings"]
    assert [settings[name]["enable"] for name in ("click_tracking", "open_tracking")] == [False, False]


def test_a_store_that_fails_is_no_page_for_the_visitor_and_a_line_for_the_operator(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with visitor.project.store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE suppression RENAME TO lost")
    assert visitor.join().status_code == 200
    assert "got no confirmation mail" in caplog.text
    assert "hanako" not in caplog.text


def test_who_is_forgotten_may_ask_again_and_is_forgotten_again(visitor: Visitor) -> None:
    visitor.put(name="花子")
    visitor.project.store.subscribers.forget("weekly", "hanako@example.com", visitor.now - timedelta(days=1))
    visitor.join(name="花")
    visitor.client.post(visitor.link())
    assert (visitor.reader().standing, visitor.reader().name) == (Standing.SUBSCRIBED, "花")


def test_the_page_says_no_scripts_and_labels_every_field(visitor: Visitor) -> None:
    page = visitor.client.get("/subscribe/weekly").text
    assert "<script" not in page
    fields = re.findall(r'<input class="text" id="(\w+)"', page)
    assert fields == ["address", "name"]
    for field in fields:
        assert f'<label class="field" for="{field}">' in page
