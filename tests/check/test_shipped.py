"""The shipped designs pass every check, in any week and either language."""

from __future__ import annotations

import pytest

from digest.check import Demands, check_email
from digest.models import Email, Finding, Level, Selection
from digest.render import Renderer
from tests.render.issues import COPY, LINKS, TEMPLATES, awkward, full_week, issue_of, more_awkward, newsletter, week

DESIGNS = sorted(folder.name for folder in TEMPLATES.iterdir() if (folder / "email.html").is_file())
WEEKS = {
    "a usual week": week(),
    "a full week": full_week(),
    "one post": issue_of(1),
    "sixty posts": issue_of(60),
    "awkward posts": awkward(),
    "awkward posts without a place": more_awkward(),
}
BY_THE_POSTS = {"mail.subject-long", "mail.large"}
"""What long titles and sixty posts bring, whatever the design."""


def rendered(design: str, selection: Selection, language: str) -> Email:
    words = {"greeting": "", "title": "Weekly"} if language == "en" else {}
    settings = newsletter(template=design, language=language, **words)
    return Renderer(TEMPLATES, COPY).render(settings, 3, selection, LINKS)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("selection", WEEKS.values(), ids=WEEKS)
@pytest.mark.parametrize("design", DESIGNS)
def test_it_has_no_findings(design: str, selection: Selection, language: str) -> None:
    publisher = newsletter().publisher
    demands = Demands(
        publisher_name=publisher.name,
        publisher_address=publisher.postal_address,
        publisher_contact=publisher.contact,
    )
    found = check_email(rendered(design, selection, language), demands)
    assert [each for each in found if each.code not in BY_THE_POSTS and not _is_told_for_information(each)] == []


def _is_told_for_information(finding: Finding) -> bool:
    """Tell whether it only says what single mail programs leave out of a design that works without."""
    return finding.level is Level.INFO and finding.code.startswith("mail.client")
