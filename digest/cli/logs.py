"""What a line of the log looks like: text for people, JSON for programs; no reader's address in either."""

from __future__ import annotations

import logging
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pythonjsonlogger.json import JsonFormatter

from digest.cli.output import speak_by_log
from digest.errors import ConfigError
from digest.send.detail import without_addresses
from digest.tracing import facts

if TYPE_CHECKING:
    from digest.app import Project

_FORMAT = "DIGEST_LOG_FORMAT"
_KNOWN = ("text", "json")
_QUIET = ("alembic", "apscheduler", "httpx", "httpcore", "opentelemetry")
"""These would tell of every tick, or of every address that is asked: a chat's webhook and a ping's are secrets."""


def are_json(project: Project, environment: Mapping[str, str] | None = None) -> bool:
    """Tell whether lines are for programs: by the environment, else by `[log]`. Raise `ConfigError`."""
    given = (os.environ if environment is None else environment).get(_FORMAT, "")
    if given and given not in _KNOWN:
        raise ConfigError(f"{_FORMAT} is '{given}'", fix=f"set it to {' or '.join(_KNOWN)}")
    return (given or project.operator.log.format) == "json"


def begin(project: Project, process: str) -> None:
    """Write the log to standard error from now on; `process` names the command. Raise `ConfigError`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(process) if are_json(project) else _Text())
    logging.basicConfig(level=project.operator.log.level.upper(), handlers=[handler], force=True)
    speak_by_log()
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))


class _Json(JsonFormatter):
    """`{time, level, logger, message, process, host}`, and of `run, newsletter, issue, exc_info` what is known."""

    def __init__(self, process: str) -> None:
        super().__init__("%(message)s", json_ensure_ascii=False)
        self._always = {"process": process, "host": platform.node()}

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Shorten the addresses in what is about to be written."""
        return {key: without_addresses(each) if isinstance(each, str) else each for key, each in log_data.items()}

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Put the fields in order: those that every line has come first."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data |= {"time": time, "level": record.levelname.lower(), "logger": record.name}
        super().add_fields(log_data, record, message_dict)
        log_data |= {**self._always, **facts()}
