"""Small decisions about values: dates, minutes, colours, breaks, characters."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import TemplateError
from digest.models import Window
from digest.render.breaks import breakable, phrases
from digest.render.colors import contrast, ink, mix, readable
from digest.render.dates import calendar_for
from digest.render.plain import plain, plain_address
from digest.render.variables import variables
from digest.select.reading_time import reading_minutes
from digest.typography import NEVER_FIRST
from tests.factories import TOKYO
from tests.render.issues import LINKS, issue_of, newsletter

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_a_date_is_that_of_the_newsletters_own_zone() -> None:
    evening_in_london = datetime(2026, 1, 14, 18, 30, tzinfo=UTC)
    assert calendar_for("ja", TOKYO).short(evening_in_london) == "1月15日(木)"
    assert calendar_for("ja", TOKYO).long(evening_in_london) == "2026年1月15日(木)"
    assert calendar_for("en", ZoneInfo("Europe/London")).short(evening_in_london) == "Wed, Jan 14"


def test_a_window_is_written_with_its_last_day_not_the_one_after() -> None:
    calendar = calendar_for("ja", TOKYO)
    week = Window(datetime(2026, 1, 12, tzinfo=TOKYO), datetime(2026, 1, 19, tzinfo=TOKYO))
    assert calendar.span(week) == "1月12日～18日"
    new_year = Window(datetime(2025, 12, 29, tzinfo=TOKYO), datetime(2026, 1, 5, tzinfo=TOKYO))
    assert calendar.span(new_year) == "2025年12月29日～2026年1月4日"


def test_a_day_that_a_zone_leaves_out_is_not_the_last_of_a_window() -> None:
    apia = ZoneInfo("Pacific/Apia")
    week = Window(datetime(2011, 12, 23, tzinfo=apia), datetime(2011, 12, 31, tzinfo=apia))
    assert calendar_for("ja", apia).span(week) == "12月23日～29日"


def test_a_language_without_dates_is_refused() -> None:
    with pytest.raises(TemplateError, match="dates cannot be written in it"):
        calendar_for("klingon!", TOKYO)


@pytest.mark.parametrize(
    ("body", "minutes"),
    [
        ("", 0),
        ("あ", 1),
        ("あ" * 500, 1),
        ("あ" * 501, 2),
        ("word " * 440, 2),
        ("```\n" + "word " * 900 + "```\nあ", 1),
        ("あ" * 250 + " word" * 110, 1),
        ("あ" * 250 + " word" * 111, 2),
        ("ｱ" * 1000, 2),
        ("don't " * 220, 1),
        ("あ\n~~~ruby\n" + "x = foo(bar)\n" * 900 + "~~~\n", 1),
        ("あ\n```\n" + "never closed\n" * 900, 1),
        ("あ{% highlight ruby %}" + "puts foo\n" * 900 + "{% endhighlight %}", 1),
        ("<pre><code>" + "puts foo\n" * 900 + "</code></pre>あ", 1),
        ("<!-- " + "word " * 900 + "-->", 0),
        ("![alt text](a.png)\n\n[a]: https://e.com\n", 0),
    ],
)
def test_reading_time_counts_characters_in_japanese_and_words_in_english(body: str, minutes: int) -> None:
    assert reading_minutes(body) == minutes


@pytest.mark.parametrize("bad", ["<!--", "<", "](", "{%", "{{", "```a\n", "<pre>", "{% comment %}", "!["])
def test_reading_time_of_a_hostile_text_costs_no_more_than_that_of_a_long_one(bad: str) -> None:
    begun = time.process_time()
    reading_minutes(bad * (300_000 // len(bad)))
    assert time.process_time() - begun < 20


@given(COLORS, COLORS)
def test_a_readable_colour_can_be_read_on_any_background(color: str, background: str) -> None:
    assert contrast(readable(color, background), background) >= 4.5
    assert contrast(ink(background), background) >= 4.5


@given(COLORS)
def test_a_colour_that_can_be_read_already_stays_as_it_is(color: str) -> None:
    if contrast(color, "#ffffff") >= 4.5:
        channels = zip(readable(color, "#ffffff")[1:], color[1:], strict=True)
        assert all(one == two for one, two in channels)


def test_mixing_goes_from_one_colour_to_the_other() -> None:
    assert [mix("#000000", "#ffffff", percent) for percent in (0, 50, 100, 200)] == [
        "#000000",
        "#808080",
        "#ffffff",
        "#ffffff",
    ]


def test_blanks_stand_at_the_end_of_a_phrase_and_no_address_is_cut() -> None:
    shown = [phrase for phrase, _ in phrases("検索は https://e.com/s?q=1&b=2 のように 書きます")]
    assert shown == ["検索は ", "https://e.com/s?q=1&b=2 のように ", "書きます"]


def test_a_row_of_names_breaks_between_them_and_a_name_does_not() -> None:
    row = "東京・大阪・名古屋・福岡・札幌の五都市"
    assert [phrase for phrase, _ in phrases(row)][:5] == ["東京・", "大阪・", "名古屋・", "福岡・", "札幌の"]
    assert phrases("ジョン・スミスとの対談")[0] == ("ジョン・スミスとの", True)


@given(st.text(alphabet="公開：・―─—12３あア「」、 ?&/a", max_size=30))
def test_no_phrase_begins_with_what_ends_the_one_before(text: str) -> None:
    """Nor is a time or a row of numbers cut in two: 12：30."""
    parts = [phrase for phrase, _ in phrases(f"題{text}")]
    for before, after in pairwise(parts):
        assert after[0] not in NEVER_FIRST
        assert not after[0].isspace()
        assert before[-1] in "：・" or not (before[-1].isascii() and after[0].isascii()) or before[-1].isspace()
        assert not (before[-2:-1].isdigit() and before[-1] in "：・" and after[0].isdigit())


@given(st.text(max_size=80))
def test_phrases_lose_nothing(text: str) -> None:
    assert "".join(phrase for phrase, _ in phrases(text)) == text


def test_a_japanese_heading_breaks_between_phrases_and_an_english_one_at_blanks() -> None:
    assert phrases("何を変えるのか？") == (("何を", True), ("変えるのか？", True))
    assert [phrase for phrase, _ in phrases("公開：現場は始めるべきか")] == ["公開：", "現場は", "始めるべきか"]
    assert [phrase for phrase, _ in phrases("割高なのか――三つの指標")] == ["割高なのか――", "三つの", "指標"]
    assert phrases("What it changes", "en") == (("What it changes", False),)
    assert phrases("OpenAI") == (("OpenAI", False),)


@given(st.text(max_size=200))
def test_making_a_text_breakable_shows_the_same(text: str) -> None:
    assert breakable(text).replace("\u200b", "") == text.replace("\u200b", "")


def test_an_endless_word_becomes_breakable_and_an_ordinary_one_stays() -> None:
    assert max(map(len, breakable("a" * 200).split("\u200b"))) <= 12
    assert breakable("https://example.com/short") == "https://example.com/short"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  二つ\r\nの\t 行 ", "二つ の 行"),
        ("第1回\u3000生成AI", "第1回\u3000生成AI"),
        ("it\u0092s \u0093x\u0094", "it’s “x”"),
        ("bell\x07 null\x00", "bell null"),
        ("右から\u202e左", "右から左"),
        ("一方\ud800だけ", "一方だけ"),
        ("葛󠄀城 👨‍👩‍👧 𠮷", "葛󠄀城 👨‍👩‍👧 𠮷"),
        ("{{ name }} {% if %}", "{\u200b{ name }} {\u200b% if %}"),
        ("{{{# 波括弧 {", "{\u200b{\u200b{\u200b# 波括弧 {\u200b"),
        ("__READER_TOKEN__", "__READER\u200b_TOKEN__"),
    ],
)
def test_other_peoples_text_becomes_one_line_that_every_client_shows(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_other_peoples_addresses_are_encoded_and_ask_for_no_token() -> None:
    assert plain_address("https://example.com/日本 語/?a=%E3%81%82&b={{x}}") == (
        "https://example.com/%E6%97%A5%E6%9C%AC%20%E8%AA%9E/?a=%E3%81%82&b=%7B%7bx%7D%7D"
    )
    assert plain_address("https://example.com/{{{{{%s?p=100%&q=%7B%7b%7B") == (
        "https://example.com/%7B%7b%7B%7b%7B%25s?p=100%25&q=%7B%7b%7B"
    )
    assert "__READER_TOKEN__" not in plain_address("https://example.com/?t=__READER_TOKEN__")


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("https://example.com/contact", "https://example.com/contact"),
        ("help@example.com", "mailto:help@example.com"),
        ("03-1234-5678", "tel:0312345678"),
        ("本社受付まで", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_contact_becomes_a_link_when_it_can_be_one(contact: str, link: str) -> None:
    publisher = newsletter().publisher
    changed = newsletter(publisher=type(publisher)(publisher.name, publisher.postal_address, contact))
    values = variables(changed, 3, issue_of(1), LINKS)
    assert values["newsletter"]["publisher"]["contact_url"] == link
