"""The mail in a frame follows the files without being loaded anew, and is the very mail that would be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.projects import replace_in
from tests.studio.browsing import Watched, mail

pytestmark = pytest.mark.browser
EMAIL = "templates/weekly/email.html"
_FRAMES = """[...document.querySelectorAll("iframe[data-mail]")]"""
_KNOW = f"() => {{ window.known = {_FRAMES}.map((each) => each.contentDocument) }}"
_SAME = f"() => {_FRAMES}.every((each, at) => each.contentDocument === known[at])"
_AS_LOADED = """async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const wanted = [...page.querySelectorAll("iframe[data-mail]")]
        .map((each) => new DOMParser().parseFromString(each.getAttribute("srcdoc"), "text/html").documentElement);
    const frames = [...document.querySelectorAll("iframe[data-mail]")];
    return wanted.length === frames.length
        && frames.every((each, at) => each.contentDocument.documentElement.isEqualNode(wanted[at]));
}"""


@pytest.fixture
def loaded(page: Page) -> Page:
    for device in ("desktop", "phone"):
        expect(mail(page, device).get_by_text("配信を停止").first).to_be_attached()
    page.evaluate(_KNOW)
    return page


def test_whatever_is_edited_the_mail_is_as_if_it_were_loaded(loaded: Page, project: Path, watched: Watched) -> None:
    edits = [
        (
            EMAIL,
            "{{ masthead() }}",
            '{{ masthead() }}<tr><td id="a" class="x">一</td></tr><!-- 注 --><tr><td>二</td></tr>',
        ),
        (EMAIL, '<td id="a" class="x">一</td>', '<td id="b" lang="en"><b>三</b>一</td><td>四</td>'),
        (EMAIL, "<!-- 注 --><tr><td>二</td></tr>", "<tr><td>五</td></tr>"),
        ("templates/weekly/style.css", ".page {", "#b { color: #010203; }\n.page {"),
    ]
    for number, (file, before, after) in enumerate(edits):
        mark = f'<tr><td id="mark-{number}">&nbsp;</td></tr>'
        replace_in(project / file, before, after)
        replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead() }}" + mark)
        for device in ("desktop", "phone"):
            expect(mail(loaded, device).locator(f"#mark-{number}")).to_be_attached()
        assert loaded.evaluate(_AS_LOADED), f"edit {number}"
    expect(mail(loaded, "desktop").locator("#b")).to_have_css("color", "rgb(1, 2, 3)")
    assert loaded.evaluate(_SAME), "nothing was loaded anew"
    assert watched.console == []


def test_nothing_that_comes_into_a_mail_runs(loaded: Page, project: Path) -> None:
    attack = "<script>top.hacked=1</script><img src=x onerror='top.hacked=1'><svg onload='top.hacked=1'></svg>"
    replace_in(project / EMAIL, "{% call sheet() %}", attack + "{% call sheet() %}")
    expect(mail(loaded, "desktop").locator("svg")).to_be_attached()
    settled(loaded)
    assert loaded.evaluate(_SAME)
    assert loaded.evaluate("window.hacked") is None


def test_what_only_loading_can_change_is_loaded(loaded: Page, watched: Watched) -> None:
    loaded.get_by_role("switch", name="Images").click()
    loaded.wait_for_function(f"() => !({_SAME})()")
    assert loaded.evaluate(_AS_LOADED)
    watched.outside.clear()
    settled(loaded)
    assert watched.outside == []


def settled(page: Page) -> None:
    """Wait until every picture of the mails is there, or known not to be."""
    page.evaluate(
        f"""() => Promise.all({_FRAMES}.flatMap((each) => [...each.contentDocument.images])
            .map((each) => each.decode().catch(() => null)))"""
    )
