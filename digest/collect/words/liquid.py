"""Decides what is left of Liquid, Jekyll's template language, when nobody executes it."""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"""\{%-?\s*raw\s*-?%\}(?P<raw>.*?)(?:\{%-?\s*endraw\s*-?%\}|\Z)
      | \{%-?\s*(?P<block>comment|highlight|javascript|stylesheet|schema)\b.*?\{%-?\s*end(?P=block)\s*-?%\}
      | \{%-?\s*(?P<tag>\w*)\s*(?P<argument>.*?)\s*-?%\}
      | \{\{.*?\}\}""",
    re.DOTALL | re.VERBOSE,
)


def remove(text: str) -> str:
    """Return the text without Liquid.

    `{% raw %}` text stays, comments and highlighted code go with what they hold, and every other tag or output
    goes alone, so that the inside of an unknown block stays.
    """
    if "{%" not in text and "{{" not in text:
        return text
    return _TOKEN.sub(lambda found: found["raw"] or "", text)


def links(text: str) -> tuple[str, ...]:
    """Return every `post_url NAME` and `link PATH` that stands in the text as a tag."""
    if "post_url" not in text and "link" not in text:
        return ()
    found = (tag for tag in _TOKEN.finditer(text) if tag["tag"] in {"post_url", "link"})
    return tuple(dict.fromkeys(f"{tag['tag']} {_bare(tag['argument'])}" for tag in found))


def resolve_links(text: str, address: Callable[[str, str], str | None]) -> str:
    """Replace `{% post_url NAME %}` and `{% link PATH %}` by what `address(tag, argument)` returns for them.

    Where it returns None the tag goes. Everything else stays as written, `{% raw %}` text included.
    """
    if "post_url" not in text and "link" not in text:
        return text

    def replaced(found: re.Match[str]) -> str:
        if found["tag"] not in {"post_url", "link"}:
            return found[0]
        return address(found["tag"], _bare(found["argument"])) or ""

    return _TOKEN.sub(replaced, text)


def _bare(argument: str) -> str:
    return argument.strip("\"'")
