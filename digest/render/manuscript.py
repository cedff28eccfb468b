"""What a design is given for one mail, and what it writes of it before the styles move into the tags."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from digest.models import Newsletter, Selection
from digest.render.blame import blame
from digest.render.breaks import breakable, phrases
from digest.render.colors import ink, mix, readable
from digest.render.compiled import remembering, template_of_line
from digest.render.designs import design_folder
from digest.render.escaping import EscapingSandbox
from digest.render.headers import one_line
from digest.render.link_parameters import LinkParameters
from digest.render.links import Links
from digest.render.plain import showable
from digest.render.sandbox import OFFERED, Filters, Sandbox
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


class Manuscript:
    """One issue, ready to be written by its design, at any length.

    Raises TemplateError for anything wrong in the tokens, the words, or the lines that marketing writes itself.
    """

    def __init__(
        self, templates: Path, copy: Path, newsletter: Newsletter, number: int, selection: Selection, links: Links
    ) -> None:
        self.folder = design_folder(templates, newsletter.template, file=newsletter.file)
        self._templates = templates
        self._issue = (newsletter, number, selection, links)
        tokens = read_tokens(self.folder / "tokens.toml")
        self._settings = {
            "words": words_for(newsletter.language, copy, newsletter.words, file=newsletter.file),
            "design": design_values(tokens, newsletter.design, file=newsletter.file, language=newsletter.language),
        }
        self._shape: Any = {
            "lead_first": bool(self._settings["design"].get("show_lead", True)),
            "address_of": LinkParameters(templates, newsletter, FILTERS, _OFFERS).address_of,
        }
        whole = self._variables(())
        self.lines = _own_lines(templates, newsletter, whole)
        self.context: Mapping[str, Any] = {**whole, **self.lines}
        """The variables of a mail in which no post is brief."""

    def html(self, compact: Collection[str], sandbox: type[EscapingSandbox] = EscapingSandbox) -> str:
        """Return the HTML with the posts of these ids brief; raises TemplateError, with file and line."""
        return self._written("email.html", compact, sandbox)

    def text(self, compact: Collection[str], sandbox: type[EscapingSandbox] = EscapingSandbox) -> str:
        """Return the text part, likewise."""
        return _tidy(self._written("email.txt", compact, sandbox))

    def _written(self, name: str, compact: Collection[str], sandbox: type[EscapingSandbox]) -> str:
        file = self.folder / name
        context = {**self._variables(compact), **self.lines} if compact else self.context
        with blame(self._templates, file, offers=_OFFERS):
            room = remembering(sandbox(self._templates, context, FILTERS))
            return showable(room.write(room.get_template(file.relative_to(self._templates).as_posix()), context))

    def _variables(self, compact: Collection[str]) -> dict[str, Any]:
        return {**variables(*self._issue, compact, **self._shape), **self._settings}


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


def _tidy(text: str) -> str:
    """Leave at most one empty line in a row, no blanks at the ends of lines, and one line break at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
