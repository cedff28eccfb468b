"""A week as the blog really writes it, and the awkward samples, as selections to be rendered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import frontmatter

from digest.models import READER_TOKEN, Newsletter, Pick, Post, Section, Selection
from digest.render import Links
from tests.factories import TOKYO, make_newsletter, make_pick, make_post, make_selection

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates"
COPY = ROOT / "config" / "copy"
LINKS = Links(
    unsubscribe_url=f"https://news.example.com/u/{READER_TOKEN}", view_url="https://news.example.com/weekly/2026-W04"
)
PICTURE = "https://blog.example.com/assets/{name}.png"

_WEEK: dict[str, list[dict[str, Any]]] = {
    "AI最新ニュース": [
        {
            "title": "Llama 4の「推論性能2倍」は、何を変えるのか？",
            "excerpt": "推論性能が2倍になったという発表に、正直「またか」と思ったのが本音です。"
            "それでも今回は少し違うかもしれない。数字の裏に潜む変化を、企業のAI導入を支援してきた立場から読み解きます。",
            "length": 4200,
        },
        {
            "title": "OpenAI、企業向けエージェント基盤を正式公開：現場は何から始めるべきか",
            "excerpt": "権限の管理、監査の記録、社内データとの接続。派手なデモの陰で地味に整えられた三つの機能が、"
            "導入の現実を変えつつあります。最初の一歩に向く業務とは。",
            "length": 3100,
            "image": True,
        },
        {
            "title": "Googleの新しいTPU、電力効率で何が起きたのか",
            "excerpt": "性能の話ばかりが注目されますが、注目すべきは1ワットあたりの計算量です。",
            "length": 2600,
        },
        {
            "title": "What the EU AI Act means for teams outside Europe",
            "excerpt": "The rules reach further than most product teams expect. A short guide to the duties "
            "that apply from February, and to the paperwork that is worth starting now.",
            "length": 0,
            "language": "en",
        },
    ],
    "投資分析": [
        {
            "title": "生成AI関連株は割高なのか――三つの指標で見る2026年の出発点",
            "excerpt": "売上高倍率、設備投資の回収年数、そして顧客の解約率。過去二十年の技術相場と並べてみると、"
            "いまの株価が織り込んでいるものが見えてきます。",
            "length": 5200,
        },
        {
            "title": "データセンター投資の次の主役は「冷却」かもしれない",
            "excerpt": "計算資源の奪い合いは、いつのまにか水と空気の奪い合いになりました。",
            "length": 2400,
            "image": True,
        },
        {"title": "半導体サイクルの読み方：在庫日数という古い物差し", "excerpt": "", "length": 3300},
    ],
    "導入事例": [
        {
            "title": "地方銀行がチャットボットをやめて、検索を作り直した理由",
            "excerpt": "問い合わせの六割は、すでに社内のどこかに答えがありました。必要だったのは会話ではなく、"
            "正しい文書に最短でたどり着くこと。半年間の試行錯誤を担当者に聞きました。",
            "length": 3900,
        },
        {
            "title": "製造業の検品AI、現場に根づいた会社と消えた会社の違い",
            "excerpt": "精度の差ではありませんでした。",
            "length": 2800,
        },
        {
            "title": "議事録の自動化で会議は減ったのか",
            "excerpt": "百二十人の部署で三か月、会議の数と長さを測りました。結果は少し意外なものでした。",
            "length": 1900,
        },
    ],
    "開発ノート": [
        {
            "title": "RAGの評価を毎晩回す：小さなチームのための仕組み",
            "excerpt": "評価用の質問を五十問そろえ、夜のうちに採点する。それだけで、翌朝の議論の質が変わりました。"
            "作り方と、続けるための工夫を紹介します。",
            "length": 4600,
        },
        {
            "title": "プロンプトをコードと同じように扱うために決めた七つのこと",
            "excerpt": "レビュー、テスト、差分、そして撤回。プロンプトにも同じ道具が要ります。",
            "length": 3000,
        },
    ],
}

_ALSO = {
    "post-01": ("「推論性能2倍」の中身を、手元の機材で確かめてみました",),
    "post-05": (
        "割高と言われ続けた三年間：生成AI関連株の値動きを、四半期ごとの決算と並べて読み直すための長い覚え書き",
        "What the multiples of AI companies do and do not tell you",
    ),
    "post-08": ("行内検索を作り直した半年の記録",),
}
"""Posts that tell the same story as another."""
_MORE = (
    "議事録の要約を任せて三か月、会議は短くなったのか",
    "生成AIの社内規程、最初の一枚に書くべきことと、あとから足せばよいこと――総務・法務・現場の三者で一年かけて改訂してきた記録",
    "小さな店の発注をAIに任せるまで",
    "Five questions to ask before you fine-tune",
    "画像生成の権利処理、いま決まっていることと決まっていないこと",
    "1月の勉強会のお知らせ",
    "電力契約から考えるデータセンター立地",
    "ベクトル検索の索引を作り直す夜に見ておきたい数字",
)
"""Titles of what found no place."""


def week(per_section: int | None = None) -> Selection:
    """Twelve posts in four sections; `per_section` repeats or cuts each section's posts to that many."""
    sections, serial = [], 0
    for key, (heading, posts) in enumerate(_WEEK.items()):
        picks = []
        for index in range(len(posts) if per_section is None else per_section):
            serial += 1
            picks.append(_pick(heading, serial, **posts[index % len(posts)]))
        sections.append(Section(f"section{key}", heading, tuple(picks)))
    return _opening_with_the_first(tuple(section for section in sections if section.picks))


