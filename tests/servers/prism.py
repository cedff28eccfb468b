"""Prism, which answers as an API description says, and refuses what the description does not allow."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.ports import free_ports


def missing() -> str:
    """Return why Prism cannot be started here, or nothing."""
    return "" if shutil.which("prism") else "Prism (npm: @stoplight/prism-cli) is not installed"


@contextmanager
def prism(document: dict[str, Any], folder: Path) -> Iterator[str]:
    """Run Prism for a description and give its address."""
    file = folder / "description.json"
    file.write_text(json.dumps(document, default=str), encoding="utf-8")
    (port,) = free_ports(1)
    command = ["prism", "mock", "--errors", "--host", "127.0.0.1", "--port", str(port), str(file)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
    ) as process:
        assert process.stdout is not None
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if "Prism is listening" in line:
                    break
            else:
                raise RuntimeError("Prism does not start: " + "".join(said))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
