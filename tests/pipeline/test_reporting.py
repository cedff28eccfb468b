"""People are told how a run ended: once, with the state first, and whatever happens on the way."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest import pipeline
from digest.app import Project
from digest.errors import ConfigError, SourceError
from digest.models import (
    Collection,
    DeliveryState,
    Finding,
    Issue,
    IssueState,
    Level,
    Newsletter,
    Out,
    Secret,
    Slot,
)
from digest.pipeline import Outcome, Press
from digest.pipeline.report_words import Report
from digest.pipeline.reporting import Channels
from digest.pipeline.run_report import Known, failure_report, report
from digest.pipeline.speaking import WORDS
from digest.select import latest_slot
from digest.send.edge import Edge
from digest.send.outbox import Delivered
from digest.send.providers import Answer, Mailing
from digest.send.providers.file import Provider as Writer
from tests.factories import TOKYO, make_newsletter
from tests.projects import make_project, replace_in
from tests.servers.http import HttpServer, reply
from tests.servers.smtp import SmtpServer

DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)
STAFF = "ops@example.com"


class House:
    """A project whose mail goes to a real server, and whose reports go to staff by mail and to a folder."""

    def __init__(self, root: Path, server: SmtpServer) -> None:
        self.project, self.server, self.folder = Project(root), server, root / "var/reports"

    @property
    def press(self) -> Press:
        return self.project.press()

    def run(self, now: datetime = DUE, press: Press | None = None) -> tuple[Finding, ...]:
        """Run and tell, as `digest run` does; return what could not be told."""
        used = press or self.press
        try:
            outcomes = asyncio.run(pipeline.run(used, Edge(lambda: now)))
        except Exception as error:  # noqa: BLE001 - as the command does
            return asyncio.run(self.project.teller.tell_failure(used.newsletter, "weekly", error, now))
        untold = [asyncio.run(self.project.teller.tell(each, used.newsletter, now)) for each in outcomes]
        return (*sum(untold, ()), *asyncio.run(self.project.teller.tell_missed(used.newsletter, now)))

    @property
    def mails(self) -> list[str]:
        """Subjects of what staff got by mail."""
        return [str(each.parsed["Subject"]) for each in self.server.messages if each.recipient == STAFF]

    @property
    def files(self) -> list[str]:
        return [file.read_text(encoding="utf-8") for file in sorted(self.folder.glob("*.md"))]

    def issue(self, period: str = "2026-W04") -> Issue:
        found = self.project.store.issues.find("weekly", period)
        assert found
        return found

    def told(self) -> list[str]:
        return [each.detail for each in self.project.store.issues.events(self.issue()) if each.what == "reported"]


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def root(tmp_path: Path, server: SmtpServer) -> Path:
    provider = f'kind = "smtp"\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"'
    made = make_project(tmp_path / "p", provider=provider, readers=3)
    ways = f'[reports]\nmail = ["{STAFF}"]\nfile = "var/reports"\n\n[store]'
    replace_in(made / "config/digest.toml", "[store]", ways)
    return made


@pytest.fixture
def house(root: Path, server: SmtpServer) -> Iterator[House]:
    made = House(root, server)
    yield made
    made.project.close()


def required(press: Press) -> Press:
    return replace(press, newsletter=replace(press.newsletter, review="required"))


def latest(press: Press, now: datetime) -> Slot:
    return latest_slot(press.newsletter.schedule, now)


def outcome(state: IssueState, reason: str = "", **tally: int) -> Outcome:
    issue = Issue("weekly", "2026-W04", 7, state, DUE, "第7号", reason=reason, approved_by="kay")
    return Outcome(issue, "", tally={DeliveryState(name): count for name, count in tally.items()})


def written(state: IssueState, reason: str = "", *, language: str = "ja", **tally: int) -> Report:
    return report(outcome(state, reason, **tally), make_newsletter(language=language), Known(), DUE)


def test_a_sent_issue_is_told_by_mail_and_file_and_not_again(house: House) -> None:
    assert house.run() == ()
    assert house.mails == ["【送信済み】ことのは週報 2026-W04"]
    (text,) = house.files
    assert "読者：3（受理 3）" in text
    assert "次の号：2026年1月26日(月) 08:00 JST（2026-W05）" in text
    assert "対象期間：2026年1月12日(月) 00:00 JST – 2026年1月19日(月) 00:00 JST" in text
    assert "承認：不要（review = none）" in text
    assert "載せた記事：13" in text
    assert "- 1月の読み合わせ会：小さくはじめて、続いているもの" in text
    assert "筆者が除外 1" in text
    assert "- error examples/blog/_posts/2026-01-14-3-kensho-data.md:4: " in text
    house.run(DUE + MINUTE)
    assert (len(house.mails), len(house.files)) == (1, 1)
    assert len([each for each in house.server.messages if each.recipient != STAFF]) == 3


def test_a_report_by_mail_is_a_mail_of_its_own_that_nobody_unsubscribes_by(house: House) -> None:
    house.run()
    mail = next(each.parsed for each in house.server.messages if each.recipient == STAFF)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    assert mail["From"].addresses[0].addr_spec == "digest@news.example.com"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body
        assert "送信を終えました" in body.get_content()
    assert sum(house.project.store.outbox.tally(house.issue()).values()) == 3, "staff are no readers of the issue"


def test_without_reports_nothing_is_told_or_noted(house: House) -> None:
    teller = replace(house.project.teller, channels=Channels())
    outcomes = asyncio.run(pipeline.run(house.press, Edge(lambda: DUE)))
    assert asyncio.run(teller.tell(outcomes[0], house.press.newsletter, DUE)) == ()
    asyncio.run(teller.tell_failure(house.press.newsletter, "weekly", SourceError("gone"), DUE))
    assert house.told() == []
    assert (house.mails, house.files) == ([], [])


def test_another_host_with_the_same_store_does_not_repeat_it(house: House, root: Path, server: SmtpServer) -> None:
    outcomes = asyncio.run(pipeline.run(house.press, Edge(lambda: DUE)))
    letter = house.press.newsletter
    other = House(root, server)

    async def both() -> None:
        await asyncio.gather(*(each.project.teller.tell(outcomes[0], letter, DUE) for each in (house, other)))

    asyncio.run(both())
    other.project.close()
    assert len(house.mails) == 1


def test_refused_readers_pause_the_issue_and_the_subject_says_so_first(
    house: House, root: Path, server: SmtpServer
) -> None:
    lines = ["address", *(f"reader{number}@example.com" for number in range(200))]
    (root / "examples/audience.csv").write_text("\n".join(lines), encoding="utf-8")
    server.refuse = {f"reader{number}@example.com": "550 5.1.1 No such user" for number in range(0, 200, 3)}
    house.run()
    assert house.issue().state is IssueState.PAUSED
    assert house.mails == ["【一時停止】ことのは週報 2026-W04"]
    assert "`digest send weekly/2026-W04`" in house.files[0]
    assert "readers were refused" in house.files[0]
    house.run(DUE + MINUTE)
    assert len(house.mails) == 1, "the same pause is told once"
    going = pipeline.go_on(house.project.store, house.issue(), "kay", DUE + MINUTE)
    house.project.store.outbox.pause(going, house.told()[0].removeprefix("paused: "), DUE + MINUTE)
    house.run(DUE + 2 * MINUTE)
    assert len(house.mails) == 2, "it was let go, and stopped again"


def test_unclear_readers_need_a_look_and_the_command_is_told(house: House, server: SmtpServer) -> None:
    server.hang_up_after_body = {"reader2@example.com"}  # the last of the batch
    house.run()
    assert house.mails == ["【要確認】ことのは週報 2026-W04"]
    assert "`digest send weekly/2026-W04 --unknown accept`" in house.files[0]
    assert "不明 1" in house.files[0]


def test_an_issue_that_waits_for_an_approval_is_told_and_again_when_the_approval_is_void(house: House) -> None:
    press = required(house.press)
    house.run(press=press)
    assert house.mails[1:] == ["【承認のお願い】ことのは週報 2026-W04"], "after the proof"
    assert "`digest approve weekly/2026-W04 " in house.files[0]
    pipeline.approve(house.project.store, house.issue(), "kay", DUE)
    changed = replace(press, newsletter=replace(press.newsletter, greeting="やあ"))
    pipeline.build(changed, latest(press, DUE), DUE + MINUTE)
    house.run(DUE + 2 * MINUTE, press=changed)
    assert house.mails[3:] == ["【内容変更・承認のお願い】ことのは週報 2026-W04"]
    assert "前の版の承認は無効です" in house.files[1]


def test_a_failure_is_told_once_for_each_message(house: House) -> None:
    def broken(message: str) -> Press:
        def read(_: datetime) -> Collection:
            raise SourceError(message, file="blog/_config.yml", line=3, fix="mend it")

        return replace(house.press, read_posts=read)

    for minute in range(3):
        house.run(DUE + minute * MINUTE, broken(f"the blog cannot be read since 2026-01-19 08:0{minute}"))
    assert house.mails == ["【失敗】ことのは週報 2026-W04"]
    assert "blog/_config.yml:3: the blog cannot be read" in house.files[0]
    house.run(DUE + 4 * MINUTE, broken("the blog is empty"))
    assert len(house.mails) == 2
    house.run(DUE + 5 * MINUTE)
    assert house.mails[2:] == ["【送信済み】ことのは週報 2026-W04"], "mended, it is told how it ended"


def test_a_bug_is_told_by_its_name_only(house: House) -> None:
    def read(_: datetime) -> Collection:
        raise KeyError("the-password")

    house.run(press=replace(house.press, read_posts=read))
    assert "KeyError" in house.files[0]
    assert "the-password" not in house.files[0]


def test_a_store_that_cannot_be_read_is_told_all_the_same(house: House) -> None:
    letter = house.press.newsletter

    def gone() -> None:
        raise ConfigError("the store is gone")

    teller = replace(house.project.teller, store=gone)
    untold = asyncio.run(teller.tell_failure(letter, "weekly", ConfigError("the store is gone"), DUE))
    assert untold == ()
    assert "the store is gone" in house.files[0]
    (finding,) = asyncio.run(teller.tell(outcome(IssueState.SENT), letter, DUE))
    assert "the store is gone" in finding.message


def test_a_newsletter_whose_file_cannot_be_read_is_told_by_every_way_that_needs_no_sender(house: House) -> None:
    error = ConfigError("unknown key 'titel'", file="config/newsletters/weekly.toml", line=2)
    (untold,) = asyncio.run(house.project.teller.tell_failure(None, "weekly", error, DUE))
    assert "by mail" in untold.message
    assert "config/newsletters/weekly.toml:2: unknown key 'titel'" in house.files[0]
    assert house.files[0].startswith("# 【失敗】weekly")


def test_a_way_that_fails_is_a_finding_and_a_line_of_the_history_and_the_others_are_still_gone(
    house: House, root: Path, server: SmtpServer
) -> None:
    server.refuse = {STAFF: f"550 5.1.1 {STAFF} is unknown"}
    (root / "var").mkdir(exist_ok=True)
    (root / "var/reports").write_text("not a folder", encoding="utf-8")
    with HttpServer(reply(500)) as chat:
        ways = replace(house.project.teller.channels, webhook=Secret("HOOK", f"{chat.url}/secret-part"))
        house.project.teller = replace(house.project.teller, channels=ways)
        untold = house.run()
        assert house.run(DUE + MINUTE) == (), "each is tried once"
        assert len(chat.requests) == 1
    assert house.issue().state is IssueState.SENT
    assert [each.code for each in untold] == ["report.not-told"] * 3
    assert {each.level for each in untold} == {Level.WARNING}
    said = " ".join(each.message for each in untold)
    assert "to the webhook: the chat answered 500" in said
    assert "by mail: " in said
    assert "to a file: " in said
    noted = [each.detail for each in house.project.store.issues.events(house.issue()) if each.what == "not reported"]
    assert len(noted) == 3
    assert "secret-part" not in said + " ".join(noted)


def test_a_provider_that_cannot_be_opened_keeps_no_other_way_from_being_gone(house: House) -> None:
    def misspelt() -> Writer:
        raise ConfigError("there is no provider 'smpt'")

    teller = replace(house.project.teller, provider=misspelt)
    (untold,) = asyncio.run(teller.tell_failure(house.press.newsletter, "weekly", SourceError("gone"), DUE))
    assert "by mail: there is no provider 'smpt'" in untold.message
    assert len(house.files) == 1


def test_no_report_names_a_reader(house: House, root: Path, server: SmtpServer) -> None:
    with (root / "examples/audience.csv").open("a", encoding="utf-8") as file:
        file.write("READER0@example.com,twice\nnobody-at-all,x\n")
    server.refuse = {"reader2@example.com": "550 5.1.1 <reader2@example.com> is unknown"}
    house.run()
    (text,) = house.files
    assert "examples/audience.csv:5: audience.twice" in text
    assert "拒否 1" in text
    for word in ("reader0", "reader2", "nobody-at-all", "読者2"):
        assert word not in text.lower()


def test_an_error_that_was_not_there_before_is_told_and_none_that_comes_back(house: House) -> None:
    press = required(house.press)

    def reading(*codes: str) -> Press:
        def read(now: datetime) -> Collection:
            found = press.read_posts(now)
            problems = tuple(Finding(Level.ERROR, code, "It cannot be read.", "blog") for code in codes)
            return replace(found, problems=problems)

        return replace(press, read_posts=read)

    early = DUE - timedelta(days=1)
    pipeline.build(press, latest(press, DUE), early)
    issue = house.issue()
    teller, letter = house.project.teller, press.newsletter
    for moment, codes in enumerate([(), ("blog.failed",), (), ("blog.failed",), ("blog.failed", "blog.empty")]):
        made = pipeline.draft(reading(*codes), latest(press, DUE), early)
        asyncio.run(teller.tell(Outcome(issue, "", made), letter, early + moment * MINUTE))
    assert len(house.mails) == 3
    assert house.told() == ["frozen", "blog.failed blog", "blog.empty blog"]


class Death(BaseException):
    """What no code of ours catches."""


class Deadly(Writer):
    """A provider in whose hands the process dies."""

    repeatable_for = timedelta()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Deadly]:
        yield self

    async def send(self, mailing: Mailing) -> Answer:
        raise Death


class ListKeeper(Deadly):
    """A provider that would send whatever it gets to its whole list."""

    keeps_list = True


def test_no_report_is_given_to_a_provider_that_would_send_it_to_its_list(house: House) -> None:
    teller = replace(house.project.teller, provider=lambda: ListKeeper())
    (untold,) = asyncio.run(teller.tell_failure(house.press.newsletter, "weekly", SourceError("gone"), DUE))
    assert "the provider sends to the lists that it keeps" in untold.message
    assert "nobody can be told by mail" in " ".join(teller.problems())


def test_a_run_that_died_half_way_is_told_by_the_next_one(house: House, root: Path, server: SmtpServer) -> None:
    with pytest.raises(Death):
        asyncio.run(pipeline.run(replace(house.press, provider=Deadly()), Edge(lambda: DUE)))
    assert house.mails == []
    next_process = House(root, server)
    next_process.run(DUE + 5 * MINUTE)
    next_process.project.close()
    assert house.mails == ["【要確認】ことのは週報 2026-W04"]
    assert "3 readers: their sender stopped half-way" in house.files[0]


def test_a_run_that_died_before_it_told_anybody_is_told_a_week_later(house: House) -> None:
    house.run(DUE - WEEK)
    asyncio.run(pipeline.run(house.press, Edge(lambda: DUE)))
    before = len(house.mails)
    house.run(DUE + WEEK)
    assert sorted(house.mails[before:]) == ["【送信済み】ことのは週報 2026-W04", "【送信済み】ことのは週報 2026-W05"]
    house.run(DUE + WEEK + MINUTE)
    assert len(house.mails) == before + 2


def test_a_stop_that_goes_on_by_itself_is_told_once_however_its_numbers_change(house: House) -> None:
    press = house.press
    pipeline.build(press, latest(press, DUE), DUE)
    sending = replace(house.issue(), state=IssueState.SENDING)
    for count in (1000, 1007):
        delivered = Delivered(IssueState.SENDING, f"{count} readers got mail within a day, and 1000 are allowed")
        stopped = Outcome(sending, "", delivered=delivered, tally={DeliveryState.PENDING: count})
        asyncio.run(house.project.teller.tell(stopped, press.newsletter, DUE))
    assert house.mails == ["【送信中断】ことのは週報 2026-W04"]
    assert "1000 readers got mail within a day" in house.files[0]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_state_reader_and_reason_has_words_in_both_languages(language: str) -> None:
    words = tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))["report"]
    on_the_way = {IssueState.PLANNED, IssueState.SETTLING}
    assert words["mark"].keys() == words["happened"].keys() == {*(set(IssueState) - on_the_way), "failed"}
    assert words["reader"].keys() == set(DeliveryState)
    assert words["out"].keys() == set(Out) - {Out.HISTORY}


def test_both_languages_have_the_same_words() -> None:
    ja, en = (tomllib.loads((WORDS / f"{each}.toml").read_text(encoding="utf-8")) for each in ("ja", "en"))
    assert ja.keys() == en.keys()
    for table in ja:
        assert ja[table].keys() == en[table].keys()
    for table in ("mark", "happened", "next", "reader", "out"):
        assert ja["report"][table].keys() == en["report"][table].keys()


@pytest.mark.parametrize(
    ("state", "subject"),
    [
        (IssueState.PAUSED, "[PAUSED] "),
        (IssueState.NEEDS_REVIEW, "[NEEDS A LOOK] "),
        (IssueState.HELD, "[Held] "),
        (IssueState.SENT, "[Sent] "),
        (IssueState.SETTLING, "[settling] "),
    ],
)
def test_the_subject_begins_with_the_state(state: IssueState, subject: str) -> None:
    assert written(state, language="en").subject.startswith(subject)


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (IssueState.PAUSED, "digest send weekly/2026-W04"),
        (IssueState.HELD, "digest approve weekly/2026-W04"),
        (IssueState.FROZEN, "digest approve weekly/2026-W04"),
        (IssueState.DRAFT, "digest run"),
        (IssueState.SKIPPED, "digest build weekly/2026-W04"),
        (IssueState.EXPIRED, "digest build weekly/2026-W04"),
        (IssueState.NEEDS_REVIEW, "digest send weekly/2026-W04 --rejected resend"),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_where_a_person_is_needed_the_reason_and_the_command_are_told(
    state: IssueState, command: str, language: str
) -> None:
    text = written(state, "a {brace} in a reason", language=language, rejected=3).text
    assert f"`{command}" in text
    assert "a {brace} in a reason" in text


def test_a_long_list_is_cut_and_says_so() -> None:
    findings = tuple(
        Finding(Level.WARNING, "mail.x", f"Finding {number}.", "a.html", number) for number in range(1, 16)
    )
    bad = (*findings, Finding(Level.ERROR, "mail.y", "The worst.", "b.html", 2, "mend it"))
    problems = Outcome(outcome(IssueState.SENT).issue, "", audience_problems=bad)
    text = report(problems, make_newsletter(language="en"), Known(), DUE).text
    assert "- error b.html:2: mail.y — mend it" in text
    assert text.index("b.html:2") < text.index("a.html:1")
    assert "- and 6 more" in text


def test_a_failure_without_newsletter_and_issue_is_still_a_sentence() -> None:
    made = failure_report(None, "weekly", None, ConfigError("two lines\nof ops@example.com"), DUE)
    assert made.subject == "【失敗】weekly"
    assert "two lines\nof o…@example.com" in made.text


def test_the_next_issue_is_told_in_the_newsletters_time() -> None:
    letter: Newsletter = make_newsletter(language="en-GB")
    text = report(outcome(IssueState.SENT, accepted=2), letter, Known(), DUE).text
    assert "Next issue: Mon, Jan 26, 2026 08:00 JST (2026-W05)" in text
    assert "The issue is sent: 2 of 2 readers have it." in text
