"""Passwords are kept as argon2 hashes, in a file that nobody else reads, and set by a command."""

from __future__ import annotations

import io
import os
import re
import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from digest.cli import main
from digest.errors import ConfigError
from digest.studio.people import passwords
from digest.studio.people.directory import Directory
from digest.studio.people.passwords import FILE, fits, hash_of, is_old, read_passwords, write_password
from tests.studio.people.team import give_users, kept

GOOD = "correct horse battery"


def test_a_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", kept(GOOD))
    assert hash_of(GOOD) != kept(GOOD), "salted"
    assert fits(kept(GOOD), GOOD)
    assert not fits(kept(GOOD), GOOD + " ")
    assert not is_old(kept(GOOD))
    assert is_old(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD))


def test_the_same_signs_are_the_same_password_however_a_keyboard_makes_them() -> None:
    assert fits(hash_of("パスワードです、ぞう🐘きりん"), "ハ\u309aスワート\u3099です、そ\u3099う🐘きりん")


def test_without_a_hash_nothing_fits_not_even_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_nobodys", lambda: kept(GOOD))
    assert not fits(None, GOOD)
    assert not fits("", GOOD)
    assert not fits("$argon2id$broken", GOOD)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1001])
def test_a_password_has_a_fitting_length(password: str) -> None:
    with pytest.raises(ConfigError, match="a password has 12 to 1000 characters") as told:
        hash_of(password)
    assert not password or password not in str(told.value)


def test_the_file_is_its_owners_from_the_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        modes.append(stat.S_IMODE(self.stat().st_mode))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    before = os.umask(0)
    try:
        write_password(tmp_path / FILE, "花子", kept(GOOD))
        write_password(tmp_path / FILE, "boss", kept("another password"))
    finally:
        os.umask(before)
    assert modes == [0o600, 0o600]
    assert read_passwords(tmp_path / FILE) == {"花子": kept(GOOD), "boss": kept("another password")}
    assert [each.name for each in (tmp_path / FILE).parent.iterdir()] == ["passwords"]


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o602])
def test_a_file_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    write_password(tmp_path / FILE, "花子", kept(GOOD))
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(ConfigError, match="others than its owner") as told:
        read_passwords(tmp_path / FILE)
    assert "chmod 600" in told.value.fix


def test_a_line_that_is_none_is_told_by_its_number_and_not_quoted(tmp_path: Path) -> None:
    write_password(tmp_path / FILE, "花子", kept(GOOD))
    with (tmp_path / FILE).open("a", encoding="utf-8") as opened:
        opened.write("boss:my plain password\n")
    with pytest.raises(ConfigError) as told:
        read_passwords(tmp_path / FILE)
    assert told.value.line == 2
    assert "plain" not in str(told.value)


def test_no_file_is_nobody(tmp_path: Path) -> None:
    assert read_passwords(tmp_path / FILE) == {}
    (tmp_path / FILE).mkdir(parents=True)
    with pytest.raises(ConfigError):
        read_passwords(tmp_path / FILE)


# ---------------------------------------------------------------- the command


def run(project: Path, *arguments: str) -> int:
    return main(["studio-password", *arguments, "--project", str(project)])


def test_the_command_takes_a_line_of_standard_input(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give_users(project)
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\nmore\n"))
    assert run(project, "boss", "--stdin") == 0
    assert fits(read_passwords(project / FILE)["boss"], GOOD)
    said = capsys.readouterr()
    assert GOOD not in said.out + said.err
    assert "$argon2" not in said.out + said.err


def test_the_command_asks_twice_and_shows_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give_users(project)
    before = read_passwords(project / FILE)
    typed = iter([GOOD, "something else", GOOD, GOOD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert run(project, "花子") == 1
    assert "two different passwords" in capsys.readouterr().err
    assert read_passwords(project / FILE) == before
    assert run(project, "花子") == 0
    assert fits(read_passwords(project / FILE)["花子"], GOOD)


@pytest.mark.parametrize(("name", "hint"), [("boos", "did you mean 'boss'?"), ("someone", "add a table")])
def test_a_name_that_is_no_user_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, hint: str
) -> None:
    give_users(project)
    assert run(project, name, "--stdin") == 1
    assert hint in capsys.readouterr().err


def test_without_a_terminal_nothing_is_asked_for_where_it_could_be_read(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give_users(project)
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    assert run(project, "boss") == 1
    assert "--stdin" in capsys.readouterr().err


def test_what_is_missing_says_how_to_install_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords._hasher.cache_clear()
    passwords._nobodys.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "argon2", None)
    with pytest.raises(ConfigError, match="argon2-cffi, which is not installed") as told:
        passwords.ready()
    assert told.value.fix == 'pip install "newsletter-digest[team]"'


# ---------------------------------------------------------------- the users


def test_who_has_no_password_yet_is_named(project: Path) -> None:
    give_users(project, {"花子": ["edit"]})
    file = project / "config/digest.toml"
    file.write_text(file.read_text(encoding="utf-8") + '[[studio.users]]\nname = "new"\n', encoding="utf-8")
    directory = Directory(project)
    assert directory.without_password() == ("new",)
    found = directory.find("new")
    assert found is not None
    assert found.kept is None
