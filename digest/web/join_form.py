"""The form for new readers: what it asks, what of it can be used, and what one agrees to."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from digest.app import Project
from digest.models import IN_STORE, Newsletter, Recipient, Subscriber
from digest.send.audience import identity, normal_form
from digest.send.mime import unsendable
from digest.web.guard import only
from digest.web.pages import page, say, spoken, text_field, tick, words_for
from digest.web.preferences import LONGEST_NAME, languages, usable_name

TRAP = "website"
"""A field that no person sees: what fills it in is a program."""
_LONGEST_ADDRESS = 254
_LONGEST_KEY = 320
_LONGEST_CONSENT = 300


def offers_form(newsletter: Newsletter) -> bool:
    """Whether there is a form for new readers."""
    return newsletter.subscribe and newsletter.audience == IN_STORE


def language_of(asked: str | None, newsletter: Newsletter) -> str:
    """Return the language of the form: as asked for, or the newsletter's."""
    return asked if asked in {"ja", "en"} else newsletter.language


def filled_in(
    project: Project, newsletter: Newsletter, fields: Mapping[str, list[str]], language: str, network: str
) -> Subscriber | str:
    """Return who asks, with the evidence as consent, or the name of the words that say what is wrong."""
    try:
        address = normal_form(only(fields, "address"))
        usable = len(address) <= _LONGEST_ADDRESS and len(identity(address)) <= _LONGEST_KEY
    except ValueError:
        return "bad_address"
    if not usable or unsendable(Recipient(address)):
        return "bad_address"
    name = usable_name(only(fields, "name"))
    if name is None:
        return "bad_name"
    if not only(fields, "consent"):
        return "no_consent"
    where = f"{project.operator.site.public_url}/subscribe/{newsletter.slug}"
    agreed = _consent(newsletter, language)[:_LONGEST_CONSENT]
    own = language if language in languages(project, newsletter)[1:] else ""
    return Subscriber(address, name, own, consent=f"{where} from {network}: {agreed}")


def form_page(newsletter: Newsletter, language: str, fields: Mapping[str, list[str]], wrong: str = "") -> str:
    """Return the page with the form, filled in as it was; `wrong` names the words that say what is wrong with it."""
    words = words_for(language)
    as_address = ' type="email" required maxlength="254" autocomplete="email"' + _mark(wrong, "bad_address")
    as_name = f' maxlength="{LONGEST_NAME}" autocomplete="name"' + _mark(wrong, "bad_name")
    agreed, ticked = _consent(newsletter, language), bool(only(fields, "consent"))
    blocks = (
        '<form method="post">',
        f'<input type="hidden" name="language" value="{spoken(language)}">',
        text_field("address", words["address"], only(fields, "address"), as_address),
        text_field("name", words["name"], only(fields, "name"), as_name),
        f'<div class="trap" aria-hidden="true"><label>{escape(words["trap"])}',
        f'<input name="{TRAP}" tabindex="-1" autocomplete="off"></label></div>',
        tick("consent", "yes", agreed, checked=ticked, more=" required" + _mark(wrong, "no_consent")),
        _publisher(newsletter, words),
        f"<button>{escape(words['join_button'])}</button></form>",
    )
    other = "en" if spoken(language) == "ja" else "ja"
    more = f'<p><a href="?language={other}" lang="{other}" hreflang="{other}">{escape(words["other_language"])}</a></p>'
    told = say(words[wrong], "wrong") if wrong else ""
    title = words["join_title"].replace("{newsletter}", newsletter.title)
    return page(language, title, told, say(words["join"]), "".join(blocks), more)


def _mark(wrong: str, about: str) -> str:
    """Return what tells that a field is the one that is meant, also to who hears the page."""
    return ' aria-invalid="true" autofocus' if wrong == about else ""


def _consent(newsletter: Newsletter, language: str) -> str:
    if newsletter.consent and spoken(language) == spoken(newsletter.language):
        return newsletter.consent
    words = words_for(language)["consent"]
    return words.replace("{publisher}", newsletter.publisher.name).replace("{newsletter}", newsletter.title)


def _publisher(newsletter: Newsletter, words: Mapping[str, str]) -> str:
    """Say who publishes it, linked to where they can be reached."""
    contact = newsletter.publisher.contact
    shown = words["publisher"].replace("{publisher}", newsletter.publisher.name)
    target = contact if urlsplit(contact).scheme in {"http", "https"} else f"mailto:{contact}" if "@" in contact else ""
    if not target:
        return say(f"{shown} ({contact})", "hint")
    return f'<p class="hint"><a href="{escape(target)}">{escape(shown)}</a></p>'
