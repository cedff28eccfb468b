"""Decides what is left of Zola's shortcodes when nobody executes them.

The grammar is that of components/markdown/src/content.pest of github.com/getzola/zola: only a call with brackets is
a shortcode, `{{/* … */}}` and `{%/* … */%}` show one, and everything else between braces is plain text.
"""

from __future__ import annotations

import re

_CALL = (
    r"""\s*(?P<NAME>[A-Za-z_]\w{0,99})\s*\("""
    r"""(?:"[^"]{0,2000}"|'[^']{0,2000}'|`[^`]{0,2000}`|[^"'`()]{1,500}+){0,100}+\)\s*"""
)
_TOKEN = re.compile(
    rf"""(?P<shown>\{{\{{/\*{_CALL.replace("NAME", "a")}\*/\}}\}}
               | \{{%/\*{_CALL.replace("NAME", "b")}\*/%\}}
               | \{{%/\*\s*end\s*\*/%\}})
      | (?P<output>\{{\{{{_CALL.replace("NAME", "c")}\}}\}})
      | (?P<start>\{{%{_CALL.replace("NAME", "block")}%\}})
      | (?P<end>\{{%\s*end\s*%\}})
      | (?P<plain>\{{\{{|\{{%)""",
    re.VERBOSE,
)
_UNREAD = frozenset({"mermaid", "katex", "math", "latex", "plantuml", "graphviz", "chart", "diagram"})
"""Names that authors give to shortcodes whose inside is no prose."""
_PARTED = "\u200b"
"""Keeps two braces that are plain text from being taken for a template; nobody sees it."""


def remove(text: str) -> str:
    """Return the text without shortcodes, whose inside stays, and with the braces of shown ones as plain text."""
    if "{{" not in text and "{%" not in text:
        return text
    words: list[str] = []
    unread = end = 0
    for token in _TOKEN.finditer(text):
        if not unread:
            words.append(text[end : token.start()])
        end = token.end()
        match token.lastgroup:
            case "start" if unread or token["block"].lower() in _UNREAD:
                unread += 1
            case "end":
                unread = max(0, unread - 1)
            case "shown" if not unread:
                words.append(_parted(token[0].replace("/*", "").replace("*/", "")))
            case "plain" if not unread:
                words.append(_parted(token[0]))
    return "".join([*words, "" if unread else text[end:]])


def _parted(text: str) -> str:
    return re.sub(r"\{(?=[{%])", "{" + _PARTED, text)
