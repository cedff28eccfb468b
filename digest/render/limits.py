"""How large a value may grow that a template makes: a mail needs little."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import Undefined, pass_environment, pass_eval_context
from jinja2.environment import Environment
from jinja2.exceptions import SecurityError
from jinja2.filters import do_replace, do_round, sync_do_join, sync_do_sum
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
MAX_MADE = 3_000_000
"""Characters and items of all values that one rendering makes; 60 posts take about a tenth of that."""
EACH_MADE = 50
"""Counted for every value besides: even an empty one takes memory."""
MAX_SOURCE = 200_000
"""Characters of one template."""
MAX_LINE = 5_000
"""Characters of a line that our own filters look at: breaking lines takes time with the square of that."""
MAX_SECONDS = 0.8
"""Processor time of one rendering, for what the counters do not see; 60 posts take a tenth of that."""
MAX_COMPILING = 5.0
"""Processor time for compiling what a rendering is made of; the shipped designs take a tenth of a second."""
MAX_DIGITS = 20
"""Decimal places to which a number is rounded."""


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
        raise SecurityError(f"the template makes a value of more than {MAX_VALUE:,} characters or items")


def size_of(value: Any) -> int:
    """Count the characters and items of a value that a template made, nested ones and keys too.

    What is beyond all proportion is not counted to its end.
    """
    if isinstance(value, str):
        return len(value)
    size, waiting = 0, [value]
    while waiting and size <= MAX_VALUE:
        each = waiting.pop()
        size += len(each) if isinstance(each, str) else 1
        if isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            waiting += each
    return size


def check_printable(value: Any) -> None:
    """Raise SecurityError for what is neither text nor a number: Python would write its innards."""
    if not isinstance(value, str | int | float | Undefined):
        raise SecurityError("only text and numbers can be printed — is a `for` loop or a `.name` missing?")


def check_arguments(value: Any, arguments: Iterable[Any]) -> None:
    """Raise SecurityError when a filter of ours would take too long over a value, or make too much of it."""
    check_size(size_of(value))
    if isinstance(value, str) and len(max(value.splitlines(), key=len, default="")) > MAX_LINE:
        raise SecurityError(f"a line of more than {MAX_LINE:,} characters is too long for this filter")
    for each in arguments:
        if each is not None:
            check_printable(each)
        if isinstance(each, str) and isinstance(value, str) and len(each) * len(value) > MAX_OUTPUT:
            raise SecurityError("what is put into the text is too long for it")


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
    for each in (separator, *parts):
        check_printable(each)
    check_size(len(separator) * len(parts) + size_of(parts))
    return sync_do_join(context, parts, separator)


@pass_eval_context
def replace(context: EvalContext, text: str, old: str, new: str) -> str:
    """Replace as Jinja2 does, when the result is not too large."""
    for each in (text, old, new):
        check_printable(each)
    text, old, new = (each if isinstance(each, str) else str(each) for each in (text, old, new))
    check_size(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return do_replace(context, text, old, new)


def batch(values: Iterable[Any], size: int) -> list[list[Any]]:
    """Cut into rows of `size`: `posts|batch(2)` makes two columns."""
    items = list(values)
    return [items[start : start + size] for start in range(0, len(items), max(size, 1))]


@pass_environment
def sum_up(sandbox: Environment, values: Iterable[Any], attribute: str | int | None = None, start: Any = 0) -> Any:
    """Add numbers as Jinja2 does; lists would grow into each other."""
    if not isinstance(start, int | float):
        raise SecurityError("`sum` adds numbers only")
    return sync_do_sum(sandbox, values, attribute, start)


def rounded(value: float, precision: int = 0, method: str = "common") -> float:
    """Round as Jinja2 does, to a number of places that a number can have."""
    if not isinstance(value, int | float) or not isinstance(precision, int) or abs(precision) > MAX_DIGITS:
        raise SecurityError(f"`round` takes a number, and places up to {MAX_DIGITS}")
    return do_round(value, precision, method)  # type: ignore[arg-type]  # it looks at the method itself
