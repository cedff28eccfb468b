"""Whether the foot of the mail tells what the law wants: who sends it, from where, why, and how to make it stop.

Japan's Act on Regulation of Transmission of Specified Electronic Mail (特定電子メール法, article 4, and its
ordinance, article 9) wants the sender's name and postal address, the address for opting out with the word that one
may, and where complaints go. The American CAN-SPAM Act wants a valid postal address and a clear way out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import parsed, words_of
from digest.check.links import label_of
from digest.check.spots import HTML, TEXT, at
from digest.models import READER_TOKEN, Email, Finding, Level

_JOINED, _SENT = "(?:登録|購読|申込|申し込|会員|名刺|同意)", "(?:送|届|配信)"
_WHY = {
    "ja": re.compile(f"{_JOINED}.{{0,60}}{_SENT}|{_SENT}.{{0,60}}{_JOINED}"),
    "en": re.compile(
        r"(?:because|since|as) you|you(?:'re|’re| are) (?:receiving|getting|subscribed)|sign(?:ed)? up|subscrib",
        re.IGNORECASE,
    ),
}
_WAY_OUT = {
    "ja": re.compile(r"停止|解除|退会|購読をやめ|受け取らない|unsubscribe", re.IGNORECASE),
    "en": re.compile(r"unsubscribe|opt[ -]?out|stop (?:receiving|getting|these)|leave this list", re.IGNORECASE),
}
_LAWS = "Japan's law on advertising mail and CAN-SPAM want it"
_FIX = "Add footer() of _macros/footer.html to email.html, and the same words to email.txt"


_SPOTS = {"HTML": HTML, "text part": TEXT}


def check(email: Email, demands: Demands) -> Iterator[Finding]:
    """Look for each of these in both parts. The words of other languages than Japanese and English are not known."""
    wanted = {
        "name": ("the name of who sends it", demands.publisher_name),
        "address": ("the postal address of who sends it", demands.publisher_address),
        "contact": ("where complaints go", demands.publisher_contact),
    }
    links = " ".join(str(link.get("href") or "") for link in parsed(email.html).iter("a"))
    parts = {"HTML": words_of(email.html), "text part": email.text}
    keys = {where: _key(words if where == "text part" else words + links) for where, words in parts.items()}
    for code, (what, words) in wanted.items():
        missing = [where for where, key in keys.items() if _key(words) not in key]
        if missing:
            message = f"The {' and the '.join(missing)} of the mail does not tell {what}; {_LAWS}."
            yield Finding(Level.ERROR, f"mail.no-publisher-{code}", message, fix=_FIX, spot=_SPOTS[missing[0]])
    language = email.language.lower().partition("-")[0]
    why = _WHY.get(language)
    if why:
        missing = [where for where, words in parts.items() if not why.search(" ".join(words.split()))]
        if missing:
            message = f"The {' and the '.join(missing)} of the mail does not tell readers why they get it."
            fix, spot = "Print words.why in the foot", _SPOTS[missing[0]]
            yield Finding(Level.WARNING, "mail.no-reason", message, fix=fix, spot=spot)
    yield from _about_the_way_out(email, language)


def _about_the_way_out(email: Email, language: str) -> Iterator[Finding]:
    known = _WAY_OUT.get(language)
    links = [link for link in parsed(email.html).iter("a") if READER_TOKEN in str(link.get("href") or "")]
    if known and links and not any(known.search(label_of(link)) for link in links):
        message = f"No link says plainly that it ends the subscription: “{label_of(links[0])[:40]}” does not."
        fix = "Print words.unsubscribe as the link's words"
        yield Finding(Level.WARNING, "mail.way-out-unclear", message, fix=fix, spot=at(links[0]))


def _key(text: str) -> str:
    """Make two ways of writing the same comparable: blanks, width and case do not count."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
