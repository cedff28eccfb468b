"""Which posts, in which section and order, and why: pure functions of posts, ledger, overrides and a slot.

selecting.py    the choice on one page
offering.py     which posts may be in: the window's, and older ones that no issue brought (identity.py)
overrides.py    a person's say for one issue
placing.py      which section takes a post
stories/        what tells the same story is grouped (grouping.py)
rules/          why a post ranks: one file a rule (scoring.py)
choosing.py     the best first, within quotas
soundness/      what no editor would send is held when its turn comes
thinness.py     whether there are enough of them
explaining.py   why not, and what would have changed it (limits.py)
telling.py      the same as JSON
calendar/       when an issue is due, and which days it is about
"""

from digest.select.calendar import example_period, latest_slot, next_slot, slot_of_period
from digest.select.selecting import select
from digest.select.telling import as_json
from digest.select.thinness import too_thin
from digest.select.vocabulary import unknown_sections, unused_categories

__all__ = [
    "as_json",
    "example_period",
    "latest_slot",
    "next_slot",
    "select",
    "slot_of_period",
    "too_thin",
    "unknown_sections",
    "unused_categories",
]
