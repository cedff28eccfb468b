"""What a mail looks like where its colours are turned round, about as Gmail's apps do it to light mails in dark mode.

Gmail documents nothing. Every colour that the mail says becomes what `digest.check.colors.inverted` makes of it, by
which the checks measure contrast, too; pictures stay as they are. Colours that let through (`rgba`) keep how much.
"""

from __future__ import annotations

import re

from digest.check.colors import BLACK, WHITE, color_of, inverted, written

_TAG = re.compile(r"""<[a-zA-Z](?:"[^"]*"|'[^']*'|[^>"'])*>""")
_SHEET = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.IGNORECASE | re.DOTALL)
_STYLE = re.compile(r"""(\sstyle\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(\s(?:bgcolor|color|text|link|vlink)\s*=\s*["']?)([#\w]+)""", re.IGNORECASE)
_DECLARATION = re.compile(
    r"(?<![\w.#-])((?:color|background(?:-color|-image)?|border(?:-[a-z]+)*|outline(?:-color)?"
    r"|text-decoration(?:-color)?|fill|stroke)\s*:)([^;{}]*)",
    re.IGNORECASE,
)
_WORD = re.compile(r"url\([^)]*\)|#[0-9a-f]+\b|rgb\([^)]*\)|rgba\(([^)]*),([^),]*)\)|[a-z-]+", re.IGNORECASE)
_LINK = (0, 0, 238)
"""What browsers paint where nobody says anything."""


def turned(html: str) -> str:
    """Return a mail's HTML with all its colours turned round."""
    return _TAG.sub(_tag, _SHEET.sub(lambda found: found[1] + _css(found[2]) + found[3], html))


def ground() -> str:
    """Return the style of what the mail says nothing about; it has to stand before all that the mail says."""
    paper, ink, link = (written(inverted(each)) for each in (WHITE, BLACK, _LINK))
    return f"html{{background:{paper};color:{ink}}}a:link{{color:{link}}}"


def _tag(found: re.Match[str]) -> str:
    tag = _STYLE.sub(lambda style: style[1] + _css(style[2]), found[0])
    return _ATTRIBUTE.sub(lambda attribute: attribute[1] + _color(attribute[2]), tag)


def _css(css: str) -> str:
    return _DECLARATION.sub(lambda each: each[1] + _WORD.sub(_word, each[2]), css)


def _word(found: re.Match[str]) -> str:
    if found[1] is None:
        return _color(found[0])
    solid = color_of(f"rgb({found[1]})")
    return f"rgba({', '.join(map(str, inverted(solid)))},{found[2]})" if solid else found[0]


def _color(text: str) -> str:
    color = color_of(text)
    return written(inverted(color)) if color else text
