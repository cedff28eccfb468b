"""Random blogs, newsletters, ledgers and people, small enough to crowd each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from hypothesis import strategies as st

from digest.models import KnownPost, Ledger, Newsletter, Override, OverrideKind, Post, Ranking, SectionRule
from tests.factories import make_newsletter, make_post
from tests.select.choices import SLOT, START

_CATEGORIES, _TAGS, _AUTHORS = ("A", "B", "C"), ("T", "U"), ("Kay", "Ann", "")
_SOURCES, _LANGUAGES = ("blog", "tech"), ("ja", "en")
_BODIES = (
    "OpenAIは新しいモデルGPT-9を発表しました。価格は従来の半額です。東京での発表会には500人が集まりました。",
    "GPT-9が登場しました。OpenAIによると価格は半額になります。発表会は東京で開かれ、500人が参加しました。",
    "社内の勤怠管理を自動化した事例を紹介します。導入から三か月で残業が二割減りました。",
    "短い。",
    "",
    "同じ文章がここにあります。長い段落です。" * 8,
)
_TITLES = (
    "GPT-9発表：価格は半額に",
    "OpenAIの新モデルGPT-9とは",
    "勤怠管理の自動化",
    "I'm sorry, but I can't assist with that.",
    "無題",
)
_names = partial(st.lists, max_size=2, unique=True)


def _moment(first: int, last: int) -> st.SearchStrategy[datetime]:
    return st.integers(first, last).map(lambda hours: START + timedelta(hours=hours))


def _posts(number: int) -> st.SearchStrategy[Post]:
    return st.builds(
        lambda source, **changes: make_post(f"p{number}", id=f"{source}:p{number}", **changes),
        st.sampled_from(_SOURCES),
        title=st.sampled_from(_TITLES) | st.just(f"投稿{number}"),
        url=st.just(f"https://blog.example.com/{number}/") | st.just("https://blog.example.com/same/"),
        body=st.sampled_from(_BODIES),
        categories=_names(st.sampled_from(_CATEGORIES)).map(tuple),
        tags=_names(st.sampled_from(_TAGS)).map(tuple),
        author=st.sampled_from(_AUTHORS),
        language=st.sampled_from((*_LANGUAGES, "")),
        published_at=_moment(0, 167) | _moment(-1_000, 200),
        pinned=st.booleans(),
        featured=st.booleans(),
        opt_out=st.sampled_from([False, False, False, True]),
        weight=st.sampled_from([-1.0, 0.0, 0.5]),
        section=st.sampled_from(["", "", "", "s0", "nowhere"]),
        hold_until=st.none() | st.none() | _moment(-20, 200),
        expires=st.none() | st.none() | _moment(-20, 200),
        withheld=st.sampled_from(["", "", "", "draft"]),
    )


@st.composite
def blogs(draw: st.DrawFn, most: int = 14) -> tuple[Post, ...]:
    """Posts with ids of their own, some of which share addresses, texts and stories."""
    return tuple(draw(_posts(number)) for number in range(draw(st.integers(0, most))))


@st.composite
def _sections(draw: st.DrawFn, places: int) -> tuple[SectionRule, ...]:
    keys = [f"s{number}" for number in range(draw(st.integers(1, 4)))]
    rules = []
    for key in keys:
        minimum = draw(st.integers(0, min(2, places)))
        places -= minimum
        rules.append(
            SectionRule(
                key,
                key,
                categories=tuple(draw(_names(st.sampled_from((*_CATEGORIES, "*")), min_size=1))),
                tags=tuple(draw(_names(st.sampled_from(_TAGS), max_size=1))) if draw(st.booleans()) else (),
                authors=("Kay",) if draw(st.integers(0, 5)) == 0 else (),
                sources=("tech",) if draw(st.integers(0, 5)) == 0 else (),
                languages=("ja",) if draw(st.integers(0, 5)) == 0 else (),
                weight=draw(st.sampled_from([0.0, 0.5, 1.0])),
                minimum=minimum,
                maximum=draw(st.integers(max(1, minimum), 4)),
                order=draw(st.sampled_from(["score", "newest", "oldest"])),
                when_thin=draw(st.sampled_from(["keep", "drop", *(other for other in keys if other != key)])),
            )
        )
    return tuple(rules)


@st.composite
def newsletters(draw: st.DrawFn) -> Newsletter:
    """Newsletters whose limits are soon met, with some of the rules."""
    max_posts = draw(st.integers(1, 6))
    usual = Ranking().weights
    named = draw(st.lists(st.sampled_from(sorted(usual)), unique=True))
    weights = usual if draw(st.booleans()) else {name: usual[name] for name in named}
    return make_newsletter(
        sections=draw(_sections(max_posts)),
        max_posts=max_posts,
        max_per_author=draw(st.integers(0, 3)),
        max_more=draw(st.integers(0, 3)),
        max_age_days=draw(st.sampled_from([1, 10, 28])),
        group_stories=draw(st.booleans()),
        ranking=Ranking(weights),
    )


@dataclass(frozen=True)
class Week:
    """All that a choice depends on, besides the slot."""

    newsletter: Newsletter
    posts: tuple[Post, ...]
    ledger: Ledger
    overrides: tuple[Override, ...]


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """A random week: what readers have, and what people said, is about its own posts and about some that are gone."""
    posts = draw(blogs())
    known = {}
    for post in posts:
        if draw(st.integers(0, 3)) == 0:
            issue, history = draw(st.sampled_from([("", False), ("weekly/2026-W02", False), ("", True)]))
            id_ = draw(st.sampled_from([post.id, f"{post.id}-former"]))
            seen = draw(_moment(-400, 160))
            known[id_] = KnownPost(id_, post.url, post.title, post.published_at, seen, history, issue, "")
    begun_at = draw(st.none() | st.just(START - timedelta(days=60)))
    return Week(draw(newsletters()), posts, Ledger(dict(sorted(known.items())), begun_at), draw(_sayings(posts)))


@st.composite
def _sayings(draw: st.DrawFn, posts: tuple[Post, ...]) -> tuple[Override, ...]:
    """At most one of a kind about a post; nobody pins what is excluded, as the store sees to it."""
    ids = [*(post.id for post in posts), "blog:gone"]
    pairs = draw(
        st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(list(OverrideKind))), max_size=4, unique=True)
    )
    values = {OverrideKind.MOVE: ["s0", "s1", "gone"], OverrideKind.ORDER: ["1", "2", "9"]}
    said = []
    for number, (id_, kind) in enumerate(pairs):
        if kind is OverrideKind.EXCLUDE and (id_, OverrideKind.PIN) in pairs:
            continue
        value = draw(st.sampled_from(values.get(kind, ["words"])))
        said.append(Override(number, id_, kind, value, "kay", SLOT.due_at))
    return tuple(said)
