"""`digest init`: a new project that works at once."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from digest.app import shipped_newsletter
from digest.cli.options import AsOfOption, clock
from digest.cli.output import Report
from digest.errors import ConfigError
from digest.models import Window
from digest.select import latest_slot
from digest.starter import starter_folder

_COPIED = ("templates", "config", "examples/audience.csv", "examples/blog/_config.yml")


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")],
    as_of: AsOfOption = None,
) -> None:
    """Make a project: configuration, templates and a small blog with posts of the past week. Overwrites nothing."""
    report = Report()
    source = starter_folder()
    taken = [name for name in ("config", "templates", "examples") if (folder / name).exists()]
    if taken or (folder.exists() and not folder.is_dir()):
        raise ConfigError(
            f"there is something here already: {', '.join(taken) or 'a file'}", file=folder, fix="name an empty folder"
        )
    for name in _COPIED:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source / name, target)
    schedule = shipped_newsletter().schedule
    now = clock(as_of, schedule.time_zone)()
    _lay_posts(
        source / "examples" / "starter", folder / "examples" / "blog" / "_posts", latest_slot(schedule, now).window
    )
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("# What happened: never in version control, always in the backup.\nvar/\n", encoding="utf-8")
    report.line(f"Made a project in {folder}/", "bold")
    report.line(f"  cd {folder}")
    report.line("  digest run        builds this week's issue and writes one .eml a reader into var/outbox/")
    report.line("  digest preview    shows it in a browser")
    report.line("Then name your blog in config/digest.toml and your readers in config/newsletters/weekly.toml.")


def _lay_posts(drafts: Path, posts: Path, window: Window) -> None:
    """Copy the starter posts, dated one a day from the window's start."""
    posts.mkdir(parents=True)
    for number, draft in enumerate(sorted(drafts.glob("[0-9]*.md"))):
        day = window.start + timedelta(days=number % 7, hours=10)
        text = draft.read_text(encoding="utf-8")
        dated = text.replace("---\n", f"---\ndate: {day:%Y-%m-%d %H:%M:%S %z}\n", 1)
        (posts / f"{day:%Y-%m-%d}-{draft.name}").write_text(dated, encoding="utf-8")
