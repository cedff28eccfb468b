"""Which colours can be read on which: one brand colour in, safe ones out."""

from __future__ import annotations

import colorsys
import re

from digest.errors import TemplateError

READABLE = 4.5
"""The contrast that WCAG 2 (level AA) asks of running text."""

HEX = re.compile(r"#[0-9a-fA-F]{6}")
_WHITE, _BLACK = "#ffffff", "#000000"
_NEAR_BLACK = "#16181d"
_STEPS = 100

Channels = tuple[int, int, int]


def channels(color: str) -> Channels:
    """Split `#rrggbb` into 0..255. Raises TemplateError for anything else: mail clients know hex alone."""
    if not HEX.fullmatch(color):
        raise TemplateError(f"“{color}” is not a colour", fix="write it as #rrggbb, such as #1f5f8b")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mix(color: str, other: str, percent: float) -> str:
    """Blend `percent` of `other` into `color`: a tint without transparency."""
    share = min(max(percent, 0), 100) / 100
    pairs = zip(channels(color), channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of two colours, 1..21."""
    darker, lighter = sorted((_luminance(one), _luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(color: str, background: str) -> str:
    """Lighten or darken `color`, no further than needed and keeping its hue, until it can be read on `background`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in channels(color)))
    goal = 1.0 if contrast(_WHITE, background) > contrast(_BLACK, background) else 0.0
    for step in range(_STEPS):
        moved = colorsys.hls_to_rgb(hue, lightness + (goal - lightness) * step / _STEPS, saturation)
        candidate = "#" + "".join(f"{round(channel * 255):02x}" for channel in moved)
        if contrast(candidate, background) >= READABLE:
            return candidate
    return _WHITE if goal else _BLACK


def ink(background: str) -> str:
    """Return white where it can be read on `background`, else a near-black: for the label on a coloured button."""
    return _WHITE if contrast(_WHITE, background) >= READABLE else readable(_NEAR_BLACK, background)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
