"""Which colours of a design stand on which, in light and in dark: the `[[pairs]]` of `tokens.toml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Template

from digest.check.colors import Color, color_of
from digest.check.contrast import READABLE, READABLE_IF_LARGE
from digest.errors import TemplateError
from digest.render.blame import blame
from digest.render.colors import channels, ink, mix, readable
from digest.render.compiled import template_of_line
from digest.render.counts import Counts
from digest.render.sandbox import Sandbox
from digest.render.token_values import LANGUAGES
from digest.render.tokens import PAIRS
from digest.render.toml import line_in, read_toml

LEVELS = {"AA": READABLE, "AA-large": READABLE_IF_LARGE}
"""Level of WCAG 2 -> the contrast that it asks for."""
SHEETS = {"light": "style.css", "dark": "dark.css"}
"""Mode -> the style sheet whose `{% set name = … %}` the pair may use."""

_SETTINGS = ("text", "on", "level", "mode", "label")
_SET = re.compile(r"\{%-?\s*set\s+(\w+)\s*=.*?%\}", re.DOTALL)
_FIXED = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and what it stands on, each an expression as the style sheet of its mode writes it."""

    text: str
    on: str
    label: Mapping[str, str] = field(hash=False)
    """Language -> what stands there: `Links`."""
    level: str = "AA"
    mode: str = "light"
    number: int = 0
    """Which of its design's pairs it is, from 0."""

    @property
    def wanted(self) -> float:
        """The contrast that its level asks for."""
        return LEVELS[self.level]


@dataclass(frozen=True, slots=True)
class Painted:
    """What becomes of a pair with certain values of the tokens."""

    text: Color
    on: Color
    asked: Color
    """The text's colour before `readable` moved it."""


def read_pairs(file: Path) -> tuple[Pair, ...]:
    """Return the pairs that `tokens.toml` declares, in its order. Raises TemplateError with file and line."""
    if not file.is_file():
        return ()
    tables = read_toml(file).get(PAIRS, [])
    if not isinstance(tables, list):
        raise TemplateError("pairs are tables of their own", file=file, line=line_in(file, (PAIRS,)), fix="[[pairs]]")
    return tuple(_pair(table, number, file) for number, table in enumerate(tables))


def line_of_pair(file: Path, pair: Pair) -> int | None:
    """Return where a pair is declared."""
    return line_in(file, (PAIRS, pair.number))


