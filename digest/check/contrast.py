"""Whether every text can be read on what is behind it: in light, in dark, and where Gmail changes the colours."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.colors import Color, contrast, nearest_readable, written
from digest.check.demands import Demands
from digest.check.painting import Light, Paint, Run, runs
from digest.check.spots import at
from digest.models import Email, Finding, Level

READABLE, READABLE_IF_LARGE = 4.5, 3.0
"""What WCAG 2 asks of texts and of large ones, level AA."""
BARELY = 3.0
"""What is asked of colours that Gmail made: nobody can choose them, and what it does is known by and by only."""

_FORMS = (
    (Light.LIGHT, Level.ERROR, "mail.contrast-light"),
    (Light.DARK, Level.ERROR, "mail.contrast-dark"),
    (Light.OUTLOOK, Level.ERROR, "mail.contrast-outlook"),
    (Light.INVERTED, Level.WARNING, "mail.contrast-inverted"),
)
_QUOTED = 24


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Measure every text; one finding for each form of the mail, about its worst pair of colours.

    A text without any letter or digit is decoration: an arrow, a dot between two links.
    """
    for light, level, code in _FORMS:
        poor: dict[tuple[Color, Color], tuple[float, float, Run]] = {}
        fine: set[Paint] = set()
        for run in runs(email.html, light):
            color, background = run.paint.color, run.paint.background
            if run.paint in fine or color is None or background is None:
                continue
            wanted, ratio = _wanted(run, light), contrast(color, background)
            if ratio >= wanted:
                fine.add(run.paint)
            elif (color, background) not in poor and any(each.isalnum() for each in run.words):
                poor[color, background] = (ratio / wanted, wanted, run)
        if poor:
            worst = min(poor.values(), key=lambda each: each[0])
            yield _finding(light, level, code, len(poor), *worst[1:])


def _wanted(run: Run, light: Light) -> float:
    if light is Light.INVERTED:
        return BARELY
    return READABLE_IF_LARGE if run.paint.large else READABLE


def _finding(light: Light, level: Level, code: str, count: int, wanted: float, run: Run) -> Finding:
    color, background = run.paint.color, run.paint.background
    assert color is not None  # noqa: S101 - what cannot be told was left out above
    assert background is not None  # noqa: S101 - likewise
    more = f" (and {count - 1} more pairs of colours)" if count > 1 else ""
    message = (
        f"“{run.words[:_QUOTED]}” is hard to read {light.value}: {written(color)} on {written(background)} has a "
        f"contrast of {contrast(color, background):.1f}, and {wanted} is needed{more}."
    )
    if light is Light.INVERTED:
        fix = "Choose the two colours further apart in lightness"
    else:
        where = "style.css" if light is Light.LIGHT else "dark.css"
        fix = f"{written(nearest_readable(color, background, wanted))} can be read; set the colour in {where}"
    return Finding(level, code, message, fix=fix, spot=at(run.element))
