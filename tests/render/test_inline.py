"""The fence around premailer: styles move, and nothing else does."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from premailer import Premailer

from digest.errors import TemplateError
from digest.render.inlining import inline
from digest.render.inlining.fidelity import check_fidelity

KEPT = """
/* kept */
:root { color-scheme: light dark; }
@media (max-width: 600px) { .a > .b, u + #body .a { color: #fff !important; width: 10px !important } }
@supports (display: grid) { .a { display: block !important; } }
[data-ogsc] .a, #MessageViewBody .a { color: #ffffff !important; }
@font-face { font-family: x; src: url(https://example.com/x.woff2); }
"""
MAIL = f"""<!DOCTYPE html>
<html lang="ja" xmlns:v="urn:schemas-microsoft-com:vml">
<head>
<meta charset="utf-8">
<title>週刊 &amp; 𠮷</title>
<!--[if mso]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml>
<style>.a {{ x: y !important }}</style><![endif]-->
<style>
.a {{ color: #123456; padding: 1px 2px; mso-line-height-rule: exactly; background-color: #abcdef; }}
.b {{ width: 100%; height: auto; }}
</style>
<style data-premailer="ignore" data-css-inline="keep">{KEPT}</style>
</head>
<body lang="ja" xml:lang="ja">
<!--[if mso]><table width="600"><tr><td><![endif]-->
<p class="a c">葛󠄀城 👨‍👩‍👧 𠮷野家 &nbsp;&ldquo;x&rdquo; &#847;
<a href="https://example.com/?a=1&amp;b=__READER_TOKEN__" class="c">リンク</a>。</p>
<img class="b" src="https://example.com/a.png" alt='"引用"' width="600">
<!--[if !mso]><!--><p class="a">そのほか</p><!--<![endif]-->
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
"""


def test_styles_move_into_the_tags() -> None:
    result = inline(MAIL)
    assert re.search(
        r'<p class="a" style="color:#123456; padding:1px 2px; mso-line-height-rule:exactly; [^"]*"', result
    )
    assert "#123456; }" not in result


def test_what_is_kept_is_kept_byte_for_byte() -> None:
    result = inline(MAIL)
    assert f"<style>{KEPT}</style>" in result


def test_outlooks_comments_stay_as_they_are() -> None:
    assert re.findall(r"<!--.*?-->", inline(MAIL), re.DOTALL) == re.findall(r"<!--.*?-->", MAIL, re.DOTALL)


def test_an_images_width_stays_a_number() -> None:
    assert 'width="600"' in inline(MAIL)
    assert 'height="auto"' not in inline(MAIL)


def test_characters_stay_characters() -> None:
    result = inline(MAIL)
    assert "葛󠄀城 👨‍👩‍👧 𠮷野家 \u00a0“x” \u034f" in result
    assert "&#" not in result


def test_classes_that_no_kept_style_speaks_of_go() -> None:
    result = inline(MAIL)
    assert 'class="a"' in result
    assert 'class="c"' not in result
    assert "data-" not in re.sub(r"\[data-ogsc\]", "", result)


def test_inlining_again_gives_the_same() -> None:
    assert inline(MAIL) == inline(MAIL)


def test_line_breaks_of_windows_make_no_difference() -> None:
    assert inline(MAIL.replace("\n", "\r\n")) == inline(MAIL)


def test_nothing_is_fetched() -> None:
    linked = MAIL.replace("<style>\n", '<link rel="stylesheet" href="https://198.51.100.1/a.css">\n<style>\n', 1)
    assert '<link rel="stylesheet" href="https://198.51.100.1/a.css">' in inline(linked)


@pytest.mark.parametrize(
    ("rule", "message", "line"),
    [
        ("@media print { .a { color: #fff } }", "`@media` cannot go", 1),
        ("\n\n.a:hover { color: #fff }", "`:hover` cannot go", 3),
        ("/* @media is\nfine here */ .a::before { content: 'x' }", ":before", 2),
        ("\n.a { color: #fff !important }", "`!important` cannot go", 2),
        (".a { color #fff }", "the style cannot be read", 1),
        (".a { color: rgb(0 0 0 / 50%) }", "the style cannot be read", 1),
        (".a { color: #fff", "the style cannot be read", 2),
    ],
)
def test_what_cannot_be_inlined_is_told_with_its_line(rule: str, message: str, line: int) -> None:
    mail = MAIL.replace(".b { width: 100%; height: auto; }\n", "").replace(".a { color: #123456;", f"{rule}\n.z {{")
    with pytest.raises(TemplateError) as error:
        inline(mail, style_file="style.css")
    assert message in str(error.value)
    assert (error.value.file, error.value.line) == ("style.css", line)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("リンク</a>", "リンク２</a>", "the visible text"),
        ("__READER_TOKEN__", "TOKEN", "the links"),
        ("/a.png", "/b.png", "the images"),
        ('alt="', 'alt="x', "the images"),
        ('width="600"><tr>', 'width="601"><tr>', "the comments for Outlook"),
        ("[data-ogsc] .a", "[data-ogsc] .b", "the styles that stay in the head"),
    ],
)
def test_any_other_change_is_refused(old: str, new: str, what: str) -> None:
    source = MAIL.replace("alt='\"引用\"'", 'alt="引用"')
    result = inline(source)
    assert old in result
    check_fidelity(source, result)
    with pytest.raises(TemplateError, match=what):
        check_fidelity(source, result.replace(old, new, 1))


def test_characters_written_as_numbers_are_refused() -> None:
    with pytest.raises(TemplateError, match="write characters as numbers"):
        check_fidelity(MAIL, inline(MAIL).replace("そのほか", "&#12381;のほか"))


@pytest.mark.parametrize("value", ["#fff !important", "var(--x)", "rgba(0,0,0,.5)", "hsl(1,2%,3%)"])
def test_a_style_attribute_that_clients_drop_is_refused(value: str) -> None:
    with pytest.raises(TemplateError, match="stands in a style attribute"):
        inline(MAIL.replace('<p class="a c">', f'<p style="color: {value}">'))


def test_only_one_thread_at_a_time_is_inside_premailer(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, met = threading.Barrier(2), []
    transform = Premailer.transform

    def watched(self: Premailer, *args: object, **kwargs: object) -> object:
        try:
            meeting.wait(timeout=0.3)
            met.append(True)
        except threading.BrokenBarrierError:
            meeting.reset()
        return transform(self, *args, **kwargs)

    monkeypatch.setattr(Premailer, "transform", watched)
    with ThreadPoolExecutor(2) as threads:
        assert len(set(threads.map(inline, [MAIL] * 2))) == 1
    assert not met
