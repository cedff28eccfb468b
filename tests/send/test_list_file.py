"""A list of readers in a CSV file: every line is a reader or says why it is none, and what is written is read again."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from digest.errors import AudienceError
from digest.models import Finding, Subscriber
from digest.send.list_file import COLUMNS, Entry, read_list, write_list
from tests.factories import TOKYO

NOW = datetime(2026, 1, 19, 9, 0, tzinfo=TOKYO)


def read(folder: Path, text: str, consent: str = "店頭の用紙") -> list[Entry | Finding]:
    file = folder / "list.csv"
    file.write_text(text, encoding="utf-8-sig")
    return list(read_list(file, "list.csv", consent=consent, now=NOW, zone=TOKYO))


def test_a_line_is_a_reader_with_all_that_it_says(tmp_path: Path) -> None:
    (found,) = read(
        tmp_path,
        "メールアドレス,氏名,言語,カテゴリ,登録日,同意日時,同意の方法\n"
        "Hanako@例え.jp,山田花子,ja,ai、invest,2025-04-01,2025-04-02T10:00:00+09:00,資料請求\n",
    )
    assert isinstance(found, Entry)
    assert (found.line, found.identity) == (2, "hanako@xn--r8jz45g.jp")
    assert found.subscriber == Subscriber(
        address="Hanako@xn--r8jz45g.jp",
        name="山田花子",
        language="ja",
        sections=("ai", "invest"),
        created_at=datetime(2025, 4, 1, tzinfo=TOKYO),
        confirmed_at=datetime(2025, 4, 2, 10, 0, tzinfo=TOKYO),
        consent="資料請求",
    )


def test_who_has_no_time_of_their_own_agreed_when_they_were_entered_else_now(tmp_path: Path) -> None:
    entered, bare = read(tmp_path, "email,created\na@example.com,2025-04-01\nb@example.com,\n")
    assert isinstance(entered, Entry)
    assert isinstance(bare, Entry)
    assert entered.subscriber.confirmed_at == datetime(2025, 4, 1, tzinfo=TOKYO)
    assert bare.subscriber.confirmed_at == NOW
    assert bare.subscriber.consent == "店頭の用紙"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nobody,,", "it has no @"),
        ("a@b@example.com,,", "the part before the @ is not valid"),
        ("a@-.example,,", "the domain is not valid"),
        ("a@example.com,unsubscribed,", "the file says “unsubscribed”"),
        ("a@example.com,hard bounced,", "the file says “hard bounced”"),
        ("a@example.com,,31.12.2025", "“31.12.2025” is no time"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why_and_stops_no_other(tmp_path: Path, line: str, why: str) -> None:
    refused, taken = read(tmp_path, f"email,state,created\n{line}\nb@example.com,,\n")
    assert isinstance(refused, Finding)
    assert (refused.file, refused.line) == ("list.csv", 2)
    assert why in refused.message
    assert isinstance(taken, Entry)


def test_a_reader_who_waits_for_a_confirmation_still_does(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "email,state,created\na@example.com,unconfirmed,2025-04-01\n")
    assert isinstance(found, Entry)
    assert found.subscriber.confirmed_at is None


def test_a_list_that_does_not_say_how_its_readers_agreed_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(AudienceError, match="how these readers agreed"):
        read(tmp_path, "email\na@example.com\n", consent="")


def test_one_line_that_does_not_say_it_is_refused_alone(tmp_path: Path) -> None:
    refused, taken = read(tmp_path, "email,consent\na@example.com,\nb@example.com,form\n", consent="")
    assert isinstance(refused, Finding)
    assert isinstance(taken, Entry)


@pytest.mark.parametrize("text", ["", "name\nx\n", '"a@example.com\nb@example.com\n'])
def test_a_file_that_is_no_list_is_one_clear_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(AudienceError, match="list"):
        read(tmp_path, text)


def test_a_file_that_is_not_there_or_not_utf_8_is_one_too(tmp_path: Path) -> None:
    with pytest.raises(AudienceError, match="no such file"):
        list(read_list(tmp_path / "none.csv", "none.csv", consent="x", now=NOW, zone=TOKYO))
    (tmp_path / "sjis.csv").write_bytes("email,氏名\n".encode("cp932"))
    with pytest.raises(AudienceError, match="cannot be read"):
        list(read_list(tmp_path / "sjis.csv", "sjis.csv", consent="x", now=NOW, zone=TOKYO))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    readers = [
        Subscriber("Hanako@example.com", "山田, 花子", "ja", ("ai", "invest"), NOW, NOW, "フォーム"),
        Subscriber("+plus@example.com", '=HYPERLINK("x")', "", (), NOW, NOW, "-form"),
        Subscriber("wait@example.com", "", "en", (), NOW, None, "form"),
    ]
    left = Subscriber(
        "left@example.com", confirmed_at=NOW, consent="f", suppressed_because="unsubscribed", suppressed_at=NOW
    )
    stream = io.StringIO()
    assert write_list([*readers, left], stream) == 4
    text = stream.getvalue()
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert not [cell for line in text.splitlines()[1:] for cell in line.split(",") if cell[:1] in "=+-@" and cell]
    *again, refused = read(tmp_path, text, consent="")
    assert [replace(each.subscriber) for each in again if isinstance(each, Entry)] == readers
    assert isinstance(refused, Finding)
    assert "unsubscribed" in refused.message
