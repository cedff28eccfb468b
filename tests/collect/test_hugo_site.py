"""What a Hugo site's settings and folders mean for its posts, and what is said when they are wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.collect.hugo.globs import matches
from digest.collect.hugo.paths import sanitized
from digest.collect.hugo.permalinks import UnknownPartError, check
from digest.collect.hugo.shortcodes import without
from digest.collect.opening import detect
from digest.collect.sources.hugo import Source
from digest.errors import SourceError
from digest.models import Collection, Level

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("UTC"))
CONFIG = 'baseURL = "https://example.com/"\ntimeZone = "Asia/Tokyo"\n'
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files into a site, given as path -> text; `hugo.toml` is there unless another is given."""

    def files(named: Mapping[str, str]) -> Path:
        for path, text in ({"hugo.toml": CONFIG} | dict(named)).items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return tmp_path

    return files


def page(title: str = "x", more: str = "", body: str = "Words.\n") -> str:
    return f"---\ntitle: {title}\ndate: 2026-11-20\n{more}---\n{body}"


def found(collection: Collection, code: str) -> list[tuple[Level, str, int]]:
    return [(each.level, each.file, each.line) for each in collection.problems if each.code == code]


def paths(collection: Collection) -> set[str]:
    return {each.path for each in collection.posts}


# ---------------------------------------------------------------- which folder, which pages


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"hugo.yaml": ""}, "hugo"),
        ({"config.toml": 'baseURL = "x"', "content/a.md": ""}, "hugo"),
        ({"config.yaml": "", "content/a.md": ""}, "hugo"),
        ({"config/_default/hugo.toml": "", "content/a.md": ""}, "hugo"),
        ({"config.toml": "", "a.md": ""}, "plain"),
    ],
)
def test_a_hugo_site_is_recognised(files: Mapping[str, str], kind: str, tmp_path: Path) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert detect(tmp_path) == kind


def test_a_zola_site_is_no_hugo_site(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "config.toml").write_text('base_url = "https://example.com"\n')
    assert detect(tmp_path) != "hugo"


SECTIONS = {
    "content/posts/a.md": page(),
    "content/posts/b.md": page(),
    "content/docs/c.md": page(),
    "content/docs/deep/d.md": page(),
    "content/about.md": page(),
}


@pytest.mark.parametrize(
    ("sections", "config", "expected"),
    [
        ((), "", {"posts/a", "posts/b", "docs/c", "docs/deep/d"}),
        (("posts",), "", {"posts/a", "posts/b"}),
        (("Docs/Deep", "/"), "", {"docs/deep/d", "about"}),
        (("*",), "", {"posts/a", "posts/b", "docs/c", "docs/deep/d", "about"}),
        ((), '[params]\nmainSections = ["posts"]\n', {"posts/a", "posts/b"}),
        ((), 'mainSections = ["docs"]\n', {"docs/c", "docs/deep/d"}),
        (("docs",), '[params]\nmainSections = ["posts"]\n', {"docs/c", "docs/deep/d"}),
    ],
)
def test_the_sections_with_posts_are_named_by_option_or_settings(
    sections: tuple[str, ...], config: str, expected: set[str], write: Write
) -> None:
    site = write({**SECTIONS, "hugo.toml": CONFIG + config})
    collection = Source("blog", site, sections=sections).read(NOW)
    assert {path.removeprefix("content/").removesuffix(".md") for path in paths(collection)} == expected
    left_out = found(collection, "blog.sections")
    assert bool(left_out) is (len(expected) < 5)
    assert all(level is Level.INFO for level, _, _ in left_out)


def test_pages_outside_of_sections_are_posts_where_there_are_no_sections(write: Write) -> None:
    site = write({"content/one.md": page(), "content/two/index.md": page()})
    assert paths(Source("blog", site).read(NOW)) == {"content/one.md", "content/two/index.md"}


def test_main_sections_that_are_not_there_are_said_and_change_nothing(write: Write) -> None:
    site = write({**SECTIONS, "hugo.toml": CONFIG + '[params]\nmainSections = ["post"]\n'})
    collection = Source("blog", site).read(NOW)
    assert len(collection.posts) == 4
    assert Level.WARNING in {level for level, _, _ in found(collection, "blog.sections")}


