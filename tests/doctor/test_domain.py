"""What receivers find about the sender's domain is told as they would judge it, by a real DNS server on loopback."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from digest.doctor.dns_answers import Answers, UnansweredError
from digest.doctor.domain import domain, sender_domains
from digest.doctor.examined import Examined
from digest.models import Level
from tests.doctor.examining import codes, one, patient
from tests.servers.dns import DnsServer

POSTMARK = 'kind = "postmark"\napi_key = "env:KEY"'
SENDGRID = 'kind = "sendgrid"\napi_key = "env:KEY"'
SIGNING = (
    'kind = "smtp"\nhost = "127.0.0.1"\nsecurity = "none"\ndkim_domain = "example.com"\n'
    'dkim_selector = "d1"\ndkim_key = "env:KEY"'
)
NAME = "news.example.com"
SOUND: Mapping[str, Sequence[str] | None] = {
    NAME: ["site-verification=1", "v=spf1 include:spf.example.net -all"],
    "spf.example.net": ["v=spf1 ip4:192.0.2.0/24 ~all"],
    f"_dmarc.{NAME}": ["v=DMARC1; p=none"],
}


def examined(
    folder: Path, changes: Mapping[str, Sequence[str] | None], *, provider: str = POSTMARK, without: str = ""
) -> Examined:
    records = {name: found for name, found in {**SOUND, **changes}.items() if name != without}
    with DnsServer(records) as server, patient(folder / "p", provider=provider, environment={"KEY": "k"}) as looked_at:
        return one(domain, looked_at, NAME, server.resolver())


def test_a_sound_domain_has_nothing_to_mend(tmp_path: Path) -> None:
    found = examined(tmp_path, {})
    assert found.findings == ()
    assert found.said.startswith("SPF; DKIM unknown: send a proof")
    assert f"DMARC p=none of {NAME}" in found.said


def test_without_records_the_reason_is_told(tmp_path: Path) -> None:
    with DnsServer({}) as server, patient(tmp_path / "p", provider=POSTMARK) as looked_at:
        found = one(domain, looked_at, NAME, server.resolver())
    assert codes(found, Level.WARNING) == ["dns.spf-missing", "dns.dmarc-missing"]
    assert "5,000 mails a day" in found.findings[0].message


@pytest.mark.parametrize(
    ("records", "code", "words"),
    [
        (["v=spf1 -all", "v=spf1 ~all"], "dns.spf-twice", "2 SPF records"),
        (["v=spf1 +all"], "dns.spf-wrong", "anybody may send"),
        (["v=spf1 all"], "dns.spf-wrong", "anybody may send"),
        (["v=spf1 include:nowhere.example.net -all"], "dns.spf-wrong", "no SPF records"),
        (["v=spf1 in clude:x -all !"], "dns.spf-wrong", "no term of SPF"),
        ([f"v=spf1 {' '.join(f'a:h{n}.example.net' for n in range(11))} -all"], "dns.spf-wrong", "more than 10"),
        (
            ["v=spf1 redirect=spf.example.net include:spf.example.net " + "mx " * 9 + "-all"],
            "dns.spf-wrong",
            "more than",
        ),
        ([f"v=spf1 include:{NAME} -all"], "dns.spf-wrong", "more than 10"),
    ],
)
def test_a_record_that_receivers_cannot_use_is_an_error(
    tmp_path: Path, records: list[str], code: str, words: str
) -> None:
    found = examined(tmp_path, {NAME: records})
    assert codes(found, Level.ERROR) == [code]
    assert words in found.findings[0].message


def test_ten_questions_macros_and_other_records_are_allowed(tmp_path: Path) -> None:
    terms = " ".join(f"a:h{number}.example.net" for number in range(8))
    record = f"v=spf1 {terms} include:spf.example.net exists:%{{i}}.example.net ip4:192.0.2.1 -all"
    assert examined(tmp_path, {NAME: ["v=spf10 nonsense", record]}).findings == ()


def test_a_long_record_is_put_together_from_its_pieces(tmp_path: Path) -> None:
    record = "v=spf1 " + " ".join(f"ip4:192.0.2.{number}" for number in range(40)) + " +all"
    assert codes(examined(tmp_path, {NAME: [record]})) == ["dns.spf-wrong"]


def test_the_policy_of_a_domain_above_counts(tmp_path: Path) -> None:
    found = examined(tmp_path, {"_dmarc.example.com": ["v=DMARC1; p=reject"]}, without=f"_dmarc.{NAME}")
    assert found.findings == ()
    assert "DMARC p=reject of example.com" in found.said


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (["v=DMARC1"], "dns.dmarc-wrong"),
        (["v=DMARC1; p=maybe"], "dns.dmarc-wrong"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "dns.dmarc-twice"),
    ],
)
def test_a_policy_that_is_none_is_an_error(tmp_path: Path, records: list[str], code: str) -> None:
    assert codes(examined(tmp_path, {f"_dmarc.{NAME}": records}), Level.ERROR) == [code]


def test_the_usual_names_of_a_provider_are_looked_for(tmp_path: Path) -> None:
    missing = examined(tmp_path / "a", {}, provider=SENDGRID)
    assert codes(missing, Level.WARNING) == ["dns.dkim-missing"]
    there = examined(tmp_path / "b", {f"s1._domainkey.{NAME}": ["k=rsa; t=s; p=MIGf"]}, provider=SENDGRID)
    assert there.findings == ()
    assert "DKIM (s1)" in there.said


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([], ["dns.dkim-missing"]),
        (["v=DKIM1; k=rsa; p="], ["dns.dkim-revoked"]),
        (["v=DKIM1; k=rsa; p=MIGfMA0"], []),
    ],
)
def test_the_key_of_our_own_signatures_must_be_there(tmp_path: Path, records: list[str], found: list[str]) -> None:
    changes = {"d1._domainkey.example.com": records}
    assert codes(examined(tmp_path, changes, provider=SIGNING), Level.ERROR) == found


def test_a_signature_in_the_name_of_a_stranger_is_told(tmp_path: Path) -> None:
    provider = SIGNING.replace('"example.com"', '"example.org"')
    found = examined(tmp_path, {"d1._domainkey.example.org": ["v=DKIM1; p=MIGf"]}, provider=provider)
    assert codes(found) == ["dns.dkim-stranger"]


def test_who_does_not_answer_is_told_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.doctor.dns_answers._SECONDS", 0.2)
    found = examined(tmp_path, {NAME: None})
    assert codes(found, Level.WARNING) == ["dns.no-answer"]
    assert NAME in found.findings[0].message


def test_offline_and_without_dnspython_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DnsServer({}) as server, patient(tmp_path / "p", provider=POSTMARK, offline=True) as looked_at:
        assert "not asked" in one(domain, looked_at, NAME, server.resolver()).said
        looked_at.offline = False
        monkeypatch.setattr(importlib.import_module("digest.doctor.domain"), "is_installed", lambda: False)
        found = one(domain, looked_at, NAME, server.resolver())
        assert (codes(found), server.asked) == (["dns.not-installed"], [])
        assert "newsletter-digest[dns]" in found.findings[0].fix


def test_only_what_leaves_has_a_domain(tmp_path: Path) -> None:
    with patient(tmp_path / "a", provider=POSTMARK) as looked_at:
        assert sender_domains(looked_at) == [NAME]
    with patient(tmp_path / "b") as looked_at:
        assert sender_domains(looked_at) == ()


def test_a_name_that_is_none_is_told_as_unanswered() -> None:
    with DnsServer({}) as server, pytest.raises(UnansweredError, match="nobody says"):
        Answers(server.resolver()).texts("a" * 70 + ".example.com")
