"""Where a file is in git, each save is a commit of that file alone, by whoever saved it; else it is told why not."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.pipeline.designing import DesignFile, Earlier, Histories, Recorded, Repository, find_file, text_after
from digest.pipeline.designing.files import replace_file
from digest.pipeline.designing.summing_up import message
from tests.render.issues import TEMPLATES

NOW = datetime(2026, 1, 19, 9, 30, tzinfo=UTC)
IDENTITY = ("-c", "user.name=開発 太郎", "-c", "user.email=taro@example.jp")

LONG_AGO = {"GIT_AUTHOR_DATE": "2026-01-05T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-05T00:00:00Z"}


class World:
    """A project in a git repository, and the histories of its files."""

    def __init__(self, top: Path, within: str = "") -> None:
        self.top, self.root = top, top / within
        self.root.mkdir(parents=True)
        shutil.copytree(TEMPLATES, self.root / "templates")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "Begin")
        found = find_file(self.root / "templates", "weekly", "style.css")
        assert found
        self.file: DesignFile = found
        self.histories = Histories(self.root / "var/studio/history", Repository(self.root))

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *IDENTITY, *arguments],
            cwd=self.top, capture_output=True, text=True, check=False, env={**os.environ, **LONG_AGO},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def save(self, text: str, who: str = "花子", back_to: datetime | None = None) -> Recorded | None:
        """Save as `designing.saving` does."""
        before, after = self.file.path.read_bytes(), text.encode()
        kept = self.histories.keep(self.file, before, who, NOW)
        replace_file(self.file.path, after)
        return self.histories.commit(self.file, before, after, kept, who, back_to)

    def text(self) -> str:
        return self.file.path.read_bytes().decode()

    def in_head(self) -> str:
        return subprocess.run(
            ["git", "cat-file", "blob", f"HEAD:./{self.file.path.relative_to(self.top)}"],
            cwd=self.top, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip

    def rows(self) -> list[tuple[str, str]]:
        return [(each.who, each.said) for each in self.histories.of(self.file)]

    def kept(self) -> list[Path]:
        return sorted((self.root / "var/studio/history/weekly/style.css").glob("*"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "project")


def both(world: World, one: Earlier) -> tuple[str, str]:
    """Return what a change made of what."""
    rows = world.histories.of(world.file)
    return one.before().decode(), text_after(rows, one, world.file.path.read_bytes()).decode()


# ---------------------------------------------------------------- what is committed


@pytest.mark.parametrize("within", ["", "marketing/digest *"])
def test_a_save_is_a_commit_of_this_file_alone_by_who_saved_it(tmp_path: Path, within: str) -> None:
    world = World(tmp_path / "top", within)
    other = world.root / "templates/weekly/dark.css"
    other.write_text("/* half done */\n", encoding="utf-8")
    staged = world.root / "templates/weekly/phone.css"
    staged.write_text("/* staged */\n", encoding="utf-8")
    world.git("add", str(staged))
    (world.root / "new.txt").write_text("not in git\n", encoding="utf-8")
    changed = world.git("status", "--porcelain")
    recorded = world.save(world.text() + ".neu { color: #123456; }\n")
    assert recorded
    assert recorded.commit == world.git("rev-parse", "main")
    assert world.git("show", "--name-only", "--format=", "HEAD") == str(world.file.path.relative_to(world.top))
    assert world.git("show", "-s", "--format=%an|%cn|%s|%ai") == (
        "花子|digest studio|weekly/style.css: 1 line added|2026-01-19 09:30:00 +0000"
    )
    assert world.in_head() == world.text()
    assert world.git("status", "--porcelain") == changed.strip()  # what was staged is, what was changed is
    assert world.kept() == []
    world.git("fsck", "--strict")


def test_the_author_has_the_repositorys_own_address_only_under_the_very_name(world: World) -> None:
    world.git("config", "user.name", "花子")
    world.git("config", "user.email", "hanako@example.jp")
    world.save("a { color: #111111; }\n", "花子")
    assert world.git("show", "-s", "--format=%ae") == "hanako@example.jp"
    world.save("a { color: #222222; }\n", "太郎")
    assert world.git("show", "-s", "--format=%an %ae %ce") == "太郎 studio@digest.invalid studio@digest.invalid"


def test_what_was_changed_outside_has_a_commit_of_its_own_and_comes_back(world: World) -> None:
    begun = world.text()
    outside = begun + "/* from an editor */\n"
    world.file.path.write_text(outside, encoding="utf-8")
    world.save(outside + "/* from the studio */\n")
    assert world.rows() == [
        ("花子", "weekly/style.css: 1 line added"),
        ("digest studio", "weekly/style.css: keep what was changed outside of the studio"),
        ("開発 太郎", "Begin"),
    ]
    mine, theirs, _ = world.histories.of(world.file)
    assert mine.before().decode() == outside
    assert theirs.before().decode() == begun


def test_commits_made_elsewhere_are_in_the_list_and_the_first_brings_nothing_back(world: World) -> None:
    begun = world.text()
    world.file.path.write_text("a { color: #111111; }\n", encoding="utf-8")
    world.git("commit", "--quiet", "-am", "Make it grey\n\nBecause.")
    (world.root / "templates/weekly/dark.css").write_text("", encoding="utf-8")
    world.git("commit", "--quiet", "-am", "Something else")
    newest, first = world.histories.of(world.file)
    assert (newest.who, newest.said, newest.comes_back) == ("開発 太郎", "Make it grey", True)
    assert both(world, newest) == (begun, "a { color: #111111; }\n")
    assert (first.said, first.comes_back) == ("Begin", False)
    assert both(world, first) == ("", begun)


def test_a_merge_shows_what_it_brought(world: World) -> None:
    begun = world.text()
    world.git("checkout", "--quiet", "-b", "side")
    world.file.path.write_text("/* side */\n" + begun, encoding="utf-8")
    world.git("commit", "--quiet", "-am", "On the side")
    world.git("checkout", "--quiet", "main")
    world.file.path.write_text(begun + "/* main */\n", encoding="utf-8")
    world.git("commit", "--quiet", "-am", "On main")
    world.git("merge", "--quiet", "-m", "Together", "side")
    together = next(each for each in world.histories.of(world.file) if each.said == "Together")
    assert both(world, together) == (begun + "/* main */\n", "/* side */\n" + begun + "/* main */\n")


def test_the_ends_of_lines_that_a_checkout_gave_do_not_get_into_git(world: World) -> None:
    lines = world.text().replace("\n", "\r\n")
    world.file.path.write_bytes(lines.encode())
    world.save(lines + "/* neu */\r\n")
    assert world.git("show", "--numstat", "--format=", "HEAD").split()[:2] == ["1", "0"]
    assert world.rows()[1:] == [("開発 太郎", "Begin")]


# ---------------------------------------------------------------- what git cannot take


def rebasing(world: World) -> None:
    (world.top / ".git/rebase-merge").mkdir()


def locked(world: World) -> None:
    (world.top / ".git/index.lock").touch()


def detached(world: World) -> None:
    world.git("checkout", "--quiet", "--detach")


def staged(world: World) -> None:
    text = world.text()
    world.file.path.write_text("/* staged */\n", encoding="utf-8")
    world.git("add", "-u")
    world.file.path.write_text(text, encoding="utf-8")


def filtered(world: World) -> None:
    (world.top / ".gitattributes").write_text("*.css filter=evil\n", encoding="utf-8")
    world.git("config", "filter.evil.clean", f"touch {world.top}/ran; cat")


def merging(world: World) -> None:
    (world.top / ".git/MERGE_HEAD").write_text(world.git("rev-parse", "HEAD"), encoding="utf-8")


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (rebasing, "under_way"),
        (merging, "under_way"),
        (locked, "locked"),
        (detached, "detached"),
        (staged, "staged"),
        (filtered, "filtered"),
    ],
)
def test_what_git_cannot_take_is_saved_all_the_same_and_kept(world: World, state: object, why: str) -> None:
    begun, head = world.text(), world.git("rev-parse", "HEAD")
    state(world)  # type: ignore[operator] - one of the functions above
    index = (world.top / ".git/index").read_bytes()
    recorded = world.save(begun + "/* neu */\n")
    assert recorded == Recorded(why=why)
    assert world.text() == begun + "/* neu */\n"
    assert (world.top / ".git/index").read_bytes() == index
    assert world.git("rev-parse", "HEAD") == head
    (kept,) = world.kept()
    assert kept.read_bytes().decode() == begun
    assert not (world.top / "ran").exists()


def test_the_next_save_takes_along_what_git_could_not_take(world: World) -> None:
    begun = world.text()
    locked(world)
    world.save(begun + "/* first */\n", "花子")
    (world.top / ".git/index.lock").unlink()
    later = datetime(2026, 1, 19, 9, 40, tzinfo=UTC)
    before = world.file.path.read_bytes()
    kept = world.histories.keep(world.file, before, "太郎", later)
    after = before + b"/* second */\n"
    replace_file(world.file.path, after)
    world.histories.commit(world.file, before, after, kept, "太郎", None)
    assert world.in_head() == begun + "/* first */\n/* second */\n"
    rows = world.histories.of(world.file)
    assert [each.who for each in rows[:3]] == ["太郎", "digest studio", "花子"]
    assert both(world, rows[2]) == (begun, begun + "/* first */\n")


@pytest.mark.parametrize("name", ["<>", "..."])
def test_a_name_that_git_does_not_take_is_told(world: World, name: str) -> None:
    recorded = world.save("a { color: #111111; }\n", name)
    assert recorded
    assert (recorded.why, bool(recorded.detail)) == ("name", True)
    assert len(world.kept()) == 1
    assert world.git("status", "--porcelain", "--", ".") != ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_somebody_else_is_told(world: World) -> None:
    os.chown(world.top, 12345, 12345)
    os.chown(world.top / ".git", 12345, 12345)
    recorded = world.save("a { color: #111111; }\n")
    assert recorded
    assert recorded.why == "owner"
    assert len(world.histories.of(world.file)) == 1


def test_files_that_are_not_in_git_have_the_studios_own_history(world: World) -> None:
    world.git("rm", "--quiet", "--cached", "templates/weekly/style.css")
    world.git("commit", "--quiet", "-m", "Not any more")
    head = world.git("rev-parse", "HEAD")
    assert world.save("a { color: #111111; }\n") is None
    assert world.git("rev-parse", "HEAD") == head
    assert [each.who for each in world.histories.of(world.file)] == ["花子"]
    assert len(world.kept()) == 1


@pytest.mark.parametrize("empty", [True, False])
def test_without_a_repository_or_its_first_commit_nothing_is_different(world: World, empty: bool) -> None:
    shutil.rmtree(world.top / ".git")
    if empty:
        world.git("init", "--quiet")
    assert world.save("a { color: #111111; }\n") is None
    assert [each.who for each in world.histories.of(world.file)] == ["花子"]


def test_without_git_nothing_is_different(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert world.save("a { color: #111111; }\n") is None
    assert len(world.kept()) == 1


# ---------------------------------------------------------------- what is never run


def test_nothing_of_the_repository_is_run(world: World) -> None:
    """Hooks, signing programs, pagers, editors and watchers of its settings: each would leave a file behind."""
    ran = world.top / "ran"
    program = world.top / ".git/evil"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    hooks = world.top / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("pre-commit", "commit-msg", "prepare-commit-msg", "post-commit", "reference-transaction",
                 "post-index-change", "pre-auto-gc", "fsmonitor-watchman"):  # fmt: skip
        shutil.copy(program, hooks / hook)
    for key in ("core.fsmonitor", "gpg.program", "core.pager", "core.editor", "diff.external", "core.sshCommand",
                "pager.log", "core.hooksPath"):  # fmt: skip
        world.git("config", key, str(hooks if key == "core.hooksPath" else program))
    for key in ("commit.gpgSign", "log.showSignature", "tag.gpgSign"):
        world.git("config", key, "true")
    world.git("config", "diff.evil.textconv", str(program))
    (world.top / ".git/info").mkdir(exist_ok=True)
    (world.top / ".git/info/attributes").write_text("*.css diff=evil\n", encoding="utf-8")
    ran.unlink(missing_ok=True)
    recorded = world.save("a { color: #111111; }\n")
    assert recorded
    assert recorded.commit
    assert len(world.histories.of(world.file)) == 2
    assert both(world, world.histories.of(world.file)[0])[1] == "a { color: #111111; }\n"
    assert not ran.exists()


def test_a_repository_that_the_environment_names_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = World(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.top / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.top / ".git/index"))
    recorded = world.save("a { color: #111111; }\n")
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert recorded
    assert world.git("rev-parse", "HEAD") == recorded.commit
    assert len(other.histories.of(other.file)) == 1


# ---------------------------------------------------------------- what the message says


def test_the_message_says_in_words_what_was_changed() -> None:
    before = 'title = "古い"\n[design]\naccent = "#124e78"\nshow = true\n'
    after = 'title = "新しい"\n[design]\naccent = "#0b5cad"\nshow = false\n[words]\nread_more = "もっと"\n'
    assert message("newsletters/weekly.toml", before, after) == (
        "newsletters/weekly.toml: change title, design.accent, design.show and 1 more\n\n"
        "title: 古い -> 新しい\ndesign.accent: #124e78 -> #0b5cad\ndesign.show: True -> False\n"
        "words.read_more: (none) -> もっと\n"
    )
    assert (
        message("weekly/style.css", "a\nb\nc\n", "a\nB\nc\nd\n") == "weekly/style.css: 2 lines added, 1 line removed\n"
    )
    assert message("weekly/style.css", "a\n", "b\n", NOW).startswith(
        "weekly/style.css: bring back what it said before 2026-01-19 09:30 UTC"
    )
    assert "\0" not in message("x/a.toml", 'a = "1"', 'a = "\\u0000"')
