"""What marketing is told about the colours that it chose: pairs that cannot be read, and colours that had to move."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.check.colors import Color, color_of, contrast, written
from digest.models import Finding, Level, Newsletter
from digest.render.designs import design_folder
from digest.render.pairs import SHEETS, Painted, Pair, Palette, line_of_pair, read_pairs
from digest.render.token_values import LANGUAGES, design_values
from digest.render.tokens import Token, read_tokens
from digest.render.toml import line_in

_VISIBLE = 1.1
"""Two colours of a smaller contrast look the same to whoever does not see them side by side."""
_ANY = 1.0001
"""The least contrast that two colours can have that are not the same."""
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Complaint:
    """A pair whose colours a person should know about."""

    pair: Pair
    painted: Painted
    ratio: float
    """The contrast of what is shown, or of what was asked for when that had to move."""
    token: str
    """The colour that moved; empty when the pair cannot be read."""


def color_findings(templates: Path, newsletter: Newsletter) -> tuple[Finding, ...]:
    """Return what is wrong with the colours that a newsletter gets from its design and chooses itself.

    An error for each pair that cannot be read; a warning for each chosen colour that readers see changed, in light:
    dark colours are the design's own. Raises TemplateError for what cannot be rendered at all.
    """
    folder = design_folder(templates, newsletter.template, file=newsletter.file)
    file = folder / "tokens.toml"
    tokens, pairs = read_tokens(file), read_pairs(file)
    if not pairs:
        return ()
    design = design_values(tokens, newsletter.design, file=newsletter.file, language=newsletter.language)
    judge = Judge(Palette(templates, file, pairs), tuple(each for each in tokens if each.type == "color"), newsletter)
    return tuple(judge.findings(design, file))


class Judge:
    """Knows what to complain about with given values of the tokens, and which colours would be better."""

    def __init__(self, palette: Palette, colors: Sequence[Token], newsletter: Newsletter) -> None:
        self._palette = palette
        self._colors = tuple(token.key for token in colors)
        self._newsletter = newsletter

    def findings(self, design: Mapping[str, Any], file: Path) -> Iterator[Finding]:
        """Yield the complaints as they are told; `file` is the design's `tokens.toml`."""
        found = self.complaints(design)
        for each in found:
            if not each.token:
                yield self._unreadable(each, design, file)
        for token in self._colors:
            moved = [each for each in found if each.token == token]
            if moved:
                yield self._moved(token, moved, design, file)

    def complaints(
        self, design: Mapping[str, Any], visible: float = _VISIBLE, pairs: Sequence[Pair] | None = None
    ) -> list[Complaint]:
        """Return the pairs, of all or some, that cannot be read, and those whose chosen colour readers see changed."""
        found = []
        looked_at = self._palette.pairs if pairs is None else pairs
        for pair, painted in zip(looked_at, self._palette.paint(design, looked_at), strict=True):
            ratio = contrast(painted.text, painted.on)
            if ratio < pair.wanted:
                found.append(Complaint(pair, painted, ratio, ""))
            elif pair.mode == "light" and contrast(painted.asked, painted.text) >= visible:
                asked = written(painted.asked)
                using = self._palette.tokens_of(pair, self._colors)
                token = next((each for each in using if str(design[each]).lower() == asked), "")
                if token:
                    found.append(Complaint(pair, painted, contrast(painted.asked, painted.on), token))
        return found

    def _unreadable(self, each: Complaint, design: Mapping[str, Any], file: Path) -> Finding:
        using = self._palette.tokens_of(each.pair, self._colors)
        chosen = [token for token in using if token in self._newsletter.design]
        offers = [
            (distance, token, color)
            for token in chosen or using
            for distance, color in [self.passing(token, design, [each.pair])]
            if color
        ]
        message = (
            f"{_called(each.pair)} cannot be read in {each.pair.mode}: {written(each.painted.text)} on "
            f"{written(each.painted.on)} has a contrast of {_shown(each)}, and {each.pair.wanted} is needed."
        )
        code = f"design.contrast-{each.pair.mode}"
        if not offers:
            sheet = file.with_name(SHEETS[each.pair.mode])
            fix = f"change the pair's colours in {sheet.name}"
            return Finding(Level.ERROR, code, message, str(file), line_of_pair(file, each.pair) or 0, fix)
        _, token, color = min(offers)
        return Finding(Level.ERROR, code, message, *self._place(token, file), fix=f'{token} = "{color}" can be read')

    def _moved(self, token: str, moved: Sequence[Complaint], design: Mapping[str, Any], file: Path) -> Finding:
        worst = min(moved, key=lambda each: each.ratio / each.pair.wanted)
        others = ", ".join(_called(each.pair) for each in moved if each is not worst)
        message = (
            f"`design.{token}` {written(worst.painted.asked)} cannot be read everywhere: in {_called(worst.pair)} its "
            f"contrast on {written(worst.painted.on)} is {_shown(worst)}, and {worst.pair.wanted} is needed. "
            f"Readers see {written(worst.painted.text)} there"
            + (f", and it changes in {others} too." if others else ".")
        )
        _, color = self.passing(token, design, [each.pair for each in moved])
        fix = f'{token} = "{color}" is shown as it is' if color else ""
        return Finding(Level.WARNING, "design.color-moved", message, *self._place(token, file), fix=fix)

    def passing(self, token: str, design: Mapping[str, Any], pairs: Sequence[Pair]) -> tuple[int, str]:
        """Return the nearest lighter or darker colour, and its distance, that gives itself no reason for complaints.

        When every colour does, it is the nearest one without a complaint about `pairs`; empty without any.
        """
        enough = (_STEPS + 1, "")
        depending = self._palette.depending_on(token)
        for distance, color in _nearby(str(design[token])):
            found = self.complaints({**design, token: color}, _ANY, depending)
            left = [each for each in found if each.token in {"", token}]
            if not left:
                return distance, color
            if not enough[1] and not any(each.pair in pairs for each in left):
                enough = (distance, color)
        return enough

    def _place(self, token: str, file: Path) -> tuple[str, int]:
        """Return where a token got its value: in the newsletter, else in the design."""
        if token in self._newsletter.design:
            return self._newsletter.file, line_in(self._newsletter.file, ("design", token)) or 0
        return str(file), line_in(file, (token, "default")) or 0


def _nearby(color: str) -> Iterator[tuple[int, str]]:
    """Yield the same hue darker and lighter, step by step, with the number of steps."""
    red, green, blue = (channel / 255 for channel in color_of(color) or (0, 0, 0))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    for step in range(1, _STEPS + 1):
        for moved in (lightness - step / _STEPS, lightness + step / _STEPS):
            if -1 / _STEPS < moved < 1 + 1 / _STEPS:
                rgb = colorsys.hls_to_rgb(hue, min(max(moved, 0), 1), saturation)
                yield step, written(_whole(rgb))


def _whole(rgb: tuple[float, float, float]) -> Color:
    return round(rgb[0] * 255), round(rgb[1] * 255), round(rgb[2] * 255)


def _called(pair: Pair) -> str:
    return f"“{pair.label[LANGUAGES[0]]}” ({pair.label[LANGUAGES[1]]})"


def _shown(each: Complaint) -> str:
    """Write a ratio so that it never looks like enough when it is not: 4.46 is 4.4."""
    return f"{int(each.ratio * 10) / 10:.1f}"