def full_week() -> Selection:
    """A week with all that there can be: a lead from the middle, other posts of the same stories, and eight more."""
    selection = week()
    sections = tuple(
        replace(section, picks=tuple(replace(pick, also=_also(pick)) for pick in section.picks))
        for section in selection.sections
    )
    more = tuple(_more(number, title) for number, title in enumerate(_MORE, 1))
    also = (make_post("more-2-also", title="社内規程のひな型を公開しました"),)
    more = (more[0], replace(more[1], also=also), *more[2:])
    return replace(selection, sections=sections, more=more, lead=sections[1].picks[0].post.id)


def issue_of(count: int) -> Selection:
    """The first `count` posts of a week, or as many as needed of a busier one."""
    sections, left = [], count
    for section in week(None if count <= 12 else -(-count // 4)).sections:
        picks, left = section.picks[:left], left - len(section.picks[:left])
        if picks:
            sections.append(replace(section, picks=picks))
    return _opening_with_the_first(tuple(sections))


def awkward() -> Selection:
    """Every post of `templates/_samples/`, in the order of the names."""
    picks = []
    for number, file in enumerate(sorted((TEMPLATES / "_samples").glob("*.md")), 1):
        data = frontmatter.loads(file.read_text(encoding="utf-8"))
        changes = {key: data[key] for key in ("title", "url", "author", "image", "language") if key in data.metadata}
        pick = make_pick(file.stem, body=data.content, categories=tuple(data.get("categories", ())), **changes)
        picks.append(replace(pick, excerpt=data.get("excerpt", ""), score=float(100 - number)))
    middle = len(picks) // 2
    sections = (
        Section("one", "困った記事", tuple(picks[:middle])),
        Section("two", "もっと困った記事", tuple(picks[middle:])),
    )
    return _opening_with_the_first(sections)


def more_awkward() -> Selection:
    """The same posts as other posts of one story, and as what found no place."""
    posts = [pick.post for pick in awkward().picks]
    also = [replace(post, id=f"{post.id}#also", url=f"{post.url}?also") for post in posts]
    more = [replace(post, id=f"{post.id}#more", url=f"{post.url}?more") for post in posts]
    picks = tuple(make_pick(f"host-{number}", also=tuple(also[number : number + 2])) for number in range(0, 12, 2))
    return make_selection(*picks, more=tuple(Pick(post, 0.5, {}, "") for post in more))


def newsletter(**changes: Any) -> Newsletter:
    settings = {
        "title": "ALLFORCES ウィークリー",
        "subject": "{{ newsletter.title }} 第{{ issue.number }}号：{{ lead.title }}",
        "preheader": "今週は{{ issue.count }}本。{{ posts[1:3]|map(attribute='title')|join('／') }}",
        "greeting": "こんにちは、編集部です。\n今週はLlama 4の話題に沸いた一週間でした。"
        "数字の大きさに目を奪われがちですが、現場で本当に変わるのは何か。落ち着いて読める記事をそろえました。",
    }
    return make_newsletter(**{**settings, **changes})


def _opening_with_the_first(sections: tuple[Section, ...]) -> Selection:
    opens = sections[0].picks[0].post.id if sections else ""
    return replace(make_selection(), sections=sections, lead=opens)


def _also(pick: Pick) -> tuple[Post, ...]:
    name = pick.post.path.removeprefix("_posts/2026-01-14-").removesuffix(".md")
    return tuple(
        make_post(f"{name}-also-{number}", title=title, language="ja" if _is_japanese(title) else "en")
        for number, title in enumerate(_ALSO.get(name, ()), 1)
    )


def _more(number: int, title: str) -> Pick:
    pick = make_pick(f"more-{number}", title=title, language="ja" if _is_japanese(title) else "en")
    return replace(pick, score=1.0 - number / 50)


def _is_japanese(title: str) -> bool:
    return not title.isascii()


def _pick(
    heading: str, serial: int, title: str, excerpt: str, length: int, language: str = "ja", *, image: bool = False
) -> Pick:
    name = f"post-{serial:02}"
    body = "あ" * length if language == "ja" else "word " * 900
    published = datetime(2026, 1, 12, 9, 30, tzinfo=TOKYO) + timedelta(hours=13 * serial % 160)
    pick = make_pick(
        name,
        title=title,
        categories=(heading,),
        body=body,
        language=language,
        published_at=published,
        author="ALLFORCES編集部",
        image=PICTURE.format(name=name) if image else "",
    )
    return replace(pick, excerpt=excerpt, score=round(3 - serial / 50, 3))
