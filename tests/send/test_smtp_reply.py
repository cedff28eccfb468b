"""Refusals as mail servers really write them, and whom each is about."""

from __future__ import annotations

import pytest

from digest.send.smtp_reply import is_about_us

ABOUT_US = [
    "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org",
    "550 5.7.1 Our system has detected that this message is likely unsolicited mail",
    "550 5.7.26 This mail is unauthenticated, which poses a security risk",
    "550; 5.7.515 Access denied, sending domain example.com does not meet the required authentication level",
    "550 5.7.23 <reader@example.com>: Recipient address rejected: Message rejected due to: SPF fail",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "554 5.7.1 <reader@example.com>: Relay access denied",
    "454 4.7.1 <reader@example.com>: Relay access denied",
    "550 5.4.1 [reader@example.com]: Relay Access Denied [mx.example.net]",
    "550 relay not permitted",
    "530 5.7.0 Must issue a STARTTLS command first",
    "503 5.5.1 MAIL first",
    "550 5.1.8 Access denied, bad outbound sender",
    "550 5.1.0 <news@example.com>: Sender address rejected: User unknown in virtual mailbox table",
    "550 5.4.5 Daily user sending limit exceeded",
    "550 Rejected: 203.0.113.9 is listed at bl.example.net",
    "550 IP address is on our block list",
    "550 Mail from 5.1.1.9 is blocked",
    "550 Mail from 9.5.1.1 is blocked",
    "554 Reject due to policy restrictions",
    "554 Your access to this mail system has been rejected due to the sending server's poor reputation",
    "550 Administrative prohibition: mail is prohibited from this host",
]
ABOUT_THE_READER = [
    "550 5.1.1 <reader@example.com>: Recipient address rejected: User unknown in relay recipient table",
    "550 <reader@example.com>: User unknown in relay recipient table",
    "550 5.1.1 The email account that you tried to reach does not exist; see our policy on spam",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 User not listed in the directory",
    "550 No such user here",
    "550 Requested action not taken: mailbox unavailable",
    "552 5.2.2 Mailbox full: quota exceeded, see policy",
    "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
    "550 5.7.17 Mailbox owner has changed",
    "553 5.1.3 Bad address 5.7.1.9",
    "450 4.7.1 Greylisted by policy, try again",
    "450 4.7.1 Client host rejected: cannot find your hostname",
    "452 4.2.2 Mailbox full",
]
ABOUT_THE_MAIL = [
    "554 5.7.1 looks like spam",
    "552-5.7.0 This message was blocked because its content presents a security issue",
    "552 5.3.4 Message size exceeds fixed limit",
    "554 Transaction failed",
    "550 5.6.0 Lone CR or LF in body",
]


def spoken(reply: str) -> tuple[int, str]:
    return int(reply[:3]), reply[4:]


@pytest.mark.parametrize("reply", ABOUT_US)
def test_what_would_meet_every_reader_is_about_us(reply: str) -> None:
    assert is_about_us(*spoken(reply))
    assert is_about_us(*spoken(reply), of_the_mail=True)


@pytest.mark.parametrize("reply", ABOUT_THE_READER)
def test_what_names_a_mailbox_or_may_pass_is_about_its_reader(reply: str) -> None:
    assert not is_about_us(*spoken(reply))


@pytest.mark.parametrize("reply", ABOUT_THE_MAIL)
def test_what_is_said_of_the_mail_is_about_us_because_all_readers_get_the_same(reply: str) -> None:
    assert is_about_us(*spoken(reply), of_the_mail=True)


@pytest.mark.parametrize(
    "reply", ["550 5.1.1 No such user", "552 5.2.2 over quota", "550 unknown user", "451 4.7.1 later"]
)
def test_after_the_mail_too_a_reader_may_be_named(reply: str) -> None:
    assert not is_about_us(*spoken(reply), of_the_mail=True)
