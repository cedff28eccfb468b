"""Posts that tell the same story are found whatever their titles, and no others."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.models import Post
from digest.select.stories import Story, tell_apart
from tests.factories import TOKYO, make_post

MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=TOKYO)

BACKGROUND = """
朝の通勤電車で読書をする人が増えているという調査結果を大手書店が公表した。
北海道の酪農家が牛舎の清掃をロボットに任せ、作業時間を短縮している。
京都の老舗旅館が海外からの予約に対応するため、翻訳サービスを使いはじめた。
自治体の窓口で書類の記入を省く取り組みが広がり、住民の待ち時間が減った。
冬の電力需要が過去最高に近づき、電力会社が節電を呼びかけている。
新しい図書館が駅前に開館し、初日から多くの親子連れでにぎわった。
高校生がつくった防災マップが、地域の避難訓練で役に立った。
港の倉庫で働く人たちに、腰の負担を軽くする補助スーツが配られた。
地方銀行が店舗の営業時間を見直し、相談の予約を電話でも受け付ける。
農業大学の学生が、規格外の野菜を使ったスープの販売をはじめた。
観光バスの運転手不足が深刻になり、秋の便を減らす会社が相次ぐ。
町工場の技術を生かした文房具が、海外の展示会で賞を受けた。
春の花粉の量は例年より多く、早めの対策が必要だと専門家は話す。
小学校の給食に地元の魚が使われ、子どもたちが漁師に手紙を書いた。
古い団地の空き部屋を、若い芸術家のアトリエとして貸し出す。
スーパーのレジ待ちを短くする仕組みが、全国の店に広がっている。
""".strip().split("\n")

RETOLD = {
    "first": (
        "ソラノテックの無人配送ドローン「カゼマル」、長野の山間部で運航開始",
        (
            "ソラノテックは無人配送ドローン「カゼマル」の定期運航を長野県の山間部で始めた。薬と食料を片道18分で届ける。"
            "診療所まで車で一時間かかる集落が対象で、悪天候の日は運航しない。"
        ),
    ),
    "second": (
        "山の集落へ薬を18分で：これからの暮らしはどう変わる？",
        (
            "長野の山あいで、ソラノテックのドローン「カゼマル」が薬を運びはじめました。診療所から集落までわずか18分です。"
            "定期運航の開始を待ちわびた住民の声を聞きました。"
        ),
    ),
    "third": (
        "「カゼマル」が飛んだ日",
        (
            "無人配送の時代が来るのか。ソラノテックの「カゼマル」は、長野県の集落に食料と薬を届ける定期運航に入りました。"
            "ドローンの飛行は片道18分、荷物は五キロまでです。"
        ),
    ),
}


def post(name: str, title: str, body: str, *, hours: int = 0, **changes: object) -> Post:
    return make_post(name, title=title, body=body, published_at=MONDAY + timedelta(hours=hours), **changes)


def background() -> list[Post]:
    return [
        post(f"other-{number}", line[:18], f"{line}\n\n関係者は「今後も続けたい」と話している。", hours=-number)
        for number, line in enumerate(BACKGROUND)
    ]


def retold() -> list[Post]:
    return [post(name, title, body, hours=at) for at, (name, (title, body)) in enumerate(RETOLD.items())]


def names(stories: Iterable[Story]) -> set[frozenset[str]]:
    """The stories that several posts tell, as the names of their posts."""
    return {
        frozenset(post.id.removeprefix("blog:_posts/2026-01-14-").removesuffix(".md") for post in story.posts)
        for story in stories
        if len(story.posts) > 1
    }


def told_apart(posts: Sequence[Post], blog: Iterable[Post] = ()) -> set[frozenset[str]]:
    others = [*background(), *posts]
    return names(tell_apart(others, [*others, *blog]))


def test_a_story_is_found_under_other_titles_and_no_other_post_joins_it() -> None:
    assert told_apart(retold()) == {frozenset(RETOLD)}


def test_every_post_is_in_exactly_one_story() -> None:
    posts = [*background(), *retold()]
    stories = tell_apart(posts, posts)
    assert sorted(each.id for story in stories for each in story.posts) == sorted(each.id for each in posts)


def test_a_story_says_which_words_its_posts_share() -> None:
    posts = [*background(), *retold()]
    story = next(story for story in tell_apart(posts, posts) if len(story.posts) == 3)
    assert {"カゼマル", "ソラノテック"} & set(story.shared)
    assert "3 posts tell it" in story.why
    assert "カゼマル" in story.why
    assert story.centre == story.posts[0]


def test_a_post_alone_needs_no_explanation() -> None:
    assert [story.why for story in tell_apart(retold()[:1], background())] == [""]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_posts_and_blog_changes_nothing(seed: int) -> None:
    posts = [*background(), *retold()]
    mixed, blog = posts.copy(), posts.copy()
    random.Random(seed).shuffle(mixed)
    random.Random(seed + 100).shuffle(blog)
    assert tell_apart(mixed, blog) == tell_apart(posts, posts)


def test_one_title_template_about_different_industries_is_not_one_story() -> None:
    industries = {
        "banks": ("銀行", "融資の審査書類を読む担当者の負担が軽くなり、貸し倒れの兆しも早く見つかる。"),
        "farms": ("農業", "畑の水分を測るセンサーと組み合わせ、水やりの時刻を決める農家が現れた。"),
        "hospitals": ("病院", "問診票の入力と看護記録の要約に使われ、夜勤の残業が短くなった。"),
        "hotels": ("宿泊", "部屋の掃除の順番を決め、客からの深夜の問い合わせにも答える。"),
    }
    posts = [
        post(
            name,
            f"【2026年最新】{word}業界のAI活用完全ガイド：5社の導入事例に学ぶ成功の秘訣",
            f"{word}業界の話です。{said}",
        )
        for name, (word, said) in industries.items()
    ]
    assert told_apart(posts) == set()


def test_different_news_about_one_product_family_is_not_one_story() -> None:
    family = {
        "large": (
            "GPT-5が医師の国家試験で満点",
            "OpenAIのGPT-5が、医師国家試験の全問に正解した。臨床の経験を問う問題も含まれる。",
        ),
        "small": (
            "GPT-5 miniの料金が半額に",
            "OpenAIはGPT-5 miniの利用料金を半額にすると発表した。開発者向けの従量課金が対象。",
        ),
        "court": (
            "OpenAIが出版社に提訴される",
            "作家の団体がOpenAIを相手取り、GPT-5の学習に使われた書籍の補償を求めて裁判を起こした。",
        ),
    }
    past = [
        post(f"past-{number}", f"OpenAIとGPTの話題{number}", f"OpenAIのGPTについて。{line}", hours=-100 - number)
        for number, line in enumerate(BACKGROUND)
    ]
    posts = [post(name, title, body) for name, (title, body) in family.items()]
    assert told_apart(posts, past) == set()


def test_versions_of_one_product_are_different_stories() -> None:
    posts = [
        post("two", "Kumoha 2を発表、速さは二倍", "半導体のKumoha 2が発表された。消費電力を抑え、携帯端末に載る。"),
        post("nine", "Kumoha 9を発表、量産は来年", "半導体のKumoha 9が発表された。量産は来年で、自動車に載る。"),
    ]
    same = [
        post("one-way", "Kumoha 9を発表、量産は来年", "半導体のKumoha 9が発表された。量産は来年で、自動車に載る。"),
        post(
            "other-way",
            "自動車に載る新しい半導体「Kumoha-9」",
            "量産は来年になる。Kumoha 9の発表会で、自動車向けの半導体が披露された。",
        ),
    ]
    assert told_apart(posts) == set()
    assert told_apart(same) == {frozenset({"one-way", "other-way"})}


def test_a_chain_of_posts_does_not_become_one_story() -> None:
    links = [
        "風力発電の羽根を再生",
        "海底ケーブルの敷設船",
        "古墳の三次元測量",
        "和紙の断熱材",
        "養殖サーモンの初出荷",
        "盆栽の海外輸出",
    ]
    details = ["秋田県の工場", "長崎県の造船所", "奈良県の研究者", "高知県の職人", "宮城県の漁協", "埼玉県の園芸家"]
    posts = [
        post(
            f"link-{at}",
            f"{links[at]}と{links[at + 1]}",
            f"{links[at]}に{details[at]}が挑む。{links[at + 1]}には{details[at + 1]}が取り組んでいる。",
        )
        for at in range(5)
    ]
    assert max((len(group) for group in told_apart(posts)), default=0) <= 2


def test_a_family_name_alone_is_no_sign_that_two_posts_tell_one_story() -> None:
    past = [
        post(
            f"past-{number}-{again}",
            line[:9],
            f"{'Zerox、' * (again == number == 0)}{line[again:]}",
            hours=-100 - number,
        )
        for number, line in enumerate(BACKGROUND)
        for again in range(8)
    ]
    posts = [
        post("rice", "Zeroxの炊飯器", "Zeroxが炊飯器を発売した。Zeroxによれば玄米も炊ける。"),
        post("move", "Zeroxの引っ越し", "Zeroxが本社を移した。Zeroxによれば社員も増える。"),
    ]
    assert told_apart(posts, past) == set()


def test_headlines_with_other_figures_tell_other_stories() -> None:
    def found(count: str, detail: str) -> tuple[str, str]:
        return f"人工知能が新薬候補{count}を発見", f"新薬候補{count}を人工知能が見つけた。{detail}"

    kobe = "神戸の研究者は動物の試験を省けると話し、製薬会社は来春の臨床試験に向けて準備に入った。"
    sendai = "仙台の大学病院が難病の子どものために使う。副作用の予測も当たり、費用は寄付でまかなった。"
    many, few, again = found("300件", kobe), found("15件", sendai), found("300件", sendai)
    assert told_apart([post("many", *many), post("few", *few)]) == set()
    assert told_apart([post("many", *many), post("again", *again)]) == {frozenset({"many", "again"})}


def test_lists_of_other_posts_at_the_end_of_a_body_make_no_story() -> None:
    related = "\n\n---\n\n## 関連記事\n\n" + "\n".join(
        f"- [{title}](/2026/01/{number}/)" for number, (title, _) in enumerate([*RETOLD.values()] * 4)
    )
    posts = [
        post(
            "bread",
            "米粉パンの店が三号店を開いた",
            "米粉だけで焼くパンの店が、市内に三号店を開いた。朝七時から並ぶ人もいる。" + related,
        ),
        post(
            "swim",
            "温水プールの改修が終わった",
            "市民プールの改修が終わり、泳ぐ人が戻ってきた。更衣室も広くなった。" + related,
        ),
    ]
    assert told_apart(posts) == set()


ENGLISH_BACKGROUND = """
The city library opens a reading room for children next to the old town hall.
Farmers in the valley fight a late frost with candles between the vines.
A small brewery wins a medal for a beer brewed with rainwater.
Commuters complain about crowded morning trains on the northern line.
Volunteers clean eleven kilometres of beach after the autumn storm.
The museum of clocks closes for two years while its roof is repaired.
School meals get cheaper as the council buys vegetables from local growers.
A retired teacher builds telescopes from scrap and gives them to students.
Cyclists get a bridge of their own across the river next summer.
The theatre company tours villages with a stage on a lorry.
Bakers worry about the price of butter before the holidays.
An orchestra of amateurs records the forgotten symphony of a local composer.
The harbour master retires after forty years and writes a book about fog.
Engineers inspect the old dam and find it in good shape.
""".strip().split("\n")


def english(posts: Sequence[tuple[str, str, str]]) -> set[frozenset[str]]:
    others = [
        post(
            f"other-{number}",
            line.split(" for ")[0][:40],
            f"{line} People who live there welcome the news.",
            language="en",
        )
        for number, line in enumerate(ENGLISH_BACKGROUND)
    ]
    told = [post(name, title, body, language="en") for name, title, body in posts]
    return names(tell_apart([*others, *told], [*others, *told]))


def test_english_stories_are_found_by_their_words() -> None:
    assert english(
        [
            (
                "battery",
                "Voltaria unveils a sodium battery for delivery vans",
                "Voltaria unveiled a sodium battery that takes delivery vans 310 km far. It is built in Gdansk.",
            ),
            (
                "range",
                "310 km without lithium: can it work?",
                "The sodium battery that Voltaria showed on Tuesday takes vans 310 km far. Workers in Gdansk build it.",
            ),
            (
                "recall",
                "Voltaria recalls charging cables",
                "Charging cables sold by Voltaria since spring may overheat; owners should return them to the shop.",
            ),
        ]
    ) == {frozenset({"battery", "range"})}


def test_an_english_blog_without_a_retold_story_has_none() -> None:
    assert english([]) == set()


def test_a_language_without_kanji_or_latin_letters_works_too() -> None:
    assert english(
        [
            ("one", "Завод в Калуге выпускает трамваи", "Новый завод в Калуге начал выпускать трамваи с низким полом."),
            ("two", "Трамваи с низким полом", "В Калуге начал работу завод, который выпускает трамваи с низким полом."),
        ]
    ) == {frozenset({"one", "two"})}


def test_nothing_is_told_by_no_posts() -> None:
    assert tell_apart([], background()) == ()


def test_posts_without_words_are_stories_of_their_own() -> None:
    posts = [post("a", "", ""), post("b", "", ""), post("c", "！？", "…\n\n---\n"), post("d", "無題", "")]
    assert told_apart(posts) == set()


def test_a_post_given_twice_is_one() -> None:
    one = retold()[0]
    assert [story.posts for story in tell_apart([one, one], background())] == [(one,)]


def test_a_body_that_is_one_endless_word_costs_nothing() -> None:
    for letter in ("a", "人", "ー", "[", "9", " ", "<", "`"):
        posts = [*background(), post("huge", "巨大な投稿", letter * 1_000_000)]
        started = time.process_time()
        tell_apart(posts, posts)
        assert time.process_time() - started < 20


def test_ten_thousand_equal_titles_cost_no_more_than_others() -> None:
    posts = [
        post(f"n{number}", "今週のお知らせ", f"番号{number}のお知らせです。", hours=number) for number in range(10_000)
    ]
    started = time.process_time()
    stories = tell_apart(posts, posts)
    assert time.process_time() - started < 20
    assert sum(len(story.posts) for story in stories) == 10_000


def test_the_two_real_posts_are_one_story(shared_blog: Path) -> None:
    real = []
    for file in sorted((shared_blog / "_posts").glob("*.md")):
        _, head, body = file.read_text("utf-8").split("---\n", 2)
        title = next(line.partition(":")[2].strip(' "') for line in head.split("\n") if line.startswith("title:"))
        real.append(post(file.stem, title, body))
    found = told_apart(real)
    assert [len(group) for group in found] == [2]
    assert all("llama" in name for group in found for name in group)
