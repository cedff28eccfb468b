"""The example issue in every design and language, recorded whole: what a change does to mails is seen beforehand.

`make golden` records it again; the difference is for a person to read. `<design>/<language>.html` and `.txt` are the
two parts; `<language>.json` holds what no design changes: the subject, the headers, and which posts were selected.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from digest import pipeline
from digest.app import Project
from digest.models import Level, Out
from digest.pipeline import Draft
from digest.render.designs import designs
from digest.select import as_json, latest_slot
from tests.conftest import ROOT
from tests.projects import AS_OF, make_project

HERE = Path(__file__).parent
DESIGNS = designs(ROOT / "templates")
LANGUAGES: dict[str, dict[str, str]] = {
    "ja": {},
    "en": {
        'language = "ja"': 'language = "en"',
        'title = "ことのは週報"': 'title = "The Kotonoha Weekly"',
        " ほか{{ issue.count - 1 }}本": " and {{ issue.count - 1 }} more",
        "｜{{ newsletter.title }} 第{{ issue.number }}号": " | {{ newsletter.title }} no. {{ issue.number }}",
        "今週の技術だよりから{{ issue.count }}本。": "{{ issue.count }} stories of the week. ",
        "{% if not loop.last %}・{% endif %}": "{% if not loop.last %}, {% endif %}",
        "おはようございます。先週の記事から、編集部が選んだ{{ issue.count }}本をお届けします。": (
            "Good morning. These are last week’s {{ issue.count }} posts that are worth your time."
        ),
        'name = "ことのは週報 編集部"': 'name = "The Kotonoha Weekly"',
        'name = "株式会社ことのは"': 'name = "Kotonoha, Inc."',
        "〒100-0005 東京都千代田区丸の内1-1-1": "1-1-1 Marunouchi, Chiyoda-ku, Tokyo 100-0005, Japan",
        'heading = "AI最新ニュース"': 'heading = "AI news"',
        'heading = "現場のAI活用"': 'heading = "AI at work"',
        'heading = "技術と開発"': 'heading = "Engineering"',
        'heading = "イベント・お知らせ"': 'heading = "Events"',
    },
}
"""What the example newsletter says in each language; its posts stay in theirs."""


@dataclass(frozen=True)
class Made:
    design: str
    language: str
    draft: Draft


@pytest.fixture(
    scope="module",
    params=[(design, language) for design in DESIGNS for language in LANGUAGES],
    ids=lambda case: "-".join(case),
)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    design, language = request.param
    now = datetime.fromisoformat(AS_OF)
    changes = {'template = "weekly"': f'template = "{design}"', **LANGUAGES[language]}
    with Project(make_project(tmp_path_factory.mktemp("golden") / "p", weekly=changes)) as project:
        press = project.press()
        slot = latest_slot(press.newsletter.schedule, now)
        return Made(design, language, pipeline.draft(press, slot, now))


@pytest.mark.parametrize("part", ["html", "text"])
def test_each_part_of_the_example_issue_is_the_one_that_was_recorded(made: Made, part: str) -> None:
    email = made.draft.email
    name, content = {"html": ("html", email.html), "text": ("txt", email.text)}[part]
    assert content == recorded(HERE / made.design / f"{made.language}.{name}", content)


def test_whatever_the_design_the_posts_and_the_head_are_those_that_were_recorded(made: Made) -> None:
    email = made.draft.email
    head = {"subject": email.subject, "preheader": email.preheader, "headers": email.headers}
    selection = as_json(made.draft.selection, without={Out.HISTORY})
    content = json.dumps({**head, "selection": selection}, ensure_ascii=False, indent=2) + "\n"
    assert content == recorded(HERE / f"{made.language}.json", content)


def test_no_check_warns_of_the_example_issue(made: Made) -> None:
    assert made.draft.email.language == made.language
    assert not made.draft.blocked
    assert [finding for finding in made.draft.findings if finding.level is not Level.INFO] == []


def test_every_recording_is_of_a_design_and_a_language_that_there_are() -> None:
    expected = {f"{language}.json" for language in LANGUAGES}
    expected |= {
        f"{design}/{language}.{part}" for design in DESIGNS for language in LANGUAGES for part in ("html", "txt")
    }
    files = (path for path in HERE.rglob("*") if path.suffix in {".html", ".txt", ".json"})
    assert {path.relative_to(HERE).as_posix() for path in files} == expected


def recorded(file: Path, made: str) -> str:
    """Give what was recorded in a file, after writing `made` to it when the environment asks for that."""
    if os.environ.get("DIGEST_RECORD_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(made.encode())
    assert file.is_file(), "there is no recording yet: run `make golden` and read it"
    return file.read_bytes().decode()
