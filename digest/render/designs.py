"""Which designs there are: the folders of `templates/` that hold an `email.html`."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from digest.errors import TemplateError

_PARTS = ("email.html", "email.txt")


def designs(templates: Path) -> tuple[str, ...]:
    """Return the names of all designs in order; folders that start with `_` or `.` are none."""
    if not templates.is_dir():
        return ()
    folders = (path.parent for path in templates.glob("*/email.html"))
    return tuple(sorted(folder.name for folder in folders if folder.name[0] not in "_."))


def design_folder(templates: Path, name: str, *, file: str = "") -> Path:
    """Return the folder of a design. Raises TemplateError, listing the known ones, when there is none."""
    known = designs(templates)
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        fix = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known) or 'none'}"
        raise TemplateError(f"there is no template “{name}” in {templates}", file=file or None, fix=fix)
    folder = templates / name
    for part in _PARTS:
        if not (folder / part).is_file():
            raise TemplateError(
                f"the template “{name}” has no {part}", file=folder / part, fix="every mail has two parts"
            )
    return folder
