"""How well each pair of a design's colours is read with those that a newsletter chose, and which would be better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.check.colors import contrast, written
from digest.models import Newsletter
from digest.render.designs import design_folder
from digest.render.pair_findings import Judge
from digest.render.pairs import Pair, Palette, read_pairs
from digest.render.token_values import default_of, design_values, nearest_value, what_is_wrong
from digest.render.tokens import Token, read_tokens

_DESIGN = "design."
"""How a pair names a token."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One pair, measured."""

    token: str
    """The colour of the form beside which it is told; empty for a pair that no chosen colour changes."""
    label: Mapping[str, str]
    """Language -> what stands there."""
    mode: str
    """`light` or `dark`."""
    text: str
    """`#rrggbb`, as readers see it."""
    on: str
    asked: str
    """What the text would be if it had not been moved to be read."""
    ratio: float
    """Of what readers see; cut, not rounded: what is not enough never looks like it."""
    asked_ratio: float
    wanted: float
    passes: bool
    """Whether what readers see is enough."""
    moved: bool
    """Whether readers see a chosen colour changed."""
    offer: tuple[str, str] | None
    """A token, and the nearest colour for it that passes and is shown as it is."""


def contrasts(templates: Path, newsletter: Newsletter) -> tuple[Contrast, ...]:
    """Return every pair of the newsletter's design; a value that is not allowed counts as the nearest that is.

    Raises TemplateError for a design that cannot be read.
    """
    file = design_folder(templates, newsletter.template, file=newsletter.file) / "tokens.toml"
    tokens, pairs = read_tokens(file), read_pairs(file)
    if not pairs:
        return ()
    chosen = {token.key: _allowed(token, newsletter) for token in tokens}
    design = design_values(tokens, chosen, file=newsletter.file, language=newsletter.language)
    palette, colors = Palette(templates, file, pairs), tuple(each for each in tokens if each.type == "color")
    return tuple(_measured(Judge(palette, colors, newsletter), palette, design, [each.key for each in colors]))


def _measured(judge: Judge, palette: Palette, design: Mapping[str, Any], colors: Sequence[str]) -> Iterator[Contrast]:
    complaints = {each.pair: each for each in judge.complaints(design)}
    for pair, painted in zip(palette.pairs, palette.paint(design), strict=True):
        ratio, complaint = contrast(painted.text, painted.on), complaints.get(pair)
        using = palette.tokens_of(pair, colors)
        yield Contrast(
            token=_beside(pair, using),
            label=pair.label,
            mode=pair.mode,
            text=written(painted.text),
            on=written(painted.on),
            asked=written(painted.asked),
            ratio=_cut(ratio),
            asked_ratio=_cut(contrast(painted.asked, painted.on)),
            wanted=pair.wanted,
            passes=ratio >= pair.wanted,
            moved=bool(complaint and complaint.token),
            offer=_offer(judge, design, pair, (complaint.token,) if complaint.token else using) if complaint else None,
        )


def _offer(judge: Judge, design: Mapping[str, Any], pair: Pair, tokens: Sequence[str]) -> tuple[str, str] | None:
    offers = [(*judge.passing(token, design, [pair]), token) for token in tokens]
    _, color, token = min(((steps, color, token) for steps, color, token in offers if color), default=(0, "", ""))
    return (token, color) if color else None


def _beside(pair: Pair, using: Sequence[str]) -> str:
    """Return the token of the text, else of what it stands on."""
    found = [token for token in using if _DESIGN + token in pair.text]
    return next(iter((*found, *using)), "")


def _allowed(token: Token, newsletter: Newsletter) -> object:
    default = default_of(token, newsletter.language)
    value = newsletter.design.get(token.key, default)
    if not what_is_wrong(token, value):
        return value
    nearest = nearest_value(token, value)
    return default if nearest is None else nearest


def _cut(ratio: float) -> float:
    return int(ratio * 10) / 10
