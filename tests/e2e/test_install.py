"""From a wheel in an empty environment to a mail in the outbox, with nothing of this checkout in reach."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_a_project_starts_with_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "digest/_starter/templates/weekly/email.html",
        "digest/_starter/config/newsletters/weekly.toml",
        "digest/_starter/config/copy/ja.toml",
        "digest/store/migrations/versions/0001_first.py",
        "digest/web/page.html",
        "digest/py.typed",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith("tests/") or "__pycache__" in name]


def test_init_gives_a_project_that_works_at_once(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    site = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    # The dependencies come from this environment, so that the test needs no network; the digest comes from the wheel.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    zipfile.ZipFile(wheel).extractall(site)

    def digest(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-m", "digest", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=120)

    where = [str(python), "-c", "import digest; print(digest.__file__)"]
    assert str(site) in subprocess.run(where, capture_output=True, text=True, cwd=tmp_path, check=True).stdout
    made = digest("init", "x", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    project = tmp_path / "x"
    done = digest("run", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": sent" in done.stdout
    assert len(list((project / "var/outbox").rglob("*.eml"))) == 4
    assert "already sent" in digest("run", cwd=project).stdout
    again = digest("init", "x", cwd=tmp_path)
    assert again.returncode == 1
    assert "something here already" in again.stderr
