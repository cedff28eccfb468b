"""What a run is doing and how long it takes: told to whoever listens, and nearly free while nobody does.

about.py      which run, newsletter and issue this is about, wherever a line of the log is written
stages.py     how long each stage of the story takes
exporting.py  spans for OpenTelemetry, when the environment names a collector
"""

from __future__ import annotations

from digest.tracing.about import a_run, about, facts
from digest.tracing.exporting import set_up, shut_down
from digest.tracing.stages import Measured, listen, stage

__all__ = ["Measured", "a_run", "about", "facts", "listen", "set_up", "shut_down", "stage"]
