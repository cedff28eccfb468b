"""Whether the words that stand in for an image say something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at
from digest.models import Email, Finding, Level

LONGEST = 200
"""Characters; screen readers read it out without a pause, and Outlook shows it in the image's place."""

_EMPTY_WORDS = re.compile(
    r"(?:an?\s+|the\s+)?(?:image|img|picture|photo|graphic|icon|logo|banner|thumbnail|alt|alt text|untitled"
    r"|画像|写真|イメージ|図|アイコン|ロゴ|バナー|サムネイル|無題|代替テキスト)(?:[\s_-]*\d{1,6})?",
    re.IGNORECASE,
)
_FILE = re.compile(r"\S{1,200}\.(?:jpe?g|png|gif|webp|svg|avif|bmp|heic)", re.IGNORECASE)
_CAMERA = re.compile(r"(?:img|dsc|dscn|pxl|screenshot|スクリーンショット)[\s_-]*[\d\s._-]{3,60}", re.IGNORECASE)


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Read every description that there is; `images` asks for the missing ones."""
    for image in parsed(email.html).iter("img"):
        alt = " ".join(str(image.get("alt") or "").split())
        if not alt:
            continue
        name = _name(str(image.get("src") or ""))
        if _EMPTY_WORDS.fullmatch(alt) or _FILE.fullmatch(alt) or _CAMERA.fullmatch(alt) or alt.casefold() == name:
            message = f"An image is described as “{alt[:40]}”, which tells nothing to those who do not see it."
            fix = 'Say what can be seen or where it leads; alt="" for decoration'
            yield Finding(Level.WARNING, "mail.alt-says-nothing", message, fix=fix, spot=at(image))
        elif len(alt) > LONGEST:
            message = f"The description “{alt[:40]}…” of an image has {len(alt)} characters; it is read out in one go."
            fix = "Say it in a sentence, and the rest in the text"
            yield Finding(Level.INFO, "mail.alt-long", message, fix=fix, spot=at(image))


def _name(address: str) -> str:
    """Return the name of the file without its ending, in lower case."""
    try:
        return PurePosixPath(unquote(urlsplit(address[:2000]).path)).stem.casefold()
    except ValueError:
        return ""
