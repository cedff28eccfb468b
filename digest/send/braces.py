"""How braces of a post pass through a template language that has no sign for them: readers see them as they were.

In HTML a character reference does that. Plain text and a subject have none, so an invisible character keeps two braces
apart there; otherwise the provider would take `{{ … }}` of a post for a variable of its own, and leave it out.
"""

from __future__ import annotations

import re
from dataclasses import replace

from digest.models import Email
from digest.send.drafts import for_list
from digest.send.providers import Mailing

WORD_JOINER = "\u2060"
"""Has no width, and no line breaks at it."""

_HERE = "\0unsubscribe\0"
"""Stands for the provider's own words until all others are made safe; no mail holds it."""
_RUN = re.compile(rf"\{{{{2,}}|[\\{{]+(?={_HERE})|(?<={_HERE})\}}+")
"""What would begin a variable, or be read together with the provider's own words."""
_BETWEEN = re.compile(rf"(?<=\{{)(?=\{{)|(?<=[\\{{])(?={_HERE})")


def with_words(mailing: Mailing, unsubscribe: str) -> Email:
    """Return the e-mail for a whole list; only `unsubscribe`, such as `{{{unsubscribe}}}`, is a variable in it.

    Raise TemplateError as `for_list` does.
    """
    email = for_list(mailing, _HERE)
    html = _RUN.sub(lambda run: "".join(f"&#{ord(sign)};" for sign in run[0]), email.html)
    return replace(
        email,
        subject=_BETWEEN.sub(WORD_JOINER, email.subject),
        html=html.replace(_HERE, unsubscribe),
        text=_BETWEEN.sub(WORD_JOINER, email.text).replace(_HERE, unsubscribe),
    )
