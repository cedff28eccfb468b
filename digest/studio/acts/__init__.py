"""What a person does about an issue on its page: one file a subject, one function a step.

A step gets what it acts on (`Deed`), does it through `digest.pipeline`, and returns the key of what the page says about
it (`acts.<key>` in `words/`) with its values. An error of the digest is shown in its place; nothing is half done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.models import Issue, Slot
from digest.pipeline import Press

Said = tuple[str, Mapping[str, object]]
"""The key of a sentence, and the values in it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What a step acts on."""

    press: Press
    slot: Slot
    issue: Issue | None
    """As the store has it; None before it is planned."""
    fields: Mapping[str, str]
    """Of the form."""
    who: str
    now: datetime

    def field(self, name: str) -> str:
        """Return a field of the form; empty when it was not sent."""
        return self.fields.get(name, "")


Step = Callable[[Deed], Said]
