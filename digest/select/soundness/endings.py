"""Decides whether a text stops in mid-sentence, as one does whose writer ran out of room."""

from __future__ import annotations

import re
from itertools import takewhile

from digest.select.soundness.prose import ends_in_code, without_code

_RULE = re.compile(r"[-*_=\s]{2,}|-{2,}\s{0,9}\w{0,20}\s{0,9}-{2,}")
_HEADING = re.compile(r"#{1,6}(?:\s|$)")
_ITEM = re.compile(r"(?:[-*+・•]|\d{1,3}[.)])\s+")
_LINK = re.compile(r"!?\[[^\[\]]{0,300}\]\([^()]{0,500}\)|<(?:https?://)[^<>\s]{0,500}>|https?://\S{1,2000}")
_ATTRIBUTES = re.compile(r"\{:[^{}]{0,300}\}|\{[{%][^{}]{0,500}[%}]\}|</?[a-zA-Z][^<>]{0,500}>|\[\^[^\]]{1,50}\]:.*")
_ASIDE = re.compile(r"[*_]{0,2}\s?(?:※|[（(]|(?:注|note)\s?[:：])", re.IGNORECASE)
_ENDED = re.compile(
    r"[。．.！？!?…‥」』）)】〕》〉”’\"'：:;；＞>\]}♪♡♥★☆※〜～ｗ✨🎉|]|[^\w\s、，,・／/\\(（「『【〔《〈“‘\-–—=+&%$#@*]"
)
_OPEN = "、，,・／/(（「『【“"
_INNER_STOP = re.compile(r"[。．！？!?]|\.\s")
_FULL_STOP = re.compile(r"[。．！？!?.」』）)…][*_\"”’'\s]{0,6}$")
_JAPANESE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_LOOKED_AT = 8_000
"""Characters at the end that are read."""
_SIGNATURE = 20
"""Letters of a last line that may be a greeting or a name; twice as many in Latin letters."""
_BESIDE_A_LINK = 60
"""Letters that may stand beside each link of a section that is only a list of links."""
_LONGEST_RULE = 60


def cut_off(body: str) -> bool:
    """Tell whether a text, as Markdown, ends in mid-sentence, in a table's row, after a heading, or within fenced code.

    Lists of links behind the text do not count as its end. A text whose paragraphs mostly have no full stop, and one
    that ends with a short line, a picture or an item of a list like the others, is whole.
    """
    if ends_in_code(body):
        return True
    lines = _without_appendix(_lines(without_code(body, "```")[-_LOOKED_AT:]))
    if not lines:
        return False
    last = lines[-1]
    if _HEADING.match(last):
        return len(lines) > 1
    if last.startswith("|"):
        return not last.endswith("|") and len(lines) > 1 and lines[-2].endswith("|")
    said = last.rstrip("*_~` \u3000")
    if not said or _ENDED.match(said[-1]) or not _LINK.sub("", said).strip(" -*_:："):
        return False
    if said[-1] in _OPEN:
        return True
    return len(said) >= _room(said) and _others_end(lines)


def _lines(text: str) -> list[str]:
    """Return the lines that say or set apart something."""
    lines = [line.strip() for line in text.split("\n")]
    return [line for line in lines if line and not _ATTRIBUTES.fullmatch(line)]


def _without_appendix(lines: list[str]) -> list[str]:
    """Return the lines without rules, remarks and lists of links at their end."""
    end = len(lines)
    while end:
        if _is_rule(lines[end - 1]) or _ASIDE.match(lines[end - 1]):
            end -= 1
            continue
        start = end
        while start and not _is_rule(lines[start - 1]) and not _HEADING.match(lines[start - 1]):
            start -= 1
        start -= 1 if start and not _is_rule(lines[start - 1]) else 0
        section = lines[start:end]
        links = sum(len(_LINK.findall(line)) for line in section)
        beside = sum(len(_LINK.sub("", line)) for line in section if not _HEADING.match(line))
        if not start or not links or beside > links * _BESIDE_A_LINK:
            break
        end = start
        while end and _HEADING.match(lines[end - 1]):  # a heading of nothing but what was taken away
            end -= 1
    return lines[:end]


def _others_end(lines: list[str]) -> bool:
    """Tell whether most paragraphs, or for an item those of its list, have a full stop; a text alone speaks itself."""
    if _ITEM.match(lines[-1]):
        others = list(takewhile(_ITEM.match, reversed(lines[:-1])))
    else:
        others = [line for line in lines[:-1] if not _HEADING.match(line) and not _ITEM.match(line) and line[0] != "|"]
        if not (others := [line for line in others if len(line) >= _room(line)]):
            return _INNER_STOP.search(lines[-1]) is not None
    return 0 < len(others) <= 2 * sum(_FULL_STOP.search(line[-20:]) is not None for line in others)


def _room(line: str) -> int:
    return _SIGNATURE if _JAPANESE.search(line) else 2 * _SIGNATURE


def _is_rule(line: str) -> bool:
    return len(line) <= _LONGEST_RULE and _RULE.fullmatch(line) is not None
