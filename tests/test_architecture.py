"""The house keeps its order: floors, file sizes, names, and no trace of the machine it was built on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, skip_or_fail

PYTHON = sorted((ROOT / "digest").rglob("*.py"))
VAGUE = {"util", "utils", "helper", "helpers", "common", "base", "misc", "manager", "service", "handler", "data"}


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_has_one_subject_and_a_telling_name(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300
    assert file.stem not in VAGUE


def test_tracked_files_name_no_machine_and_no_package_index() -> None:
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False)
    if tracked.returncode:
        skip_or_fail("git", "this is not a checkout")
    forbidden = re.compile(
        "|".join(["/wo" + "rk/", "/ro" + "ot/", "py" + "pi\\.org", "python" + "hosted", "npm" + "js\\."])
    )
    for name in tracked.stdout.splitlines():
        file = ROOT / name
        if file.suffix == ".png" or not file.is_file():
            continue
        assert not forbidden.search(file.read_text(encoding="utf-8", errors="replace")), name
