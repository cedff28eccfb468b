"""What RSS, Atom and JSON Feed come to, written as carelessly as they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.collect.feeds.html_text import as_text, teaser
from digest.collect.feeds.items import Feed, Item, NoFeedError
from digest.collect.feeds.links import trimmed
from digest.collect.feeds.parsing import parse
from digest.collect.feeds.posts import Blog
from digest.collect.feeds.state import Known
from digest.collect.words.excerpt import excerpt

FEEDS = Path(__file__).parent.parent / "data" / "feeds"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def read(name: str, url: str, content_type: str = "text/xml") -> Feed:
    return parse((FEEDS / name).read_bytes(), content_type, url)


def rss(*items: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'{head}<rss version="2.0"><channel><title>T</title><link>https://b.example/</link>{inside}</channel></rss>'


def items_of(
    text: str | bytes, content_type: str = "application/rss+xml", url: str = "https://b.example/feed/x"
) -> tuple[Item, ...]:
    return parse(text.encode() if isinstance(text, str) else text, content_type, url).items


def excerpt_of(item: Item, columns: int = 200) -> str:
    return excerpt(Blog("blog").reading(Known("1", item, NOW), NOW).post, columns)


def test_rss_of_wordpress() -> None:
    feed = read("wordpress.rss", "https://blog.example.com/feed/")
    first, second = feed.items
    assert (feed.language, feed.notes) == ("ja", ())
    assert first.title == "新製品「A&B」を発表 – 第1回"
    assert first.guid == "https://blog.example.com/?p=101"
    assert trimmed(first.link) == "https://blog.example.com/2026/11/18/ab/?page=2"
    assert (first.author, first.categories) == ("山田 太郎", ("製品", "お知らせ"))
    assert first.image == "https://blog.example.com/wp-content/ab.png"
    assert excerpt_of(first) == "新しい製品「A&B」を発表しました。これまでの製品より二倍速く、半分の電力で動きます。"
    assert second.title == "Generics in List<T> & friends"
    assert (second.guid, second.link) == ("17", "https://blog.example.com/2026/11/17/generics/")
    assert (second.author, second.published) == ("", "火, 17 11月 2026 23:30:00 JST")
    assert excerpt_of(second) == "1. A text that is not marked up at all: 3 * 4 * 5 < 100 and {{ braces }}."


def test_rss_1_in_the_encoding_that_it_says() -> None:
    (item,) = read("rss10.rdf", "https://rdf.example.com/index.rdf", "application/rdf+xml").items
    assert (item.title, item.link, item.author) == ("今日の出来事", "https://rdf.example.com/1", "花子")
    assert (item.published, item.updated) == ("", "2026-11-18T10:00:00+09:00")
    assert (item.categories, excerpt_of(item)) == (("日記",), "公園に行きました。")


def test_atom() -> None:
    feed = read("atom.xml", "https://elsewhere.example.com/feed.xml", "application/atom+xml")
    first, second, third = feed.items
    assert (feed.author, feed.language) == ("Ada", "en")
    assert first.title == "Why <b> is not enough"
    assert first.link == "https://atom.example.com/blog/2026/caf%C3%A9%20au%20lait/"
    assert (first.published, first.updated) == ("2026-11-18T10:00:00+00:00", "2026-11-19T10:00:00+00:00")
    assert (first.guid, first.categories) == ("tag:atom.example.com,2026:1", ("web", "HTML"))
    assert 'href="https://atom.example.com/blog/2026/other/"' in first.text
    assert (first.summary, excerpt_of(first)) == ("<p>The short of it.</p>", "The short of it.")
    assert (second.author, second.language, second.published) == ("Bob, Eve", "de", "")
    assert (second.summary, excerpt_of(second)) == ("", "Der Rest ist neu.")
    assert (third.link, third.title) == ("", "Only an enclosure")


def test_json_feed() -> None:
    feed = read("feed.json", "https://json.example.com/feed.json", "application/feed+json")
    first, second, third = feed.items
    assert (feed.author, feed.language) == ("Grace", "en-GB")
    assert (first.guid, first.link) == ("1766", "https://json.example.com/2026/11/18/one")
    assert (first.title, first.categories) == ("", ("short", "notes"))
    titled = Blog("blog").reading(Known("1", first, NOW), NOW).post
    assert titled.title == "No title, just *two* paragraphs. The <second>."
    assert (second.link, second.title) == ("https://elsewhere.example.com/", "A <b> in a title & more")
    assert (second.author, second.language, second.image) == ("Linus", "fi", "https://json.example.com/two.png")
    assert excerpt_of(second) == "Teaser <not a tag>"
    assert (third.link, third.title) == ("https://json.example.com/three", "Broken \ufffd half")
    assert third.published == "1767661200"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("A &lt;b&gt;bold&lt;/b&gt; word", "A bold word"),
        ("AT&amp;amp;T", "AT&T"),
        ("AT&amp;T", "AT&T"),
        ("5 &lt; 6 and x &gt; y", "5 < 6 and x > y"),
        ("<![CDATA[Map<K, V> in Java]]>", "Map<K, V> in Java"),
        ("&lt;div&gt; と &amp;lt;span&amp;gt;", "と <span>"),
        ("  two\n  lines\u3000wide ", "two lines\u3000wide"),
        ("Caf&#233; &#x1F600;", "Café 😀"),
        ("", ""),
    ],
)
def test_a_title_is_unescaped_once_and_loses_its_tags(written: str, title: str) -> None:
    (item,) = items_of(rss(f"<title>{written}</title><link>https://b.example/1</link>"))
    assert item.title == title


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("<link>https://b.example/1</link><guid>https://b.example/2</guid>", "https://b.example/1"),
        ("<guid>https://b.example/2</guid>", "https://b.example/2"),
        ('<guid isPermaLink="false">https://b.example/2</guid>', ""),
        ("<guid>2</guid>", ""),
        ("<guid>tag:2</guid>", ""),
        ("<link>2026/1/</link>", "https://b.example/feed/2026/1/"),
        ("<link>//cdn.example/1</link>", "https://cdn.example/1"),
        ("<link>https://日本語.jp/記事?q=本&amp;a=1#節</link>", "https://xn--wgv71a119e.jp/%E8%A8%98%E4%BA%8B?q=%E6%9C%AC&a=1#%E7%AF%80"),
        ("<link>https://b.example/a%20b c</link>", "https://b.example/a%20b%20c"),
        ("<link>\n https://b.example/1\n</link>", "https://b.example/1"),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>mailto:a@b.example</link>", ""),
        ("<link>ftp://b.example/</link>", ""),
        ("<link>https://</link>", ""),
        ("<link>https://[::1</link>", ""),
    ],
)  # fmt: skip
def test_a_link_is_an_absolute_address_of_the_web(written: str, link: str) -> None:
    (item,) = items_of(rss(f"<title>A</title>{written}"))
    assert item.link == link


def test_a_guid_is_kept_as_the_feed_says_it() -> None:
    guids = [
        "<guid>17</guid>",
        '<guid isPermaLink="true">a/b</guid>',
        "<guid><![CDATA[ x ]]></guid>",
        "<guid>urn:1</guid>",
    ]
    assert [each.guid for each in items_of(rss(*guids))] == ["17", "a/b", "x", "urn:1"]


def test_a_page_is_told_and_the_feed_that_it_names() -> None:
    page = (
        '<!doctype html><html><head><link rel="alternate" type="application/atom+xml" href="/atom.xml"></head></html>'
    )
    with pytest.raises(NoFeedError, match="web page") as caught:
        items_of(page)
    assert "https://b.example/atom.xml" in caught.value.fix
    with pytest.raises(NoFeedError, match="web page"):
        items_of("<!-- x -->\n<HTML><body>Please log in</body></HTML>")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"), (b" \n", "empty"), (b"plain words", "neither"), (b"<xml/>", "neither"), (b"{}", "no JSON Feed"),
        (b'{"items": 1}', "no JSON Feed"), (b'{"items": [', "broken JSON"), (b"[1]", "no JSON Feed"),
        (b'{"a":' * 100_000, "too deep|broken JSON"), (bytes(range(128, 256)) * 9, "encoding"),
        (b"\x89PNG\r\n\x1a\n", "neither|encoding"),
        (b"/etc/passwd", "neither"), (b"http://127.0.0.1/", "neither"), (b"<?xml version='1.0'?><urlset/>", "neither"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told(body: bytes, said: str) -> None:
    with pytest.raises(NoFeedError, match=said) as caught:
        items_of(body)
    assert caught.value.fix


JAPANESE = "<title>今日はカレーを食べました。とてもおいしかったです。</title><link>https://b.example/1</link>"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type", "doubted"),
    [
        ("utf-8", "UTF-8", "text/xml", False),
        ("utf-8", "UTF-8", "text/xml; charset=ISO-8859-1", False),
        ("utf-8", "Shift_JIS", "text/xml", False),
        ("utf-8-sig", "UTF-8", "text/xml", False),
        ("utf-16", "UTF-16", "text/xml", False),
        ("utf-16-le", "UTF-16", "text/xml", False),
        ("cp932", "Shift_JIS", "text/xml", False),
        ("euc_jp", "x-nothing", "text/xml; charset=euc-jp", False),
        ("iso2022_jp", "ISO-2022-JP", "text/xml", False),
        ("cp932", "UTF-8", "text/xml; charset=utf-8", True),
        ("euc_jp", "UTF-8", "text/xml", True),
        ("cp932", "rot13", "text/xml; charset=hex", True),
    ],
)
def test_the_encoding_is_the_one_that_the_bytes_show(
    encoding: str, declared: str, content_type: str, doubted: bool
) -> None:
    body = rss(JAPANESE, head=f'<?xml version="1.0" encoding="{declared}"?>').encode(encoding)
    feed = parse(body, content_type, "https://b.example/")
    assert feed.items[0].title == "今日はカレーを食べました。とてもおいしかったです。"
    assert [note.code for note in feed.notes] == (["blog.encoding"] if doubted else [])


def test_a_broken_character_costs_itself_only() -> None:
    body = rss(*[JAPANESE] * 3).encode().replace("カレー".encode(), b"\xe3\x82", 1)
    feed = parse(body, "text/xml", "https://b.example/")
    assert "\ufffd" in feed.items[0].title
    assert feed.items[2].title.startswith("今日はカレー")
    assert [note.code for note in feed.notes] == ["blog.encoding"]


def test_a_feed_that_breaks_off_keeps_its_whole_items() -> None:
    whole = rss(*[f"<title>{n}</title><link>https://b.example/{n}</link><guid>{n}</guid>" for n in range(5)])
    for cut in range(len(whole) - 300, len(whole) - 6):
        feed = parse(whole[:cut].encode(), "text/xml", "https://b.example/")
        assert [item.guid for item in feed.items] == [str(n) for n in range(whole[:cut].count("</item>"))]
        assert (feed.cut, feed.notes) == (True, ())


@pytest.mark.parametrize("tail", ["", "\n", "\n<!-- cached -->\n<!-- by x -->", "\n<script>1</script>"])
def test_what_stands_behind_a_feed_does_not_break_it(tail: str) -> None:
    assert len(items_of(rss("<link>https://b.example/1</link>") + tail)) == 1


def test_what_is_written_carelessly_but_means_one_thing_is_put_right() -> None:
    title = "<title>R&D &mdash; caf&eacute;\x08 &lt;3 &amp;amp; &nosuch; <![CDATA[Q&A]]></title>"
    feed = parse(rss(f"{title}<link>https://b.example/?a=1&b=2</link>").encode(), "text/xml", "https://b.example/")
    assert feed.items[0].title == "R&D — café <3 & &nosuch; Q&A"
    assert feed.items[0].link == "https://b.example/?a=1&b=2"
    assert feed.notes == ()


def test_a_feed_that_is_not_well_formed_is_read_as_well_as_it_can_be() -> None:
    body = rss("<title>A <b>title</title><link>https://b.example/1</link>", "<link>https://b.example/2</link>")
    feed = parse(body.encode(), "text/xml", "https://b.example/")
    assert [item.link for item in feed.items] == ["https://b.example/1", "https://b.example/2"]
    assert [note.code for note in feed.notes] == ["blog.feed-broken"]


def test_entities_of_a_document_type_are_not_resolved() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    (item,) = items_of(rss("<title>x &b; &f;</title><link>https://b.example/1</link>", head=bomb))
    assert "aaaa" not in item.title
    assert "root:" not in item.title


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: rss("<title>x</title>" + "<description>" * 20_000),
        lambda: rss("<title>" + "&lt;a " * 100_000 + "</title>"),
        lambda: rss("<description><![CDATA[" + "<div>" * 20_000 + "]]></description>"),
        lambda: rss("<description>" + "The post " * 20_000 + "</description><link>https://b.example/</link>"),
        lambda: rss("<guid " + " " * 200_000),
        lambda: "<!-- x -->" * 20_000,
        lambda: rss(*["<title>x</title><link>https://b.example/1</link>"] * 5_000),
    ],
)
def test_a_hostile_feed_costs_no_more_than_some_seconds(hostile: Callable[[], str]) -> None:
    began = time.process_time()
    try:
        for item in items_of(hostile())[:20]:
            excerpt_of(item)
    except NoFeedError:
        pass
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("markup", "reads"),
    [
        ("<p>One.</p>\n\n    <p>Two.</p>\n\n<p>Three.</p>", "One. Two. Three."),
        ("plain * not a list", "plain * not a list"),
        ("# no heading, _no_ mark", "# no heading, _no_ mark"),
        ("{% raw %}x{% endraw %} {{ y }} {: .z}", "{% raw %}x{% endraw %} {{ y }} {: .z}"),
        ("a[^1] note", "a[^1] note"),
        ("<p>a<br>b</p>\r\n\r\n<p>&lt;c&gt; &amp; d</p>", "a b <c> & d"),
        ("<script>x</script><style>y</style><p>words</p>", "words"),
        ("日本語の\n文章です。", "日本語の 文章です。"),
        ("</div></div>words", "words"),
        ("", ""),
    ],
)
def test_html_is_read_as_html_to_its_end(markup: str, reads: str) -> None:
    item = Item(link="https://b.example/1", title="T", text=markup)
    assert excerpt_of(item) == reads
    assert as_text(markup).count("\n\n") == 0


def test_html_that_is_escaped_twice_is_read_all_the_same() -> None:
    twice = "&amp;lt;p&amp;gt;Some &amp;lt;b&amp;gt;words&amp;lt;/b&amp;gt;.&amp;lt;/p&amp;gt;"
    (item,) = items_of(rss(f"<link>https://b.example/1</link><title>T</title><description>{twice}</description>"))
    assert excerpt_of(item) == "Some words."
    told = "<description>&lt;p&gt;The tag &amp;lt;p&amp;gt; is told.&lt;/p&gt;</description>"
    (item,) = items_of(rss(f"<link>https://b.example/1</link><title>T</title>{told}"))
    assert excerpt_of(item) == "The tag <p> is told."


def test_a_teaser_that_is_the_beginning_of_the_text_cut_anywhere_gives_way_to_the_text() -> None:
    body = "<p>Lately OpenClaw is everywhere, and nobody knows why.</p><p>More.</p>"
    item = Item(link="https://b.example/1", title="T", text=body, summary="<p>Lately OpenClaw")
    assert excerpt_of(item) == "Lately OpenClaw is everywhere, and nobody knows why. More."


@pytest.mark.parametrize(
    ("markup", "reads"),
    [
        ("<p>Some words. [&#8230;]</p>", "Some words."),
        ("<p>Some words [...]</p>", "Some words…"),
        ("<p>Some words… Continue reading “A title” →</p>", "Some words…"),
        ("<p>本文です。 続きを読む</p>", "本文です。"),
        ("<p>Words.</p><p>The post <a>T</a> first appeared on <a>B</a>.</p>", "Words."),
        ("I like to read more books", "I like to read more books"),
        ("2 * 3 * 4 and _x_ <br>`y`", "2 * 3 * 4 and _x_ `y`"),
        ("3. third", "3. third"),
        ("- dash", "- dash"),
    ],
)
def test_a_teaser_is_the_authors_words_and_nothing_else(markup: str, reads: str) -> None:
    item = Item(link="https://b.example/1", title="T", text="<p>Body.</p>", summary=markup)
    assert excerpt_of(item) == reads
    assert "\n" not in teaser(markup)
