"""A stored mail tells by itself where its bytes are: just as it was told when it was made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.models import Selection
from digest.render import Rendered, Renderer
from digest.render.stored_sizes import parts_of_stored
from digest.select import as_json
from tests.render.issues import COPY, LINKS, TEMPLATES, full_week, issue_of, newsletter

DESIGNS = sorted(path.parent.name for path in TEMPLATES.glob("[a-z]*/email.html"))


def made(selection: Selection, **changes: object) -> Rendered:
    return Renderer(TEMPLATES, COPY).typeset(newsletter(**changes), 3, selection, LINKS)


def sizes(rendered: Rendered, selection: Selection) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    found = parts_of_stored(rendered.email, as_json(selection))
    return [(each.key, each.size) for each in found], [(each.key, each.size) for each in rendered.parts]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("design", DESIGNS)
def test_the_parts_of_a_stored_mail_are_those_that_were_told_when_it_was_made(design: str, language: str) -> None:
    selection = full_week()
    stored, told = sizes(made(selection, template=design, language=language), selection)
    assert stored == told


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("posts", [1, 2, 12, 60])
def test_whatever_the_number_of_posts(design: str, posts: int) -> None:
    selection = issue_of(posts)
    stored, told = sizes(made(selection, template=design), selection)
    assert stored == told


@pytest.mark.parametrize("design", ["weekly", "magazine"])
@pytest.mark.parametrize(
    "changes", [{"design": {"show_lead": False}}, {"link_parameters": {"s": "a&b", "p": "{{ place }}"}}]
)
def test_also_without_a_lead_and_with_something_added_to_the_addresses(design: str, changes: dict[str, object]) -> None:
    selection = full_week()
    stored, told = sizes(made(selection, template=design, **changes), selection)
    assert stored == told


def test_a_greeting_belongs_to_the_masthead() -> None:
    selection = full_week()
    greeting = "おはようございます。" * 30 + "\n今週もよろしくお願いします。"
    stored, told = sizes(made(selection, greeting=greeting), selection)
    assert stored == told


def test_nothing_is_told_of_a_mail_that_does_not_show_its_posts() -> None:
    selection = full_week()
    rendered = made(selection)
    gone = rendered.email.html.replace(selection.picks[1].post.url, "https://elsewhere.example/")
    assert parts_of_stored(replace(rendered.email, html=gone), as_json(selection)) == ()
    assert parts_of_stored(rendered.email, {"sections": [], "more": []}) == ()


def test_what_is_told_adds_up_to_the_stored_mail() -> None:
    selection = full_week()
    rendered = made(selection)
    found = parts_of_stored(rendered.email, as_json(selection))
    assert sum(each.size for each in found) == len(rendered.email.html.encode())
    assert {each.label for each in found if each.key.startswith("section:")} == {
        each.heading for each in selection.sections
    }
