"""Nouns with sensible defaults, in one place: a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from digest.models import (
    READER_TOKEN,
    Email,
    Mailbox,
    Newsletter,
    Pick,
    Post,
    Publisher,
    Recipient,
    Schedule,
    Section,
    SectionRule,
    Selection,
    Slot,
    Text,
    Weekly,
    Window,
)

TOKYO = ZoneInfo("Asia/Tokyo")


def make_post(name: str = "a", **changes: Any) -> Post:
    post = Post(
        id=f"blog:_posts/2026-01-14-{name}.md",
        path=f"_posts/2026-01-14-{name}.md",
        url=f"https://blog.example.com/2026/01/14/{name}/",
        title=f"投稿「{name}」の見出し",
        published_at=datetime(2026, 1, 14, 12, 0, tzinfo=TOKYO),
        text=Text("最初の段落です。次の文もあります。\n"),
        author="編集部",
        categories=("AI最新ニュース",),
        tags=("AI",),
        language="ja",
    )
    if "body" in changes:
        changes["text"] = Text(changes.pop("body"))
    return replace(post, **changes)


def make_newsletter(**changes: Any) -> Newsletter:
    newsletter = Newsletter(
        slug="weekly",
        title="週刊ダイジェスト",
        language="ja",
        schedule=Schedule(Weekly(weekday=0), at=time(8), time_zone=TOKYO),
        sections=(
            SectionRule(key="news", heading="AI最新ニュース", categories=("AI最新ニュース",), weight=1.0),
            SectionRule(key="other", heading="そのほか", categories=("*",), weight=0.5),
        ),
        sender=Mailbox("news@example.com", "週刊ダイジェスト編集部"),
        publisher=Publisher("株式会社サンプル", "東京都千代田区丸の内1-1-1", "https://example.com/contact"),
        subject="{{ newsletter.title }} 第{{ issue.number }}号：{{ lead.title }}",
        preheader="今週の{{ issue.count }}本",
    )
    return replace(newsletter, **changes)


def make_slot() -> Slot:
    end = datetime(2026, 1, 19, tzinfo=TOKYO)
    due_at = end.replace(hour=8)
    return Slot(period="2026-W04", due_at=due_at, window=Window(end - timedelta(days=7), end), build_at=due_at)


def make_pick(name: str = "a", *, also: tuple[Post, ...] = (), **changes: Any) -> Pick:
    return Pick(
        post=make_post(name, **changes),
        score=1.2,
        parts={"category": 1.0, "recency": 0.2},
        reason="AI最新ニュース, published 2026-01-14",
        excerpt="最初の段落です。次の文もあります。",
        also=also,
    )


def make_selection(*picks: Pick, more: tuple[Pick, ...] = (), lead: str | None = None) -> Selection:
    """One section of picks; the first of them opens the issue when `lead` names no other id."""
    chosen = picks or (make_pick("a"), make_pick("b"))
    opens = chosen[0].post.id if lead is None else lead
    return Selection(make_slot(), (Section("news", "AI最新ニュース", chosen),), (), more=more, lead=opens)


def make_email(**changes: Any) -> Email:
    email = Email(
        sender=Mailbox("news@example.com", "週刊ダイジェスト編集部"),
        reply_to=None,
        subject="週刊ダイジェスト 第1号：投稿の見出し",
        preheader="今週の2本",
        html=(
            '<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8"><title>週刊</title></head><body lang="ja">'
            f'<p>こんにちは</p><a href="https://news.example.com/u/{READER_TOKEN}">配信停止</a></body></html>'
        ),
        text=f"こんにちは\n\n配信停止:\nhttps://news.example.com/u/{READER_TOKEN}\n",
        headers=(
            ("List-Unsubscribe", f"<https://news.example.com/u/{READER_TOKEN}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("List-Id", "<weekly.news.example.com>"),
        ),
        language="ja",
    )
    return replace(email, **changes)


def make_recipient(number: int = 1, **changes: Any) -> Recipient:
    return Recipient(f"reader{number}@example.com", f"読者{number}", f"tok{number:04d}")._replace(**changes)
