"""Ten thousand spoilt posts: none stops the reading, none is lost without a word, none that is hidden gets out."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from digest.collect import open_source
from tests.contracts.test_sources import DATA, KINDS, NOW

SPOILT = 10_000 // len(KINDS)
HIDING = [kind for kind in KINDS if "hidden" in json.loads((DATA / kind / "options.json").read_text("utf-8"))]
HIDDEN = 400
TOKENS = ["\n", "\r\n", "---\n", "+++\n", "---", ": ", " #", "'", '"', "[", "]", "{", "}", "{{", "{%", "%}", "|", ">",
          "&a", "*a", "!!x", "@", "`", "\t", "\0", "\x1b", "\ufeff", "\u2028", "速報", "0", "-", "2026-02-30", "null",
          "date:", "<script>", "](", "![", "```", "\\"]  # fmt: skip
SMALL = list(":[]{},&*!%@`?\t0a名\\ -")


def _mutated(raw: bytes, chance: random.Random) -> bytes:
    text = bytearray(raw)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(text) + 1)
        match chance.randrange(7):
            case 0 | 1 | 2:
                text[place:place] = chance.choice(TOKENS).encode()
            case 3:
                del text[place : place + chance.randrange(1, 12)]
            case 4:
                text[place:place] = bytes([chance.randrange(256)])
            case 5:
                del text[place:]
            case _:
                other = chance.randrange(len(text) + 1)
                text[place:place] = text[min(place, other) : min(place, other) + 30]
    return bytes(text)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / kind / "options.json").read_text("utf-8"))
    return loaded


@pytest.fixture
def bare(kind: str, settings: dict[str, Any], tmp_path: Path) -> Path:
    """The kind's example blog without its posts."""
    blog = Path(shutil.copytree(DATA / kind / "blog", tmp_path / "blog"))
    source = open_source("blog", kind, {"path": blog, **settings["options"]})
    collection = source.read(NOW)
    told = {problem.file for problem in collection.problems if problem.code.startswith("post.")}
    for path in {post.path for post in collection.posts} | told:
        (blog / path).unlink(missing_ok=True)
    return blog


def _filled(settings: dict[str, Any], slug: str, more: str) -> tuple[str, str]:
    values = {"slug": slug, "title": "題 a title", "date": "2026-02-03", "more": more}
    name, content = settings["name"], settings["post"]
    for key, value in values.items():
        name, content = name.replace(f"{{{key}}}", value), content.replace(f"{{{key}}}", value)
    return name, content


def test_every_spoilt_post_is_read_or_told(kind: str, settings: dict[str, Any], bare: Path) -> None:
    chance = random.Random(20261122)
    originals = [file.read_bytes() for file in sorted((DATA / kind / "blog").rglob("*.m*")) if file.is_file()]
    paths = set()
    for number in range(SPOILT):
        name, content = _filled(settings, f"spoilt-{number}", "")
        raw = content.encode() if number % 3 == 0 else chance.choice(originals)
        file = bare / settings["posts"] / name
        file.write_bytes(_mutated(raw, chance))
        paths.add(file.relative_to(bare).as_posix())
    collection = open_source("blog", kind, {"path": bare, **settings["options"]}).read(NOW)
    told = {post.path for post in collection.posts} | {problem.file for problem in collection.problems}
    assert paths <= told
    assert len({post.id for post in collection.posts}) == len(collection.posts)
    for post in collection.posts:
        assert post.published_at.tzinfo is not None
        assert post.url.isascii()
        assert "\n" not in post.title
        post.text.read().encode()


@pytest.mark.parametrize("kind", HIDING, indirect=True)
def test_a_hidden_post_stays_hidden_whatever_else_in_it_is_spoilt(
    settings: dict[str, Any], kind: str, bare: Path
) -> None:
    hidden = settings["hidden"]
    chance = random.Random(20261123)
    contents = {}
    for number in range(HIDDEN):
        name, content = _filled(settings, f"hidden-{number}", hidden)
        start = content.index(hidden)
        places = [*range(start), *range(start + len(hidden), content.rindex("Words"))]
        place = chance.choice(places)
        token = chance.choice(SMALL)
        kept = place + chance.randrange(2) if content[place] != "\n" else place
        contents[name] = content[:place] + token * chance.randrange(2) + content[kept:]
        (bare / settings["posts"] / name).write_text(contents[name])
    collection = open_source("blog", kind, {"path": bare, **settings["options"]}).read(NOW)
    shown = [contents[name] for post in collection.shown if (name := Path(post.path).name) in contents]
    assert not shown, shown[0]
