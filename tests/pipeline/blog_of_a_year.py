"""A blog that lives: posts appear when a real blog's did, some late, edited, moved, held, withdrawn or told again."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.models import Collection, Post, Text

_PUBLISHED = Path(__file__).parents[1] / "data/a_year/published.csv"
_SPAN = timedelta(weeks=34)
"""The real blog's own span: after it, its dates come again."""
_NAMES = "アカ サタ ナハ マヤ ラワ キシ チニ ヒミ リク スツ ヌフ ムユ ルケ セテ ネヘ メレ コソ トノ ホモ ヨロ".split()  # noqa: SIM905 - a list of words
_VERBS = "発表 公開 提携 買収 開発 導入 刷新 統合 検証 拡大 撤退 支援 採用 投資 研究 改善".split()  # noqa: SIM905 - likewise


@dataclass(frozen=True, slots=True)
class Entry:
    """One post through its life; every moment is aware."""

    number: int
    dated_at: datetime
    category: str
    title: str
    body: str
    seen_from: datetime
    """When the file lies in the blog: later than its date for a late post."""
    edited_at: datetime | None = None
    moved_at: datetime | None = None
    renamed_at: datetime | None = None
    gone_at: datetime | None = None
    draft_until: datetime | None = None
    hold_until: datetime | None = None
    expires: datetime | None = None

    @property
    def marks(self) -> tuple[str, str]:
        """What tells the post in a mail, before and after it was moved."""
        return (f"https://blog.example.com/posts/{self.number}/", f"https://blog.example.com/moved/{self.number}/")

    def at(self, now: datetime) -> Post | None:
        """Return the post as the blog has it at a moment; None while it is not there."""
        if now < self.seen_from or (self.gone_at and now >= self.gone_at):
            return None
        path = f"_posts/{self.number}.md"
        if self.renamed_at and now >= self.renamed_at:
            path = f"_posts/renamed-{self.number}.md"
        edited = bool(self.edited_at and now >= self.edited_at)
        moved = bool(self.moved_at and now >= self.moved_at)
        return Post(
            id=f"blog:{path}",
            path=path,
            url=self.marks[moved],
            title=f"{self.title}【更新】" if edited else self.title,
            published_at=self.dated_at,
            text=Text(f"{self.body}{'追記しました。' if edited else ''}"),
            updated_at=self.edited_at if edited else None,
            author=f"著者{self.number % 7}",
            categories=(self.category,),
            language="ja",
            hold_until=self.hold_until,
            expires=self.expires,
            withheld="draft" if self.draft_until and now < self.draft_until else "",
        )


class Blog:
    """All entries of a blog, from before a newsletter's first window to after its last."""

    def __init__(self, begin: datetime, end: datetime, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self.entries = tuple(self._lives(begin, end))

    def read(self, now: datetime) -> Collection:
        """Return the blog at a moment."""
        return Collection(tuple(post for entry in self.entries if (post := entry.at(now))))

    def _lives(self, begin: datetime, end: datetime) -> Iterator[Entry]:
        told: list[Entry] = []
        for number, (dated_at, category) in enumerate(_moments(begin, end)):
            entry = self._entry(number, dated_at, category, told[-20:])
            told.append(entry)
            yield entry

    def _entry(self, number: int, dated_at: datetime, category: str, told: list[Entry]) -> Entry:
        chance, day = self._chance, timedelta(days=1)
        name, verb = "".join(chance.choices(_NAMES, k=3)), chance.choice(_VERBS)
        title, body = f"{name}が{verb}、{chance.randrange(1000)}社に影響", self._body(name, verb)
        entry = Entry(number, dated_at, category, title, body, seen_from=dated_at)
        fate = chance.random()
        later = dated_at + chance.uniform(0.5, 20) * day
        if fate < 0.05:
            return replace(entry, seen_from=later)
        if fate < 0.10:
            return replace(entry, edited_at=later)
        if fate < 0.13:
            return replace(entry, moved_at=later)
        if fate < 0.16:
            return replace(entry, renamed_at=later)
        if fate < 0.19:
            return replace(entry, gone_at=later)
        if fate < 0.22:
            return replace(entry, draft_until=later)
        if fate < 0.25:
            return replace(entry, hold_until=later)
        if fate < 0.28:
            return replace(entry, expires=later)
        if fate < 0.38 and told:
            other = chance.choice(told)
            sentences = other.body.split("。")
            return replace(entry, title=f"{other.title}の真相", body="。".join([*sentences[1:4], *sentences[:1], ""]))
        return entry

    def _body(self, name: str, verb: str) -> str:
        chance = self._chance
        return "".join(
            f"{name}社は{''.join(chance.choices(_NAMES, k=2))}を{chance.choice(_VERBS)}し、"
            f"{chance.randrange(1, 999)}億円規模の{verb}を{chance.randrange(1, 13)}月に進める。"
            for _ in range(chance.randrange(5, 12))
        )


def _moments(begin: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    with _PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = [(datetime.fromisoformat(row["published_at"]), row["category"]) for row in csv.DictReader(file)]
    first = rows[0][0]
    turn = 0
    while True:
        for published_at, category in rows:
            moment = begin.astimezone(UTC) + turn * _SPAN + (published_at - first)
            if moment >= end:
                return
            if published_at - first < _SPAN:
                yield moment, category
        turn += 1