def test_a_page_without_a_date_is_a_slip_where_posts_lie_and_nothing_elsewhere(write: Write) -> None:
    undated = "---\ntitle: x\n---\n"
    site = write({**SECTIONS, "content/posts/u.md": undated, "content/docs/v.md": undated, "content/w/w.md": undated,
                  "content/posts/draft.md": "---\ndraft: true\n---\n", "content/posts/e.md": page()})  # fmt: skip
    levels = {file: level for level, file, _ in found(Source("blog", site).read(NOW), "post.undated")}
    assert levels == {
        "content/posts/u.md": Level.WARNING,
        "content/posts/draft.md": Level.INFO,
        "content/docs/v.md": Level.INFO,
        "content/w/w.md": Level.INFO,
    }


def test_pages_that_a_template_makes_are_said_to_be_unknown(write: Write) -> None:
    site = write({"content/posts/a.md": page(), "content/posts/_content.gotmpl": "{{ x }}"})
    assert found(Source("blog", site).read(NOW), "blog.generated") == [
        (Level.WARNING, "content/posts/_content.gotmpl", 0)
    ]


def test_a_folder_of_content_outside_of_the_site_is_not_read(write: Write, tmp_path: Path) -> None:
    site = write({"site/hugo.toml": CONFIG + 'contentDir = "../secret"\n', "secret/a.md": page()}) / "site"
    (site / "content").symlink_to(tmp_path / "secret")
    collection = Source("blog", site).read(NOW)
    assert not collection.posts
    assert [level for level, _, _ in found(collection, "post.outside")] == [Level.ERROR]


# ---------------------------------------------------------------- what is wrong with a page


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("title: a: b\ndate: 2026-11-20", "post.front-matter", 2),
        ("title: x\ndate: 2026-11-20 20:00:00 JST", "post.date", 3),
        ("title: x\nDate: next week", "post.date", 3),
        ("title: x\ndate: 2026-11-20\npublishDate: soon", "post.date", 4),
        ("title: x\ndate: 2026-11-20\nexpiryDate: never", "post.date", 4),
        ("title: x\ndate: 2026-11-20\nurl: /a:b/", "post.url", 0),
        ("title: x\ndate: 2026-11-20\nurl: https://elsewhere.example/", "post.url", 0),
    ],
)
def test_where_hugo_stops_the_page_is_left_out_and_told(front: str, code: str, line: int, write: Write) -> None:
    site = write({"content/posts/a.md": page(), "content/posts/b.md": f"---\n{front}\n---\nx\n"})
    collection = Source("blog", site).read(NOW)
    assert paths(collection) == {"content/posts/a.md"}
    assert found(collection, code) == [(Level.ERROR, "content/posts/b.md", line)]


@pytest.mark.parametrize(
    ("more", "withheld"),
    [
        ("published: false\n", "published: false"),
        ("published: false\ndraft: false\n", ""),
        ("published: true\ndraft: true\n", "draft"),
        ("draft: yes\n", "draft"),
        ("draft: maybe\n", ""),
        ("_build:\n  list: never\n", "list: never"),
        ("expiryDate: 2026-11-21\n", "expired"),
        ("publishDate: 2026-11-23\n", "dated in the future"),
    ],
)
def test_what_hides_a_page_is_said(more: str, withheld: str, write: Write) -> None:
    (post,) = Source("blog", write({"content/posts/a.md": page(more=more)})).read(NOW).posts
    assert post.withheld == withheld


def test_a_page_that_hugo_shows_by_its_settings_is_shown(write: Write) -> None:
    config = CONFIG + "buildDrafts = true\nbuildFuture = true\nbuildExpired = true\n"
    more = "draft: true\npublishDate: 2027-01-01\nexpiryDate: 2026-11-21\n"
    (post,) = Source("blog", write({"hugo.toml": config, "content/posts/a.md": page(more=more)})).read(NOW).posts
    assert post.withheld == ""


def test_a_link_may_name_a_page_anywhere_when_only_one_has_the_name(write: Write) -> None:
    site = write({"content/posts/a.md": page(body='{{< ref "far" >}} {{< ref "near.md" >}}'),
                  "content/docs/deep/far.md": page(), "content/x/near.md": page(),
                  "content/y/near.md": page()})  # fmt: skip
    body = next(post.body for post in Source("blog", site).read(NOW).posts if post.path.endswith("a.md"))
    assert body == "https://example.com/docs/deep/far/ "


