"""What a mail is put together from, and in which order."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from digest.models import Email, Newsletter, Selection
from digest.render.blame import blame
from digest.render.breaks import breakable, phrases
from digest.render.colors import ink, mix, readable
from digest.render.compiled import remembering, template_of_line
from digest.render.designs import design_folder
from digest.render.escaping import EscapingSandbox
from digest.render.fit import fitted, what_was_done
from digest.render.headers import checked_mailbox, headers_for, one_line
from digest.render.inlining import Inliner, inline
from digest.render.link_parameters import LinkParameters
from digest.render.links import Links
from digest.render.pair_findings import color_findings
from digest.render.plain import showable
from digest.render.rendered import Rendered
from digest.render.sandbox import OFFERED, Filters, Sandbox
from digest.render.sizes import parts_of
from digest.render.text import paragraphs, wrap
from digest.render.token_values import design_values
from digest.render.tokens import read_tokens
from digest.render.variables import variables
from digest.render.words import fill, words_for
from digest.typography import fit

FILTERS: Filters = {
    "breakable": breakable,
    "fill": fill,
    "ink": ink,
    "mix": mix,
    "paragraphs": paragraphs,
    "phrases": phrases,
    "readable": readable,
    "shorten": fit,
    "wrap": wrap,
}
"""What templates can do besides what Jinja2 offers; `templates/weekly/README.md` describes each."""

_OFFERS = (*sorted(OFFERED), *FILTERS)


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
    folder = design_folder(templates, newsletter.template, file=newsletter.file)
    words = words_for(newsletter.language, copy, newsletter.words, file=newsletter.file)
    tokens = read_tokens(folder / "tokens.toml")
    design = design_values(tokens, newsletter.design, file=newsletter.file, language=newsletter.language)
    settings = {"words": words, "design": design}
    lead_first = bool(design.get("show_lead", True))
    address_of = LinkParameters(templates, newsletter, FILTERS, _OFFERS).address_of
    shape: Any = {"lead_first": lead_first, "address_of": address_of}
    context = {**variables(newsletter, number, selection, links, **shape), **settings}
    lines = _own_lines(templates, newsletter, context)

    def html(compact: Collection[str]) -> str:
        shown = variables(newsletter, number, selection, links, compact, **shape)
        mail = _render_file(templates, folder / "email.html", {**shown, **settings, **lines})
        with blame(templates, folder / "email.html"):
            return inline(mail, style_file=str(folder / "style.css"), inliner=inliner)

    small_enough = fitted(selection, html)
    brief = variables(newsletter, number, selection, links, small_enough.compact, **shape)
    reply_to = newsletter.reply_to
    email = Email(
        sender=checked_mailbox(newsletter.sender, "sender", file=newsletter.file),
        reply_to=checked_mailbox(reply_to, "reply_to", file=newsletter.file) if reply_to else None,
        subject=lines["subject"],
        preheader=lines["preheader"],
        html=small_enough.html,
        text=_tidy(_render_file(templates, folder / "email.txt", {**brief, **settings, **lines})),
        headers=headers_for(newsletter, links),
        language=newsletter.language,
    )
    notes = (*what_was_done(small_enough, selection, newsletter), *color_findings(templates, newsletter))
    return Rendered(email, parts_of(email.html, {**context, **lines}), notes)


def _own_lines(templates: Path, newsletter: Newsletter, context: Mapping[str, Any]) -> dict[str, str]:
    """Render the lines that marketing writes in the newsletter itself."""
    lines: dict[str, str] = {}
    for key in ("subject", "preheader", "greeting"):
        with blame(templates, newsletter.file or f"newsletter {newsletter.slug}", key=key, offers=_OFFERS):
            sandbox = Sandbox(templates, context, FILTERS)
            lines[key] = sandbox.write(template_of_line(sandbox, getattr(newsletter, key)), context).strip()
    for key in ("subject", "preheader"):
        lines[key] = one_line(lines[key], key, file=newsletter.file)
    return lines


def _render_file(templates: Path, file: Path, context: Mapping[str, Any]) -> str:
    with blame(templates, file, offers=_OFFERS):
        sandbox = remembering(EscapingSandbox(templates, context, FILTERS))
        return showable(sandbox.write(sandbox.get_template(file.relative_to(templates).as_posix()), context))


def _tidy(text: str) -> str:
    """Leave at most one empty line in a row, no blanks at the ends of lines, and one line break at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
