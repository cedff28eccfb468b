"""A design is tried in every awkward case: what is wrong is told once, with its place and the cases it is wrong in."""

from __future__ import annotations

import shutil
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from digest import pipeline
from digest.app import Project
from digest.errors import SourceError
from digest.models import Finding, Level, Newsletter, Pick
from digest.pipeline.stress import Report, samples_for, stored_cases, stress
from digest.pipeline.stress.cases import made_up_cases
from digest.render import Renderer
from digest.select import latest_slot
from digest.typography import columns_of
from tests.projects import make_project, replace_in
from tests.render.issues import COPY, LINKS, TEMPLATES, newsletter

SAMPLES = TEMPLATES / "_samples"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the shipped templates that a test may break."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def tried(templates: Path, letter: Newsletter | None = None, samples: tuple[Pick, ...] = ()) -> Report:
    renderer = Renderer(templates, COPY)
    return stress(renderer, letter or newsletter(), samples, lambda _: LINKS, root=templates.parent)


def broken(report: Report) -> dict[str, set[str]]:
    """Return the places of errors, each with the names of its cases."""
    return {
        each.finding.place: {case.name for case in each.cases}
        for each in report.found
        if each.finding.level is Level.ERROR
    }


def sample(name: str) -> tuple[Pick, ...]:
    picks, _ = samples_for(newsletter(), SAMPLES)
    return tuple(pick for pick in picks if name in pick.post.path)


def test_the_shipped_design_stands_every_case_in_both_languages() -> None:
    picks, problems = samples_for(newsletter(), SAMPLES)
    report = tried(TEMPLATES, samples=picks)
    assert problems == ()
    assert not report.refused
    names = {"no posts", "one post", "twelve posts", "sixty posts", "full week", "all samples"}
    names |= {f"sample {file.stem}" for file in SAMPLES.glob("*.md")}
    assert {(each.name, each.language) for each in report.tried} == {(n, lang) for n in names for lang in ("ja", "en")}
    assert all(each.size and sum(part.size for part in each.parts) == each.size for each in report.tried)


def test_a_fault_in_a_macro_is_told_with_file_and_line_and_only_where_it_shows(templates: Path) -> None:
    macro = templates / "_macros/image.html"
    line = next(n for n, text in enumerate(macro.read_text("utf-8").splitlines(), 1) if "<img" in text)
    replace_in(macro, "<img", "{{ nothing_of_the_kind }}<img")
    report = tried(templates)
    assert broken(report) == {f"templates/_macros/image.html:{line}": {"twelve posts", "sixty posts", "full week"}}
    assert "nothing_of_the_kind" in report.findings[0].message
    assert report.refused
    assert {each.name: each.size > 0 for each in report.tried}["twelve posts"] is False
    assert {each.name: each.size > 0 for each in report.tried}["one post"] is True


def test_what_breaks_only_without_posts_is_found(templates: Path) -> None:
    with (templates / "weekly/email.txt").open("a", encoding="utf-8") as file:
        file.write("{{ posts[0].title }}\n")
    assert set(map(frozenset, broken(tried(templates)).values())) == {frozenset({"no posts"})}


def test_a_finding_of_every_mail_is_told_once_with_all_of_its_cases(templates: Path) -> None:
    for file in templates.glob("_macros/footer.*"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("links.unsubscribe", "links.view"), encoding="utf-8")
    report = tried(templates)
    (found,) = [each for each in report.found if "unsubscribe" in each.finding.code and each.finding.level == "error"]
    assert len(found.cases) == len(report.tried)
    assert report.refused


def test_what_a_long_title_brings_is_told_at_its_own_level_and_refuses_nothing() -> None:
    letter = newsletter(subject="{{ newsletter.title }}：{{ lead.title }}")
    report = tried(TEMPLATES, letter, sample("02-very-long-title") + sample("11-no-category"))
    (found,) = [each for each in report.found if each.finding.code == "mail.subject-long"]
    assert found.finding.level is not Level.ERROR
    assert {case.name for case in found.cases} == {"all samples", "sample 02-very-long-title"}
    assert not report.refused


def test_a_newsletter_of_another_language_is_tried_in_its_own_first_and_without_its_words_in_the_others() -> None:
    letter = newsletter(language="en", words={"read_more": "Go on"})
    report = tried(TEMPLATES, letter)
    assert list(dict.fromkeys(each.language for each in report.tried)) == ["en", "ja"]
    assert not report.refused


def test_a_sample_stands_in_every_place_that_a_post_can_have() -> None:
    (pick,) = sample("13-thousand")
    case = next(each for each in made_up_cases(newsletter(), [pick]) if each.name.startswith("sample"))
    roles = case.selection.shown
    assert case.selection.lead == pick.post.id
    named = [role for name, role in roles.items() if name.startswith(pick.post.id)]
    assert sorted(named) == ["also", "more", "pick", "pick"]
    addresses = [each.post.url for each in (*case.selection.picks, *case.selection.more)]
    assert len(set(addresses)) == len(addresses)