def test_a_link_that_leads_nowhere_is_told_and_one_to_a_page_is_not(write: Write) -> None:
    body = '{{< ref "/about" >}} {{< relref "b" >}} {{< ref path="c.md" >}} {{< ref "/posts" >}} {{< ref "#here" >}}'
    site = write({"content/posts/a.md": page(body=body), "content/posts/b/index.md": page(),
                  "content/about.md": "---\ntitle: x\n---\n"})  # fmt: skip
    collection = Source("blog", site).read(NOW)
    assert [each.message.split("”")[0] for each in collection.problems if each.code == "post.link"] == [
        "The link to “c.md"
    ]
    body = next(post.body for post in collection.posts if post.path.endswith("a.md"))
    assert body == "https://example.com/about/ https://example.com/posts/b/   #here"


# ---------------------------------------------------------------- sections and cascades


def test_what_a_section_hands_down_is_inherited_and_may_hide(write: Write) -> None:
    cascade = "---\ntitle: s\ncascade:\n  draft: true\n  params:\n    author: Section\n---\n"
    site = write(
        {
            "content/posts/_index.md": cascade,
            "content/posts/a.md": page(),
            "content/posts/b.md": page(more="draft: false\n"),
        }
    )
    posts = {post.path: post for post in Source("blog", site).read(NOW).posts}
    assert posts["content/posts/a.md"].withheld == "draft"
    assert posts["content/posts/b.md"].withheld == ""
    assert posts["content/posts/b.md"].author == "Section"


def test_below_a_section_that_cannot_be_read_nothing_is_shown(write: Write) -> None:
    site = write(
        {
            "content/posts/_index.md": "---\ncascade: a: b\n---\n",
            "content/posts/deep/a.md": page(),
            "content/b/b.md": page(),
        }
    )
    collection = Source("blog", site).read(NOW)
    assert {post.path for post in collection.shown} == {"content/b/b.md"}
    assert found(collection, "post.front-matter") == [(Level.ERROR, "content/posts/_index.md", 2)]


