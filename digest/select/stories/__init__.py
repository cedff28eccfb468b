"""Which posts tell the same story, which of them are copies, and which of a story's posts readers should get."""

from digest.select.stories.copying import copies
from digest.select.stories.ranking import best_first, why_best
from digest.select.stories.telling_apart import Story, tell_apart

__all__ = ["Story", "best_first", "copies", "tell_apart", "why_best"]