def test_the_samples_hold_what_breaks_mails() -> None:
    picks, _ = samples_for(newsletter(), SAMPLES)
    titles = [pick.post.title for pick in picks]
    everything = "".join(titles) + "".join(pick.excerpt for pick in picks)
    assert any(columns_of(title) >= 80 and " " not in title for title in titles)
    assert any(len(pick.post.url) >= 1_000 for pick in picks)
    assert any(pick.excerpt == "" for pick in picks)
    assert any(pick.post.image == "" for pick in picks)
    assert any("<script>" in title for title in titles)
    assert "\N{MAN}\u200d\N{WOMAN}\u200d" in everything
    assert "𠮷" in everything
    assert any("\U000e0100" <= character <= "\U000e01ef" for character in everything)
    assert {"R", "AL"} <= {unicodedata.bidirectional(character) for character in everything}


def test_a_sample_that_cannot_be_read_is_told_and_the_others_are_tried(tmp_path: Path) -> None:
    (tmp_path / "1.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    (tmp_path / "2.md").write_text("---\ntitle: 題\nurl: https://e.example/\n---\n本文です。\n", encoding="utf-8")
    picks, problems = samples_for(newsletter(), tmp_path)
    assert [(pick.post.title, pick.excerpt) for pick in picks] == [("題", "本文です。")]
    assert [(each.level, Path(each.file).name) for each in problems] == [(Level.WARNING, "1.md")]
    report = stress(Renderer(TEMPLATES, COPY), newsletter(), picks, lambda _: LINKS, beforehand=problems, root=tmp_path)
    assert [each.finding.file for each in report.found if not each.cases] == ["1.md"]


def test_without_samples_that_is_said(tmp_path: Path) -> None:
    picks, problems = samples_for(newsletter(), tmp_path / "none")
    assert picks == ()
    assert [each.code for each in problems] == ["sample.none"]


def built(project: Project, *days: str) -> None:
    for day in days:
        now = datetime.fromisoformat(f"{day}T09:00:00+09:00")
        press = project.press()
        pipeline.build(press, latest_slot(press.newsletter.schedule, now), now)


def test_the_last_three_issues_are_made_again_from_what_the_blog_shows(tmp_path: Path, now: datetime) -> None:
    with Project(make_project(tmp_path / "p")) as project:
        letter = project.newsletter()
        built(project, "2025-12-29", "2026-01-05", "2026-01-12", "2026-01-19")
        cases, problems = stored_cases(project.store, letter, project.read_posts, now)
        names = [case.name for case in cases]
        assert names == ["issue 2026-W04", "issue 2026-W03", "issue 2026-W02"]
        assert problems == ()
        issue = project.store.issues.find(letter.slug, "2026-W04")
        assert issue
        frozen = project.store.issues.frozen(issue)
        assert frozen
        made = project.renderer.render(
            letter, cases[0].number, cases[0].selection, project.links(letter, cases[0].selection.slot)
        )
        assert made.fingerprint == frozen.email.fingerprint


def test_a_post_that_is_gone_is_left_out_and_said(tmp_path: Path, now: datetime) -> None:
    with Project(make_project(tmp_path / "p")) as project:
        letter = project.newsletter()
        built(project, "2026-01-19")
        (before,), _ = stored_cases(project.store, letter, project.read_posts, now)
        lead = before.selection.picks[0].post
        (project.root / "examples/blog" / lead.path).unlink()
        (after,), problems = stored_cases(project.store, letter, project.read_posts, now)
    assert [pick.post.id for pick in after.selection.picks] == [pick.post.id for pick in before.selection.picks[1:]]
    assert after.selection.lead == ""
    assert [(each.level, each.code, lead.id in each.message) for each in problems] == [
        (Level.INFO, "stored.post-gone", True)
    ]


def test_without_a_readable_blog_the_stored_issues_are_not_tried(tmp_path: Path, now: datetime) -> None:
    def unreadable(_: datetime) -> object:
        raise SourceError("the folder is gone", file="blog")

    with Project(make_project(tmp_path / "p")) as project:
        letter = project.newsletter()
        assert stored_cases(project.store, letter, unreadable, now) == ((), ())  # type: ignore[arg-type]  # it is not asked
        built(project, "2026-01-19")
        cases, problems = stored_cases(project.store, letter, unreadable, now)  # type: ignore[arg-type]  # it returns nothing
    assert cases == ()
    assert [(each.level, each.code, each.file) for each in problems] == [(Level.WARNING, "stored.unread", "blog")]
    assert "the folder is gone" in problems[0].message


def test_findings_come_worst_first() -> None:
    mixed = [Finding(level, f"x.{level}", "x") for level in (Level.INFO, Level.ERROR, Level.WARNING)]
    assert [each.level for each in Report((), tuple(mixed)).findings] == [Level.ERROR, Level.WARNING, Level.INFO]
