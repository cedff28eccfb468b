"""The picture beside a post: the author's, else the first of the text that a mail can show and is no decoration."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.collect.sources.jekyll import Source
from digest.collect.words import liquid
from digest.collect.words.pictures import picture, unusable
from tests.factories import make_post

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://blog.example.com/2026/01/14/a/"


def of(body: str, **changes: str) -> str:
    return picture(make_post(url=URL, body=body, **changes))


def test_what_the_author_named_comes_first() -> None:
    assert of("![](https://e.com/text.jpg)", image="https://e.com/own.png") == "https://e.com/own.png"


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("https://e.com/own.webp", "Outlook cannot show its format"),
        ("https://e.com/own.SVG", "Gmail cannot show its format"),
        ("http://e.com/own.png", "its address does not begin with https://"),
        ("https:///own.png", "its address does not begin with https://"),
        ("https://[e.com/own.png", "its address cannot be read"),
    ],
)
def test_what_no_mail_can_show_is_passed_over_and_told(image: str, why: str) -> None:
    assert of("![](https://e.com/text.jpg)", image=image) == "https://e.com/text.jpg"
    assert of("No picture here.", image=image) == ""
    assert unusable(make_post(url=URL, image=image)) == why


def test_nothing_is_told_of_a_picture_that_can_be_shown_or_is_not_there() -> None:
    assert unusable(make_post(image="https://e.com/own.png")) == unusable(make_post(image="")) == ""


@pytest.mark.parametrize(
    ("body", "address"),
    [
        ("Text.\n\n![A view](https://e.com/a.jpg)\n\n![](https://e.com/b.jpg)", "https://e.com/a.jpg"),
        ('![x](/img/a.png "title")', "https://blog.example.com/img/a.png"),
        ("![x](a.png)", URL + "a.png"),
        ("![x](./a.png)", URL + "a.png"),
        ("![x](../a.png)", "https://blog.example.com/2026/01/14/a.png"),
        ("![x](//cdn.example.com/a.gif)", "https://cdn.example.com/a.gif"),
        ("![x](</img/a b.jpg>)", "https://blog.example.com/img/a%20b.jpg"),
        ("![x](/img/絵.jpg)", "https://blog.example.com/img/%E7%B5%B5.jpg"),
        ("![x][ref]\n\n[ref]: /img/a.jpg", "https://blog.example.com/img/a.jpg"),
        ("[![x](/img/a.jpg)](https://e.com)", "https://blog.example.com/img/a.jpg"),
        ("> ![x](/img/a.jpg)", "https://blog.example.com/img/a.jpg"),
        ('<img src="/img/a.jpg" alt="">', "https://blog.example.com/img/a.jpg"),
        ('<p>Words <IMG SRC="/img/a.jpg" width=640 height="100%"></p>', "https://blog.example.com/img/a.jpg"),
        ('Words <img src="/img/a.jpg"> words', "https://blog.example.com/img/a.jpg"),
        ('<figure>\n<a href="x"><img src="/img/a.jpg"></a>\n</figure>', "https://blog.example.com/img/a.jpg"),
        ('<img src="data:image/gif;base64,R0" data-src="/img/a.jpg">', "https://blog.example.com/img/a.jpg"),
        ('<img src="/loading.gif" data-lazy-src="/img/a.jpg">', "https://blog.example.com/img/a.jpg"),
        ('<img src="/img/a.webp" srcset="/img/a.jpg 600w">', "https://blog.example.com/img/a.jpg"),
        ('<img srcset="/s.jpg 300w, /m.jpg 1000w, /l.jpg 3000w">', "https://blog.example.com/m.jpg"),
        ('<img data-srcset="/s.jpg 1x,/m.jpg 2x">', "https://blog.example.com/m.jpg"),
        (
            '<picture><source srcset="/a.webp" type="image/webp"><img src="/a.jpg"></picture>',
            "https://blog.example.com/a.jpg",
        ),
        ('<noscript><img src="/img/a.jpg"></noscript>', "https://blog.example.com/img/a.jpg"),
        ("![x](https://e.com/photo?w=800)", "https://e.com/photo?w=800"),
        ("![Pixel](https://e.com/pixel-9-review.jpg)", "https://e.com/pixel-9-review.jpg"),
        ('![x](/a.jpg){: width="600" .wide}', "https://blog.example.com/a.jpg"),
        ("{% raw %}![x](/a.jpg){% endraw %}", "https://blog.example.com/a.jpg"),
    ],
)
def test_the_first_usable_picture_of_the_text_is_found_and_made_absolute(body: str, address: str) -> None:
    assert of(body) == address
    assert of(f"![badge](https://img.shields.io/x.png)\n\n{body}") == address


@pytest.mark.parametrize(
    "body",
    [
        "",
        "No picture.",
        "`![x](https://e.com/a.jpg)`",
        "```\n![x](https://e.com/a.jpg)\n```",
        "    <img src='https://e.com/a.jpg'>",
        "<!-- ![x](https://e.com/a.jpg) -->",
        "{% comment %}![x](https://e.com/a.jpg){% endcomment %}",
        "![x](data:image/png;base64,AAAA)",
        "![x](http://e.com/a.jpg)",
        "![x](https://localhost/a.jpg)",
        "![x](https://e.com/a.svg)",
        "![x](https://e.com/a.webp)",
        "![x](https://e.com/movie.mp4)",
        "![x](javascript:alert)",
        "![x]({{ page.cover }})",
        "![x]({{page.folder}}/a.jpg)",
        "![x][missing]",
        "![x]()",
        "<img>",
        '<img src="">',
        '<img src="https://[">',
        "![x](https://e.com/" + "a" * 2000 + ".jpg)",
        '<img src="https://e.com/a.jpg" width="48">',
        '<img src="https://e.com/a.jpg" height="20px">',
        '<img src="https://e.com/a.jpg" width="1" height="1">',
        '<img src="https://e.com/a.jpg" style="width: 24px">',
        '<img src="https://e.com/a.jpg" class="wp-smiley">',
        '<img src="https://e.com/a.jpg" class="author-avatar">',
        '![x](https://e.com/a.jpg){: width="32"}',
        "![x](https://e.com/a.jpg){:.icon}",
        "![x](https://e.com/a-32x32.jpg)",
        "![x](https://e.com/a.jpg?s=40)",
        "![x](https://e.com/icons/mail.png)",
        "![x](https://e.com/img/mail-icon.png)",
        "![x](https://e.com/favicon.png)",
        "![x](https://e.com/spacer.gif)",
        "![x](https://e.com/1x1.gif)",
        "![x](https://e.com/authors/me.jpg)",
        "![x](https://www.gravatar.com/avatar/abc)",
        "![x](https://s.w.org/images/core/emoji/2/72x72/1f600.png)",
        "![x](https://github.githubassets.com/images/icons/emoji/unicode/1f600.png)",
        "![x](https://badge.fury.io/rb/jekyll.png)",
        '<img src="https://www14.a8.net/0.gif?a8mat=1">',
        '<img src="https://ir-jp.amazon-adsystem.com/e/ir?t=x">',
    ],
)
def test_what_a_mail_cannot_show_and_what_is_decoration_is_passed_over(body: str) -> None:
    assert of(body) == ""


def test_a_post_without_an_address_has_only_absolute_pictures() -> None:
    post = make_post(url="/a/", body="![](b.jpg) ![](https://e.com/c.jpg)")
    assert picture(post) == "https://e.com/c.jpg"


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("{{ site.baseurl }}/a.jpg", "/blog/a.jpg"),
        ("{{site.url}}{{ site.baseurl }}/a.jpg", "https://e.com/blog/a.jpg"),
        ('{{ "/a.jpg" | relative_url }}', "/blog/a.jpg"),
        ("{{ 'a.jpg' | absolute_url }}", "https://e.com/blog/a.jpg"),
        ('{{ "/a.jpg" | prepend: site.baseurl }}', "/blog/a.jpg"),
        ('{{ "/a.jpg" | prepend: site.baseurl | prepend: site.url }}', "https://e.com/blog/a.jpg"),
        ("{{ page.cover | relative_url }}", "{{ page.cover | relative_url }}"),
        ("{% raw %}{{ site.url }}{% endraw %}", "{% raw %}{{ site.url }}{% endraw %}"),
        ("no Liquid", "no Liquid"),
    ],
)
def test_addresses_that_liquid_makes_are_known_where_the_site_alone_decides(written: str, resolved: str) -> None:
    assert liquid.resolve_addresses(written, "https://e.com/blog") == resolved


def test_a_jekyll_blog_below_a_path_finds_its_pictures(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_config.yml").write_text("url: https://e.com\nbaseurl: /blog\ntimezone: UTC\n")
    text = '---\ntitle: x\n---\n![x]({{ "/img/a.jpg" | relative_url }})\n'
    (tmp_path / "_posts/2026-01-14-x.md").write_text(text)
    (post,) = Source("blog", tmp_path).read(NOW).posts
    assert picture(post) == "https://e.com/blog/img/a.jpg"


@pytest.mark.parametrize("bad", ["![", "![a][", "<img src=", "{:", "![a](<", "{{", "[a]: x\n", "<img class='a "])
def test_a_hostile_text_costs_no_more_than_a_long_one(bad: str) -> None:
    begun = time.process_time()
    of("![<img" + bad * (500_000 // len(bad)))
    assert time.process_time() - begun < 20
