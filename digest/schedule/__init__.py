"""When: an alarm clock that wakes the pipeline. Sole owner of APScheduler.

What is due is decided from the calendar and the store, so an alarm that is missed, doubled or repeated changes
nothing. `due.py` decides, `alarm.py` rings.
"""

from digest.schedule.alarm import run_until_stopped
from digest.schedule.due import Watch

__all__ = ["Watch", "run_until_stopped"]
