"""Which knobs a design has for marketing, and whether their values are good: `tokens.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from digest.errors import TemplateError
from digest.render.colors import HEX
from digest.render.plain import unfit_character
from digest.render.toml import read_toml

_KEYS = {"type", "default", "group", "label", "help", "minimum", "maximum", "step", "choices"}


@dataclass(frozen=True, slots=True)
class Token:
    """One knob: a colour, font, number, text, switch or image that marketing may choose."""

    key: str
    type: str
    """`color`, `font`, `number`, `text`, `switch` or `image`."""
    default: str | float | bool
    group: str = ""
    """What it is shown with: `brand`, `type`, `layout`."""
    label: Mapping[str, str] = field(default_factory=dict)
    """Language -> what it is called."""
    help: Mapping[str, str] = field(default_factory=dict)
    """Language -> one sentence."""
    minimum: float | None = None
    """Of a number."""
    maximum: float | None = None
    """Of a number; of a text, its characters."""
    step: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    """Of a font: name -> stack of families."""


def read_tokens(file: Path) -> tuple[Token, ...]:
    """Return the tokens that `tokens.toml` declares, in its order; none when there is no such file.

    Raises TemplateError naming the file and the token.
    """
    if not file.is_file():
        return ()
    return tuple(_token(key, table, file) for key, table in read_toml(file).items())


def design_values(tokens: tuple[Token, ...], chosen: Mapping[str, object], *, file: str = "") -> Mapping[str, Any]:
    """Return the value of every token: the newsletter's, else the default; a font becomes its stack.

    Raises TemplateError, naming the newsletter's `file` and the key, for a token that the design does not have
    and for a value out of bounds.
    """
    known = {token.key: token for token in tokens}
    for key in chosen:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            fix = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known) or 'none'}"
            raise TemplateError(f"`design.{key}` is not a token of this template", file=file or None, fix=fix)
    values: dict[str, Any] = {}
    for token in tokens:
        value = chosen.get(token.key, token.default)
        wrong = what_is_wrong(token, value)
        if wrong:
            raise TemplateError(f"`design.{token.key}` is {value!r}, but {wrong}", file=file or None)
        values[token.key] = token.choices[str(value)] if token.type == "font" else value
    return MappingProxyType(values)


def what_is_wrong(token: Token, value: object) -> str:
    """Say in half a sentence why a token cannot have a value; empty when it can."""
    match token.type:
        case "color":
            return "" if isinstance(value, str) and HEX.fullmatch(value) else "a colour is written #rrggbb"
        case "font":
            return "" if value in token.choices else f"it is one of {', '.join(token.choices)}"
        case "number":
            return "" if _is_number(token, value) else _wish_for_number(token)
        case "switch":
            return "" if isinstance(value, bool) else "it is true or false"
        case "text":
            limit = int(token.maximum or 200)
            fits = isinstance(value, str) and len(value) <= limit and not unfit_character(value)
            return "" if fits else f"it is one line of at most {limit} characters"
        case _:
            return "" if isinstance(value, str) and (not value or _is_image(value)) else "it is an https:// address"


def _is_number(token: Token, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low = -inf if token.minimum is None else token.minimum
    high = inf if token.maximum is None else token.maximum
    return low <= value <= high and (not token.step or (value - (token.minimum or 0)) % token.step == 0)


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


def _token(key: str, table: object, file: Path) -> Token:
    if not isinstance(table, dict) or not {"type", "default"} <= table.keys():
        raise TemplateError(f"the token `{key}` needs a type and a default", file=file)
    if table["type"] not in {"color", "font", "number", "text", "switch", "image"}:
        raise TemplateError(
            f"the token `{key}` has the unknown type {table['type']!r}",
            file=file,
            fix="known are color, font, number, text, switch and image",
        )
    odd = table.keys() - _KEYS
    if odd:
        raise TemplateError(f"the token `{key}` has the unknown setting `{min(odd)}`", file=file)
    settings: dict[str, Any] = {
        name: MappingProxyType(value) if isinstance(value, dict) else value for name, value in table.items()
    }
    token = Token(key=key, **settings)
    wrong = what_is_wrong(token, token.default)
    if wrong:
        raise TemplateError(f"the default of the token `{key}` is {token.default!r}, but {wrong}", file=file)
    return token
