"""How long a blog's history takes to read: beside `find`, gray-matter and python-frontmatter on the same files."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import frontmatter

from digest.app import bare_source
from digest.models import Collection
from digest.store import Store
from tests.bench.timing import side_by_side, tell

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)
POSTS = 10_000
PER_WEEK = 70

_JAPANESE = "これは本文の段落です。見出しのない、ふつうの文章がつづきます。\n\n" * 65
_ENGLISH = "This is a paragraph of the post, with some ordinary words in it.\n\n" * 92
_HEAD = """---
layout: post
title: "生成AIの見出し {number}：新製品の発表と業務効率化"
date: {date:%Y-%m-%d %H:%M:%S} +0000
categories: ["AI最新ニュース"]
tags: ["AI", "LLM", "業務効率化"]
excerpt: "これは記事 {number} の要約です。読者に伝えたいことを短くまとめています。"
author: "編集部"
reading_time: 5
---
"""
_GRAY_MATTER = """
const fs = require('fs'), path = require('path'), matter = require('gray-matter');
const folder = process.argv[1], started = process.hrtime.bigint();
for (const name of fs.readdirSync(folder)) matter(fs.readFileSync(path.join(folder, name), 'utf8'));
console.log(Number(process.hrtime.bigint() - started) / 1e9);
"""


def measure(folder: Path) -> None:
    """Time ten thousand posts, then ten times as many."""
    blog = write_blog(folder / "ten-thousand", POSTS)
    small = _read(folder, blog, rounds=5)
    print(f"  memory of a process that reads all: {_memory_in_mb(blog)} MB")
    large_blog = write_blog(folder / "hundred-thousand", 10 * POSTS)
    large = _read(folder, large_blog, rounds=1)
    for task in ("the week, nothing remembered", "all, nothing remembered", "all, remembered"):
        print(f"  ratio 100,000 posts / 10,000 posts, {task}: {large[task] / small[task]:.1f}")
    shutil.rmtree(large_blog)


def write_blog(folder: Path, posts: int) -> Path:
    """Write a Jekyll blog of posts of 6 kB, half of them Japanese, 70 a week."""
    (folder / "_posts").mkdir(parents=True)
    (folder / "_config.yml").write_text("url: https://blog.example.com\ntimezone: Asia/Tokyo\nfuture: true\n")
    chance = random.Random(1)
    for number in range(posts):
        date = NOW - timedelta(days=7 * (number + chance.random()) / PER_WEEK * POSTS / posts)
        head = _HEAD.format(number=number, date=date)
        file = folder / "_posts" / f"{date:%Y-%m-%d}-post-{number}.md"
        file.write_text(head + (_JAPANESE if number % 2 else _ENGLISH), encoding="utf-8")
    return folder


def _read(folder: Path, blog: Path, rounds: int) -> dict[str, float]:
    source = bare_source(blog, "jekyll")
    store = Store("sqlite:///remembered.sqlite3", blog.with_name(f"{blog.name}-project"))
    memory = store.memory(blog.name)
    posts = blog / "_posts"

    def forget() -> None:
        memory.remember({}, memory.recall())

    def anew() -> float:
        forget()
        started = time.perf_counter()
        source.read(NOW, memory=memory)
        return time.perf_counter() - started

    tasks: dict[str, Callable[[], object]] = {
        "find -newermt": lambda: subprocess.run(["find", posts, "-newermt", "2026-11-15"], capture_output=True),
        "python -c pass": lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
        "the week, nothing remembered": lambda: source.read(NOW, WEEK),
        "all, nothing remembered": lambda: source.read(NOW),
        "all, and remembering it": anew,
        "all, remembered": lambda: source.read(NOW, memory=memory),
        "the week, remembered": lambda: source.read(NOW, WEEK, memory),
        "python-frontmatter alone": lambda: _loaded(posts),
    }
    if gray_matter := _gray_matter(folder):
        tasks["gray-matter alone"] = lambda: gray_matter(posts)
    _settled(blog)
    medians = side_by_side(tasks, rounds)
    store.close()
    others = [name for name in ("gray-matter alone", "python-frontmatter alone") if name in medians]
    tell(
        f"{sum(1 for _ in posts.iterdir()):,} posts of 6 kB",
        medians,
        ("the week, nothing remembered", "find -newermt"),
        ("all, remembered", "all, nothing remembered"),
        ("all, remembered", "all, and remembering it"),
        *(("all, nothing remembered", other) for other in others),
    )
    return medians


def _settled(blog: Path) -> None:
    """Let the files look as old as a blog's usually are: just written ones are never trusted by their times."""
    newest = max(entry.stat().st_ctime for entry in os.scandir(blog / "_posts"))
    while time.time() < newest + 2.1:
        time.sleep(0.1)


def _loaded(posts: Path) -> Collection | None:
    for file in sorted(posts.iterdir()):
        frontmatter.load(str(file))
    return None


def _gray_matter(folder: Path) -> Callable[[Path], float] | None:
    """Return a function that reads a folder with gray-matter; None, and say so, where Node is not installed."""
    npm, node = shutil.which("npm"), shutil.which("node")
    place = folder / "node"
    place.mkdir(exist_ok=True)
    if not npm or not node:
        print("\n(no gray-matter: Node.js is not installed)")
        return None
    if not (place / "node_modules").is_dir():
        subprocess.run([npm, "install", "--silent", "gray-matter@4"], cwd=place, check=True, capture_output=True)
    return lambda posts: float(
        subprocess.run([node, "-e", _GRAY_MATTER, posts], cwd=place, check=True, capture_output=True).stdout
    )


def _memory_in_mb(blog: Path) -> int:
    program = (
        "import resource, sys; from pathlib import Path; from tests.bench.collecting import NOW, bare_source;"
        "kept = bare_source(Path(sys.argv[1]), 'jekyll').read(NOW);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    told = subprocess.run([sys.executable, "-c", program, blog], check=True, capture_output=True).stdout
    return int(told) // 1024
