"""Which posts no editor would send, and how well a text holds together: the one place that knows broken texts."""

from digest.select.soundness.answers import is_answer, is_placeholder
from digest.select.soundness.endings import cut_off
from digest.select.soundness.passages import repeated_share
from digest.select.soundness.verdict import unsound

__all__ = ["cut_off", "is_answer", "is_placeholder", "repeated_share", "unsound"]
