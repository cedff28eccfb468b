"""Stories: how many retellings are found in weeks that people labelled by reading, and what ten thousand posts cost."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path, PurePosixPath

from digest import app
from digest.models import Post, Text
from digest.select.stories import copies, tell_apart

LABELS = Path(__file__).resolve().parent.parent / "data" / "stories"
MANY = 10_000
_STARTED_AT = datetime(2026, 1, 1, tzinfo=UTC)
_SYLLABLES = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモラリルレロ"
_KANJI = (
    "人工知能開発企業市場技術研究投資予測戦略導入効率規制医療金融教育製造物流半導体計画発表提携競争成長分析基盤支援活用"
    "事業未来課題社会経済国際政府電力環境自動運転安全信頼性向上費用削減収益利用者顧客情報言語画像音声映像"
)
_KANA = "あいうえおかきくけこさしすせそたちつてとなにぬのはひふまみめもよらりるれわ"
_LETTERS = "abcdefghijklmnoprstuvwz"


def measure() -> None:
    """Print how well stories are found in the labelled weeks, where their blog is at hand; then what it costs."""
    if blog := os.environ.get("DIGEST_BENCH_BLOG"):
        agreement(Path(blog))
    else:
        print("\n(no labelled weeks: DIGEST_BENCH_BLOG names no copy of the blog nullponull/ai-blog-system)")
    costs()


def agreement(blog: Path, weeks: Sequence[str] = ()) -> None:
    """Print, for each labelled week of the blog in folder `blog`, how well stories are found."""
    posts = app.bare_source(blog, "jekyll").read(datetime.now(UTC)).posts
    by_name = {PurePosixPath(post.path).name: post for post in posts}
    print("\nstories of labelled weeks")
    for file in sorted(LABELS.glob("*.json")):
        if not weeks or file.stem in weeks:
            print(f"  {file.stem}  {_agreement(json.loads(file.read_text('utf-8')), by_name, posts)}")


def costs() -> None:
    """Print what it costs to tell many posts apart, and how that grows."""
    print("\nstories of generated posts, their bodies in memory")
    posts = generated(2 * MANY)
    taken = {}
    for count in (MANY, 2 * MANY):
        started = time.perf_counter()
        stories = tell_apart(posts[:count], posts[:count])
        taken[count] = time.perf_counter() - started
        told = sum(len(story.posts) > 1 for story in stories)
        print(f"  tell_apart, {count:>6,} posts {taken[count]:6.2f} s, {told:,} stories that several posts tell")
    print(f"  ratio for twice the posts {taken[2 * MANY] / taken[MANY]:.2f}")
    started = time.perf_counter()
    found = len(copies(posts[:MANY]))
    print(f"  copies, {MANY:>6,} posts {time.perf_counter() - started:6.2f} s, {found} found")


def generated(count: int, seed: int = 1) -> list[Post]:
    """Return posts about as long and as varied as real ones; about a third retell the story of a neighbour."""
    chance = random.Random(seed)
    stock = [
        "".join(chance.choices(_KANJI, k=2)) + "".join(chance.choices(_KANA, k=chance.randint(1, 6)))
        for _ in range(3_000)
    ]
    usual = [1 / (rank + 3) for rank in range(len(stock))]
    posts = []
    story = _story(chance, stock)
    for number in range(count):
        if chance.random() > 1 / 3:
            story = _story(chance, stock)
        name, product, action, figure = story
        filling = chance.choices(stock, usual, k=900)
        sentences = ["".join(filling[at : at + 12]) + "。" for at in range(0, len(filling), 12)]
        sentences.insert(0, f"{name}の{product}、{action}で{figure}を達成。")
        sentences.insert(3, f"{product}は{figure}という数字を示し、{action}を変える。")
        title = f"{name}が{product}で{action}を{figure}{''.join(chance.choices(stock, usual, k=4))}"
        posts.append(
            Post(
                id=f"blog:{number}.md",
                path=f"{number}.md",
                url=f"https://blog.example.com/{number}/",
                title=title,
                published_at=_STARTED_AT + timedelta(hours=number),
                text=Text("\n\n".join(sentences)),
                summary=sentences[0],
                language="ja",
            )
        )
    return posts


def _story(chance: random.Random, stock: Sequence[str]) -> tuple[str, str, str, str]:
    name = "".join(chance.choices(_LETTERS, k=2)).title() + chance.choice(("soft", "labs", "corp", "works"))
    product = "".join(chance.choices(_SYLLABLES, k=5))
    action = "".join(word[:2] for word in chance.choices(stock, k=2))
    return name, product, action, f"{chance.randrange(11, 990)}%"


def _agreement(labels: dict[str, list], by_name: dict[str, Post], blog: Iterable[Post]) -> str:
    """Return how the pairs that are found agree with the pairs that people told; doubtful ones count neither way."""
    same = _pairs(story["posts"] for story in labels["stories"])
    doubtful = {frozenset(pair) for pair in labels["doubtful"]} - same
    candidates = [by_name[name] for name in labels["posts"] if name in by_name]
    found = (
        _pairs([PurePosixPath(post.path).name for post in story.posts] for story in tell_apart(candidates, blog))
        - doubtful
    )
    right = len(found & same)
    precision, recall = right / len(found) if found else 1.0, right / len(same) if same else 1.0
    missing = len(labels["posts"]) - len(candidates)
    gone = f", {missing} posts are not in this blog" if missing else ""
    return (
        f"{len(candidates):3} posts, {len(same):3} pairs, {len(found):3} found, "
        f"precision {precision:.2f}, recall {recall:.2f}{gone}"
    )


def _pairs(groups: Iterable[Sequence[str]]) -> set[frozenset[str]]:
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}
