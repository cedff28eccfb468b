"""From a selection to an e-mail: Jinja2, inlining, plain text. Sole owner of jinja2, premailer and css-inline.

Renderer(templates, copy, inliner).render(newsletter, number, selection, links) -> Email
Renderer(…).typeset(…) -> Rendered, the same with what is to be told about it
Renderer(…).located(findings, …) -> findings, with file and line of the template
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from digest.models import Email, Finding, Newsletter, Selection
from digest.render.inlining import Inliner, require
from digest.render.links import Links
from digest.render.rendered import Part, Rendered

__all__ = ["Inliner", "Links", "Part", "Rendered", "Renderer"]


class Renderer:
    """Makes e-mails from the designs in one folder and the words in another.

    Files are read anew for every mail, so an edit shows at once. Raises ConfigError when the engine that is to inline
    the styles is not installed.
    """

    def __init__(self, templates: Path, copy: Path, inliner: Inliner = "premailer") -> None:
        require(inliner)
        self._templates = templates
        self._copy = copy
        self._inliner = inliner

    def render(self, newsletter: Newsletter, number: int, selection: Selection, links: Links) -> Email:
        """Return issue `number` as the very mail that readers get, but for their tokens; raises as `typeset` does."""
        return self.typeset(newsletter, number, selection, links).email

    def typeset(self, newsletter: Newsletter, number: int, selection: Selection, links: Links) -> Rendered:
        """Return the mail of issue `number`, the bytes of its parts, and what was shortened to make it fit.

        The same arguments and files give the same bytes. Raises TemplateError, with file and line, for anything
        wrong in a template, a style, a token or a word.
        """
        from digest.render.compose import compose  # here: `digest --version` needs no Jinja2, lxml or Babel

        return compose(self._templates, self._copy, newsletter, number, selection, links, self._inliner)

    def located(
        self,
        findings: Iterable[Finding],
        made: Rendered,
        newsletter: Newsletter,
        number: int,
        selection: Selection,
        links: Links,
    ) -> tuple[Finding, ...]:
        """Return what checks found about `made`, which these arguments gave, with the file and line behind each.

        Raises TemplateError as `typeset` does, when the files have changed since.
        """
        wanted = tuple(findings)
        if all(each.file or not each.spot for each in wanted):
            return wanted
        from digest.render.manuscript import Manuscript  # here for the same reason
        from digest.render.places import located

        manuscript = Manuscript(self._templates, self._copy, newsletter, number, selection, links)
        return located(wanted, made, manuscript, self._templates, newsletter, selection)

    def watched(self) -> Sequence[Path]:
        """Return the folders whose change changes the result."""
        return (self._templates, self._copy)
