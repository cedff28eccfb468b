"""The checks read CSS as mail programs do, and broken CSS as far as it makes sense."""

from __future__ import annotations

import pytest
from lxml import etree

from digest.check.css import declarations, rules, split, value_of
from digest.check.document import names_in, outline, visible, words_of
from digest.check.selectors import Sheet, selector_of


@pytest.mark.parametrize(
    ("style", "read"),
    [
        ("color: #fff; Padding:0 8px", [("color", "#fff", False), ("padding", "0 8px", False)]),
        ("color:#fff!important", [("color", "#fff", True)]),
        ("color:#fff ! IMPORTANT ;", [("color", "#fff", True)]),
        ("background:url(data:a;b)", [("background", "url(data:a;b)", False)]),
        ("font-family:'a;b', c", [("font-family", "'a;b', c", False)]),
        ("color #fff; ;:x; top:0", [("top", "0", False)]),
        ("a:b)(;c:d", [("a", "b)(;c:d", False)]),
        ("", []),
    ],
)
def test_declarations_of_a_tag(style: str, read: list[tuple[str, str, bool]]) -> None:
    assert [(each.name, each.value, each.important) for each in declarations(style)] == read


def test_the_last_declaration_counts() -> None:
    assert value_of("color:red; color:blue", "color") == "blue"
    assert value_of("color:red", "top") == ""


def test_brackets_that_never_close_hold_everything() -> None:
    assert split("a:url(b;c") == ["a:url(b;c"]


def test_rules_and_the_queries_around_them() -> None:
    css = (
        "@import url(x.css); a, .b { top: 0 } /* .c { top: 1 } */ "
        "@media (X) { .d { top: 2; left: 3 } .e{} } @font-face { src: url(y) } f { top: 4"
    )
    assert [(rule.query, rule.selectors, len(rule.declarations)) for rule in rules(css)] == [
        ("@import url(x.css)", (), 0),
        ("", ("a", ".b"), 1),
        ("@media (x)", (".d",), 2),
        ("@media (x)", (".e",), 0),
        ("@font-face", (), 1),
    ]


HTML = '<html><body id="body" class="page"><div class="a b"><p id="i" class="c" title="t">x</p></div></body></html>'


@pytest.mark.parametrize(
    ("selector", "meets"),
    [
        ("p", True),
        ("*", True),
        (".c", True),
        ("p.c#i", True),
        ("[title]", True),
        ('p[title="t"]', True),
        (".a .c", True),
        (".a.b p", True),
        ("html body .a p", True),
        ("#body .c", True),
        ("div", False),
        (".b .a .c", False),
        (".c .a", False),
        ("[lang]", False),
        ("p.d", False),
    ],
)
def test_selectors_meet_tags_by_what_is_around_them(selector: str, meets: bool) -> None:
    tag = outline(HTML)[0][-1]
    read = selector_of(selector)
    assert read is not None
    assert read.meets(tag.element) is meets
    met, _ = Sheet(rules(f"{selector} {{ top: 0 }}"), names_in(HTML)).declarations(tag)
    assert bool(met) is meets


@pytest.mark.parametrize("selector", ["a:hover", "a > b", "u + #body .x", "a ~ b", "", "::before", "a b c d e f g h i"])
def test_other_selectors_are_left_out(selector: str) -> None:
    assert selector_of(selector) is None


def test_ids_weigh_more_than_classes_and_those_more_than_names() -> None:
    css = "#i { top: 1 } .c { top: 2 } p { top: 3 } .a .c { top: 4 } p { top: 5 }"
    found, settled = Sheet(rules(css), names_in(HTML)).declarations(outline(HTML)[0][-1])
    assert [each.value for each in found] == ["3", "5", "2", "4", "1"]
    assert not settled  # another p.c#i may stand outside of .a


def test_words_keep_their_order_and_hidden_ones_are_left_out() -> None:
    html = "a<p>b<b>c<i>d</i></b>e<!-- x -->f</p>g<div style='display: none'>h<p>i</p></div>j<style>k</style>"
    assert words_of(f"<body>{html}</body>").split() == list("abcdefgj")


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("a<!-- b -->c", "ac"),
        ("a<!-- b", "a"),
        ("a-->b", "a-->b"),
        ("<!--[if !mso]><!-->a<!--<![endif]-->", "a"),
        ("", ""),
    ],
)
def test_comments_are_taken_out(html: str, left: str) -> None:
    assert visible(html) == left


def test_the_outline_knows_what_stands_in_what() -> None:
    tags, texts = outline("<body>a<p>b</p><div><i>c</i>d</div></body>")
    assert [(tag.name, tag.parent) for tag in tags] == [("body", -1), ("p", 0), ("div", 0), ("i", 2)]
    assert [(tags[place].name, text) for place, text in texts] == [("body", "a"), ("p", "b"), ("i", "c"), ("div", "d")]
    assert isinstance(tags[0].element, etree._Element)
