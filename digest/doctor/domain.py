"""What receivers find about the domain that a newsletter is sent from: SPF, DKIM and DMARC.

Gmail, Yahoo and Outlook.com want all three from whoever sends more than about 5,000 mails a day:
https://support.google.com/a/answer/81126
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from digest.doctor.dns_answers import Answers, UnansweredError, answers, is_installed
from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.doctor.spf import mistakes, spf_records
from digest.errors import DigestError
from digest.models import Finding, Level
from digest.send.key_checks import built_in

if TYPE_CHECKING:
    from dns.resolver import Resolver

    from digest.send.providers.smtp import Provider as MailServer

_WHY = "Gmail, Yahoo and Outlook.com want SPF, DKIM and DMARC from whoever sends more than 5,000 mails a day"
_POLICIES = {"none", "quarantine", "reject"}
_SENDGRID = ("s1", "s2")
"""Unless set otherwise: https://www.twilio.com/docs/sendgrid/ui/account-and-settings (domain authentication)."""
_RESEND = ("resend",)
"""https://resend.com/docs/dashboard/domains/introduction"""
_SELECTORS: Mapping[str, Sequence[str]] = {
    "sendgrid": _SENDGRID,
    "sendgrid_single_sends": _SENDGRID,
    "resend": _RESEND,
    "resend_broadcasts": _RESEND,
}


def sender_domains(patient: Patient) -> Sequence[str]:
    """Return the domains that mail is sent from; none while it is written to a folder."""
    if patient.project.operator.provider.kind == "file":
        return ()
    senders = (letter.sender.address for letter in patient.project.newsletters.values())
    return list(dict.fromkeys(each.rpartition("@")[2].lower() for each in senders))


def domain(patient: Patient, name: str, resolver: Resolver | None = None) -> Iterator[Examined]:
    """Ask for the three records of a domain, and tell what is missing or wrong."""
    subject = f"domain {name}"
    if patient.offline:
        yield Examined(subject, "not asked (--offline)")
        return
    if not is_installed():
        what = "SPF, DKIM and DMARC were not looked at: dnspython is not installed."
        fix = 'pip install "newsletter-digest[dns]"'
        yield Examined(subject, "", (Finding(Level.INFO, "dns.not-installed", what, fix=fix),))
        return
    try:
        asked = answers(resolver)
        told = [_spf(asked, name), _dkim(asked, patient, name), _dmarc(asked, name)]
    except UnansweredError as error:
        what = f"{error.message[:1].upper()}{error.message[1:]}."
        found = (Finding(Level.WARNING, "dns.no-answer", what, fix="try again, or look at this machine's DNS"),)
        yield Examined(subject, "", found)
        return
    yield Examined(subject, "; ".join(said for said, _ in told), tuple(each for _, found in told for each in found))


Told = tuple[str, list[Finding]]


def _spf(asked: Answers, name: str) -> Told:
    records = spf_records(asked.texts(name))
    if not records:
        what = f"{name} has no SPF record, so receivers do not know who may send in its name. {_WHY}."
        fix = (
            f"publish a TXT record at {name} that your provider names; some check a return address of their own instead"
        )
        return "no SPF", [Finding(Level.WARNING, "dns.spf-missing", what, fix=fix)]
    if len(records) > 1:
        what = f"{name} has {len(records)} SPF records, so receivers take that for an error (RFC 7208, 4.5)."
        return "SPF twice", [Finding(Level.ERROR, "dns.spf-twice", what, fix="make one of them")]
    found = [
        Finding(Level.ERROR, "dns.spf-wrong", f"The SPF record of {name}: {each}.", fix="mend it at your DNS provider")
        for each in mistakes(asked, name, records[0])
    ]
    return "SPF", found


