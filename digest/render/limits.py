"""How large a value may grow that a template makes: a mail needs little."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import pass_eval_context
from jinja2.exceptions import SecurityError
from jinja2.filters import do_replace, sync_do_join
from jinja2.nodes import EvalContext

MAX_STEPS = 50_000
"""Rounds of loops and calls of macros and methods in one rendering; 60 posts take about 3,000."""
MAX_OUTPUT = 1_000_000
"""Characters of one rendering; Gmail cuts a mail at a tenth of that."""
MAX_VALUE = 20_000
"""Characters or items of one value that a template makes."""
MAX_RANGE = 1_000
"""Numbers of one `range()`."""
MAX_BITS = 256
"""Size of a number that a template computes."""


def check_operation(operator: str, left: Any, right: Any) -> None:
    """Raise SecurityError when the result of `+`, `*`, `**` or `%` would be out of all proportion."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        bits = [number.bit_length() for number in (left, right) if isinstance(number, int)]
        power = operator == "**" and (abs(right) > MAX_BITS or sum(bits[:1]) * abs(right) > MAX_BITS)
        if power or (operator == "*" and sum(bits) > MAX_BITS):
            raise SecurityError("the number is too large for a mail")
    elif operator == "%":
        raise SecurityError("`%` computes with numbers only — put values into text with `|fill(name=value)`")
    elif operator == "*":
        sequence, times = (right, left) if isinstance(left, int) else (left, right)
        check_size(size_of(sequence) * times if isinstance(times, int) else 0)
    else:
        check_size(size_of(left) + size_of(right))


def check_size(size: int) -> None:
    """Raise SecurityError for a value of too many characters or items."""
    if size > MAX_VALUE:
        raise SecurityError(f"the template makes a value of {size:,} characters or items; {MAX_VALUE:,} are enough")


def size_of(value: Any) -> int:
    """Count the characters and items of a value that a template made, nested ones too."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    return sum(map(size_of, value)) if isinstance(value, list | tuple) else 1


def bounded_range(*bounds: int) -> range:
    """Offer `range()` for rows and columns, not for endless loops."""
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise SecurityError(f"range() is offered up to {MAX_RANGE:,} numbers")
    return numbers


@pass_eval_context
def join(context: EvalContext, values: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    """Join as Jinja2 does, when the result is not too large."""
    items = list(values)
    parts = [context.environment.getattr(item, attribute) for item in items] if attribute else items
    check_size(len(separator) * len(parts) + size_of(parts))
    return sync_do_join(context, parts, separator)


@pass_eval_context
def replace(context: EvalContext, text: str, old: str, new: str) -> str:
    """Replace as Jinja2 does, when the result is not too large."""
    check_size(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return do_replace(context, text, old, new)


def batch(values: Iterable[Any], size: int) -> list[list[Any]]:
    """Cut into rows of `size`: `posts|batch(2)` makes two columns."""
    items = list(values)
    return [items[start : start + size] for start in range(0, len(items), max(size, 1))]
