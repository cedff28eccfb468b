"""What only the environment may say."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """A value from the environment, named so that messages can say which variable is missing.

    It never shows itself: `repr` and `str` give the variable's name.
    """

    variable: str
    value: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"env:{self.variable}"
