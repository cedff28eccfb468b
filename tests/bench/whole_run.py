"""What a whole `digest run` costs, stage by stage: a week of a blog of ten thousand posts, to a thousand readers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from digest.tracing import Measured, listen
from tests.bench.collecting import NOW, POSTS, write_blog
from tests.bench.sink import sink
from tests.bench.stories import STORIES
from tests.projects import make_project, replace_in

_READERS = 1_000
_ROUNDS = 3
_DUE = "2026-11-23T08:05:00+09:00"
_ORDER = ("collect", "select", "render", "check", "freeze", "audience", "send", "report", "run")


def measure(folder: Path) -> None:
    """Run it as whole processes on copies of one project; tell the run with the median of wall seconds."""
    folder.mkdir()
    blog = write_blog(folder / "blog", POSTS - len(STORIES))
    for number, (title, text) in enumerate(STORIES):
        date = NOW - timedelta(hours=40 - number)
        head = f'---\nlayout: post\ntitle: "{title}"\ndate: {date:%Y-%m-%d %H:%M:%S} +0000\ncategories: ["AI"]\n---\n'
        file = blog / "_posts" / f"{date:%Y-%m-%d}-story-{number}.md"
        file.write_text(head + f"{text}\n", encoding="utf-8")
    runs = []
    with sink() as server:
        for number in range(_ROUNDS):
            root = _project(folder / f"run-{number}", blog, server.url)
            program = (sys.executable, "-m", "tests.bench.whole_run", str(root))
            environment = {**os.environ, "KEY": "SG.bench"}
            done = subprocess.run(program, env=environment, check=True, stdout=subprocess.PIPE)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
        came = server.counted().readers
    assert came == _ROUNDS * _READERS, f"{came} readers came to the sink"
    told = sorted(runs, key=lambda each: each["run"]["wall"])[_ROUNDS // 2]
    what = f"{POSTS:,} posts, the week of {NOW:%Y-%m-%d}, {_READERS:,} readers, SQLite; of {_ROUNDS} runs"
    print(f"\nA whole `digest run` ({what})")
    for name in _ORDER:
        if name in told:
            each = told[name]
            print(
                f"  {name:<10} wall {each['wall']:7.3f} s  CPU {each['cpu']:7.3f} s  peak so far {each['mb']:4.0f} MB"
            )
    shutil.rmtree(folder)


def _project(root: Path, blog: Path, url: str) -> Path:
    provider = f'kind = "sendgrid"\napi_key = "env:KEY"\nbase_url = "{url}"'
    make_project(root, provider=provider, readers=_READERS)
    replace_in(root / "config/digest.toml", 'path = "examples/blog"', f'path = "{blog}"')
    return root


def main(root: str) -> None:
    """Run the command in this process, and print what its stages took."""
    from digest.cli import main as digest

    stages: dict[str, dict[str, float]] = defaultdict(lambda: {"wall": 0.0, "cpu": 0.0, "mb": 0.0})

    def note(measured: Measured) -> None:
        mine = stages[measured.name]
        mine["wall"] += measured.wall_seconds
        mine["cpu"] += measured.cpu_seconds
        mine["mb"] = _peak_mb()

    with listen(note), Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        code = digest(["run", "--project", root, "--as-of", _DUE])
    assert code in {0, 3}, f"digest run ended with {code}"
    print(json.dumps(stages))


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main(sys.argv[1])
