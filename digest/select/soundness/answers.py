"""Decides whether words are a language model's refusal or remark, or only hold the place of others.

The patterns are few, and each asks for a whole phrase at the beginning: a post about refusals is none.
"""

from __future__ import annotations

import re
import unicodedata

_LOOKED_AT = 300
"""Characters at the beginning of a text: an answer begins with what it is."""

_UNABLE = r"(?:can(?:no|')t|can not|am (?:currently |also )?(?:unable|not able))"
_SERVE = r"(?:assist|help with|fulfil+|comply|provide|generate|perform|complete|access|browse|search|retrieve)"
_ANSWERS = re.compile(
    # I apologize, but I am currently unable to perform web searches
    r"(?:i (?:sincerely )?apologi[sz]e|i am (?:very )?sorry|sorry|unfortunately)(?:, but|,| but) "
    rf"(?:as an ai\b|i {_UNABLE}(?:\W*t?o?\W*$| (?:to )?{_SERVE}\b))"
    # I am unable to perform the web search for
    rf"|i {_UNABLE} (?:to )?(?:perform (?:the |a |any )?(?:(?:web|internet|online) )?search"
    r"|(?:fulfil+|complete) (?:this|that|your|the) re"
    r"|(?:assist|comply) with (?:this|that|your|the)|(?:provide|access|retrieve) real-time)"
    r"|as an? (?:ai|(?:large )?language model)(?: (?:language )?model| assistant)?, i\b"
    r"|(?:the|this|your) (?:article|(?:blog )?post|text|content) has been (?:generated|written|created|rewritten) "
    r"(?:according(?: to|\W*$)|based on|as requested|as per|per your)"
    r"|(?:sure|certainly|of course|absolutely)[!,.] (?:here(?:'s| is| are)|i(?:'ll| will| can)) "
    r"|here(?:'s| is) (?:the|a|your) (?:rewritten|revised|requested|updated|improved|generated) "
    r"(?:article|(?:blog )?post|text|version|draft|content)"
    # 大変申し訳ありませんが、現時点で公式な情報は見つけることができませんでした
    r"|(?:大変|誠に)?申し訳(?:あり|ござい)ませんが[^。]{0,160}?"
    r"(?:情報|検索|詳細|回答|記事|リクエスト|要望|依頼|質問|発表)[^。]{0,80}?"
    r"(?:でき(?:ません|ず|ない)|見つけること|見つかり|見当たり|お答え|お応え)"
    r"|(?:大変|誠に)?申し訳(?:あり|ござい)ませんが、「[^」]{1,120}」に(?:関する|関して|つい|\W*$)"
    r"|(?:web|ウェブ|インターネット)検索[^。]{0,30}?(?:利用|実行|使用)[^。]{0,10}?でき(?:ません|ず|ない)"
    r"|(?:私は)?(?:ai|人工知能|(?:ai|大規模)?言語モデル)(?:アシスタント|モデル)?(?:として|であるため|なので)"
    r"[^。]{0,60}?(?:できません|持っていません|お答え)"
    r"|(?:承知(?:いた)?しました|かしこまりました)[。!、]"
    r"|(?:はい、)?以下(?:に|は|が)、?ご?(?:要望|指定|依頼|希望|指示|リクエスト)",
    re.IGNORECASE,
)
_PLACEHOLDERS = re.compile(
    r"(?:untitled|no title|(?:(?:your|post|page|article) )?title(?: (?:goes )?here)?|new post|my draft|tb[dca]|todo"
    r"|test(?: (?:post|article))?|undefined|null|none|nan|xxx+|lorem ipsum.*|object object|insert .* here"
    r"|テスト(?:投稿|記事)?|無題|(?:記事の?)?タイトル(?:未定|仮|を入力)?|仮(?:タイトル|題)|下書き"
    r"|\{\{.*\}\}|\$\{.*\}|<%.*%>)\s*\d{0,3}"
)
_FULL_WIDTH = "\uff01-\uff5e"
_BEGINS_LIKE_ANSWER = re.compile(rf"[ \n\t#*_>\"'「『“]*[isuatychowISUATYCHOW大誠申ウイ私人言承かは以{_FULL_WIDTH}]")
_BEGINS_LIKE_PLACEHOLDER = re.compile(
    rf"[ \n\t#*_>\"'「『“\[\]【】()<.。]*[unypatmlxoiUNYPATMLXOIテ無記タ仮下{{$%{_FULL_WIDTH}]"
)
"""Nearly no title begins like that, and the whole question costs more than reading the post's file."""


def is_answer(text: str) -> bool:
    """Tell whether a text begins like a language model's refusal, or like its remark about its own work."""
    return _BEGINS_LIKE_ANSWER.match(text) is not None and _ANSWERS.match(_plain(text)) is not None


def is_placeholder(title: str) -> bool:
    """Tell whether a title only holds the place of one."""
    if _BEGINS_LIKE_PLACEHOLDER.match(title) is None:
        return False
    return _PLACEHOLDERS.fullmatch(_plain(title).casefold().strip("[]【】()<>.。 ")) is not None


def _plain(text: str) -> str:
    """Return the beginning in one width, with straight quotation marks, and without marks before the first word."""
    return (
        unicodedata.normalize("NFKC", text[:_LOOKED_AT])
        .replace("’", "'")
        .replace("I'm", "I am")
        .lstrip(" \n\t#*_>\"'「『“")
    )
