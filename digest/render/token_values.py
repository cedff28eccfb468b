"""Whether a token can have a value, which allowed value is nearest, and what the templates get to see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf, isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest.check.colors import color_of, written
from digest.errors import TemplateError
from digest.render.colors import HEX
from digest.render.plain import unfit_character
from digest.render.toml import line_in

if TYPE_CHECKING:
    from digest.render.tokens import Token

LANGUAGES = ("ja", "en")
"""In which a design calls its knobs: Japanese first."""

_LONGEST = 200
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a font or a choice may have."""

    label: Mapping[str, str]
    """Language -> what it is called."""
    stack: str = ""
    """Of a font: its families."""


def design_values(
    tokens: Sequence[Token], chosen: Mapping[str, object], *, file: str = "", language: str = "ja"
) -> Mapping[str, Any]:
    """Return the value of every token: the newsletter's, else the default; a font becomes its stack.

    Raises TemplateError that lists, each with the newsletter's `file` and line, the tokens that the design does not
    have and the values out of bounds: what was found, what is allowed, and the nearest allowed value.
    """
    known = {token.key: token for token in tokens}
    mistakes = [_unknown(key, known, file) for key in chosen if key not in known]
    values: dict[str, Any] = {}
    for token in tokens:
        value = chosen.get(token.key, default_of(token, language))
        problem = what_is_wrong(token, value)
        if problem:
            mistakes.append(_out_of_bounds(token, value, problem, file))
        else:
            values[token.key] = token.choices[str(value)].stack if token.type == "font" else value
    if mistakes:
        raise all_of(mistakes)
    return MappingProxyType(values)


def all_of(mistakes: Sequence[TemplateError]) -> TemplateError:
    """Return one error that tells all of the mistakes, in the order of their lines."""
    first, *others = sorted(mistakes, key=lambda each: each.line or 0)
    message = first.message + "".join(f"\n{each}" for each in others)
    return TemplateError(message, file=first.file, line=first.line, fix=first.fix)


def what_is_wrong(token: Token, value: object) -> str:
    """Say in half a sentence why a token cannot have a value; empty when it can."""
    match token.type:
        case "color":
            return "" if isinstance(value, str) and HEX.fullmatch(value) else "a colour is written #rrggbb"
        case "font" | "choice":
            return "" if isinstance(value, str) and value in token.choices else f"it is one of {_listed(token)}"
        case "number":
            return "" if _is_number(token, value) else _wish_for_number(token)
        case "switch":
            return "" if isinstance(value, bool) else "it is true or false"
        case "text" | "words":
            limit = int(token.maximum or _LONGEST)
            fits = isinstance(value, str) and len(value) <= limit and not unfit_character(value)
            length = f" and has {len(value)}" if isinstance(value, str) and len(value) > limit else ""
            return "" if fits else f"it is one line of at most {limit} characters{length}"
        case _:
            return "" if isinstance(value, str) and (not value or _is_image(value)) else "it is an https:// address"


def nearest_value(token: Token, value: object) -> object:
    """Return the allowed value that was probably meant; None when there is no telling."""
    said = str(value).strip()
    meant: object = None
    match token.type:
        case "color":
            color = color_of(said) or color_of(f"#{said}")
            meant = written(color) if color else None
        case "font" | "choice":
            names = {name.lower(): key for key, each in token.choices.items() for name in (key, *each.label.values())}
            near = get_close_matches(said.lower(), names, n=1, cutoff=0.4)
            meant = names[near[0]] if near else None
        case "number":
            meant = _snapped(token, said)
        case "switch":
            meant = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}.get(said.lower())
        case "text" | "words":
            meant = " ".join(said.split())[: int(token.maximum or _LONGEST)]
        case "image":
            bare = said.removeprefix("http://").removeprefix("//")
            meant = f"https://{bare}" if "." in bare.partition("/")[0] else None
    return meant if meant is not None and not what_is_wrong(token, meant) else None


def in_toml(value: object) -> str:
    """Write a value as a TOML file holds it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def default_of(token: Token, language: str) -> Any:
    """Return what a token is when the newsletter says nothing; a phrase is that of its language, else English."""
    if token.type != "words":
        return token.default
    return token.default.get(language.partition("-")[0], token.default[LANGUAGES[-1]])


def _unknown(key: str, known: Mapping[str, Token], file: str) -> TemplateError:
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    fix = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known) or 'none'}"
    line = line_in(file, ("design", key))
    return TemplateError(f"`design.{key}` is not a token of this template", file=file or None, line=line, fix=fix)


def _out_of_bounds(token: Token, value: object, problem: str, file: str) -> TemplateError:
    near = nearest_value(token, value)
    fix = f"the nearest allowed is {token.key} = {in_toml(near)}" if near is not None else ""
    line = line_in(file, ("design", token.key))
    shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}…"
    message = f"`design.{token.key}` is {shown}, but {problem}"
    return TemplateError(message, file=file or None, line=line, fix=fix)


def _listed(token: Token) -> str:
    return ", ".join(token.choices)


def _is_number(token: Token, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return False
    low, high = _bounds(token)
    steps = (value - (token.minimum or 0)) / token.step if token.step else 0
    return low <= value <= high and abs(steps - round(steps)) < 1e-6


def _snapped(token: Token, said: str) -> float | None:
    """Return the nearest number within the limits and on a step; the smaller one of two equally near."""
    try:
        number = float(said.removesuffix("px").strip())
    except ValueError:
        return None
    low, high = _bounds(token)
    if not isfinite(number) and not (isfinite(low) and isfinite(high)):
        return None
    number = min(max(number, low), high)
    if token.step and isfinite(number):
        begin = token.minimum or 0
        steps = round((number - begin) / token.step)
        steps -= begin + steps * token.step > high
        number = round(begin + steps * token.step, 6)
    return int(number) if isfinite(number) and number == int(number) else number


def _bounds(token: Token) -> tuple[float, float]:
    return (
        -inf if token.minimum is None else token.minimum,
        inf if token.maximum is None else token.maximum,
    )


def _wish_for_number(token: Token) -> str:
    bounds = [
        f"of at least {token.minimum:g}" if token.minimum is not None else "",
        f"of at most {token.maximum:g}" if token.maximum is not None else "",
        f"in steps of {token.step:g}" if token.step else "",
    ]
    return " ".join(["it is a number", *(bound for bound in bounds if bound)])


def _is_image(address: str) -> bool:
    parts = urlsplit(address)
    return (
        parts.scheme == "https" and bool(parts.hostname) and address.isprintable() and not set(address) & set(" \"'<>")
    )
