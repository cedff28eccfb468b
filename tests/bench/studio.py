"""How fast the studio shows a change: from a saved file to the pixels, in a real browser, beside other people's."""

from __future__ import annotations

import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, ViewportSize

from digest.app import Project
from digest.pipeline import draft
from digest.render import Inliner
from digest.select import slot_of_period
from tests.bench.pixels import FRAME, Screen, chromium
from tests.bench.previews import PREVIEWS, previewed
from tests.bench.stories import STORIES
from tests.projects import AS_OF, make_project, replace_in
from tests.studio.starting import started

POSTS = len(STORIES)
ROUNDS = 15
_TABS = 50
_STARTS = 5
_WINDOW: ViewportSize = {"width": 1440, "height": 900}
_ISSUE = "weekly/2026-W04"
_GOALS: dict[Inliner, int] = {"premailer": 150, "css-inline": 80}
"""Milliseconds from a saved file to the changed pixels."""
_FIRST_PAGE = 700
_TYPING = 100
_CATEGORIES = ("AI最新ニュース", "業界別AI活用", "AI技術ガイド", "イベント")
_MASTHEAD, _GROUND = "td.masthead", "backgroundColor"
_PAUSE = 400
"""Milliseconds between two words that are typed."""
_SERIAL = count(1)


def measure(folder: Path) -> None:
    """Time the studio on an issue of twenty posts, and others on as many articles."""
    with chromium() as browser:
        if browser is None:
            return
        print(f"\nthe studio in Chromium, an issue of {POSTS} posts: medians of {ROUNDS}")
        print(f"  too long by up to {FRAME * 1000:.0f} ms each, since the page is looked at once a frame")
        medians = {inliner: _studio(browser, folder, inliner, goal) for inliner, goal in _GOALS.items()}
        for preview in PREVIEWS:
            with previewed(preview, folder) as found:
                if found is None:
                    continue
                address, file, text = found
                page = browser.new_page(viewport=_WINDOW)
                page.goto(address)
                change = Change(file, text, "#bench")
                screen = Screen(page)
                from_save(screen, change, 2)  # what it compiles at first
                median = _tell(f"{preview.name}, from saving the mail", from_save(screen, change))
                page.close()
            for inliner, ours in medians.items():
                print(f"  ratio {inliner}, from saving the style sheet / {preview.name}: {ours / median:.2f}")


def _studio(browser: Browser, folder: Path, inliner: Inliner, goal: int) -> float:
    """Print all about one inliner, and return the median seconds from saving the style sheet."""
    project = twenty_posts(folder / f"studio-{inliner}", inliner)
    made = changes(project)
    first = [_first_page(browser, project) for _ in range(_STARTS)]
    _tell(f"{inliner}, from the start to the first mail", first, _FIRST_PAGE)
    with started(project) as studio:
        page = browser.new_page(viewport=_WINDOW, locale="en-GB")
        page.goto(studio.url)
        screen = Screen(page)
        medians = {
            name: _tell(f"{inliner}, from saving {name}", from_save(screen, change), goal)
            for name, change in made.items()
        }
        style = made["the style sheet"]
        for looking in (False, True):
            with tabs(page, studio.origin, _TABS, looking=looking):
                what = f"the same, beside {_TABS} tabs that {'look as well' if looking else 'listen'}"
                beside = _tell(f"{inliner}, {what}", from_save(screen, style), goal)
                print(f"  ratio beside {_TABS} tabs / beside none: {beside / medians['the style sheet']:.2f}")
        page.goto(f"{studio.origin}/look/weekly")
        _tell(f"{inliner}, from a key in the look form", while_typing(screen), _TYPING)
        page.close()
    return medians["the style sheet"]


def twenty_posts(folder: Path, inliner: Inliner) -> Path:
    """Make a project whose issue has twenty posts."""
    folder.mkdir(parents=True)
    project = make_project(folder, weekly={"max_posts = 12": f"max_posts = {POSTS}"})
    replace_in(project / "config/digest.toml", 'inliner = "premailer"', f'inliner = "{inliner}"')
    weekly = project / "config/newsletters/weekly.toml"
    weekly.write_text(re.sub(r"maximum = \d+", f"maximum = {POSTS // 4}", weekly.read_text("utf-8")), "utf-8")
    for number in range(POSTS):
        day, category = 12 + number % 7, _CATEGORIES[number % 4]
        title, text = STORIES[number]
        head = f"---\ntitle: {title}\ndate: 2026-01-{day} 09:00:00 +0900\ncategories: [{category}]\n---\n"
        file = project / f"examples/blog/_posts/2026-01-{day}-bench-{number}.md"
        file.write_text(f"{head}{text}\n", encoding="utf-8")
    with Project(project) as opened:
        now = datetime.fromisoformat(AS_OF)
        found = draft(opened.press("weekly"), slot_of_period(opened.newsletter("weekly").schedule, "2026-W04"), now)
    if len(found.selection.picks) != POSTS:
        raise RuntimeError(f"the issue has {len(found.selection.picks)} posts instead of {POSTS}")
    return project


