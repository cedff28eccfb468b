"""A small mail that every check passes, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from digest.check import Demands
from digest.models import READER_TOKEN, Email, Mailbox

Change = Callable[[Email], Email]

WAY_OUT = f"https://news.example.com/u/{READER_TOKEN}"
FIRST, SECOND = "https://blog.example.com/one/", "https://blog.example.com/two/"
PUBLISHER = Demands(
    publisher_name="株式会社サンプル",
    publisher_address="東京都千代田区丸の内1-1-1",
    publisher_contact="https://example.com/contact",
)

_HTML = f"""<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="x-apple-disable-message-reformatting">
<meta name="format-detection" content="telephone=no">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>週刊</title>
<!--[if mso]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml>
<style>td {{ font-family: Meiryo; mso-line-height-rule: exactly; }}</style><![endif]-->
<style>
@media (max-width: 620px) {{ .sheet {{ padding: 8px !important; }} }}
</style>
<style>
@media (prefers-color-scheme: dark) {{
  .page {{ background-color: #101010 !important; }}
  .text {{ color: #eeeeee !important; }}
}}
[data-ogsb] .page {{ background-color: #101010 !important; }}
[data-ogsc] .text {{ color: #eeeeee !important; }}
</style>
</head>
<body class="page" lang="ja" xml:lang="ja" style="background-color:#ffffff; font-family:Meiryo, sans-serif">
<div class="page" lang="ja" style="background-color:#ffffff">
<div style="display:none">今週の二本をお届けします{"&#8199;&#65279;&#847; " * 20}</div>
<!--[if mso]><table width="600"><tr><td><![endif]-->
<table role="presentation" class="sheet" style="max-width:600px"><tr>
<td class="text" style="font-size:16px; line-height:28px; color:#333333">
<h1>週刊ダイジェスト</h1>
<h2>一つめの見出し</h2>
<p><a class="text" href="{FIRST}" style="color:#333333">一つめの記事を読む</a></p>
<h2>二つめの見出し</h2>
<p><a class="text" href="{SECOND}" style="color:#333333">二つめの記事を読む</a></p>
<img src="https://blog.example.com/a.png" width="100" alt="" style="display:block">
<p>このメールは配信に登録いただいた方へお送りしています。株式会社サンプル 東京都千代田区丸の内1-1-1</p>
<p><a class="text" href="{WAY_OUT}" style="color:#333333">配信を停止する</a></p>
<p><a class="text" href="https://example.com/contact" style="color:#333333">お問い合わせ</a></p>
</td></tr></table>
<!--[if mso]></td></tr></table><![endif]-->
</div></body>
</html>
"""

_TEXT = f"""週刊ダイジェスト

一つめの見出し
一つめの記事を読む
{FIRST}

二つめの見出し
二つめの記事を読む
{SECOND}

このメールは配信に登録いただいた方へお送りしています。
株式会社サンプル
東京都千代田区丸の内1-1-1

配信を停止する
{WAY_OUT}

お問い合わせ
https://example.com/contact
"""

GOOD = Email(
    sender=Mailbox("news@example.com", "週刊ダイジェスト編集部"),
    reply_to=None,
    subject="一つめの見出し ほか1本",
    preheader="今週の二本をお届けします",
    html=_HTML,
    text=_TEXT,
    headers=(
        ("List-Unsubscribe", f"<{WAY_OUT}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ),
    language="ja",
)


def html(old: str, new: str) -> Change:
    """Replace something everywhere in the HTML."""

    def change(email: Email) -> Email:
        assert old in email.html, old
        return replace(email, html=email.html.replace(old, new))

    return change


def text(old: str, new: str) -> Change:
    """Replace something everywhere in the text part."""

    def change(email: Email) -> Email:
        assert old in email.text, old
        return replace(email, text=email.text.replace(old, new))

    return change


def body(extra: str) -> Change:
    """Add something at the end of the body."""
    return html("</div></body>", extra + "</div></body>")


def head(extra: str) -> Change:
    """Add something at the end of the head."""
    return html("</head>", extra + "</head>")


def sheet(css: str) -> Change:
    """Add a style block."""
    return head(f"<style>{css}</style>")


def styled(style: str, words: str = "言葉") -> Change:
    """Add a paragraph with a style."""
    return body(f'<p style="{style}">{words}</p>')


def link(address: str, words: str = "ここ") -> Change:
    """Add a link."""
    return body(f'<p class="text"><a class="text" style="color:#333333" href="{address}">{words}</a></p>')


def image(attributes: str) -> Change:
    """Add an image that is a block."""
    return body(f'<img style="display:block" {attributes}>')


def described(alt: str) -> Change:
    """Add an image that lacks nothing, with a description."""
    return image(f'alt="{alt}" width="100" src="https://blog.example.com/photo.png"')


def fields(**changes: object) -> Change:
    """Set fields of the mail."""
    return lambda email: replace(email, **changes)  # type: ignore[arg-type] # the tests know the fields


def header(name: str, value: str | None) -> Change:
    """Set a header, or take it away."""

    def change(email: Email) -> Email:
        pairs = tuple((key, value if key == name else old) for key, old in email.headers)
        return replace(email, headers=tuple((key, old) for key, old in pairs if old is not None))

    return change


def in_english(email: Email) -> Email:
    """Turn the mail into an English one."""
    words = {
        "このメールは配信に登録いただいた方へお送りしています。": "You get this because you signed up.",
        "配信を停止する": "Unsubscribe",
    }
    for old, new in words.items():
        email = text(old, new)(html(old, new)(email))
    english = email.html.replace('lang="ja"', 'lang="en"').replace("Meiryo", "Arial")
    return replace(email, html=english, language="en")
