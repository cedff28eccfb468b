"""A strict renderer of `{{name}}` and `{{{name}}}`: what it does not know is an error, as it is for a provider."""

from __future__ import annotations

from collections.abc import Mapping


def rendered(template: str, values: Mapping[str, str], *, backslash_escapes: bool = False) -> str:
    """Return the template with every expression replaced; `backslash_escapes` is Handlebars' own way to write `{{`."""
    parts, at = [], 0
    while (start := template.find("{{", at)) >= 0:
        opening = "{{{" if template.startswith("{{{", start) else "{{"
        closing = "}" * len(opening)
        end = template.find(closing, start)
        assert end >= 0, f"an expression does not end: {template[start : start + 40]!r}"
        name = template[start + len(opening) : end].strip()
        assert name in values, f"rendering failure: nothing is called {name!r}"
        after = end + len(closing)
        assert not template.startswith("}", after), f"a brace too many after {name!r}"
        assert not (backslash_escapes and template[:start].endswith("\\")), "a backslash makes the expression a text"
        parts += [template[at:start], values[name]]
        at = after
    return "".join([*parts, template[at:]])
