"""Which colours a design derives from those that marketing chose: tints, readable ones, labels."""

from __future__ import annotations

import re

from digest.check import colors as measured
from digest.check.contrast import READABLE
from digest.errors import TemplateError

HEX = re.compile(r"#[0-9a-fA-F]{6}")
_WHITE, _NEAR_BLACK = "#ffffff", "#16181d"


def channels(color: str) -> measured.Color:
    """Split `#rrggbb` into 0..255. Raises TemplateError for anything else: mail clients know hex alone."""
    found = measured.color_of(color) if HEX.fullmatch(color) else None
    if found is None:
        raise TemplateError(f"“{color}” is not a colour", fix="write it as #rrggbb, such as #1f5f8b")
    return found


def mix(color: str, other: str, percent: float) -> str:
    """Blend `percent` of `other` into `color`: a tint without transparency."""
    share = min(max(percent, 0), 100) / 100
    pairs = zip(channels(color), channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of two colours, 1..21."""
    return measured.contrast(channels(one), channels(two))


def readable(color: str, background: str, ratio: float = READABLE) -> str:
    """Lighten or darken `color`, no further than needed and keeping its hue, until it can be read on `background`.

    Large type needs a `ratio` of 3 only.
    """
    return measured.written(measured.nearest_readable(channels(color), channels(background), ratio))


def ink(background: str) -> str:
    """Return white where it can be read on `background`, else a near-black: for the label on a coloured button."""
    return _WHITE if contrast(_WHITE, background) >= READABLE else readable(_NEAR_BLACK, background)
