"""One renderer, one mail: deterministic, and clear about what is wrong in whose file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from digest.check import check_email
from digest.errors import TemplateError
from digest.models import Email, Mailbox, Newsletter
from digest.render import Renderer
from tests.render.issues import COPY, LINKS, TEMPLATES, issue_of, newsletter


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    shutil.copytree(COPY, tmp_path / "copy")
    return tmp_path


def render(project: Path, wanted: Newsletter | None = None, count: int = 3) -> Email:
    renderer = Renderer(project / "templates", project / "copy")
    return renderer.render(wanted or newsletter(), 3, issue_of(count), LINKS)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(file: Path, text: str) -> int:
    return file.read_text(encoding="utf-8").split(text)[0].count("\n") + 1


def test_the_same_issue_gives_the_same_bytes(project: Path) -> None:
    assert render(project).fingerprint == render(project).fingerprint


def test_threads_do_not_disturb_each_other() -> None:
    renderer = Renderer(TEMPLATES, COPY)

    def html(accent: str) -> str:
        return renderer.render(newsletter(design={"accent": accent}), 3, issue_of(4), LINKS).html

    accents = [f"#{shade:02x}4e78" for shade in range(4)] * 6
    alone = {accent: html(accent) for accent in set(accents)}
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(html, accents)) == [alone[accent] for accent in accents]


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "from tests.render.issues import *; from digest.render import Renderer;"
        "print(Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(12), LINKS).fingerprint)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=TEMPLATES.parent,
            env={"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, locale, zone in (("1", "C", "America/New_York"), ("2", "C.UTF-8", "Asia/Tokyo"))
    ]
    here = Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(12), LINKS).fingerprint
    assert runs == [here + "\n"] * 2


def test_importing_the_renderer_loads_no_inliner() -> None:
    program = "import sys, digest.render; print(sorted({'jinja2', 'premailer', 'babel', 'lxml'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_it_watches_the_designs_and_the_words() -> None:
    assert Renderer(TEMPLATES, COPY).watched() == (TEMPLATES, COPY)


def test_an_edit_shows_at_once(project: Path) -> None:
    renderer = Renderer(project / "templates", project / "copy")
    before = renderer.render(newsletter(), 3, issue_of(2), LINKS)
    edit(project / "copy" / "ja.toml", "続きを読む", "もっと読む")
    after = renderer.render(newsletter(), 3, issue_of(2), LINKS)
    assert "続きを読む" in before.html
    assert "もっと読む" in after.html


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("weekly/email.html", "{% if greeting %}", "{% if greting %}", "there is no `greting` here"),
        ("weekly/email.html", "{% if not posts %}", "{% fi not posts %}", "unknown tag 'fi'"),
        ("weekly/email.txt", "section.heading", "section.hading", "there is no `hading` here"),
        ("_macros/posts.html", "{{ words.lead }}", "{{ words.leed }}", "there is no `leed` here"),
        ("_macros/footer.html", "newsletter.publisher.name", "newsletter.publisher.nam", "there is no `nam` here"),
        ("weekly/style.css", "{{ design.page }}", "{{ design.pag }}", "there is no `pag` here"),
        ("weekly/dark.css", "{{ sheet }}", "{{ shet }}", "there is no `shet` here"),
        ("weekly/style.css", ".lead { padding", ".lead { padding 1px; x", "the style cannot be read"),
        ("weekly/style.css", ".kicker {", "@media print { .kicker {", "`@media` cannot go into a style attribute"),
        ("weekly/style.css", ".more-link {", ".more-link:hover {", "`:hover` cannot go into a style attribute"),
        ("weekly/style.css", "font-size: 26px", "font-size: 26px !important", "`!important` cannot go"),
        ("weekly/email.html", '{% include "weekly/style.css" %}', '{% include "weekly/stile.css" %}', "stile.css"),
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_file_and_line(
    file: str, old: str, new: str, message: str, project: Path
) -> None:
    path = project / "templates" / file
    line = line_of(path, old)
    edit(path, old, new)
    with pytest.raises(TemplateError) as error:
        render(project)
    assert message in str(error.value)
    assert error.value.file == str(path)
    assert error.value.line == line


def test_a_template_that_is_not_utf8_is_named(project: Path) -> None:
    (project / "templates" / "weekly" / "email.txt").write_bytes("週刊".encode("shift_jis"))
    with pytest.raises(TemplateError, match="it is not UTF-8 text") as error:
        render(project)
    assert str(error.value.file).endswith("email.txt")


def test_a_colour_that_outlook_drops_is_refused_wherever_it_stands(project: Path) -> None:
    edit(project / "templates" / "_macros" / "posts.html", '<p class="kicker">', '<p style="color: rgba(0,0,0,.5)">')
    with pytest.raises(TemplateError, match="stands in a style attribute"):
        render(project)


@pytest.mark.parametrize("key", ["subject", "preheader", "greeting"])
def test_a_mistake_in_the_newsletters_own_lines_is_told_with_its_key_and_line(key: str, project: Path) -> None:
    file = project / "weekly.toml"
    file.write_text(f'title = "x"\n\n{key} = "{{{{ lead.titel }}}}"\n', encoding="utf-8")
    with pytest.raises(TemplateError) as error:
        render(project, newsletter(file=str(file), **{key: "{{ lead.titel }}"}))
    assert (error.value.file, error.value.line) == (str(file), 3)
    assert error.value.message == f"`{key}`: there is no `titel` here"
    assert error.value.fix == "did you mean `title`?"


@pytest.mark.parametrize(
    ("changes", "message", "fix"),
    [
        ({"template": "weekli"}, "there is no template “weekli”", "did you mean `weekly`?"),
        ({"template": "../weekly"}, "there is no template “../weekly”", ""),
        ({"template": "_macros"}, "there is no template “_macros”", "known are briefing, magazine, weekly"),
        ({"design": {"acent": "#000000"}}, "`design.acent` is not a token", "did you mean `accent`?"),
        ({"design": {"accent": "red"}}, "`design.accent` is 'red', but a colour is written #rrggbb", ""),
        ({"design": {"accent": "#fff"}}, "`design.accent`", ""),
        ({"design": {"body_size": 40}}, "of at most 18 in steps of 2", ""),
        ({"design": {"body_size": 15}}, "in steps of 2", ""),
        ({"design": {"body_size": True}}, "it is a number", ""),
        ({"design": {"show_lead": "yes"}}, "it is true or false", ""),
        ({"design": {"body_font": "Comic Sans"}}, "it is one of gothic, mincho", ""),
        ({"design": {"logo": "http://example.com/logo.png"}}, "it is an https:// address", ""),
        ({"design": {"logo": 'https://example.com/"x'}}, "it is an https:// address", ""),
        ({"design": {"footer_note": "あ" * 201}}, "at most 200 characters", ""),
        ({"words": {"unsubscrib": "やめる"}}, "`words.unsubscrib` is not a word", "did you mean `unsubscribe`?"),
        ({"language": "fr"}, "there are no words for the language “fr”", "known are en, ja"),
        ({"sender": Mailbox("news@example.com", "a\r\nBcc: x@example.com")}, "CARRIAGE RETURN", ""),
        ({"sender": Mailbox("news@example.com\nx", "a")}, "LINE FEED", ""),
        ({"reply_to": Mailbox("news@example.com", "a\x00")}, "NULL", ""),
        ({"subject": "bell \x07"}, "`subject` holds U+0007", ""),
        ({"preheader": "\x92"}, "`preheader` holds U+0092", ""),
    ],
)
def test_a_wrong_setting_is_told_with_the_newsletters_file(
    changes: dict[str, object], message: str, fix: str, project: Path
) -> None:
    with pytest.raises(TemplateError) as error:
        render(project, newsletter(file="config/newsletters/weekly.toml", **changes))
    assert message in str(error.value)
    assert fix in error.value.fix
    assert error.value.file == "config/newsletters/weekly.toml"


def test_a_design_without_its_text_part_is_refused(project: Path) -> None:
    (project / "templates" / "weekly" / "email.txt").unlink()
    with pytest.raises(TemplateError, match=r"has no email\.txt"):
        render(project)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('default = "#124e78"', 'default = "blue"', "the default of the token `accent`"),
        ('type = "color"', 'type = "colour"', "unknown type 'colour'"),
        ("minimum = 80", "minimun = 80", "unknown setting `minimun`"),
        ('type = "color"\n', "", "needs a type and a default"),
        ("[accent]", "[accent", "it is not TOML"),
    ],
)
def test_a_mistake_in_the_tokens_is_told_with_their_file(old: str, new: str, message: str, project: Path) -> None:
    file = project / "templates" / "weekly" / "tokens.toml"
    edit(file, old, new)
    with pytest.raises(TemplateError) as error:
        render(project)
    assert message in str(error.value)
    assert error.value.file == str(file)


def test_a_word_can_be_changed_for_one_newsletter(project: Path) -> None:
    email = render(project, newsletter(words={"read_more": "全文へ", "minutes": "{minutes}分で読めます"}))
    assert "全文へ" in email.html
    assert "分で読めます" in email.text
    with pytest.raises(TemplateError, match=r"asks for \{minuts\}") as error:
        render(project, newsletter(file="weekly.toml", words={"minutes": "{minuts}分"}))
    assert error.value.file == "weekly.toml"


def test_the_subject_is_one_line_and_not_escaped(project: Path) -> None:
    email = render(
        project, newsletter(title="A & B", subject="\n {{ newsletter.title }}\n\t<第{{ issue.number }}号> \n")
    )
    assert email.subject == "A & B <第3号>"
    assert "<title>A &amp; B &lt;第3号&gt;</title>" in email.html


def test_a_title_with_a_line_break_cannot_add_a_header(project: Path) -> None:
    selection = issue_of(1)
    pick = selection.picks[0]
    bad = replace(pick, post=replace(pick.post, title="題名\r\nBcc: everyone@example.com"))
    selection = replace(selection, sections=(replace(selection.sections[0], picks=(bad,)),))
    email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, selection, LINKS)
    assert "\n" not in email.subject
    assert "\r" not in email.subject


def test_a_draft_without_a_number_does_not_show_one() -> None:
    plain = newsletter(subject="{{ newsletter.title }}")
    email = Renderer(TEMPLATES, COPY).render(plain, 0, issue_of(2), LINKS)
    assert "第0号" not in email.html + email.text


def test_a_feed_cannot_ask_for_a_readers_token() -> None:
    selection = issue_of(2)
    pick = selection.picks[1]
    thief = replace(pick.post, url="https://evil.example.com/?t=__READER_TOKEN__", title="{{ name }} __READER_TOKEN__")
    picks = (selection.picks[0], replace(pick, post=thief, excerpt="%{{ x }} __READER_TOKEN__"))
    selection = replace(selection, sections=(replace(selection.sections[0], picks=picks),))
    email = Renderer(TEMPLATES, COPY).render(newsletter(), 3, selection, LINKS)
    assert email.html.count("__READER_TOKEN__") == 1
    assert email.text.count("__READER_TOKEN__") == 1
    assert "{{" not in email.html + email.text


@pytest.mark.parametrize(
    ("slug", "address", "expected"),
    [
        ("weekly", "news@example.com", "<weekly.example.com>"),
        ("Weekly_News", "news@Example.COM", "<weekly-news.example.com>"),
        ("weekly", "news@日本語.example", "<weekly.xn--wgv71a119e.example>"),
    ],
)
def test_the_list_is_named_in_ascii(slug: str, address: str, expected: str) -> None:
    wanted = newsletter(slug=slug, sender=Mailbox(address, "x"))
    email = Renderer(TEMPLATES, COPY).render(wanted, 3, issue_of(1), LINKS)
    assert dict(email.headers)["List-Id"] == expected


def test_a_slug_in_japanese_still_names_the_list_in_ascii() -> None:
    email = Renderer(TEMPLATES, COPY).render(newsletter(slug="週刊"), 3, issue_of(1), LINKS)
    assert dict(email.headers)["List-Id"].isascii()
    assert all(value.isascii() for _, value in email.headers)


def test_an_address_to_unsubscribe_that_could_break_the_header_is_refused() -> None:
    bad = replace(LINKS, unsubscribe_url="https://news.example.com/u/__READER_TOKEN__>\r\nBcc: x@example.com")
    with pytest.raises(TemplateError, match="cannot stand in a header"):
        Renderer(TEMPLATES, COPY).render(newsletter(), 3, issue_of(1), bad)


def test_a_part_that_the_design_does_not_use_yet_can_be_put_in(project: Path) -> None:
    page = project / "templates" / "weekly" / "email.html"
    edit(page, "<!DOCTYPE", '{% from "_macros/divider.html" import divider with context %}\n<!DOCTYPE')
    edit(page, "{% if not posts %}", "{{ divider() }}\n{% if not posts %}")
    email = render(project)
    assert "border-top:1px solid" in email.html
    assert check_email(email) == ()
