"""Link parameters: on the links of posts, once, in both parts, and nothing else of an address is touched."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.check import check_email
from digest.config.newsletter import read_newsletter
from digest.errors import ConfigError, TemplateError
from digest.models import READER_TOKEN, Email
from digest.render import Links, Renderer
from digest.render.link_parameters import with_parameters
from digest.render.plain import plain_address
from tests.factories import make_pick, make_post, make_selection
from tests.render.issues import COPY, LINKS, ROOT, TEMPLATES, full_week, newsletter

PARAMETERS = {
    "utm_source": "{{ newsletter.slug }}",
    "utm_medium": "email",
    "utm_campaign": "{{ issue.period }}",
    "utm_content": "{{ place }}-{{ post.number }}",
}
DESIGNS = sorted(path.parent.name for path in TEMPLATES.glob("[a-z]*/email.html"))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PAIRS = st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=4)
ADDRESSES = st.builds(
    lambda scheme, host, path, query, fragment: f"{scheme}://{host}{path}{query}{fragment}",
    st.sampled_from(["https", "http", "HTTPS"]),
    st.sampled_from(["blog.example.com", "xn--wgv71a119e.jp", "user@example.com:8080", "[2001:db8::1]"]),
    st.sampled_from(["", "/", "/2026/a/", "/%E6%97%A5.html", "/a;b=c/d", "/a+b"]),
    st.one_of(st.just(""), PAIRS.map(lambda pairs: "?" + "&".join(f"{quote(one)}={quote(two)}" for one, two in pairs))),
    st.sampled_from(["", "#", "#top", "#/a?utm_source=x&b", "#:~:text=%E6%97%A5"]),
)
ADDED = st.dictionaries(st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True), TEXT.filter(bool), max_size=4)


def queried(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query, keep_blank_values=True, max_num_fields=99)


@given(ADDRESSES, ADDED)
def test_all_that_an_address_has_stays_and_the_new_comes_last(address: str, added: dict[str, str]) -> None:
    before, after = urlsplit(address), urlsplit(with_parameters(address, added.items()))
    assert after._replace(query="") == before._replace(query="")
    assert after.query.startswith(before.query)
    has = queried(address)
    names = {name for name, _ in has}
    new = [(name, value) for name, value in added.items() if name not in names]
    assert queried(after.geturl()) == [*has, *new]


@given(ADDRESSES, ADDED)
def test_adding_twice_is_adding_once(address: str, added: dict[str, str]) -> None:
    once = with_parameters(address, added.items())
    assert with_parameters(once, added.items()) == once
    assert once.isascii()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://e.com", "https://e.com?s=a%26b"),
        ("https://e.com/", "https://e.com/?s=a%26b"),
        ("https://e.com/?", "https://e.com/?s=a%26b"),
        ("https://e.com/?#", "https://e.com/?s=a%26b#"),
        ("https://e.com/?x", "https://e.com/?x&s=a%26b"),
        ("https://e.com/?x=1&", "https://e.com/?x=1&s=a%26b"),
        ("https://e.com/?x=%2f&y=+#z", "https://e.com/?x=%2f&y=+&s=a%26b#z"),
        ("https://e.com/?s=theirs", "https://e.com/?s=theirs"),
        ("https://e.com/?s", "https://e.com/?s"),
        ("https://e.com/?%73=theirs#f", "https://e.com/?%73=theirs#f"),
        ("https://e.com/?S=theirs", "https://e.com/?S=theirs&s=a%26b"),
        ("https://e.com/a?to=https://f.com/?s=1", "https://e.com/a?to=https://f.com/?s=1&s=a%26b"),
        ("mailto:a@e.com", "mailto:a@e.com"),
        ("tel:+81312345678", "tel:+81312345678"),
        ("", ""),
    ],
)
def test_an_address_keeps_what_its_author_wrote(address: str, expected: str) -> None:
    assert with_parameters(address, [("s", "a&b")]) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://日本語.jp/記事?q=あ#い", "https://xn--wgv71a119e.jp/%E8%A8%98%E4%BA%8B?q=%E3%81%82#%E3%81%84"),
        ("https://u@日本語.jp:8080/", "https://u@xn--wgv71a119e.jp:8080/"),
        ("https://xn--wgv71a119e.jp/%E8%A8%98?q=%E3%81%82", "https://xn--wgv71a119e.jp/%E8%A8%98?q=%E3%81%82"),
        ("https://e.com/?to=https://日本語.jp/", "https://e.com/?to=https://%E6%97%A5%E6%9C%AC%E8%AA%9E.jp/"),
        ("https://straße.example/", "https://stra%C3%9Fe.example/"),
        ("https://e.com/100%", "https://e.com/100%25"),
    ],
)
def test_the_name_of_a_site_is_written_as_mail_programs_look_it_up(address: str, expected: str) -> None:
    assert plain_address(address) == expected
    assert plain_address(expected) == expected


def made(changes: dict[str, Any] | None = None, links: Links = LINKS, **parameters: str) -> Email:
    wanted = newsletter(link_parameters=parameters or PARAMETERS, **(changes or {}))
    return Renderer(TEMPLATES, COPY).render(wanted, 3, full_week(), links)


def hrefs(email: Email) -> list[str]:
    tree = etree.fromstring(email.html.encode(), etree.HTMLParser(encoding="utf-8"))
    return [str(link.get("href")) for link in tree.iter("a")]


@pytest.mark.parametrize("design", DESIGNS)
def test_every_link_to_a_post_has_them_in_both_parts_and_no_other_link(design: str) -> None:
    contact = replace(newsletter().publisher, contact="https://blog.example.com/contact")
    links = Links(f"https://blog.example.com/u/{READER_TOKEN}", "https://blog.example.com/w/4")
    email = made({"template": design, "publisher": contact}, links)
    addresses = hrefs(email)
    posts = [each for each in addresses if "/2026/01/14/" in each]
    assert all(
        each.count("?utm_source=weekly&utm_medium=email&utm_campaign=2026-W04&utm_content=") == 1 for each in posts
    )
    assert {each for each in addresses if each not in posts} == {
        links.unsubscribe_url,
        links.view_url,
        "https://blog.example.com/contact",
    }
    in_text = re.findall(r"^\S*/2026/01/14/\S*$", email.text, re.MULTILINE)
    assert list(dict.fromkeys(posts)) == list(dict.fromkeys(in_text))
    assert email.text.count("utm_source") == len(in_text) == len(full_week().shown)
    assert email.headers == made({}, links).headers
    assert not [each for each in check_email(email) if each.code.startswith("mail.link")]


def test_a_link_says_which_post_it_is_and_where_it_stands() -> None:
    email = made(at="{{ place }}", n="{{ post.number }}", slug="{{ post.slug }}", cat="{{ post.category }}")
    lines = dict.fromkeys(queried_text for each in hrefs(email) if (queried_text := urlsplit(each).query))
    said = [dict(parse_qsl(each)) for each in lines]
    lead = next(pick for pick in full_week().picks if pick.post.id == full_week().lead)
    assert said[0] == {"at": "lead", "n": "1", "slug": lead.post.url.split("/")[-2], "cat": lead.post.categories[0]}
    assert [each["n"] for each in said if each["at"] in {"lead", "card", "more"}] == [str(n) for n in range(1, 21)]
    assert {each["at"] for each in said} == {"lead", "card", "also", "more"}
    hosts = [each["n"] for each in said if each["at"] == "also"]
    assert hosts == ["1", "1", "2", "8", "14"]


def test_a_lead_that_stands_in_its_section_is_a_card() -> None:
    email = made({"design": {"show_lead": False}}, at="{{ place }}")
    assert {urlsplit(each).query for each in hrefs(email)} == {"", "at=card", "at=also", "at=more"}


def test_an_empty_value_adds_nothing_and_an_address_that_has_one_keeps_it() -> None:
    posts = (make_post("a", categories=(), url="https://blog.example.com/?p=12"), make_post("b"))
    posts = (*posts, make_post("c", url="https://blog.example.com/c.html?utm_source=feed#x"))
    selection = make_selection(*(replace(make_pick(), post=post) for post in posts))
    wanted = newsletter(link_parameters={"utm_source": "{{ post.slug }}", "c": "{{ post.category }}"})
    text = Renderer(TEMPLATES, COPY).render(wanted, 3, selection, LINKS).text
    category = quote("AI最新ニュース")
    assert "https://blog.example.com/?p=12&utm_source=2026-01-14-a\n" in text
    assert f"/14/b/?utm_source=b&c={category}\n" in text
    assert f"/c.html?utm_source=feed&c={category}#x\n" in text


def test_a_readers_token_never_gets_into_the_address_of_a_blog() -> None:
    email = made(**{READER_TOKEN: "1", "t": READER_TOKEN, "u": "{{ '__READER' ~ '_TOKEN__' }}"})
    assert email.html.count(READER_TOKEN) == email.text.count(READER_TOKEN) == 1  # where readers leave


def test_a_post_with_an_endless_category_holds_up_no_mail() -> None:
    wanted = newsletter(link_parameters={"c": "{{ post.category }}"})
    selection = make_selection(make_pick("a", categories=("あ" * 5_000,)))
    text = Renderer(TEMPLATES, COPY).render(wanted, 3, selection, LINKS).text
    assert f"/14/a/?c={quote('あ') * 200}\n" in text


def test_without_parameters_an_address_is_as_the_blog_wrote_it() -> None:
    addresses = hrefs(Renderer(TEMPLATES, COPY).render(newsletter(), 3, full_week(), LINKS))
    assert not [each for each in addresses if "?" in each]


HEAD = (ROOT / "config" / "newsletters" / "weekly.toml").read_text(encoding="utf-8")


def settings(folder: Path, table: str) -> Path:
    (folder / "weekly.toml").write_text(f"{HEAD}\n[link_parameters]\n{table}\n", encoding="utf-8")
    return folder / "weekly.toml"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('subject = "{{ post.numbr }}"', "did you mean `number`?"),
        ('title = "{{ issue.period "', "unexpected"),
        ('utm_source = "{{ links.unsubscribe }}"', "there is no `links`"),
        ('"utm.source" = "{{ slug|shout }}"', "shout"),
        ('name = "a\\u0092b"', "U+0092"),
    ],
)
def test_a_bad_template_is_told_with_its_file_and_its_line(tmp_path: Path, line: str, says: str) -> None:
    file = settings(tmp_path, f'utm_medium = "email"\n{line}')
    wanted = replace(read_newsletter(file), design={})
    with pytest.raises(TemplateError, match=re.escape(says)) as caught:
        Renderer(TEMPLATES, COPY).render(wanted, 3, full_week(), LINKS)
    assert caught.value.file == str(file)
    assert file.read_text(encoding="utf-8").splitlines()[(caught.value.line or 0) - 1] == line
    assert f"link_parameters.{line.split(' = ')[0].strip(chr(34))}" in caught.value.message


@pytest.mark.parametrize(
    "line", ['"utm source" = "a"', '"日本" = "a"', '"" = "a"', f'{"a" * 65} = "a"', "utm_source = 1", '"a&b" = "a"']
)
def test_a_name_that_no_address_can_carry_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    file = settings(tmp_path, f'utm_medium = "email"\n{line}')
    with pytest.raises(ConfigError, match="link_parameters") as caught:
        read_newsletter(file)
    assert caught.value.file == str(file)
    assert caught.value.line == len(HEAD.splitlines()) + 4


def test_names_and_order_come_from_the_file(tmp_path: Path) -> None:
    file = settings(tmp_path, 'utm_medium = "email"\nutm_source = "{{ newsletter.slug }}"\n"a.b-c" = ""')
    assert list(read_newsletter(file).link_parameters.items()) == [
        ("utm_medium", "email"),
        ("utm_source", "{{ newsletter.slug }}"),
        ("a.b-c", ""),
    ]
