"""SpamAssassin is asked on this machine alone, and given up when it takes too long."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path

import pytest

from digest.check.spam import check_spam, verdict_of
from digest.models import Level
from digest.pipeline import spamassassin
from digest.send.mime import message_bytes
from tests.check.test_spam import REPORT
from tests.conftest import skip_or_fail
from tests.factories import make_email, make_recipient


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a script of this Python in SpamAssassin's place."""
    file = folder / "spamassassin"
    file.write_text(f"#!{sys.executable}\nimport os, sys, time\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_without_the_program_there_is_nothing_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert spamassassin.scan(b"x") is None
    assert [each.code for each in check_spam(b"x", spamassassin.scan)] == ["mail.spam-unchecked"]


def test_it_gets_the_mail_without_network_and_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    said = "sys.argv[1:], os.environ.get('SECRET_KEY'), os.environ['HOME'] == os.getcwd(), sys.stdin.read()"
    program(tmp_path, monkeypatch, f"print({said})")
    assert spamassassin.scan(b"the mail") == "['-L', '-t', '-x'] None True the mail\n"


def test_its_report_becomes_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, f"sys.stdin.read(); print({REPORT!r})")
    assert [each.level for each in check_spam(b"x", spamassassin.scan)] == [Level.WARNING]


def test_one_that_hangs_is_ended_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "time.sleep(600)")
    with pytest.raises(TimeoutError):
        spamassassin.scan(b"x", seconds=0.3)


def test_one_that_fails_or_does_not_listen_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "os.close(0); sys.exit(7)")
    with pytest.raises(OSError, match="ended with 7"):
        spamassassin.scan(b"x" * 1_000_000)


def test_the_real_one_finds_nothing_in_a_plain_mail_and_knows_spam() -> None:
    if not shutil.which("spamassassin"):
        skip_or_fail("spamassassin", "it is not installed")
    sent_at = datetime.fromisoformat("2026-01-19T08:00:00+09:00")
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"  # the test text of all filters
    good, bad = (
        message_bytes(make_email(**changes), make_recipient(), message_id="<a@example.com>", date=sent_at)
        for changes in ({}, {"text": gtube})
    )
    verdict = verdict_of(spamassassin.scan(good) or "")
    assert verdict is not None
    assert verdict.points < 5
    assert [each.level for each in check_spam(bad, spamassassin.scan)] == [Level.ERROR]
