"""Decides what is left of Hexo's tag plugins, such as `{% note %}`, when nobody executes them.

Which tags exist and what they take is read in lib/plugins/tag/ of github.com/hexojs/hexo (8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_TOKEN = re.compile(
    r"""^(?P<fence>[ ]{0,3}(?P<signs>`{3,}|~{3,})[^\n]*(?:\n.*?(?:^[ ]{0,3}(?P=signs)|\Z)|\Z))
      | (?P<code>(?<!`)`(?!`)[^`\n]*`(?!`))
      | \{%-?\s*(?P<tag>[\w-]++)
            (?P<arguments>(?:"(?:[^"\n{]|\{(?!%))*"|'(?:[^'\n{]|\{(?!%))*'|[^%"'{]|\{(?!%)|%(?!\}))*?)-?%\}
      | \{\#(?:[^{\#]|\{(?!\#)|\#(?!\}))*\#\}
      | \{\{(?:[^{}]|\{(?!\{)|\}(?!\}))*\}\}""",
    re.DOTALL | re.VERBOSE | re.MULTILINE,
)
_BRACKET = re.compile(r"([][])")
_ARGUMENT = re.compile(r"\"([^\"]*)\"|'([^']*)'|(\S+)")
_UNREAD = frozenset({"codeblock", "code", "mermaid", "gallery", "btns", "echarts", "chart", "mindmap", "flow", "math"})
"""Blocks whose inside is no prose."""
_PARTED = "\u200b"
"""Keeps two braces that are plain text from being taken for a template; nobody sees it."""

Linked = Callable[[str], tuple[str, str] | None]
"""Returns address and title of the post with a slug or title; None when there is none."""


def remove(text: str, linked: Linked) -> str:
    """Return the text without tags: links as Markdown, the inside of blocks as it stands, code and pictures gone."""
    if "{%" not in text and "{{" not in text and "{#" not in text:
        return text
    words: list[str] = []
    end, closing = 0, ""
    for token in _TOKEN.finditer(text):
        tag = token["tag"] or ""
        if closing:
            if tag == closing:
                words.append(_parted(text[end : token.start()]) if closing == "endraw" else "")
                end, closing = token.end(), ""
            continue
        words.append(text[end : token.start()])
        end = token.end()
        if token["fence"] or token["code"]:
            words.append(_parted(token[0]))
        elif tag == "raw" or tag in _UNREAD:
            closing = f"end{tag}"
        elif tag:
            words.append(_meant(tag, list(_arguments(token["arguments"])), linked))
    rest = text[end:]
    return "".join([*words, "" if closing and closing != "endraw" else _parted(rest) if closing else rest])


def links(text: str) -> tuple[str, ...]:
    """Return the slugs or titles of the posts that the text links by a tag."""
    if "post_link" not in text and "post_path" not in text:
        return ()
    found = (token for token in _TOKEN.finditer(text) if token["tag"] in {"post_link", "post_path"})
    named = (next(_arguments(token["arguments"]), "") for token in found)
    return tuple(dict.fromkeys(name.partition("#")[0] for name in named))


def _meant(tag: str, arguments: list[str], linked: Linked) -> str:
    """Return what a tag shows to a reader."""
    match tag, arguments:
        case ("post_link", [name, *rest]):
            slug, _, anchor = name.partition("#")
            title = " ".join(rest[:-1] if rest and rest[-1] in {"true", "false"} else rest)
            found = linked(slug)
            if found is None:
                return title
            return _link(title or found[1] or slug, found[0] + (f"#{anchor}" if anchor else ""))
        case ("post_path", [name, *_]):
            found = linked(name)
            return found[0] if found else ""
        case ("asset_link", [name, *rest]):
            return " ".join(rest[:-1] if rest and rest[-1] in {"true", "false"} else rest) or name
        case (("link" | "a" | "anchor"), _):
            return " ".join(arguments[: _first_address(arguments)])
    return ""


def _first_address(arguments: list[str]) -> int:
    addresses = (number for number, each in enumerate(arguments) if re.match(r"[a-z]{3,9}:|www\.|/|#", each))
    return next(addresses, len(arguments))


def _link(title: str, address: str) -> str:
    escaped = _BRACKET.sub(r"\\\1", title)
    return f"[{escaped}]({address})"


def _arguments(written: str) -> Iterator[str]:
    for found in _ARGUMENT.finditer(written):
        yield next(part for part in found.groups() if part is not None)


def _parted(text: str) -> str:
    return re.sub(r"\{(?=[{%#])", "{" + _PARTED, text)
