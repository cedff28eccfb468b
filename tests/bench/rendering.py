"""How long one issue takes from its picks to a checked mail: with either inliner, beside inliners alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import css_inline
import pytest
from premailer import Premailer

from digest.check import check_email
from digest.models import Email
from digest.render import Inliner, Renderer, compose
from tests.bench.timing import side_by_side, tell
from tests.render.issues import COPY, LINKS, TEMPLATES, issue_of, newsletter

POSTS = 20
_ROUNDS = 15
_GOALS: dict[Inliner, int] = {"premailer": 250, "css-inline": 40}
"""Milliseconds, warm."""

_JUICE = """
const fs = require('fs'), module_ = require('juice'), juice = module_.default || module_;
const html = fs.readFileSync(process.argv[1], 'utf8');
const rounds = Number(process.argv[2]), taken = [];
const options = {preserveMediaQueries: true, preserveFontFaces: true, preserveKeyFrames: true, preservePseudos: true};
for (let round = 0; round < rounds + 3; round++) {
    const started = process.hrtime.bigint();
    juice(html, options);
    taken.push(Number(process.hrtime.bigint() - started) / 1e9);
}
const warm = taken.slice(3).sort((one, other) => one - other);
console.log(warm[Math.floor(warm.length / 2)]);
"""


def measure(folder: Path) -> None:
    """Time an issue of twenty posts; everything is warm, as in a preview or in the second language."""
    selection, wanted = issue_of(POSTS), newsletter(max_posts=POSTS)
    rendered = _before_inlining(lambda: Renderer(TEMPLATES, COPY).render(wanted, 3, selection, LINKS))
    file = folder / "before-inlining.html"
    file.write_text(rendered, encoding="utf-8")

    def checked(engine: Inliner) -> Callable[[], object]:
        renderer = Renderer(TEMPLATES, COPY, engine)
        return lambda: check_email(renderer.render(wanted, 3, selection, LINKS))

    alone = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    email = Renderer(TEMPLATES, COPY).render(wanted, 3, selection, LINKS)
    serial = count()
    tasks: dict[str, Callable[[], object]] = {
        "from picks to a checked mail, premailer": checked("premailer"),
        "from picks to a checked mail, css-inline": checked("css-inline"),
        "of these, the checks": lambda: _checked_anew(email, next(serial)),
        "premailer alone": lambda: Premailer(rendered, allow_network=False, cssutils_logging_level=50).transform(),
        "css-inline alone": lambda: alone.inline(rendered),
    }
    if juice := _juice(folder):
        tasks["juice alone"] = lambda: juice(file)
    for task in tasks.values():
        task()
    medians = side_by_side(tasks, _ROUNDS)
    others = [name for name in ("premailer alone", "css-inline alone", "juice alone") if name in medians]
    tell(
        f"an issue of {POSTS} posts, {len(rendered.encode()):,} bytes before inlining",
        medians,
        ("from picks to a checked mail, premailer", "from picks to a checked mail, css-inline"),
        *(("from picks to a checked mail, css-inline", other) for other in others),
    )
    for engine, goal in _GOALS.items():
        share = medians[f"from picks to a checked mail, {engine}"] * 1000 / goal
        print(f"  share of the {goal} ms that are wanted of {engine}: {share:.2f}")


def _before_inlining(render: Callable[[], object]) -> str:
    """Return the HTML that an inliner is given."""
    given: list[str] = []
    inline = compose.inline

    def listening(html: str, **settings: object) -> str:
        given.append(html)
        return inline(html, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "inline", listening)
        render()
    return given[0]


def _checked_anew(email: Email, serial: int) -> None:
    """Check a mail that no check has read before."""
    check_email(replace(email, html=f"{email.html}<!-- {serial} -->\n"))


def _juice(folder: Path) -> Callable[[Path], float] | None:
    """Return a function that takes the median time of juice; None, and say so, where Node is not installed."""
    npm, node = shutil.which("npm"), shutil.which("node")
    place = folder / "node"
    place.mkdir(exist_ok=True)
    if not npm or not node:
        print("\n(no juice: Node.js is not installed)")
        return None
    if not (place / "node_modules" / "juice").is_dir():
        subprocess.run([npm, "install", "--silent", "juice@12"], cwd=place, check=True, capture_output=True)
    return lambda file: float(
        subprocess.run([node, "-e", _JUICE, file, "5"], cwd=place, check=True, capture_output=True).stdout
    )