def _dmarc(asked: Answers, name: str) -> Told:
    labels = name.split(".")
    # Of a domain without a record of its own, that of a domain above counts; the last label alone has none.
    for place in range(max(1, len(labels) - 1)):
        above = ".".join(labels[place:])
        records = [each for each in asked.texts(f"_dmarc.{above}") if each.replace(" ", "").startswith("v=DMARC1")]
        if records:
            return _judged_dmarc(above, records)
    what = f"Neither {name} nor a domain above it has a DMARC record. {_WHY}."
    fix = f'publish a TXT record at _dmarc.{name}, at first "v=DMARC1; p=none; rua=mailto:…"'
    return "no DMARC", [Finding(Level.WARNING, "dns.dmarc-missing", what, fix=fix)]


def _judged_dmarc(name: str, records: Sequence[str]) -> Told:
    if len(records) > 1:
        what = f"_dmarc.{name} has {len(records)} DMARC records, so none of them counts (RFC 7489, 6.6.3)."
        return "DMARC twice", [Finding(Level.ERROR, "dns.dmarc-twice", what, fix="keep one of them")]
    tags = dict(each.strip().partition("=")[::2] for each in records[0].split(";") if "=" in each)
    policy = {key.strip(): value.strip() for key, value in tags.items()}.get("p", "").lower()
    if policy not in _POLICIES:
        what = f"The DMARC record at _dmarc.{name} has no policy: p is {policy!r}."
        fix = "write p=none, p=quarantine or p=reject"
        return "DMARC", [Finding(Level.ERROR, "dns.dmarc-wrong", what, fix=fix)]
    return f"DMARC p={policy}" + (f" of {name}" if name else ""), []


def _dkim(asked: Answers, patient: Patient, name: str) -> Told:
    try:
        provider = patient.project.provider
    except DigestError:
        return "DKIM not looked at", []  # the provider's own line says what is wrong
    kind = built_in(provider)
    if kind == "smtp" and (signer := cast("MailServer", provider)).dkim_selector:
        return _own_dkim(asked, signer, name)
    selectors = _SELECTORS.get(kind, ())
    there = [each for each in selectors if _keys(asked, each, name)]
    if there:
        return f"DKIM ({', '.join(there)})", []
    if selectors:
        what = (
            f"{name} has no DKIM key under the usual names ({', '.join(f'{each}._domainkey' for each in selectors)}). "
            f"{_WHY}."
        )
        fix = "publish what the provider shows for the domain; with names of your own, look at a proof's headers"
        return "no DKIM", [Finding(Level.WARNING, "dns.dkim-missing", what, fix=fix)]
    return "DKIM unknown: send a proof, and look for dkim=pass in its Authentication-Results", []


def _own_dkim(asked: Answers, signer: MailServer, name: str) -> Told:
    where = f"{signer.dkim_selector}._domainkey.{signer.dkim_domain}"
    keys = _keys(asked, signer.dkim_selector, signer.dkim_domain)
    if not keys:
        what = f"There is no public key at {where}, so every signature is worthless."
        return "no DKIM", [
            Finding(Level.ERROR, "dns.dkim-missing", what, fix="publish the key that belongs to dkim_key")
        ]
    found = []
    if not any(_public(each) for each in keys):
        what = f"The key at {where} is revoked: its p is empty."
        found.append(Finding(Level.ERROR, "dns.dkim-revoked", what, fix="publish the key that belongs to dkim_key"))
    own = signer.dkim_domain.lower()
    if name != own and not name.endswith(f".{own}") and not own.endswith(f".{name}"):
        what = f"Mail from {name} is signed for {own}, which DMARC does not take for the same."
        found.append(Finding(Level.WARNING, "dns.dkim-stranger", what, fix="sign for the sender's domain"))
    return f"DKIM ({signer.dkim_selector})", found


def _keys(asked: Answers, selector: str, name: str) -> list[str]:
    return [each for each in asked.texts(f"{selector}._domainkey.{name}") if "p=" in each.replace(" ", "")]


def _public(record: str) -> str:
    tags = (each.strip().partition("=") for each in record.split(";"))
    return next(("".join(value.split()) for key, _, value in tags if key.strip() == "p"), "")
