"""Whatever is found about a mail, the line of the design or the post that it comes from is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from digest.check import check_email
from digest.models import Finding, Level, Newsletter, Selection, Spot
from digest.render import Rendered, Renderer
from digest.render.bounded import Workshop
from digest.render.manuscript import Manuscript
from digest.render.tracing import TracingSandbox, read_marks
from tests.render.issues import COPY, LINKS, TEMPLATES, awkward, full_week, issue_of, more_awkward, newsletter
from tests.render.test_renderer import edit, line_of

DESIGNS = ("weekly", "briefing", "magazine")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    return tmp_path / "templates"


def found(
    templates: Path, wanted: Newsletter | None = None, selection: Selection | None = None
) -> dict[str, list[Finding]]:
    """Return what is found about a mail, by code."""
    renderer = Renderer(templates, COPY)
    issue = (wanted or newsletter(), 3, selection or issue_of(3), LINKS)
    made = renderer.typeset(*issue)
    by_code: dict[str, list[Finding]] = {}
    for finding in renderer.located(check_email(made.email), made, *issue):
        by_code.setdefault(finding.code, []).append(finding)
    return by_code


def about_every_tag(made: Rendered) -> Iterator[tuple[str, Finding]]:
    root = etree.fromstring(made.email.html.encode(), etree.HTMLParser(encoding="utf-8"))
    names = [str(element.tag) for element in root.iter("*") if element.tag != "style"]
    for number, name in enumerate(names):
        yield name, Finding(Level.INFO, f"tag-{number}", "A tag.", spot=Spot(tag=number))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("selection", [full_week(), awkward(), more_awkward(), issue_of(90)], ids="wamn")
def test_every_tag_of_a_mail_leads_to_the_line_that_writes_it(design: str, language: str, selection: Selection) -> None:
    issue = (newsletter(template=design, language=language), 3, selection, LINKS)
    renderer = Renderer(TEMPLATES, COPY)
    made = renderer.typeset(*issue)
    tags = list(about_every_tag(made))
    assert len(tags) > 50
    told = renderer.located((finding for _, finding in tags), made, *issue)
    for (name, _), finding in zip(tags, told, strict=True):
        lines = Path(finding.file).read_text(encoding="utf-8").splitlines()
        assert f"<{name}" in lines[finding.line - 1], (name, finding.place)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_marks_change_nothing_else(design: str) -> None:
    manuscript = Manuscript(TEMPLATES, COPY, newsletter(template=design), 3, full_week(), LINKS)
    assert read_marks(manuscript.html((), TracingSandbox)).text == manuscript.html(())
    traced, plain = read_marks(manuscript.text((), TracingSandbox)).text, manuscript.text(())
    assert traced.split() == plain.split()  # empty lines that hold a mark are left standing


def test_a_tag_of_a_macro_leads_into_the_file_of_the_macro(templates: Path) -> None:
    file = templates / "_macros" / "posts.html"
    edit(file, '<p class="more">', '<p class="more"><img src="https://blog.example.com/dot.png" width="8">')
    told = found(templates)["mail.image-alt"]
    assert [(each.file, each.line) for each in told] == [(str(file), line_of(file, "dot.png"))]


def test_one_line_that_is_wrong_in_every_card_is_told_once_and_counted(templates: Path) -> None:
    edit(templates / "_macros" / "posts.html", '<p class="more">', '<p class="more"><a href="#">x</a>')
    cards = len(issue_of(6).picks) - 1
    told = found(templates, selection=issue_of(6))["mail.link-empty"]
    assert len(told) == 1
    assert told[0].times == cards


def test_a_style_leads_to_its_line_in_the_style_sheet(templates: Path) -> None:
    file = templates / "weekly" / "style.css"
    more = "\n.card { clip-path: circle(40%);\n  margin: -4px; }\n"
    file.write_text(file.read_text(encoding="utf-8") + more)
    wrong = found(templates)
    assert wrong["mail.old-engine-margin"][0].place == f"{file}:{line_of(file, 'margin: -4px')}"
    assert wrong["mail.client-lacks"][0].place == f"{file}:{line_of(file, 'clip-path')}"


def test_a_style_that_stays_leads_to_its_line_too(templates: Path) -> None:
    file = templates / "weekly" / "dark.css"
    file.write_text(
        file.read_text(encoding="utf-8") + "\n@media (prefers-color-scheme: dark) {\n  .card { color: #fafbfc }\n}\n"
    )
    assert found(templates)["mail.dark-weak"][0].place == f"{file}:{line_of(file, '#fafbfc')}"


def test_a_colour_that_cannot_be_read_leads_to_the_tag_that_has_it(templates: Path) -> None:
    file = templates / "_macros" / "footer.html"
    edit(file, '<p class="small">{{ words.why', '<p style="color:#f0f0f0">{{ words.why')
    assert found(templates)["mail.contrast-light"][0].place == f"{file}:{line_of(file, '#f0f0f0')}"


def test_a_line_of_the_text_part_leads_to_its_template(templates: Path) -> None:
    file = templates / "weekly" / "email.txt"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "\n" + "a long line " * 12 + "\n", encoding="utf-8")
    assert found(templates)["mail.text-wide"][0].place == f"{file}:{line_of(file, 'a long line')}"


def test_the_inbox_line_leads_to_its_setting(templates: Path, tmp_path: Path) -> None:
    file = tmp_path / "weekly.toml"
    file.write_text('title = "x"\n\nsubject = "…"\npreheader = "…"\n', encoding="utf-8")
    told = found(templates, newsletter(subject="長い件名です" * 20, preheader=" ", file=str(file)))
    assert told["mail.subject-long"][0].place == f"{file}:3"
    assert told["mail.no-preheader"][0].place == f"{file}:4"


def test_the_address_of_a_post_leads_to_the_post(templates: Path) -> None:
    week = issue_of(3)
    section = week.sections[0]
    pick = section.picks[0]
    post = replace(pick.post, url="http://127.0.0.1:4000/2026/first/", path="_posts/2026-01-20-first.md")
    changed = replace(section, picks=(replace(pick, post=post), *section.picks[1:]))
    told = found(templates, selection=replace(week, sections=(changed, *week.sections[1:])))["mail.link-local"]
    assert {each.place for each in told} == {"_posts/2026-01-20-first.md"}


def test_what_has_a_place_or_none_at_all_stays_as_it_is() -> None:
    renderer = Renderer(TEMPLATES, COPY)
    issue = (newsletter(), 3, issue_of(1), LINKS)
    made = renderer.typeset(*issue)
    findings = (
        Finding(Level.INFO, "one", "It has a file.", "config/digest.toml", 4, spot=Spot(tag=3)),
        Finding(Level.INFO, "two", "It is about the world."),
    )
    assert renderer.located(findings, made, *issue) == findings


def test_a_place_that_is_not_there_leads_to_the_design_alone() -> None:
    renderer = Renderer(TEMPLATES, COPY)
    issue = (newsletter(), 3, issue_of(1), LINKS)
    made = renderer.typeset(*issue)
    spots = (Spot(tag=99_999), Spot(quote="there is no such thing"), Spot("text", quote="nor this"), Spot())
    findings = [Finding(Level.INFO, f"{number}", "Nowhere.", spot=spot) for number, spot in enumerate(spots)]
    told = renderer.located(findings, made, *issue)
    weekly = TEMPLATES / "weekly"
    assert [each.place for each in told] == [
        str(weekly / name) for name in ("email.html", "email.html", "email.txt", "email.html")
    ]


def test_a_post_cannot_point_elsewhere_with_marks_of_its_own(templates: Path) -> None:
    forged = "".join(chr(0xE0000 + ord(each)) for each in "../../config/digest.toml:1")
    week = issue_of(2)
    section = week.sections[0]
    posts = tuple(
        replace(pick, post=replace(pick.post, title=f"\U000e0001{forged}\U000e007f{pick.post.title}"))
        for pick in section.picks
    )
    selection = replace(week, sections=(replace(section, picks=posts), *week.sections[1:]))
    edit(templates / "_macros" / "posts.html", '<p class="more">', '<p class="more"><a href="#">x</a>')
    for told in found(templates, selection=selection).values():
        assert all(Path(each.file).is_relative_to(templates) or not each.file for each in told)
        assert all(".." not in each.file for each in told)


def test_a_process_of_its_own_says_the_same(templates: Path) -> None:
    edit(templates / "_macros" / "posts.html", '<p class="more">', '<p class="more"><a href="#">x</a>')
    issue = (newsletter(), 3, issue_of(90), LINKS)
    renderer = Renderer(templates, COPY)
    made = renderer.typeset(*issue)
    assert made.compact
    with Workshop(templates, COPY) as workshop:
        same = workshop.typeset(*issue)
        assert same == made
        found_there = workshop.located(check_email(same.email), same, *issue)
    assert found_there == renderer.located(check_email(made.email), made, *issue)
    assert any(each.line for each in found_there)
