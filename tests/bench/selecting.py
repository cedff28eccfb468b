"""How long a choice takes from ten thousand posts that all may be in, and from twice as many."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from digest.models import Newsletter, Post, SectionRule
from digest.select import select
from tests.bench.timing import side_by_side, tell
from tests.factories import make_newsletter, make_post, make_slot

POSTS = 10_000
_AUTHORS = 40
_CATEGORIES = ("AI最新ニュース", "導入事例", "開発ノート", "Engineering", "イベント")
_LETTERS = "あいうえおかきくけこさしすせそたちつてとなにのはまもらりるれを人工知能業務効率化導入事例開発発表"
_WORDS = (
    "the",
    "of",
    "model",
    "post",
    "week",
    "data",
    "team",
    "with",
    "some",
    "ordinary",
    "cloud",
    "and",
    "it",
    "is",
    "for",
)


def measure() -> None:
    """Time the choice without stories: to tell them apart has figures of its own."""
    newsletter = crowded_newsletter()
    small, large = candidates(POSTS), candidates(2 * POSTS)
    slot = make_slot()
    few, many = f"{POSTS:,} candidates", f"{2 * POSTS:,} candidates"
    medians = side_by_side(
        {few: lambda: select(newsletter, slot, small), many: lambda: select(newsletter, slot, large)}, rounds=3
    )
    tell("The choice, from posts of 6 kB", medians, (many, few))


def crowded_newsletter() -> Newsletter:
    """Return a newsletter whose every limit is met by ten thousand posts."""
    sections = (
        SectionRule("news", "ニュース", ("AI最新ニュース",), weight=1.0, minimum=2, order="newest"),
        SectionRule("practice", "現場", ("導入事例", "開発ノート"), weight=0.9),
        SectionRule("english", "English", languages=("en",), weight=0.8, maximum=3),
        SectionRule("rest", "そのほか", ("*",), weight=0.5, minimum=1, maximum=2),
    )
    return make_newsletter(sections=sections, max_posts=12, max_more=8, max_per_author=2, group_stories=False)


def candidates(number: int) -> Sequence[Post]:
    """Return posts of one week with bodies of 6 kB, every other one in English."""
    chance = random.Random(1)
    japanese = ["".join(chance.choices(_LETTERS, k=chance.randint(12, 45))) for _ in range(4_000)]
    english = [" ".join(chance.choices(_WORDS, k=chance.randint(6, 18))) for _ in range(4_000)]
    window = make_slot().window
    posts = []
    for place in range(number):
        in_english = place % 2 == 0
        said = chance.sample(english, 95) if in_english else chance.sample(japanese, 65)
        # No two posts share a sentence, as on a blog without copies.
        sentences = [f"{each} {place}{'. ' if in_english else '。'}" for each in said]
        body = "\n\n".join("".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))
        posts.append(
            make_post(
                f"post-{place}",
                body=body,
                language="en" if in_english else "ja",
                author=f"著者{chance.randrange(_AUTHORS)}",
                categories=(chance.choice(_CATEGORIES),),
                published_at=window.start + chance.random() * timedelta(days=7),
            )
        )
    return posts
