"""Every text is measured on what is behind it, in each form that the mail takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.check import Demands
from digest.check.colors import BLACK, WHITE, Color, color_of, contrast, inverted, nearest_readable, written
from digest.check.contrast import check
from digest.check.painting import Light, Paint, runs
from digest.models import Email
from tests.check.mails import GOOD


def mail(body: str, css: str = "") -> str:
    return f"<!DOCTYPE html><html><head><style>{css}</style></head><body>{body}</body></html>"


def paints(body: str, css: str = "", light: Light = Light.LIGHT) -> dict[str, tuple[str, str]]:
    """Return words -> their colour and what is behind them."""
    return {
        run.words: (written(run.paint.color or (1, 2, 3)), written(run.paint.background or (1, 2, 3)))
        for run in runs(mail(body, css), light)
    }


def codes(body: str, css: str = "") -> list[str]:
    return [finding.code for finding in check(replace(GOOD, html=mail(body, css)), Demands())]


@pytest.mark.parametrize(
    ("one", "two", "ratio"),
    [(BLACK, WHITE, 21.0), (WHITE, WHITE, 1.0), ((0x76, 0x76, 0x76), WHITE, 4.54), ((255, 0, 0), WHITE, 4.0)],
)
def test_contrast_is_that_of_wcag(one: Color, two: Color, ratio: float) -> None:
    assert contrast(one, two) == pytest.approx(ratio, abs=0.005)
    assert contrast(two, one) == contrast(one, two)


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#fff", WHITE),
        ("#1B1f24", (27, 31, 36)),
        (" White ", WHITE),
        ("rgb(1, 2, 300)", (1, 2, 255)),
        ("rgba(0,0,0,.5)", None),
        ("#ffff", None),
        ("", None),
    ],
)
def test_colours_are_read_as_mail_programs_write_them(text: str, color: Color | None) -> None:
    assert color_of(text) == color


def test_gmail_turns_light_into_dark_and_keeps_greys_grey() -> None:
    assert contrast(inverted(WHITE), inverted(BLACK)) > 10
    assert max(inverted(WHITE)) < 80
    for grey in ((0, 0, 0), (119, 119, 119), (255, 255, 255)):
        turned = inverted(grey)
        assert max(turned) - min(turned) <= 2


def test_the_advised_colour_is_readable_and_the_nearest() -> None:
    advised = nearest_readable((0xAA, 0xAA, 0xAA), WHITE, 4.5)
    assert 4.5 <= contrast(advised, WHITE) < 4.8


def test_colours_come_down_from_the_tags_around() -> None:
    body = '<div style="color:#111111; background-color:#eeeeee">一<p style="color:#222222">二</p>三</div>四'
    assert paints(body) == {
        "一": ("#111111", "#eeeeee"),
        "二": ("#222222", "#eeeeee"),
        "三": ("#111111", "#eeeeee"),
        "四": ("#000000", "#ffffff"),
    }


def test_attributes_of_old_count_less_than_styles() -> None:
    body = (
        '<table bgcolor="#123456"><tr><td>一</td><td bgcolor="#000000" style="background:#654321">二</td></tr></table>'
    )
    assert paints(body) == {"一": ("#000000", "#123456"), "二": ("#000000", "#654321")}


def test_a_link_without_a_colour_is_blue() -> None:
    assert paints('<a href="https://example.com/">一</a><a>二</a>') == {
        "一": ("#0000ee", "#ffffff"),
        "二": ("#000000", "#ffffff"),
    }


@pytest.mark.parametrize(
    "style",
    ["display:none", "visibility:hidden", "max-height:0; overflow:hidden", "font-size:1px", "display : NONE"],
)
def test_hidden_words_are_not_painted(style: str) -> None:
    assert paints(f'<div style="{style}">一<p>二</p></div>三') == {"三": ("#000000", "#ffffff")}


@pytest.mark.parametrize("style", ["background:url(a.png) #000000", "background-image:linear-gradient(#000, #fff)"])
def test_nothing_is_said_about_words_on_a_picture(style: str) -> None:
    assert codes(f'<p style="{style}; color:#000000">一</p>') == []


DARK = "@media (prefers-color-scheme: dark) {{ {} }}"


@pytest.mark.parametrize(
    ("rule", "color"),
    [
        (".a { color: #eeeeee !important }", "#eeeeee"),
        ("p { color: #eeeeee !important }", "#eeeeee"),
        ("#i { color: #eeeeee !important }", "#eeeeee"),
        ("div .a { color: #eeeeee !important }", "#eeeeee"),
        ("td .a { color: #eeeeee !important }", "#333333"),
        (".b { color: #eeeeee !important }", "#333333"),
        (".a:hover { color: #eeeeee !important }", "#333333"),
        (".a { color: #eeeeee }", "#333333"),
        (".a { color: #eeeeee !important } p { color: #dddddd !important }", "#eeeeee"),
        ("p { color: #dddddd !important } .a { color: #eeeeee !important }", "#eeeeee"),
        (".a { color: #eeeeee !important } .a { color: #dddddd !important }", "#dddddd"),
    ],
)
def test_a_dark_rule_wins_where_a_mail_program_lets_it_win(rule: str, color: str) -> None:
    body = '<div><p class="a" id="i" style="color:#333333">一</p></div>'
    assert paints(body, DARK.format(rule), Light.DARK)["一"][0] == color


def test_a_mail_without_dark_rules_has_no_dark_forms() -> None:
    assert runs(mail("<p>一</p>"), Light.DARK) == ()
    assert runs(mail("<p>一</p>"), Light.OUTLOOK) == ()


def test_what_outlook_is_not_told_it_turns_round_itself() -> None:
    body = '<p class="a" style="color:#000000; background-color:#ffffff">一</p>'
    told = paints(body, "[data-ogsc] .a { color: #fafafa !important }", Light.OUTLOOK)["一"]
    assert told == ("#fafafa", written(inverted(WHITE)))


def test_outlook_keeps_to_text_and_background_marks() -> None:
    css = "[data-ogsc] .a { background-color: #ff0000 !important } [data-ogsb] .a { color: #00ff00 !important }"
    body = '<p class="a" style="color:#000000; background-color:#ffffff">一</p>'
    assert paints(body, css, Light.OUTLOOK)["一"] == (written(inverted(BLACK)), written(inverted(WHITE)))


@pytest.mark.parametrize(
    ("style", "is_fine"),
    [
        ("color:#767676", True),
        ("color:#777777", False),
        ("color:#949494; font-size:24px", True),
        ("color:#949494; font-size:18px", False),
        ("color:#949494; font-size:14pt; font-weight:bold", True),
        ("color:#949494; font-size:14pt", False),
        ("color:#959595; font-size:24px", False),
    ],
)
def test_the_bounds_are_those_of_wcag(style: str, is_fine: bool) -> None:
    assert ("mail.contrast-light" not in codes(f'<p style="{style}">一</p>')) is is_fine


def test_a_finding_names_the_worst_pair_and_counts_the_rest() -> None:
    body = '<p style="color:#999999">薄い</p><p style="color:#cccccc">もっと薄い</p><p style="color:#999999">薄い</p>'
    (finding,) = (each for each in check(replace(GOOD, html=mail(body)), Demands()) if "light" in each.code)
    assert "“もっと薄い” is hard to read in light mode: #cccccc on #ffffff has a contrast of 1.6" in finding.message
    assert "1 more pair" in finding.message
    assert finding.fix.startswith("#7")


def test_large_is_what_wcag_calls_large() -> None:
    assert Paint(size=24).large
    assert not Paint(size=23).large
    assert Paint(size=18.66, bold=True).large


def test_the_good_mail_has_all_four_forms() -> None:
    email: Email = GOOD
    assert all(runs(email.html, light) for light in Light)