@dataclass(frozen=True, slots=True)
class Change:
    """A file whose text gives a part of the mail its ground."""

    file: Path
    text: str
    """With `COLOR` where the colour belongs."""
    selector: str

    def save(self, color: str) -> None:
        """Save the file with a colour (`#rrggbb`)."""
        self.file.write_text(self.text.replace("COLOR", color), encoding="utf-8")


def changes(project: Path) -> dict[str, Change]:
    """Return a file of each kind, saved with a first colour."""
    style, email = project / "templates/weekly/style.css", project / "templates/weekly/email.html"
    weekly = project / "config/newsletters/weekly.toml"
    row = '{{ masthead() }}\n<tr><td id="bench" style="background-color: COLOR; height: 40px">&nbsp;</td></tr>'
    made = {
        "the style sheet": Change(
            style, f"{style.read_text('utf-8')}\n.page {{ background-color: COLOR; }}\n", "#body"
        ),
        "the template": Change(email, email.read_text("utf-8").replace("{{ masthead() }}", row), "#bench"),
        "the newsletter": Change(weekly, f'{weekly.read_text("utf-8")}\n[design]\naccent = "COLOR"\n', _MASTHEAD),
    }
    for each in made.values():
        each.save("#124e78")
    return made


def from_save(screen: Screen, change: Change, rounds: int | None = None) -> list[float]:
    """Return the seconds from each save to the changed pixels."""
    taken = []
    for color in _colors(rounds or ROUNDS):
        save = partial(change.save, color)
        taken.append(screen.seconds_until(_as_shown(color), save, selector=change.selector, css=_GROUND))
    return taken


def while_typing(screen: Screen) -> list[float]:
    """Return the seconds from each last key of a colour, typed into the form, to the changed pixels."""
    page, taken = screen.page, []
    field = page.get_by_label("Accent colour", exact=True)
    for color in _colors(ROUNDS):
        field.fill(color[:-1])
        page.wait_for_timeout(_PAUSE)
        field.press("End")
        taken.append(screen.seconds_of_typing(_as_shown(color), color[-1], selector=_MASTHEAD, css=_GROUND))
    return taken


@contextmanager
def tabs(page: Page, origin: str, many: int, *, looking: bool) -> Iterator[None]:
    """Keep so many event streams open; `looking` ones fetch the page at every change, as a tab does."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    host, port = urlsplit(origin).hostname or "", urlsplit(origin).port or 0
    over = threading.Event()

    def tab() -> None:
        with _asked(host, port, "/events", cookies) as stream:
            while not over.is_set() and (got := stream.recv(4096)):
                if looking and b"event: version" in got:
                    for path in (f"/issues/{_ISSUE}/picture", "/"):
                        with _asked(host, port, path, cookies, "Connection: close") as answer:
                            while answer.recv(1 << 20):
                                pass

    threads = [threading.Thread(target=tab, daemon=True) for _ in range(many)]
    for thread in threads:
        thread.start()
    page.wait_for_timeout(1_000)
    yield
    over.set()


def _asked(host: str, port: int, path: str, cookies: str, *more: str) -> socket.socket:
    asking = socket.create_connection((host, port))
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {cookies}", *more, "", "")
    asking.sendall("\r\n".join(lines).encode())
    return asking


def _first_page(browser: Browser, project: Path) -> float:
    """Return the seconds from the start of the command to the painted mail."""
    program = (sys.executable, "-m", "digest", "preview", "--project", project, "--as-of", AS_OF)
    begun = time.perf_counter()
    with subprocess.Popen((*program, "--no-open", "--port", "0"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        page = browser.new_page(viewport=_WINDOW)
        page.goto(re.findall(r"http://\S+", said)[0], wait_until="commit")
        taken = Screen(page).when("rgb(18, 78, 120)", selector=_MASTHEAD, css=_GROUND) - begun
        page.close()
        process.terminate()
    return taken


def _colors(many: int) -> Iterator[str]:
    """Yield other colours, dark ones, that no one has seen before."""
    for _ in range(many):
        yield f"#1{next(_SERIAL) % 4096:03x}78"


def _as_shown(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


def _tell(what: str, taken: Sequence[float], goal: int = 0) -> float:
    """Print and return the median."""
    median = statistics.median(taken)
    share = f"; share of the {goal} ms that are wanted: {median * 1000 / goal:.2f}" if goal else ""
    print(f"  {what:<56} {median * 1000:7.0f} ms (slowest {max(taken) * 1000:.0f}){share}")
    return median