class Notebook:
    """A memory that lasts as long as the test."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def recall(self) -> dict[str, str]:
        return dict(self.entries)

    def remember(self, entries: Mapping[str, str], forgotten: Iterable[str] = ()) -> None:
        self.entries.update(entries)


def test_a_change_of_what_is_handed_down_is_noticed_although_the_post_is_remembered(write: Write) -> None:
    memory = Notebook()
    site = write({"content/posts/_index.md": "---\ntitle: s\n---\n", "content/posts/a.md": page()})
    assert Source("blog", site).read(NOW, memory=memory).shown
    write({"content/posts/_index.md": "---\ntitle: s\ncascade:\n  draft: true\n---\n"})
    assert not Source("blog", site).read(NOW, memory=memory).shown


# ---------------------------------------------------------------- settings


def test_a_site_without_address_and_zone_is_told_and_options_mend_it(write: Write) -> None:
    site = write({"hugo.toml": "", "content/posts/a.md": page()})
    collection = Source("blog", site).read(NOW)
    assert [level for level, _, _ in found(collection, "blog.url")] == [Level.ERROR]
    assert [level for level, _, _ in found(collection, "blog.time-zone")] == [Level.WARNING]
    mended = Source("blog", site, url="https://example.com/x/", time_zone="Asia/Tokyo").read(NOW)
    assert not mended.problems
    (post,) = mended.posts
    assert post.url == "https://example.com/x/posts/a/"
    assert post.published_at.isoformat() == "2026-11-20T00:00:00+09:00"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("hugo.toml", 'baseURL = "https://example.com/"\ntitle = x\n', 2),
        ("config/_default/params.yaml", "a: 1\nb: c: d\n", 2),
        ("hugo.toml", CONFIG + '[permalinks]\nposts = "/:what/"\n', 3),
        ("hugo.toml", CONFIG + "[languages.en]\n[languages.ja]\n", 3),
    ],
)
def test_settings_that_cannot_be_used_are_one_clear_error(name: str, text: str, line: int, write: Write) -> None:
    site = write({name: text, "content/posts/a.md": page()})
    with pytest.raises(SourceError) as caught:
        Source("blog", site, language="fr").read(NOW)
    assert caught.value.line == line
    assert caught.value.file is not None
    assert caught.value.file.endswith(name)
    assert caught.value.fix


def test_one_language_with_a_host_of_its_own_keeps_its_folder(write: Write) -> None:
    config = CONFIG + 'defaultContentLanguage = "ja"\ndefaultContentLanguageInSubdir = true\n'
    config += '[languages.ja]\nbaseURL = "https://ja.example.com/"\n'
    (post,) = Source("blog", write({"hugo.toml": config, "content/posts/a.md": page()})).read(NOW).posts
    assert post.url == "https://ja.example.com/ja/posts/a/"


def test_dates_that_a_copy_of_the_blog_does_not_have_are_said(write: Write) -> None:
    config = CONFIG + '[frontmatter]\ndate = [":git", "date"]\n'
    collection = Source("blog", write({"hugo.toml": config, "content/posts/a.md": page()})).read(NOW)
    assert found(collection, "blog.settings") == [(Level.WARNING, "hugo.toml", 3)]
    assert len(collection.shown) == 1


@pytest.mark.parametrize(
    ("pattern", "reason"), [("/:year/:slug/", "its address is not known"), ("/:sections/:slug/", "")]
)
def test_a_post_whose_address_holds_a_date_that_nobody_knows_is_withheld(
    write: Write, pattern: str, reason: str
) -> None:
    config = CONFIG + f'[permalinks]\nposts = "{pattern}"\n[frontmatter]\ndate = [":git", "date"]\n'
    (post,) = Source("blog", write({"hugo.toml": config, "content/posts/a.md": page()})).read(NOW).posts
    assert post.withheld == reason


def test_another_taxonomy_stands_in_for_categories(write: Write) -> None:
    config = CONFIG + '[taxonomies]\ntag = "tags"\nauthor = "authors"\ntopic = "topics"\n'
    more = "topics: [One, Two]\ntags: x\n"
    (post,) = Source("blog", write({"hugo.toml": config, "content/posts/a.md": page(more=more)})).read(NOW).posts
    assert (post.categories, post.tags) == (("One", "Two"), ("x",))


# ---------------------------------------------------------------- hostile input


def test_a_pattern_that_could_stop_the_digest_is_not_used(write: Write) -> None:
    config = CONFIG + "ignoreFiles = ['(a+)+$', '\\.skip\\.md$']\n"
    name = "a" * 60
    site = write({"hugo.toml": config, f"content/posts/{name}.md": page(), "content/posts/b.skip.md": page()})
    collection = Source("blog", site).read(NOW)
    assert paths(collection) == {f"content/posts/{name}.md"}
    assert found(collection, "blog.settings") == [(Level.WARNING, "hugo.toml", 3)]


def test_long_texts_full_of_signs_take_no_long_time() -> None:
    begun = time.process_time()
    for text in ("{{< " * 50_000, "{{< code >}}" * 20_000, '{{< x "' + "\\" * 3_000, "{{% a=" * 20_000):
        without(text, lambda _: None)
    assert not matches("*a" * 200 + "b", "a" * 2_000)
    assert not matches("{a,b}" * 30, "c")
    sanitized("%" * 100_000)
    assert time.process_time() - begun < 20


# ---------------------------------------------------------------- small rules


@pytest.mark.parametrize(
    ("pattern", "path", "same"),
    [
        ("/{posts,posts/**}", "/posts/a/b", True),
        ("/{posts,posts/**}", "/posts", True),
        ("/{posts,posts/**}", "/postscript/a", False),
        ("/*", "/a", True),
        ("/*", "/a/b", False),
        ("/**", "/a/b", True),
        ("/p?st/[a-c]", "/post/b", True),
        ("/p?st/[!a-c]", "/post/b", False),
        ("/POSTS/*", "/posts/a", True),
    ],
)
def test_a_pattern_of_paths_matches_as_hugos_do(pattern: str, path: str, same: bool) -> None:
    assert matches(pattern, path) is same


@pytest.mark.parametrize("pattern", ["/:year/:02/:slug/", "/:sections[1:]/:title", "/a\\:b/", "/plain"])
def test_a_known_part_of_a_permalink_passes(pattern: str) -> None:
    check(pattern)


def test_an_unknown_part_of_a_permalink_does_not() -> None:
    with pytest.raises(UnknownPartError, match="slugg"):
        check("/:year/:slugg/")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a {{< x >}}b{{< /x >}} c", "a b c"),
        ("a {{< x />}} c", "a  c"),
        ("{{%/* x */%}}", "{{% x %}}"),
        ('{{< figure src="a.png" title="t" >}}', "![](a.png)"),
        ('{{< ref "p" >}}', "/p/"),
        ("{{< mermaid >}}\ngraph\n{{< /mermaid >}}z", "\n\n    graph\n\nz"),
        ("{{< mermaid >}} never closed", " never closed"),
        ("{{ not one }} {{<", "{{ not one }} {{<"),
    ],
)
def test_a_shortcode_leaves_what_it_encloses(text: str, left: str) -> None:
    assert without(text, lambda link: f"/{link}/") == left
