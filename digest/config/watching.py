"""`[log]` and `[monitor]` of `config/digest.toml`: how those who look after the digest are told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from digest.config.toml import Strict


class LogConfig(Strict):
    """`[log]`: what long-running commands write to standard error."""

    format: Literal["text", "json"] = "text"
    """`DIGEST_LOG_FORMAT` in the environment wins."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lines of less weight are not written."""


class MonitorConfig(Strict):
    """`[monitor]`: where a long-running command tells how it is doing."""

    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """0 for nowhere."""
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