class Palette:
    """The colours of all pairs of a design as a function of its tokens."""

    def __init__(self, templates: Path, tokens_file: Path, pairs: Sequence[Pair]) -> None:
        self._templates = templates
        self._file = tokens_file
        self.pairs = tuple(pairs)
        self._names = {mode: _names(tokens_file.with_name(sheet)) for mode, sheet in SHEETS.items()}
        self._printers: dict[tuple[tuple[Pair, ...], Callable[..., str]], tuple[Sandbox, Template]] = {}

    def paint(self, design: Mapping[str, Any], pairs: Sequence[Pair] | None = None) -> tuple[Painted, ...]:
        """Return the colours of all pairs, or of some, in their order.

        Raises TemplateError naming `tokens.toml` and the line of a wrong pair.
        """
        asked = self.pairs if pairs is None else tuple(pairs)
        try:
            return self._painted(asked, design)
        except Exception:  # one template asks for all; each alone tells whose mistake it is
            for pair in asked:
                self._painted_alone(pair, design)
            raise

    def depending_on(self, token: str) -> tuple[Pair, ...]:
        """Return the pairs that another value of a token may change."""
        return tuple(pair for pair in self.pairs if self.tokens_of(pair, (token,)))

    def tokens_of(self, pair: Pair, tokens: Sequence[str]) -> tuple[str, ...]:
        """Return which of the tokens a pair depends on, through the names of its sheet too."""
        source = f"{pair.text} {pair.on}"
        names = self._names[pair.mode]
        grown = ""
        while grown != source:
            grown = source
            for name, statement in names.items():
                if re.search(rf"(?<![.\w]){name}\b", source) and statement not in source:
                    source += f" {statement}"
        return tuple(token for token in tokens if re.search(rf"\bdesign\.{token}\b", source))

    def _painted(self, pairs: Sequence[Pair], design: Mapping[str, Any]) -> tuple[Painted, ...]:
        shown, asked = self._written(pairs, design, readable), self._written(pairs, design, _as_asked)
        return tuple(Painted(text, on, before) for (text, on), (before, _) in zip(shown, asked, strict=True))

    def _painted_alone(self, pair: Pair, design: Mapping[str, Any]) -> None:
        try:
            with blame(self._templates, self._file, offers=("ink", "mix", "readable")):
                self._painted((pair,), design)
        except TemplateError as cause:
            message = f"the pair “{pair.label[LANGUAGES[-1]]}” has no colours: {cause.message}"
            raise TemplateError(message, file=self._file, line=line_of_pair(self._file, pair), fix=cause.fix) from cause

    def _written(
        self, pairs: Sequence[Pair], design: Mapping[str, Any], moving: Callable[..., str]
    ) -> list[tuple[Color, Color]]:
        found: dict[Pair, tuple[Color, Color]] = {}
        for mode in dict.fromkeys(pair.mode for pair in pairs):
            ours = tuple(pair for pair in pairs if pair.mode == mode)
            sandbox, template = self._printer(ours, mode, moving)
            sandbox.counts = Counts()  # what it may do, it may do again with other colours
            colors = [_color(line) for line in sandbox.write(template, {"design": design}).split()]
            if len(colors) != 2 * len(ours):
                raise TemplateError("each side of a pair is one colour")
            found.update(zip(ours, zip(colors[::2], colors[1::2], strict=True), strict=True))
        return [found[pair] for pair in pairs]

    def _printer(self, pairs: tuple[Pair, ...], mode: str, moving: Callable[..., str]) -> tuple[Sandbox, Template]:
        """Return what writes the colours of these pairs; kept, since a better colour is looked for among hundreds."""
        if (pairs, moving) not in self._printers:
            sandbox = Sandbox(self._templates, {"design"}, {"mix": mix, "ink": ink, "readable": moving})
            names = "".join(f"{statement}\n" for statement in self._names[mode].values())
            sides = "".join(f"{_printed(side)}\n" for pair in pairs for side in (pair.text, pair.on))
            self._printers[pairs, moving] = (sandbox, template_of_line(sandbox, names + sides))
        return self._printers[pairs, moving]


def _names(sheet: Path) -> dict[str, str]:
    """Return the `{% set name = … %}` of a style sheet, by name."""
    if not sheet.is_file():
        return {}
    return {found[1]: found[0] for found in _SET.finditer(sheet.read_text(encoding="utf-8"))}


def _as_asked(color: str, background: str, ratio: float = READABLE) -> str:  # noqa: ARG001 - it takes what `readable` takes
    """Stand in for `readable` where the question is what would be seen without it."""
    channels(background)
    return color


def _printed(side: str) -> str:
    return side.strip() if _FIXED.fullmatch(side.strip()) else "{{ " + side + " }}"


def _color(text: str) -> Color:
    found = color_of(text) if _FIXED.fullmatch(text) else None
    if found is None:
        raise TemplateError(f"“{text}” is not a colour", fix="both sides of a pair give #rrggbb")
    return found


def _pair(table: object, number: int, file: Path) -> Pair:
    def wrong(message: str, key: str = "", fix: str = "") -> TemplateError:
        line = line_in(file, (PAIRS, number, key) if key else (PAIRS, number))
        return TemplateError(f"the pair {number + 1} {message}", file=file, line=line, fix=fix)

    if not isinstance(table, dict):
        raise wrong("is not a table", fix="write [[pairs]] above it")
    for key in table:
        if key not in _SETTINGS:
            near = get_close_matches(key, _SETTINGS, n=1)
            fix = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(_SETTINGS)}"
            raise wrong(f"has the unknown setting `{key}`", key, fix)
    for key in ("text", "on"):
        if not isinstance(table.get(key), str) or not table[key].strip() or set("{}%") & set(table[key]):
            raise wrong(f"needs `{key}`: an expression that gives a colour", key, f'write {key} = "design.ink"')
    for key, known in (("level", LEVELS), ("mode", SHEETS)):
        if table.get(key, next(iter(known))) not in known:
            raise wrong(f"has the {key} {table[key]!r}", key, f"known are {', '.join(known)}")
    label = table.get("label")
    if not isinstance(label, dict) or not all(isinstance(label.get(each), str) and label[each] for each in LANGUAGES):
        raise wrong("needs a label", "label", 'write label = { ja = "…", en = "…" }')
    settings = {**table, "label": MappingProxyType(label)}
    return Pair(**settings, number=number)
