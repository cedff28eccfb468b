"""How the JSON of many readers is written at the speed of copying: one entry becomes a form, filled in for each reader.

The form is made from the entry of a made-up reader, so that there is one place only that knows how an entry looks.
Whoever does not fit the form gets an entry of their own, and a form that does not hold what it promises is not used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.models import Recipient
from digest.send.usual import are_usual

Entry = Callable[[Recipient], object]
"""Returns what a reader's JSON is made of. It may put in the address, the name and the percent-encoded token."""

_json = json.JSONEncoder(ensure_ascii=False).encode
_STAND_IN = Recipient("stand-in-9c41f07ab2@stand-in.invalid", "StandIn9c41f07ab2", "StandIn-9c41f07ab2-token")
_MARKS = (_STAND_IN.address, _STAND_IN.name, _STAND_IN.token)
_GAP = re.compile("|".join(map(re.escape, _MARKS)))
_TOKENS = re.compile(rf"(?:[A-Za-z0-9_.~-]{{{len(_STAND_IN.token)}}}\n)*+")
"""Percent-encoding leaves these as they are; of another length a header might be written otherwise."""
_BETWEEN = "\x7f"
"""Stands in no printable name, and JSON leaves it as it is."""


def entries_json(readers: Sequence[Recipient], entry: Entry, shown: Callable[[str], str]) -> list[bytes]:
    """Return what `json.dumps(entry(reader), ensure_ascii=False)` is in UTF-8, for each reader.

    `shown` says how `entry` writes a name; where nothing is left of it, the entry may have another form. Raises what
    `entry` raises, and UnicodeEncodeError for half a character.
    """
    names = [shown(reader.name) for reader in readers]
    written = [b""] * len(readers)
    for stand_in in (_STAND_IN, _STAND_IN._replace(name="")):
        places = [at for at, name in enumerate(names) if bool(name) is bool(stand_in.name)]
        if len(places) == len(readers):
            return _written(readers, names, _form(stand_in, entry), entry)
        group = _written([readers[at] for at in places], [names[at] for at in places], _form(stand_in, entry), entry)
        for at, text in zip(places, group, strict=True):
            written[at] = text
    return written


@dataclass(frozen=True, slots=True)
class _Form:
    """An entry with gaps."""

    text: bytes
    gaps: tuple[int, ...]
    """What belongs into each: 0 the address, 1 the name, 2 the token."""

    def fits(self, readers: Sequence[Recipient]) -> bool:
        """Tell whether the entries of all these readers differ in the gaps only."""
        tokens = "\n".join([reader.token for reader in readers]) + "\n"
        return tokens.count("\n") == len(readers) and _TOKENS.fullmatch(tokens) is not None and are_usual(readers)

    def filled_in(self, readers: Sequence[Recipient], names: Sequence[str]) -> list[bytes]:
        """Return the entries of readers who fit; `names` are theirs as they are shown."""
        columns = (
            [reader.address.encode() for reader in readers],
            _json(_BETWEEN.join(names))[1:-1].encode().split(_BETWEEN.encode()),
            [reader.token.encode() for reader in readers],
        )
        return [self.text % values for values in zip(*(columns[gap] for gap in self.gaps), strict=True)]


def _written(readers: Sequence[Recipient], names: Sequence[str], form: _Form | None, entry: Entry) -> list[bytes]:
    """Return the entry of each reader; a group with some who do not fit is halved until they stand alone."""
    if form is None or len(readers) < 2:
        return [_json(entry(reader)).encode() for reader in readers]
    if form.fits(readers):
        return form.filled_in(readers, names)
    half = len(readers) // 2
    return _written(readers[:half], names[:half], form, entry) + _written(readers[half:], names[half:], form, entry)


def _form(stand_in: Recipient, entry: Entry) -> _Form | None:
    """Return the form of an entry, or None when filling it in gives something else than the entry of another reader."""
    text = _json(entry(stand_in)).replace("%", "%%")
    form = _Form(_GAP.sub("%s", text).encode(), tuple(map(_MARKS.index, _GAP.findall(text))))
    other = stand_in._replace(address="probe@example.com", name=stand_in.name and "Probe", token=_MARKS[2][::-1])
    if not form.gaps or form.filled_in([other], [other.name]) != [_json(entry(other)).encode()]:
        return None
    return form
