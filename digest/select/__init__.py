"""Which posts, in which section and order, and why: pure functions of posts, coverage and a slot."""

from digest.select.choosing import select
from digest.select.period import latest_slot, next_slot, slot_of_period
from digest.select.telling import as_json
from digest.select.vocabulary import unknown_sections, unused_categories

__all__ = ["as_json", "latest_slot", "next_slot", "select", "slot_of_period", "unknown_sections", "unused_categories"]
