"""Which knobs a design has for marketing: the tokens of `tokens.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from digest.errors import TemplateError
from digest.render.token_values import LANGUAGES, Choice, what_is_wrong
from digest.render.toml import line_in, read_toml

PAIRS = "pairs"
"""The one key of `tokens.toml` that is no token: `digest.render.pairs` reads it."""

_ALWAYS = ("type", "default", "group", "label", "help")
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "color": _ALWAYS,
    "font": (*_ALWAYS, "choices"),
    "number": (*_ALWAYS, "minimum", "maximum", "step"),
    "image": _ALWAYS,
    "switch": _ALWAYS,
    "text": (*_ALWAYS, "maximum"),
    "choice": (*_ALWAYS, "choices"),
    "words": (*_ALWAYS, "maximum"),
}
"""Type -> the settings that a token of it may have."""
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Token:
    """One knob: something about the design that marketing may choose."""

    key: str
    type: str
    """`color`, `font`, `number`, `image`, `switch`, `text` (the same in every language), `choice` or `words`."""
    default: Any
    """A value of the type; of `words`, language -> phrase."""
    group: str
    """What it is shown with: `brand`, `type`, `layout`."""
    label: Mapping[str, str]
    """Language -> what it is called."""
    help: Mapping[str, str] = field(default_factory=dict)
    """Language -> one sentence."""
    minimum: float | None = None
    """Of a number."""
    maximum: float | None = None
    """Of a number; of a text or words, its characters."""
    step: float | None = None
    """Of a number, counted from its minimum."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    """Of a font or choice, by value."""


def read_tokens(file: Path) -> tuple[Token, ...]:
    """Return the tokens that `tokens.toml` declares, in its order; none when there is no such file.

    Raises TemplateError naming the file, the line and the token.
    """
    if not file.is_file():
        return ()
    return tuple(_token(key, table, file) for key, table in read_toml(file).items() if key != PAIRS)


def _token(key: str, table: object, file: Path) -> Token:
    def wrong(message: str, *inside: str, fix: str = "") -> TemplateError:
        return TemplateError(f"the token `{key}` {message}", file=file, line=line_in(file, (key, *inside)), fix=fix)

    if not _KEY.fullmatch(key):
        raise wrong("has a name that no template can use", fix="use a-z, 0-9 and _ only, and begin with a letter")
    if not isinstance(table, dict) or not {"type", "default"} <= table.keys():
        raise wrong("needs a type and a default")
    if table["type"] not in _SETTINGS:
        raise wrong(f"has the unknown type {table['type']!r}", "type", fix=_meant(str(table["type"]), _SETTINGS))
    allowed = _SETTINGS[table["type"]]
    for name in table:
        if name not in allowed:
            message = f"has the unknown setting `{name}`"
            if any(name in each for each in _SETTINGS.values()):
                message = f"is a {table['type']}, which has no setting `{name}`"
            raise wrong(message, name, fix=_meant(name, allowed))
    for name, value in table.items():
        problem = _wrong_setting(name, value)
        if problem:
            raise wrong(f"has the setting `{name}`, but {problem}", name)
    for name in ("group", "label", *(("choices",) if "choices" in allowed else ())):
        if name not in table:
            raise wrong(f"needs the setting `{name}`", fix=f"{_EXAMPLES[name]}")
    token = Token(key=key, **{name: _frozen(name, value) for name, value in table.items()})
    if token.minimum is not None and token.maximum is not None and token.minimum > token.maximum:
        raise wrong(f"has a minimum of {token.minimum:g} above its maximum of {token.maximum:g}", "minimum")
    for default in _defaults(token, wrong):
        problem = what_is_wrong(token, default)
        if problem:
            place = line_in(file, (key, "default"))
            raise TemplateError(
                f"the default of the token `{key}` is {default!r}, but {problem}", file=file, line=place
            )
    return token


_EXAMPLES = {
    "group": 'write group = "brand", "type" or "layout"',
    "label": 'write label = { ja = "…", en = "…" }',
    "choices": 'write choices.NAME = { ja = "…", en = "…" }; one of a font also has stack = "…"',
}


def _wrong_setting(name: str, value: object) -> str:
    """Say what is wrong with one setting by itself; the default is looked at when the limits are known."""
    match name:
        case "minimum" | "maximum":
            return "" if _is_number(value) else "it is a number"
        case "step":
            return "" if _is_number(value) and float(str(value)) > 0 else "it is a number above 0"
        case "group":
            return "" if isinstance(value, str) and value.strip() else "it is a word"
        case "label" | "help":
            return "" if _is_bilingual(value) else "it needs a text for each of " + " and ".join(LANGUAGES)
        case "choices":
            whole = isinstance(value, dict) and value and all(map(_is_choice, value.values()))
            return "" if whole else "each needs a stack of families, or a label for each of " + " and ".join(LANGUAGES)
        case _:
            return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_bilingual(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(each), str) and value[each] for each in LANGUAGES)


def _is_choice(value: object) -> bool:
    return (isinstance(value, str) and bool(value)) or _is_bilingual(value)


def _frozen(name: str, value: Any) -> Any:
    if name == "choices":
        return MappingProxyType({key: _choice(key, each) for key, each in value.items()})
    return MappingProxyType(value) if isinstance(value, dict) else value


def _choice(key: str, value: Any) -> Choice:
    if isinstance(value, str):
        return Choice(MappingProxyType(dict.fromkeys(LANGUAGES, key)), value)
    return Choice(MappingProxyType({each: value[each] for each in LANGUAGES}), str(value.get("stack", "")))


def _defaults(token: Token, wrong: Any) -> tuple[object, ...]:
    if token.type != "words":
        if token.type == "font" and not all(each.stack for each in token.choices.values()):
            raise wrong("has a typeface without its stack of families", "choices", fix=_EXAMPLES["choices"])
        return (token.default,)
    if not _is_bilingual(token.default):
        raise wrong("needs a default for each of " + " and ".join(LANGUAGES), "default")
    return tuple(token.default.values())


def _meant(word: str, known: Any) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
