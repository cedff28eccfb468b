"""From a selection to an e-mail: Jinja2, inlining, plain text. Sole owner of jinja2 and premailer.

Renderer(templates, copy).render(newsletter, number, selection, links) -> Email
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from digest.models import Email, Newsletter, Selection
from digest.render.links import Links

__all__ = ["Links", "Renderer"]


class Renderer:
    """Makes e-mails from the designs in one folder and the words in another.

    Files are read anew for every mail, so an edit shows at once and threads share nothing.
    """

    def __init__(self, templates: Path, copy: Path) -> None:
        self._templates = templates
        self._copy = copy

    def render(self, newsletter: Newsletter, number: int, selection: Selection, links: Links) -> Email:
        """Return issue `number` as the very mail that readers get, but for their tokens.

        The same arguments and files give the same bytes. Raises TemplateError, with file and line, for anything
        wrong in a template, a style, a token or a word.
        """
        from digest.render.compose import compose  # here: `digest --version` needs no Jinja2, lxml or Babel

        return compose(self._templates, self._copy, newsletter, number, selection, links)

    def watched(self) -> Sequence[Path]:
        """Return the folders whose change changes the result."""
        return (self._templates, self._copy)
