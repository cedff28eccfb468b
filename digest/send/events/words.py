"""What the words of providers' exports say of a copy: taken, dropped before sending, or handed on."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.send.look_ups import Sign

_TAKEN = "accepted injection processed queued request requests scheduled send sent"
_DROPPED = (
    "cancel_drop drop dropped email_suppressed error generation_failure generation_rejection invalid invalid_email "
    "policy_rejection reject rejected rendering_failure renderingfailure suppressed suppression"
)
_HANDED_ON = (
    "amp_click amp_initial_open amp_open bounce bounced bounces click clicked clicks complained complaint deferral "
    "deferred delay delayed delivered delivery delivery_delayed deliverydelay group_unsubscribe hard_bounce "
    "hard_bounced hard_bounces hardbounce hardbounced hardbounces initial_open link_unsubscribe list_unsubscribe "
    "loadedbyproxy open opened out_of_band proxy_open soft_bounce soft_bounced soft_bounces softbounce softbounced "
    "softbounces spam spam_complaint spam_complained spam_report spamcomplaint spamreport unique_opened unique_opens "
    "unsub unsubscribe unsubscribed"
)
_SIGNS = {
    **dict.fromkeys(_TAKEN.split(), Sign.TAKEN),
    **dict.fromkeys(_DROPPED.split(), Sign.DROPPED),
    **dict.fromkeys(_HANDED_ON.split(), Sign.HANDED_ON),
}
_JAPANESE = {"送信済み": Sign.TAKEN, "配信済み": Sign.HANDED_ON, "開封": Sign.HANDED_ON, "クリック": Sign.HANDED_ON}


@lru_cache(maxsize=1024)
def sign_of(word: str, *, suppressed: bool = False, sendgrid: bool = False, mailgun: bool = False) -> Sign | None:
    """Return what a word for an event or a status says; UNCLEAR for one of two meanings, None for one not known.

    `suppressed` is what Mailgun's reason for a failure says; `sendgrid` and `mailgun` tell whose word it is, where two
    providers mean different things by one.
    """
    said = re.sub(r"[\s_.-]+", "_", word.strip().lower())
    name = said.removeprefix("activity_").removeprefix("email_")
    if name in _JAPANESE:
        return _JAPANESE[name]
    if name == "blocked":  # by the mailbox at SendGrid; by Brevo and Mailjet, which then do not send
        return Sign.HANDED_ON if sendgrid else Sign.DROPPED
    if name == "failed" and (mailgun or suppressed):
        return Sign.DROPPED if suppressed else Sign.HANDED_ON
    if name == "failed" and said != name:  # Resend's email.failed
        return Sign.DROPPED
    if name in {"failed", "not_delivered", "unknown"}:
        return Sign.UNCLEAR
    return _SIGNS.get(name)
