"""A folder that everybody can reach, and a way to read it as somebody to whom permissions apply."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import skip_or_fail

_NOBODY = 65534


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """Make a folder outside of pytest's own, which is closed to all but its owner; it is removed whatever its modes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)
        for parent, folders, _ in os.walk(folder):
            for below in folders:
                (Path(parent) / below).chmod(0o755)


@contextmanager
def nobody_special(folder: Path) -> Iterator[None]:
    """Go on without the superuser's rights; skip where they cannot be laid down or `folder` is out of reach then."""
    user = os.geteuid()
    if user == 0:
        try:
            os.seteuid(_NOBODY)
        except OSError as error:
            skip_or_fail("unprivileged", f"the superuser's rights cannot be laid down: {error.strerror}")
    try:
        if not os.path.isdir(os.path.join(folder, os.curdir)):  # noqa: PTH112, PTH118 - the dot asks for entrance
            skip_or_fail("unprivileged", "the folder for temporary files is closed to other users")
        yield
    finally:
        if user == 0:
            os.seteuid(0)
