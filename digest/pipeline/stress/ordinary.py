"""Decides what a usual post looks like in an issue that is awkward only by how many there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import Pick, Post, Text

_POSTS = (
    (
        "検索を作り直したら、問い合わせが六割減った話",
        "必要だったのは、正しい文書に最短でたどり着くことでした。",
    ),
    ("議事録の自動化で会議は減ったのか", "百二十人の部署で三か月、会議の数と長さを測りました。"),
    ("What changed in the new release", "A short tour of the parts that matter for small teams, and what can wait."),
    ("検品AIが根づいた工場と、消えた工場の違い――三年間の記録から見えてきたこと", "精度の差ではありませんでした。"),
    ("データセンター投資の次の主役は「冷却」かもしれない", "計算資源の奪い合いは、水と空気の奪い合いになりました。"),
    ("1月の勉強会のお知らせ", "初めての方も歓迎です。資料は当日の夜に公開します。"),
)
"""Titles and excerpts, in turn."""
_EVERY_SO_MANY_AN_IMAGE = 3
_LETTERS = 2_400
"""Of a body; four minutes to read."""


def ordinary_pick(number: int, published_at: datetime, categories: tuple[str, ...] = ()) -> Pick:
    """Return the `number`th usual post, from 1: most in Japanese, some in English, every third with an image."""
    title, words = _POSTS[(number - 1) % len(_POSTS)]
    address = f"https://blog.example.com/2026/01/ordinary-{number}/"
    post = Post(
        id=f"ordinary:{number}",
        path="",
        url=address,
        title=title,
        published_at=published_at,
        text=Text("あ" * _LETTERS),
        author="編集部",
        categories=categories,
        language="en" if title.isascii() else "ja",
        image=f"{address}picture.png" if number % _EVERY_SO_MANY_AN_IMAGE == 0 else "",
    )
    return Pick(post, 3.0 - number / 100, {}, "", excerpt=words, rank=number)


def retold(post: Post, role: str) -> Post:
    """Return the post as another one that says the same: with an identity and an address of its own."""
    head, hash_sign, fragment = post.url.partition("#")
    address = f"{head}{'&' if '?' in head else '?'}{role}{hash_sign}{fragment}"
    return replace(post, id=f"{post.id}#{role}", url=address, published_at=post.published_at - timedelta(hours=1))
