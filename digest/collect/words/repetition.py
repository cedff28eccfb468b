"""Decides whether a text says no more than a title that stands above it anyway."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import takewhile

_STOCK = re.compile(
    r"(?:この記事では|本記事では|今回は|ここでは)?(?:について|に関して|を|の)?"
    r"(?:詳細に|詳しく|徹底的に|徹底|わかりやすく|分かりやすく|簡単に|最新情報を|概要を|ポイントを|全貌を)*"
    r"(?:(?:分析|解説|紹介|説明|考察|報告|まとめ)(?:する|しました|いたし?ます|いたしました|しています|します|ました)?"
    r"|お伝えします|記事です)?"
    r"|(?:inthis(?:article|post)(?:we)?)?(?:discover|explore|learn(?:more)?|readmore|findout)?(?:all|everything|more)?"
    r"(?:about|on)?(?:an?|the)?(?:detailed|complete|full|indepth|quick|short)?"
    r"(?:analysis|guide|overview|introduction|look|article|post|summary|explanation)?(?:of|to|at|on|about|explained)?"
)
"""What may stand around a title, after `fold`, without adding anything to it."""


_SIGNS = re.compile(r"[\W_]+")
_NO_CHANCE = 6


@lru_cache(64)  # a title is compared with every line of its post
def fold(text: str) -> str:
    """Reduce a text to its letters and digits, in one case and one width."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def repeats(text: str, title: str) -> bool:
    """Tell whether `text` is empty, a part of the title, or the title with a stock phrase around it."""
    said, headline = fold(text), fold(title)
    if not said or said in headline:
        return True
    if not headline or headline not in said:
        return False
    rest = said.replace(headline, "", 1)
    return len(rest) <= 4 or _STOCK.fullmatch(rest) is not None


def continued(headline: str, text: str, title: str) -> int:
    """Return how many characters at the beginning of `text` go on saying the title after its part `headline`.

    0 for fewer than six, which may be chance.
    """
    said, whole = fold(text), fold(title)
    _, part, rest = whole.partition(fold(headline))
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(said, rest, strict=False))) if part else 0
    if same < _NO_CHANCE:
        return 0
    for offset, character in enumerate(text):
        if same <= 0:
            return offset
        same -= len(fold(character))
    return len(text)
