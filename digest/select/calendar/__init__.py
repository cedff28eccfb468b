"""When an issue is due and which days it is about, in local calendar terms.

rhythm.py   on which days: numbers count the days of a rhythm, so that the next and the previous are one step away
moments.py  from a day and what the clock on the wall shows to a moment
keys.py     what a period is called, and back
slots.py    all of it together: the slots around a moment, the slot of a period
"""

from __future__ import annotations

from digest.select.calendar.keys import example_period
from digest.select.calendar.slots import latest_slot, next_slot, slot_of_period

__all__ = ["example_period", "latest_slot", "next_slot", "slot_of_period"]
