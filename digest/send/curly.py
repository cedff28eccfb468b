"""How a mail passes through a template language of curly braces unharmed: only the reader's token is a variable in it.

Posts about programming hold `{{ … }}` of their own. A provider would take it for its own language, and either send
something else or, having accepted the mail, drop it silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from digest.models import READER_TOKEN


def in_curly(text: str, token: str, literal: Mapping[str, str]) -> str:
    """Return `text` as a template: `token` where READER_TOKEN stands, and braces that would mean something written out.

    `literal` has for each character of the language an expression that yields it: `{"{": "{{open}}", …}`. Single
    braces, as in a style sheet, mean nothing to such a language and stay.
    """
    runs = re.compile(f"[{re.escape(''.join(literal))}]+")
    pieces = text.split(READER_TOKEN)

    def written_out(piece: str, *, after_token: bool, before_token: bool) -> str:
        def replaced(found: re.Match[str]) -> str:
            run = found[0]
            touches = (after_token and found.start() == 0) or (before_token and found.end() == len(piece))
            if "{{" in run or "}}" in run or touches:
                return "".join(literal[character] for character in run)
            return run

        return runs.sub(replaced, piece)

    last = len(pieces) - 1
    return token.join(written_out(piece, after_token=at > 0, before_token=at < last) for at, piece in enumerate(pieces))
