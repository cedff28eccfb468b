"""A mail in a frame runs nothing, and is dark, light or without images as asked."""

from __future__ import annotations

from digest.studio.framing import Looks, framed

DARK_MAIL = """<!DOCTYPE html>
<html lang="ja"><head><meta name="color-scheme" content="light dark">
<style>@media (prefers-color-scheme: dark) { .page { color: white } }
@media screen and (prefers-color-scheme:light), print { .page { color: black } }</style>
<style media="(prefers-color-scheme: dark)">a { color: blue }</style></head>
<body><p>Write (prefers-color-scheme: dark) in your styles</p></body></html>"""


def test_the_policy_stands_before_anything_that_the_mail_says() -> None:
    for mail in ("<!DOCTYPE html><html><script>1</script>", "<script>1</script>", "  <!doctype html SYSTEM 'x'>\n<p>"):
        shown = framed(mail, Looks())
        policy = shown.index("<meta http-equiv=")
        assert "default-src 'none'" in shown
        assert "script-src" not in shown
        assert policy < min(place for place in (shown.find("<script"), shown.find("<p>"), len(shown)) if place > 0)


def test_the_doctype_stays_first_so_that_the_mail_is_laid_out_as_it_is() -> None:
    assert framed(DARK_MAIL, Looks()).startswith("<!DOCTYPE html><meta")


def test_dark_rules_apply_when_asked_for_and_never_otherwise() -> None:
    dark, light = framed(DARK_MAIL, Looks(dark=True)), framed(DARK_MAIL, Looks(dark=False))
    assert "@media (min-width: 0) { .page { color: white } }" in dark
    assert "@media screen and (max-width: 0), print" in dark
    assert '<style media="(min-width: 0)">' in dark
    assert "color-scheme:dark!important" in dark
    assert "@media (max-width: 0) { .page { color: white } }" in light
    assert "@media screen and (min-width: 0), print" in light
    assert "color-scheme:light!important" in light


def test_the_words_of_the_mail_are_left_alone() -> None:
    assert "<p>Write (prefers-color-scheme: dark) in your styles</p>" in framed(DARK_MAIL, Looks(dark=True))


def test_a_mail_that_knows_no_dark_stays_light() -> None:
    assert "color-scheme:light!important" in framed("<p>Hello</p>", Looks(dark=True))


def test_images_come_from_https_only_or_not_at_all() -> None:
    assert "img-src https: data:;" in framed(DARK_MAIL, Looks())
    assert "img-src 'none';" in framed(DARK_MAIL, Looks(images=False))
