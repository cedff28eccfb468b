"""What is found about a mail as it is made, and where it has to be mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from digest.check import Demands, check_email
from digest.models import Finding, Newsletter, Selection
from digest.pipeline.press import Draft, Press
from digest.render import Links, Rendered, Renderer
from digest.render.bounded import Workshop


def judged(
    renderer: Renderer | Workshop,
    newsletter: Newsletter,
    number: int,
    selection: Selection,
    links: Links,
    demands: Demands,
    root: Path | None = None,
) -> tuple[Rendered, tuple[Finding, ...]]:
    """Render an issue and check it; return it with what was found, each with the file (relative to `root`) and line.

    Raises TemplateError as `Renderer.typeset` does.
    """
    made = renderer.typeset(newsletter, number, selection, links)
    found = renderer.located(check_email(made.email, demands), made, newsletter, number, selection, links)
    return made, tuple(relative(each, root) for each in (*found, *made.notes))


def placed(press: Press, draft: Draft, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what was found later about the mail of a draft, with the file and line behind each.

    Raises TemplateError when the design has changed since.
    """
    made = Rendered(draft.email, draft.parts, compact=draft.compact)
    issue = (press.newsletter, draft.number, draft.selection, press.links(draft.slot))
    return tuple(relative(each, press.root) for each in press.renderer.located(findings, made, *issue))


def relative(finding: Finding, root: Path | None) -> Finding:
    """Return a finding that names a file of the project as a person there would."""
    file = Path(finding.file)
    return replace(finding, file=str(file.relative_to(root))) if root and file.is_relative_to(root) else finding
