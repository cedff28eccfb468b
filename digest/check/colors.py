"""What colours are: how they are written, how well one is read on another, and what a mail program makes of them."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

Color = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)", re.IGNORECASE)
_NAMED = {
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "grey": "#808080",
    "white": "#ffffff",
    "maroon": "#800000",
    "red": "#ff0000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "blue": "#0000ff",
    "teal": "#008080",
    "aqua": "#00ffff",
    "orange": "#ffa500",
}
_STEPS = 100


@lru_cache(maxsize=1024)
def color_of(value: str) -> Color | None:
    """Read `#rgb`, `#rrggbb`, `rgb(…)` or one of HTML's names; None for anything else, such as what lets through."""
    text = _NAMED.get(value.strip().lower(), value.strip())
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) == 7 else "".join(digit * 2 for digit in text[1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    found = _RGB.fullmatch(text)
    if found:
        return min(int(found[1]), 255), min(int(found[2]), 255), min(int(found[3]), 255)
    return None


def written(color: Color) -> str:
    """Return a colour as `#rrggbb`."""
    return "#" + "".join(f"{channel:02x}" for channel in color)


@lru_cache(maxsize=4096)
def contrast(one: Color, two: Color) -> float:
    """Return the contrast ratio of two colours by WCAG 2: 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


def nearest_readable(color: Color, background: Color, wanted: float) -> Color:
    """Return the colour of the same hue, no further away than needed, that has the wanted contrast on `background`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in color))
    goal = 1.0 if contrast(WHITE, background) > contrast(BLACK, background) else 0.0
    for step in range(_STEPS):
        moved = colorsys.hls_to_rgb(hue, lightness + (goal - lightness) * step / _STEPS, saturation)
        candidate = (round(moved[0] * 255), round(moved[1] * 255), round(moved[2] * 255))
        if contrast(candidate, background) >= wanted:
            return candidate
    return WHITE if goal else BLACK


@lru_cache(maxsize=1024)
def inverted(color: Color) -> Color:
    """Return about what Gmail's dark mode makes of a colour: light becomes dark and the other way round, the hue stays.

    Gmail documents nothing; this is the approximation of the preview tools: in LCH, lightness 100 - 0.75 L and
    chroma 0.8 C.
    """
    lightness, a, b = _lab(color)
    return _from_lab(100 - 0.75 * lightness, 0.8 * a, 0.8 * b)


def _luminance(color: Color) -> float:
    red, green, blue = (_linear(channel) for channel in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=256)
def _linear(channel: int) -> float:
    share = channel / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


_D65 = (0.95047, 1.0, 1.08883)
_EDGE = 6 / 29


def _lab(color: Color) -> tuple[float, float, float]:
    red, green, blue = (_linear(channel) for channel in color)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / _D65[0]
    y = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / _D65[1]
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / _D65[2]
    bent_x, bent_y, bent_z = (
        share ** (1 / 3) if share > _EDGE**3 else share / (3 * _EDGE**2) + 4 / 29 for share in (x, y, z)
    )
    return 116 * bent_y - 16, 500 * (bent_x - bent_y), 200 * (bent_y - bent_z)


def _from_lab(lightness: float, a: float, b: float) -> Color:
    bent_y = (lightness + 16) / 116
    bent = (bent_y + a / 500, bent_y, bent_y - b / 200)
    x, y, z = (
        white * (share**3 if share > _EDGE else 3 * _EDGE**2 * (share - 4 / 29))
        for white, share in zip(_D65, bent, strict=True)
    )
    return (
        _channel(3.2406 * x - 1.5372 * y - 0.4986 * z),
        _channel(-0.9689 * x + 1.8758 * y + 0.0415 * z),
        _channel(0.0557 * x - 0.2040 * y + 1.0570 * z),
    )


def _channel(light: float) -> int:
    share = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(min(max(share, 0), 1) * 255)
