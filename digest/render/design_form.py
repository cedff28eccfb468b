"""What a form for the design of a newsletter shows: its tokens by group, with limits, defaults and chosen values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.models import Newsletter
from digest.render.designs import design_folder
from digest.render.token_values import default_of, nearest_value, what_is_wrong
from digest.render.tokens import Token, read_tokens

_GROUPS: Mapping[str, Mapping[str, str]] = {
    "brand": {"ja": "ブランド", "en": "Brand"},
    "type": {"ja": "文字", "en": "Type"},
    "layout": {"ja": "レイアウト", "en": "Layout"},
}
"""What the usual groups are called; another one is called by its own name."""


def design_form(templates: Path, newsletter: Newsletter) -> dict[str, Any]:
    """Return a JSON-able `{template, groups: [{key, label, tokens}], unknown}`, groups and tokens in their order.

    A token is `{key, type, label, help, default, value, chosen, limits, choices, wrong, nearest}`: `chosen` is whether
    the newsletter says something, `limits` holds `minimum`, `maximum` and `step` where there are any, `choices` are
    `{value, label, stack}`, `wrong` says why the value is not allowed (else it is empty) and `nearest` which one is.
    `unknown` are the keys of `[design]` that the template does not have. Raises TemplateError for a design that
    cannot be read, not for a value.
    """
    tokens = read_tokens(design_folder(templates, newsletter.template, file=newsletter.file) / "tokens.toml")
    groups: dict[str, list[dict[str, Any]]] = {}
    for token in tokens:
        groups.setdefault(token.group, []).append(_described(token, newsletter))
    known = {token.key for token in tokens}
    return {
        "template": newsletter.template,
        "groups": [
            {"key": key, "label": dict(_GROUPS.get(key, {"ja": key, "en": key})), "tokens": described}
            for key, described in groups.items()
        ],
        "unknown": [key for key in newsletter.design if key not in known],
    }


def _described(token: Token, newsletter: Newsletter) -> dict[str, Any]:
    default = default_of(token, newsletter.language)
    value = newsletter.design.get(token.key, default)
    wrong = what_is_wrong(token, value)
    limits = {"minimum": token.minimum, "maximum": token.maximum, "step": token.step}
    return {
        "key": token.key,
        "type": token.type,
        "label": dict(token.label),
        "help": dict(token.help),
        "default": default,
        # TOML knows dates and tables, which a wrong value may be; JSON and the form do not.
        "value": value if isinstance(value, str | int | float | bool) else str(value),
        "chosen": token.key in newsletter.design,
        "limits": {name: limit for name, limit in limits.items() if limit is not None},
        "choices": [
            {"value": key, "label": dict(each.label), "stack": each.stack} for key, each in token.choices.items()
        ],
        "wrong": wrong,
        "nearest": nearest_value(token, value) if wrong else None,
    }
