"""Other people's senders that ours is measured beside: installed for the measurement only, into a folder that goes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent


def installed(folder: Path) -> Path | None:
    """Return a folder from which `django` and `anymail` can be imported; None, and say so, when there is none.

    They are the dependency group `bench`. Where that is installed already, nothing is fetched.
    """
    place = folder / "comparators"
    if importlib.util.find_spec("anymail"):
        place.mkdir(exist_ok=True)
        return place
    groups = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    try:
        subprocess.run([*pip, "--target", place, *groups["bench"]], check=True, capture_output=True, timeout=300)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        print("\n(no django-anymail: it could not be installed)")
        return None
    return place
