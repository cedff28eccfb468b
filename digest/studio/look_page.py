"""What the page of a newsletter's look says: the form, the mail that it makes, what came of a save, and former ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse

from digest.pipeline.designing import DesignFile
from digest.pipeline.stress import Found
from digest.studio.design_page import OpenFile, Told
from digest.studio.desk import View
from digest.studio.forms import TOKEN
from digest.studio.framing import Looks, framed
from digest.studio.listening import Hearing
from digest.studio.look_form import LookForm
from digest.studio.pages import filled
from digest.studio.sheets import Sheet
from digest.studio.trouble import Trouble
from digest.toml_lines import line_of


@dataclass(frozen=True, slots=True)
class OpenSettings(OpenFile):
    """The file of a newsletter, as it is edited by its form."""

    slug: str = ""
    names: tuple[str, ...] = ()
    """Of the fields."""

    def address(self, file: DesignFile, **query: str) -> str:
        """Return the address of the form, or of the editor for a file of the design."""
        if file in self.files:
            return OpenFile.address(self, file, **query)
        asked = urlencode({key: value for key, value in query.items() if value})
        return f"/look/{quote(self.slug)}{'?' if asked else ''}{asked}"

    def told(self, found: Sequence[Found]) -> tuple[Told, ...]:
        """Return findings as they are shown: they lead to fields of the form, which has no lines."""
        return tuple(replace(each, here=False, address=self._field(each)) for each in OpenFile.told(self, found))

    def _field(self, told: Told) -> str:
        """Return the address of what is meant: of the field of the form, for a line of the newsletter's file."""
        finding = told.finding
        if finding.file != self.file.place or not finding.line:
            return told.address
        at = (name for name, line in lines_of(self.text, self.names).items() if line == finding.line)
        return next((f"#{name}" for name in at), "")


@dataclass(frozen=True, slots=True)
class Look:
    """All that the page shows."""

    opened: OpenSettings
    form: LookForm | None
    """None when the newsletter or its design cannot be read."""
    sheet: Sheet | None
    """The mail as the form makes it; the last good one where it makes none."""
    stale: bool
    trouble: Trouble | None
    """Why the form makes no mail."""
    began: Mapping[str, str]
    """What the file says, by the field's name."""
    changed: Mapping[str, str]
    """What a person typed that is not saved, by the field's name."""
    who: str


def open_settings(opened: OpenFile, slug: str, names: Iterable[str]) -> OpenSettings:
    """Return a newsletter's opened file."""
    return OpenSettings(
        **{each.name: getattr(opened, each.name) for each in fields(opened)}, slug=slug, names=tuple(names)
    )


def look_page(
    view: View | None, looks: Looks, version: int, token: str, look: Look, hearing: Hearing, status: int = 200
) -> HTMLResponse:
    """Return the page; `view` is of the newsletter, None when it cannot be read."""
    values: dict[str, Any] = {
        "view": view,
        "looks": looks,
        "look": look,
        "opened": look.opened,
        "form": look.form,
        "values": {**(look.form.values if look.form else {}), **look.changed},
        "unsaved": bool(look.changed),
        "began": json.dumps(dict(look.began), ensure_ascii=False),
        "sheet": look.sheet,
        "stale": look.stale,
        "trouble": look.trouble,
        "at": lines_of(look.opened.now.text if look.opened.now else "", look.began),
        "version": version,
        "frame": framed(look.sheet.email.html, looks) if look.sheet else "",
        "token_field": TOKEN,
        "token": token,
        "dark": "1" if looks.dark else "",
    }
    return filled("look.html", hearing, values, status)


def lines_of(text: str, names: Iterable[str]) -> Mapping[str, int]:
    """Return on which line of a newsletter's file each field stands, for those that do."""
    tables = {line_of(text, (table,), missing=0) for table in ("design", "words")}
    found = {name: line_of(text, tuple(name.split(".", 1)), missing=0) for name in names}
    return {name: line for name, line in found.items() if line not in {0, *tables}}
