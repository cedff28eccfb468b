"""What a mail is put together from, and in which order."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from digest.models import Email, Newsletter, Selection
from digest.render.blame import blame
from digest.render.fit import fitted, what_was_done
from digest.render.headers import checked_mailbox, headers_for
from digest.render.inlining import Inliner, inline
from digest.render.links import Links
from digest.render.manuscript import Manuscript
from digest.render.pair_findings import color_findings
from digest.render.rendered import Rendered
from digest.render.sizes import parts_of


def compose(
    templates: Path,
    copy: Path,
    newsletter: Newsletter,
    number: int,
    selection: Selection,
    links: Links,
    inliner: Inliner = "premailer",
) -> Rendered:
    """Return the mail and what is to be told about it.

    Raises TemplateError for anything wrong in its template, style, tokens or words.
    """
    manuscript = Manuscript(templates, copy, newsletter, number, selection, links)

    def html(compact: Collection[str]) -> str:
        mail = manuscript.html(compact)
        with blame(templates, manuscript.folder / "email.html"):
            return inline(mail, style_file=str(manuscript.folder / "style.css"), inliner=inliner)

    small_enough = fitted(selection, html)
    reply_to = newsletter.reply_to
    email = Email(
        sender=checked_mailbox(newsletter.sender, "sender", file=newsletter.file),
        reply_to=checked_mailbox(reply_to, "reply_to", file=newsletter.file) if reply_to else None,
        subject=manuscript.lines["subject"],
        preheader=manuscript.lines["preheader"],
        html=small_enough.html,
        text=manuscript.text(small_enough.compact),
        headers=headers_for(newsletter, links, selection.slot.period),
        language=newsletter.language,
    )
    notes = (*what_was_done(small_enough, selection, newsletter), *color_findings(templates, newsletter))
    return Rendered(email, parts_of(email.html, manuscript.context), notes, small_enough.compact)
