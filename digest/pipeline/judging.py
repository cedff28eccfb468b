"""What is found about a mail as it is made, and where it has to be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from digest.check import Demands, check_email
from digest.errors import TemplateError
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
    made = typeset(renderer, newsletter, number, selection, links, root)
    return made, found_about(renderer, newsletter, made, number, selection, links, demands, root)


def typeset(
    renderer: Renderer | Workshop,
    newsletter: Newsletter,
    number: int,
    selection: Selection,
    links: Links,
    root: Path | None = None,
) -> Rendered:
    """Render an issue; raises TemplateError as `Renderer.typeset` does."""
    with _found_from(root, newsletter) as here:
        return renderer.typeset(here, number, selection, links)


def found_about(
    renderer: Renderer | Workshop,
    newsletter: Newsletter,
    made: Rendered,
    number: int,
    selection: Selection,
    links: Links,
    demands: Demands,
    root: Path | None = None,
) -> tuple[Finding, ...]:
    """Check an issue that these arguments gave; raises TemplateError when the files have changed since."""
    with _found_from(root, newsletter) as here:
        found = renderer.located(check_email(made.email, demands), made, here, number, selection, links)
    return tuple(relative(each, root) for each in (*found, *made.notes))


@contextmanager
def _found_from(root: Path | None, newsletter: Newsletter) -> Iterator[Newsletter]:
    """Give a newsletter whose file is found from wherever the digest was started: lines are looked up in it.

    Errors name the file as before.
    """
    file = root / newsletter.file if root and newsletter.file else None
    if file is None or not file.is_file():
        yield newsletter
        return
    try:
        yield replace(newsletter, file=str(file))
    except TemplateError as error:
        error.message = error.message.replace(str(file), newsletter.file)
        if error.file and Path(error.file) == file:
            error.file = newsletter.file
        raise


def placed(press: Press, draft: Draft, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what was found later about the mail of a draft, with the file and line behind each.

    Raises TemplateError when the design has changed since.
    """
    made = Rendered(draft.email, draft.parts, compact=draft.compact)
    with _found_from(press.root, press.newsletter) as here:
        issue = (here, draft.number, draft.selection, press.links(draft.slot))
        return tuple(relative(each, press.root) for each in press.renderer.located(findings, made, *issue))


def relative(finding: Finding, root: Path | None) -> Finding:
    """Return a finding that names a file of the project as a person there would."""
    file = Path(finding.file)
    return replace(finding, file=str(file.relative_to(root))) if root and file.is_relative_to(root) else finding
