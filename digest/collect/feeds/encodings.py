"""Decides in which encoding a feed is written: what its bytes show, before what it or its server says."""

from __future__ import annotations

import codecs
import re

from digest.collect.feeds.items import NoFeedError
from digest.models import Finding, Level

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_WIDER = {"shift_jis": "cp932", "iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
          "euc_kr": "cp949", "big5": "big5hkscs"}  # fmt: skip
"""What is meant by an encoding's name on the web."""
_KANA = re.compile(r"[\u3040-\u30ff]")
_JAPANESE = ("cp932", "euc_jp", "iso2022_jp")
_FEW = 0.01
"""The share of broken characters with which a text can still be read."""


def decode(body: bytes, content_type: str) -> tuple[str, tuple[Finding, ...]]:
    """Return the text, and what is wrong with its encoding; raise `NoFeedError` when nobody can tell what it is."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff"), ()
    declared = _declared(body, content_type)
    if "iso2022_jp" not in declared and (text := _strictly(body, "utf-8")) is not None:
        return text, ()
    for encoding in declared:
        if encoding != "utf-8" and (text := _strictly(body, _WIDER.get(encoding, encoding))) is not None:
            return text, ()
    for encoding in _JAPANESE:
        if (text := _strictly(body, encoding)) is not None and _KANA.search(text):
            return text, (_mistaken(declared, encoding),)
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") > len(text) * _FEW:
        raise NoFeedError("it is written in an encoding that nobody can tell", "let the blog write its feed in UTF-8")
    return text, (_broken(text.count("\ufffd")),)


def _declared(body: bytes, content_type: str) -> list[str]:
    """Return the encodings that the server and the feed name, as Python calls them."""
    said = [found[1] for found in [_CHARSET.search(content_type)] if found]
    said += [found[1].decode("ascii") for found in [_DECLARED.match(body)] if found]
    known = []
    for name in said:
        try:
            codec = codecs.lookup(name)
        except LookupError:
            continue
        if codec._is_text_encoding:  # noqa: SLF001 - `rot13` and `zip` are codecs, too, and nothing else tells them apart
            known.append(codec.name)
    return known


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _mistaken(declared: list[str], encoding: str) -> Finding:
    said = f"says that it is written in {declared[0]}" if declared else "does not say its encoding"
    return Finding(
        Level.WARNING,
        "blog.encoding",
        f"The feed {said}, but it is in {encoding}; it was read as that.",
        fix="let the blog write its feed in UTF-8",
    )


def _broken(count: int) -> Finding:
    return Finding(
        Level.WARNING,
        "blog.encoding",
        f"The feed holds {count} broken character{'s' if count > 1 else ''}, shown as “\ufffd”.",
        fix="look for the post that was pasted in from elsewhere",
    )
