"""Logs as people export them: whoever stands in one with a copy of the issue is settled, and nobody else."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from digest.errors import ProviderError
from digest.models import DeliveryState, Finding
from digest.send.event_log import Logged, read_event_log
from digest.send.log_matching import deliveries_from
from digest.send.look_ups import Sign
from digest.send.providers import Mailing
from tests.factories import make_recipient
from tests.send.asked import A, R, U
from tests.servers.mailings import make_mailing
from tests.servers.webhooks import HOOKS, tell

MAILING = make_mailing(3)
ISSUE, SENT, SUBJECT = MAILING.issue, MAILING.sent_at, MAILING.email.subject
IN_TIME = (SENT + timedelta(minutes=2)).isoformat()


def read(tmp_path: Path, text: str | bytes, name: str = "log") -> tuple[list[Logged], list[Finding]]:
    file = tmp_path / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    found = list(read_event_log(file, name))
    return [each for each in found if isinstance(each, Logged)], [each for each in found if isinstance(each, Finding)]


def settled(tmp_path: Path, text: str, mailing: Mailing = MAILING) -> list[DeliveryState]:
    logged, findings = read(tmp_path, text)
    assert not findings
    (told,) = deliveries_from(logged, [mailing], findings.append)
    assert [each.recipient for each in told] == list(mailing.recipients)
    return [each.state for each in told]


def csv_of(*lines: str, header: str = "email,event,issue") -> str:
    return "\n".join((header, *lines)) + "\n"


# ---------------------------------------------------------------- CSV


def test_who_stands_in_the_log_is_accepted_or_rejected_and_the_rest_stays_unknown(tmp_path: Path) -> None:
    log = csv_of(f"reader1@example.com,delivered,{ISSUE}", f"reader3@example.com,dropped,{ISSUE}")
    assert settled(tmp_path, log) == [A, U, R]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "header", ["Email,Event,Issue", "Recipient Email,Message Status,Issue", "to,status,custom_id", "rcpt_to,type,tags",
               "メールアドレス,状態,Campaign", "E-mail,State,category"],
)  # fmt: skip
def test_columns_are_found_by_the_names_that_exports_give_them(tmp_path: Path, header: str, separator: str) -> None:
    log = csv_of(f"reader2@example.com,Delivered,{ISSUE}", header=header).replace(",", separator)
    assert settled(tmp_path, "\N{BYTE ORDER MARK}" + log.replace("\n", "\r\n")) == [U, A, U]


def test_the_providers_id_reason_and_time_are_kept(tmp_path: Path) -> None:
    header = "timestamp,email,event,message_id,issue,reason"
    logged, _ = read(tmp_path, csv_of(f'{IN_TIME},a@example.com,drop,m-1,{ISSUE},"Bounced, before"', header=header))
    (one,) = logged
    assert (one.line, one.address, one.sign, one.message_id) == (2, "a@example.com", Sign.DROPPED, "m-1")
    assert (one.issue, one.said, one.at) == (ISSUE, "Bounced, before", SENT + timedelta(minutes=2))


def test_every_line_that_cannot_be_used_is_told_with_its_number(tmp_path: Path) -> None:
    log = csv_of(
        f"a@example.com,delivered,{ISSUE}",
        f",delivered,{ISSUE}",
        "",
        f"b@example.com,frobnicated,{ISSUE}",
        f"c@example.com,,{ISSUE}",
        f"d@example.com,failed,{ISSUE}",
        f"e@example.com,delivered,{ISSUE}",
    )
    logged, findings = read(tmp_path, log)
    assert [each.line for each in logged] == [2, 8]
    assert [each.line for each in findings] == [3, 5, 6, 7]
    assert all(each.file == "log" and each.fix for each in findings)
    assert "frobnicated" in findings[1].message


def test_a_quotation_mark_without_an_end_is_told_and_settles_nobody_it_swallowed(tmp_path: Path) -> None:
    many = [f"reader{number}@example.com,delivered,{ISSUE}" for number in range(50)]
    logged, findings = read(tmp_path, csv_of(f"a@example.com,delivered,{ISSUE}", '"b@example.com,delivered', *many))
    assert [each.address for each in logged] == ["a@example.com"]
    assert [each.line for each in findings] == [3]
    logged, findings = read(tmp_path, csv_of('"b@example.com,delivered', *many * 200))
    assert findings[0].line == 2


def test_a_reply_over_some_lines_is_one_record(tmp_path: Path) -> None:
    log = csv_of(
        f'a@x.example,bounce,{ISSUE},"550\nno\nsuch"', f"b@x.example,bounce,{ISSUE},", header="to,event,issue,reason"
    )
    logged, findings = read(tmp_path, log)
    assert ([each.line for each in logged], findings) == ([2, 5], [])


@pytest.mark.parametrize("text", ["", "\n", "name,event\na,b\n", "email,when\na@example.com,b\n", "just words\n"])
def test_a_file_that_is_no_log_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProviderError, match="no column") as caught:
        read(tmp_path, text)
    assert (caught.value.file, caught.value.line) == ("log", 1)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="no such file"):
        list(read_event_log(tmp_path / "none", "none"))
    with pytest.raises(ProviderError, match="cannot be read"):
        list(read_event_log(tmp_path, "a folder"))


def test_bytes_that_are_no_utf_8_cost_nobody_else_a_line(tmp_path: Path) -> None:
    logged, _ = read(tmp_path, b"email,event,reason\na@example.com,drop,\xff\xfe\nb@example.com,delivered,\n")
    assert [each.address for each in logged] == ["a@example.com", "b@example.com"]


# ---------------------------------------------------------------- JSON


def exported(kind: str, what: str) -> Any:
    """What a provider tells of hanako@example.com, as its webhook has it."""
    body = tell(kind, what).body.decode()
    return json.loads(parse_qs(body)["mandrill_events"][0] if kind == "mandrill" else body)


@pytest.mark.parametrize("kind", sorted(HOOKS))
@pytest.mark.parametrize("what", ["delivered", "delayed", "bounced", "complained"])
def test_what_webhooks_tell_settles_the_reader_as_accepted(tmp_path: Path, kind: str, what: str) -> None:
    hanako = replace(MAILING, recipients=(make_recipient(1, address="hanako@example.com"),))
    event = exported(kind, what)
    assert settled(tmp_path, json.dumps(event), hanako) == [A]
    assert settled(tmp_path, json.dumps([event, event], indent=2), hanako) == [A]
    assert settled(tmp_path, f"{json.dumps(event)}\n{json.dumps(event)}\n", hanako) == [A]
    logged, _ = read(tmp_path, json.dumps(event))
    assert all(each.message_id for each in logged)


@pytest.mark.parametrize("kind", sorted(HOOKS))
def test_what_webhooks_tell_of_another_issue_settles_nobody(tmp_path: Path, kind: str) -> None:
    hanako = replace(MAILING, issue="weekly/2026-W05", recipients=(make_recipient(1, address="hanako@example.com"),))
    assert settled(tmp_path, json.dumps(exported(kind, "delivered")), hanako) == [U]


SHAPES: dict[str, tuple[dict[str, Any], DeliveryState]] = {
    "sendgrid processed": ({"email": "reader1@example.com", "event": "processed", "issue": ISSUE}, A),
    "sendgrid dropped": ({"email": "reader1@example.com", "event": "dropped", "issue": ISSUE, "sg_message_id": "m"}, R),
    "sendgrid blocked": ({"to_email": "reader1@example.com", "status": "blocked", "sg_message_id": "m",
                          "custom_args": {"issue": ISSUE}}, A),
    "mailgun accepted": ({"recipient": "reader1@example.com", "event": "accepted",
                          "user-variables": {"issue": ISSUE}}, A),
    "mailgun suppressed": ({"recipient": "reader1@example.com", "event": "failed", "severity": "permanent",
                            "reason": "suppress-bounce", "user-variables": {"issue": ISSUE}}, R),
    "mailgun bounced": ({"recipient": "reader1@example.com", "event": "failed", "severity": "permanent",
                         "reason": "bounce", "user-variables": {"issue": ISSUE}}, A),
    "brevo sent": ({"email": "reader1@example.com", "event": "request", "tags": ["digest", "weekly", ISSUE]}, A),
    "brevo blocked": ({"email": "reader1@example.com", "event": "blocked", "tag": json.dumps(["weekly", ISSUE])}, R),
    "sparkpost injected": ({"msys": {"message_event": {"type": "injection", "rcpt_to": "reader1@example.com",
                                                       "rcpt_meta": {"issue": ISSUE}}}}, A),
    "sparkpost rejected": ({"type": "policy_rejection", "rcpt_to": "reader1@example.com",
                            "rcpt_meta": {"issue": ISSUE}}, R),
    "mailjet by our id": ({"ContactAlt": "reader1@example.com", "Status": "sent", "CustomID": f"{ISSUE}/7/89ab"}, A),
    "mandrill rejected": ({"event": "reject", "msg": {"email": "reader1@example.com",
                                                      "metadata": {"issue": ISSUE}}}, R),
    "postmark searched": ({"TotalCount": 1, "Messages": [{"To": [{"Email": "reader1@example.com"}], "Status": "Sent",
                                                          "MessageID": "m", "Metadata": {"issue": ISSUE}}]}, A),
    "ses sent": ({"eventType": "Send", "mail": {"destination": ["reader1@example.com"],
                                                "tags": {"issue": ["weekly_2026-W04"]}}}, A),
    "resend failed": ({"type": "email.failed", "data": {"to": ["reader1@example.com"],
                                                        "tags": {"issue": "weekly_2026-W04"}}}, R),
    "a proof of sendgrid": ({"email": "reader1@example.com", "event": "delivered", "issue": ISSUE, "proof": "yes"}, U),
    "a proof of mailgun": ({"recipient": "reader1@example.com", "event": "delivered",
                            "user-variables": {"issue": ISSUE, "proof": "yes"}}, U),
    "a proof of mailjet": ({"email": "reader1@example.com", "event": "sent", "CustomID": f"{ISSUE}/proof"}, U),
    "a proof of mailersend": ({"type": "activity.sent", "data": {"email": {
        "recipient": {"email": "reader1@example.com"}, "tags": ["weekly", ISSUE, "proof"]}}}, U),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_exports_of_all_providers_are_understood(tmp_path: Path, shape: str) -> None:
    event, state = SHAPES[shape]
    assert settled(tmp_path, json.dumps(event)) == [state, U, U]


def test_broken_json_is_told_with_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    good = json.dumps({"email": "a@example.com", "event": "delivered"})
    logged, findings = read(tmp_path, f'{good}\n{{"email": \n{good}\nnonsense\n{good}\n{{"email": "b@example.com"')
    assert [each.line for each in findings] == [2, 4, 6]
    assert [each.line for each in logged] == [1, 3, 5]


def test_values_that_are_no_events_are_told(tmp_path: Path) -> None:
    logged, findings = read(tmp_path, '[1, "two",\nnull,\n{"hello": "world"}]')
    assert logged == []
    assert [each.line for each in findings] == [1, 1, 2, 3]


def big(count: int) -> Iterator[str]:
    for number in range(count):
        yield json.dumps(
            {"email": f"reader{number}@example.com", "event": "delivered", "issue": ISSUE, "pad": "x" * 80}
        )


@pytest.mark.no_cover  # two that trace everything take minutes
@pytest.mark.parametrize("form", ["csv", "lines", "list", "one line"])
def test_a_long_log_is_read_in_little_memory(tmp_path: Path, form: str) -> None:
    count, file = 10_000, tmp_path / "big"
    with file.open("w", encoding="utf-8") as stream:
        if form == "csv":
            stream.write("email,event,issue\n")
            stream.writelines(f"reader{number}@example.com,delivered,{ISSUE}\n" for number in range(count))
        else:
            glue = {"lines": "\n", "list": ",\n", "one line": ", "}[form]
            stream.write("" if form == "lines" else "[")
            for number, each in enumerate(big(count)):
                stream.write((glue if number else "") + each)
            stream.write("" if form == "lines" else "]")
    tracemalloc.start()
    try:
        read_so_far = sum(isinstance(each, Logged) for each in read_event_log(file, "big"))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read_so_far == count
    assert most < file.stat().st_size / 2, "a log is never held as a whole"


# ---------------------------------------------------------------- which copy it is


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (f"{IN_TIME},{SUBJECT},", A),
        (f"{IN_TIME},{SUBJECT},weekly", A),
        (f"{IN_TIME},,", A),
        (f",{SUBJECT},", A),
        (",,", A),
        (f"{IN_TIME},Another subject,", U),
        (f"{IN_TIME},【テスト】{SUBJECT},", U),
        (f"{IN_TIME},{SUBJECT},daily", U),
        (f"{(SENT - timedelta(days=7)).isoformat()},{SUBJECT},weekly", U),
        (f"{(SENT + timedelta(days=1)).isoformat()},{SUBJECT},weekly", U),
        (f"{(SENT + timedelta(minutes=2)).strftime('%a, %d %b %Y %H:%M:%S %z')},{SUBJECT},", A),
    ],
)
def test_a_log_without_issues_counts_by_subject_tag_and_time(tmp_path: Path, line: str, state: DeliveryState) -> None:
    line = re.sub(r"^(\w{3}, [^,]*),", r'"\1",', line)
    log = csv_of(f"reader1@example.com,delivered,{line}", header="email,event,time,subject,tag")
    assert settled(tmp_path, log) == [state, U, U]


def test_a_time_that_cannot_be_read_is_told_where_it_would_matter(tmp_path: Path) -> None:
    header = "email,event,time,issue"
    logged, findings = read(
        tmp_path, csv_of("a@example.com,open,昨日,", f"b@example.com,open,昨日,{ISSUE}", header=header)
    )
    assert ([each.line for each in findings], [each.line for each in logged]) == ([2], [3])


def test_an_event_of_the_issue_from_before_the_sending_is_another_systems(tmp_path: Path) -> None:
    log = csv_of(
        f"reader1@example.com,open,{ISSUE},{(SENT - timedelta(hours=1)).isoformat()}", header="to,event,issue,at"
    )
    assert settled(tmp_path, log) == [U, U, U]


def test_addresses_are_the_same_in_capitals_and_in_punycode(tmp_path: Path) -> None:
    mailing = replace(MAILING, recipients=(make_recipient(1, address="Reader.One@日本語.example"),))
    for written in ("reader.one@xn--wgv71a119e.example", "READER.ONE@日本語.example", "R <reader.one@日本語.example>"):
        assert settled(tmp_path, csv_of(f"{written},sent,{ISSUE}"), mailing) == [A]


def test_who_was_tried_was_accepted_in_whatever_order_the_log_tells_it(tmp_path: Path) -> None:
    lines = [f"reader1@example.com,{word},{ISSUE}" for word in ("processed", "dropped", "delivered")]
    assert settled(tmp_path, csv_of(*lines))[0] is A
    assert settled(tmp_path, csv_of(*lines[::-1]))[0] is A
    assert settled(tmp_path, csv_of(*lines[:2]))[0] is R
    assert settled(tmp_path, csv_of(*lines[:2][::-1]))[0] is R


def test_several_batches_are_settled_in_one_pass_and_findings_are_told(tmp_path: Path) -> None:
    first = replace(MAILING, recipients=MAILING.recipients[:2])
    second = replace(MAILING, recipients=MAILING.recipients[2:], sent_at=SENT + timedelta(hours=1))
    file, told = tmp_path / "log", list[Finding]()
    file.write_text(csv_of(f"reader3@example.com,open,{ISSUE}", "x,y", f"reader2@example.com,open,{ISSUE}"))
    found = deliveries_from(read_event_log(file, "log"), [first, second], told.append)
    states: Sequence[list[DeliveryState]] = [[each.state for each in some] for some in found]
    assert states == [[U, A], [A]]
    assert [each.line for each in told] == [3]
    assert found[0][0].error


def test_a_column_with_our_name_of_a_batch_tells_copies_and_proofs_apart(tmp_path: Path) -> None:
    log = csv_of(f"reader1@example.com,sent,{ISSUE}/proof", f"reader2@example.com,sent,{ISSUE}/7/89ab")
    assert settled(tmp_path, log) == [U, A, U]
