"""An issue is let go on its page: proofs, the last question, sending in the background, and what is left after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from digest.app import Project
from digest.pipeline.steps import _begin, _with_tokens
from digest.studio import create_app
from digest.studio.notices import Notice
from digest.studio.sending import Sendings
from tests.projects import make_project, replace_in
from tests.servers.smtp import SmtpServer
from tests.studio.acting import OURS, WEEK, Shown, act, look
from tests.studio.conftest import HOST

pytestmark = pytest.mark.anyio
READERS = 7


def smtp(server: SmtpServer) -> str:
    return f'kind = "smtp"\nhost = "{server.host}"\nport = {server.port}\nsecurity = "none"\nbatch_limit = 3'


@pytest.fixture
def server() -> Any:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, server: SmtpServer) -> Path:
    return make_project(tmp_path, provider=smtp(server), readers=READERS)


async def approved(client: httpx.AsyncClient) -> Shown:
    shown = await act(client, await look(client), "build")
    return await act(client, shown, "approve", who="Kay 花子")


def fields(shown: Shown) -> dict[str, str]:
    (form,) = shown.tree.cssselect("form#send")
    return {each.get("name"): each.get("value", "") for each in form.cssselect("input")}


async def let_go(client: httpx.AsyncClient, app: Starlette, changes: Mapping[str, str] | None = None) -> Shown:
    """Answer the last question with yes, and look again once all is over."""
    asked = await look(client, f"{WEEK}/send")
    answer = await client.post(f"{WEEK}/send", data={**fields(asked), **(changes or {})}, headers=OURS)
    assert answer.status_code == 303, answer.text
    app.state.sendings.wait()
    return await look(client, answer.headers["location"])


def subjects(server: SmtpServer) -> list[str]:
    return [str(each.parsed["Subject"]) for each in server.messages]


def ended(shown: Shown) -> str:
    return " ".join(shown.tree.get_element_by_id("ended").text_content().split())


# ---------------------------------------------------------------- proofs


async def test_a_proof_goes_to_a_short_list_is_marked_and_remembered(
    client: httpx.AsyncClient, server: SmtpServer
) -> None:
    shown = await act(client, await look(client), "build")
    shown = await act(client, shown, "proof", proof_to="me@example.com; you@example.com")
    assert "A proof went to 2 addresses: me@example.com, you@example.com" in shown.notice
    assert sorted(each.recipient for each in server.messages) == ["me@example.com", "you@example.com"]
    issue = shown.tree.get_element_by_id("subject").text_content()
    assert all(issue in subject and subject != issue for subject in subjects(server))
    again = await look(client)
    assert again.tree.get_element_by_id("proof-to").get("value") == "me@example.com; you@example.com"
    assert again.state == "frozen"


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("no-address", "'no-address' is no address: it has no @"),
        (" ,; ", "no address was given"),
        (",".join(f"a{number}@example.com" for number in range(21)), "20 addresses at most"),
    ],
)
async def test_a_proof_to_nobody_or_too_many_is_refused(
    client: httpx.AsyncClient, server: SmtpServer, to: str, said: str
) -> None:
    shown = await act(client, await act(client, await look(client), "build"), "proof", proof_to=to)
    assert said in shown.notice
    assert server.messages == []


async def test_a_proof_that_is_not_taken_is_told_in_clear_words(client: httpx.AsyncClient, server: SmtpServer) -> None:
    shown = await act(client, await look(client), "build")
    server.refuse["me@example.com"] = "550 5.1.1 No such user"
    shown = await act(client, shown, "proof", proof_to="me@example.com")
    assert "the proof was not taken: me@example.com" in shown.notice


# ---------------------------------------------------------------- the last question


async def test_the_last_question_names_what_to_how_many_and_by_which_way(client: httpx.AsyncClient) -> None:
    shown = await approved(client)
    (link,) = shown.tree.cssselect("#act-send")
    asked = await look(client, link.get("href"))
    text = " ".join(asked.tree.text_content().split())
    assert "Send this issue to 7 readers now?" in text
    assert shown.tree.get_element_by_id("subject").text_content() == asked.tree.get_element_by_id("subject").text
    assert "smtp" in text
    assert "Kay 花子" in text
    assert asked.tree.cssselect("form#send button")[0].text_content() == "Send to 7 readers"


async def test_waves_stand_in_the_question(client: httpx.AsyncClient, project: Path) -> None:
    wanted = '[send]\nseeds = ["us@example.com"]\nfirst_share = 0.1\nlook_minutes = 30\nafter_wave = "pause"\n'
    replace_in(project / "config/digest.toml", "[send]\n", wanted)
    await approved(client)
    text = (await look(client, f"{WEEK}/send")).answer.text
    for said in ("1 address of your own", "10 % of the readers", "for 30 minutes", "somebody has to let it go on"):
        assert said in text


async def test_what_is_not_approved_cannot_leave_from_here(client: httpx.AsyncClient, server: SmtpServer) -> None:
    shown = await act(client, await look(client), "build")
    asked = await look(client, f"{WEEK}/send")
    assert "This cannot be sent now" in asked.answer.text
    assert asked.tree.cssselect("form#send button") == []
    data = {"form_token": shown.form("approve")["form_token"], "step": "send", "readers": "7"}
    answer = await client.post(f"{WEEK}/send", data=data, headers=OURS, follow_redirects=True)
    assert "is frozen, so it cannot be sent" in Shown(answer).notice
    assert server.messages == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"readers": "6"}, "it is now 7 readers"), ({"fingerprint": "0" * 64}, "has changed since you were asked")],
)
async def test_another_list_or_version_than_was_asked_about_does_not_leave(
    client: httpx.AsyncClient, app: Starlette, server: SmtpServer, changes: dict[str, str], said: str
) -> None:
    await approved(client)
    shown = await let_go(client, app, changes)
    assert said in shown.notice
    assert shown.state == "approved"
    assert server.messages == []


async def test_a_form_of_another_start_sends_nothing(client: httpx.AsyncClient, server: SmtpServer) -> None:
    await approved(client)
    asked = fields(await look(client, f"{WEEK}/send"))
    for data, headers in ((asked | {"form_token": "guessed"}, OURS), (asked, {"origin": "https://evil.example"})):
        assert (await client.post(f"{WEEK}/send", data=data, headers=headers)).status_code == 403
    assert (await client.post(f"{WEEK}/send", data=asked | {"step": "all"}, headers=OURS)).status_code == 400
    assert (await look(client)).state == "approved"
    assert server.messages == []


async def test_an_issue_that_there_is_not_is_missing(client: httpx.AsyncClient) -> None:
    for address in (f"{WEEK}/send", "/issues/daily/2026-W04/send", "/issues/weekly/2026-W99/progress"):
        assert (await client.get(address)).status_code == 404


# ---------------------------------------------------------------- the sending


async def test_everybody_gets_it_once_and_the_page_says_so(
    client: httpx.AsyncClient, app: Starlette, project: Path, server: SmtpServer
) -> None:
    await approved(client)
    shown = await let_go(client, app)
    assert "The sending has begun" in shown.notice
    with Project(project) as opened:
        (issue,) = opened.store.issues.latest("weekly")
        happened = [(each.who, each.what) for each in opened.store.issues.events(issue)]
    assert ("Kay 花子", "sending") in happened
    assert ended(shown) == "It was sent: 7 readers have it."
    assert shown.state == "sent"
    assert sorted(each.recipient for each in server.messages) == [f"reader{n}@example.com" for n in range(READERS)]
    told = (await client.get(f"{WEEK}/progress")).json()
    assert told == {
        "state": "sent",
        "counts": dict.fromkeys(told["counts"], 0) | {"accepted": 7},
        "reason": "",
        "sending": False,
    }
    again = await look(client, f"{WEEK}/send")
    assert "is sent, so it cannot be sent" in again.answer.text


async def test_refused_readers_can_be_tried_again(
    client: httpx.AsyncClient, app: Starlette, server: SmtpServer
) -> None:
    server.refuse["reader3@example.com"] = "550 5.1.1 No such user"
    await approved(client)
    shown = await let_go(client, app)
    assert "1 reader was refused" in shown.answer.text
    server.refuse.clear()
    shown = await act(client, shown, "settle", {"of": "rejected"})
    assert "1 reader waits for a new copy" in shown.notice
    assert shown.state == "sending"
    shown = await let_go(client, app)
    assert shown.state == "sent"
    assert [each.recipient for each in server.messages].count("reader3@example.com") == 1
    assert len(server.messages) == READERS


def die_half_way(project: Path, now: datetime) -> int:
    """Begin to send as a sender does that dies before it can note the answer; return how many readers it had asked."""
    with Project(project) as opened:
        press, issue = opened.press("weekly"), opened.store.issues.find("weekly", "2026-W04")
        assert issue is not None
        frozen = opened.store.issues.frozen(issue)
        assert frozen is not None
        readers = _with_tokens(press, press.read_audience().recipients, now)
        _begin(press, issue, frozen, readers, now, "digest")
        claim = opened.store.outbox.claim(issue, "nobody", now, now)
        assert claim is not None
        return len(claim.recipients)


async def test_an_unclear_copy_is_only_sent_again_by_who_says_so(
    client: httpx.AsyncClient, app: Starlette, server: SmtpServer, project: Path, now: datetime
) -> None:
    await approved(client)
    lost = die_half_way(project, now)
    shown = await look(client)
    assert shown.state == "sending"
    assert "This studio sends nothing of it now" in shown.answer.text
    shown = await let_go(client, app)
    assert shown.state == "needs a look"
    assert len(server.messages) == READERS - lost
    assert "may or may not have it" in shown.answer.text
    assert shown.tree.cssselect("#act-ask") == []  # this provider cannot be asked
    sure = shown.tree.cssselect("#act-unknown-resend input[type=checkbox]")
    assert [each.get("required") is not None for each in sure] == [True]
    shown = await act(client, shown, "settle", {"decision": "resend", "of": "unknown"}, sure="")
    assert "this was not confirmed" in shown.notice
    assert shown.state == "needs a look"
    shown = await act(client, shown, "settle", {"decision": "resend", "of": "unknown"})
    assert shown.state == "sending"
    shown = await let_go(client, app)
    assert shown.state == "sent"
    assert len(server.messages) == READERS


async def test_it_can_be_left_at_that(client: httpx.AsyncClient, app: Starlette, project: Path, now: datetime) -> None:
    await approved(client)
    die_half_way(project, now)
    shown = await let_go(client, app)
    shown = await act(client, shown, "settle", {"decision": "accept"})
    assert "Decided for" in shown.notice
    assert shown.state == "sent"


async def test_a_paused_issue_goes_on_after_the_question_about_the_rest(
    client: httpx.AsyncClient, app: Starlette, server: SmtpServer, project: Path, now: datetime
) -> None:
    await approved(client)
    lost = die_half_way(project, now)
    shown = await act(client, await look(client), "hold")
    assert shown.state == "paused"
    asked = await look(client, f"{WEEK}/send")
    assert f"remaining {READERS} readers?" in asked.answer.text
    shown = await let_go(client, app)
    assert len(server.messages) == READERS - lost
    assert shown.state in {"sent", "needs a look"}


async def test_the_rest_of_a_paused_issue_can_be_given_up(
    client: httpx.AsyncClient, server: SmtpServer, project: Path, now: datetime
) -> None:
    await approved(client)
    lost = die_half_way(project, now)
    shown = await act(client, await look(client), "hold")
    shown = await act(client, shown, "settle", {"of": "pending"}, sure="yes")
    assert f"Decided for {READERS - lost} reader" in shown.notice or lost == READERS
    assert server.messages == []


async def test_a_failure_of_the_run_stays_on_the_page_until_the_next(
    client: httpx.AsyncClient, app: Starlette, server: SmtpServer, project: Path
) -> None:
    await approved(client)
    asked = fields(await look(client, f"{WEEK}/send"))
    (project / "var/senders").mkdir(parents=True, exist_ok=True)
    (project / "var/senders").rmdir()
    (project / "var/senders").write_text("in the way", encoding="utf-8")
    await client.post(f"{WEEK}/send", data=asked, headers=OURS)
    app.state.sendings.wait()
    for _ in range(2):
        assert "the sender's lock cannot be made" in ended(await look(client))
    (project / "var/senders").unlink()
    assert ended(await let_go(client, app)) == "It was sent: 7 readers have it."


async def test_what_was_begun_elsewhere_can_be_gone_on_with(
    client: httpx.AsyncClient, app: Starlette, server: SmtpServer, project: Path
) -> None:
    """As after a crash: the store says that it is being sent, and nobody sends it."""
    server.refuse["reader3@example.com"] = "550 5.1.1 No such user"
    await approved(client)
    await act(client, await let_go(client, app), "settle", {"of": "rejected"})
    fresh = create_app(project, lambda: datetime.fromisoformat("2026-01-19T09:00+09:00"), **STARTED)
    transport = httpx.ASGITransport(fresh)
    server.refuse.clear()
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=client.headers) as other:
        await other.get("/", params={"token": STARTED["token"]})
        shown = await look(other)
        assert "This studio sends nothing of it now" in shown.answer.text
        assert (await let_go(other, fresh)).state == "sent"


STARTED: dict[str, Any] = {"newsletter": None, "token": "another", "hosts": [HOST]}


async def test_only_one_sends_at_a_time_and_none_begins_after_the_stop(project: Path, now: datetime) -> None:
    go, over = Event(), list[str]()
    sendings = Sendings(project, lambda: now)

    def work(_: object, edge: Any) -> Notice:
        assert go.wait(20)
        return Notice(good=edge.stopping())

    assert sendings.begin("weekly/1", work, lambda: over.append("weekly/1"))
    assert not sendings.begin("weekly/1", work, lambda: over.append("never"))
    assert sendings.is_running("weekly/1")
    sendings.begin_nothing()
    go.set()
    sendings.stop()
    assert over == ["weekly/1"]
    assert sendings.ended("weekly/1") == Notice(good=True)  # it was told to stop
    assert not sendings.begin("weekly/1", work, lambda: over.append("never"))


# ---------------------------------------------------------------- what changed since the approval


async def test_what_changed_since_the_approval_is_shown_where_one_approves(
    client: httpx.AsyncClient, app: Starlette, project: Path
) -> None:
    shown = await approved(client)
    assert shown.tree.cssselect("#since") == []
    weekly = project / "config/newsletters/weekly.toml"
    replace_in(weekly, 'greeting = "おはようございます。', 'greeting = "こんばんは<b>。')
    replace_in(weekly, "max_posts = 12", "max_posts = 3")
    app.state.desk.forget({weekly})  # as the watcher says it
    shown = await act(client, await look(client), "build")
    (since,) = shown.tree.cssselect("#since")
    text = " ".join(since.text_content().split())
    assert "Kay 花子" in text
    assert "Posts that are gone" in text
    assert "こんばんは<b>。" in text
    assert "The HTML had" in text
    assert "<b>。" not in shown.answer.text.partition('id="since"')[2].partition("</details>")[0]
    shown = await act(client, shown, "approve")
    assert shown.tree.cssselect("#since") == []


# ---------------------------------------------------------------- the calendar


async def test_the_calendar_has_the_coming_issues_with_their_times(client: httpx.AsyncClient, project: Path) -> None:
    weekly = (project / "config/newsletters/weekly.toml").read_text(encoding="utf-8")
    other = weekly.replace("ことのは週報", "<i>Monthly</i>").replace('"Asia/Tokyo"', '"America/New_York"')
    other = other.replace('review = "none"', 'review = "required"').replace('"mon 08:00"', '"tue 07:00"')
    (project / "config/newsletters/other.toml").write_text(other, encoding="utf-8")
    await act(client, await look(client), "build")
    tree = (await look(client, "/calendar")).tree
    rows = {each.get("data-issue"): each for each in tree.cssselect("tr[data-issue]")}
    assert next(iter(rows)) == "weekly/2026-W04"
    assert len(rows) == 9  # what is due, and four to come of each
    first = " ".join(rows["weekly/2026-W04"].text_content().split())
    assert "frozen" in first
    times = [each.get("datetime") for each in rows["weekly/2026-W05"].cssselect("time")]
    assert times == ["2026-01-26T00:00:00+09:00", "2026-01-26T08:00:00+09:00", "2026-01-26T08:00:00+09:00"]
    new_york = " ".join(rows["other/2026-W04"].text_content().split())
    assert "America/New_York" in new_york
    assert "<i>Monthly</i>" in new_york
    assert "until Thu, 22 Jan 2026, 07:00" in new_york
    assert "or as soon as it is approved" in new_york
    for name, row in rows.items():
        assert row.cssselect("th a")[0].get("href") == f"/issues/{name}"
