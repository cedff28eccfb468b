"""What a template may do: read plain values, and never reach a file, a secret, or all of the machine's memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import Any

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    Undefined,
    nodes,
    pass_context,
    pass_environment,
)
from jinja2.exceptions import SecurityError, TemplateAssertionError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from digest.render.limits import (
    MAX_OUTPUT,
    MAX_STEPS,
    batch,
    bounded_range,
    check_operation,
    check_size,
    join,
    replace,
    size_of,
)

Filters = Mapping[str, Callable[..., Any]]

OFFERED = set(
    "abs capitalize count d default dictsort e escape first float groupby int items last length list lower map max min"  # noqa: SIM905 - a list of words reads best as words
    " reject rejectattr reverse round select selectattr sort striptags sum title trim unique upper urlencode".split()
)
"""Of Jinja2's own filters those that cannot grow without bound and cannot turn off escaping."""

_METHODS: tuple[tuple[type, set[str]], ...] = (
    (str, {"startswith", "endswith", "split", "splitlines", "strip", "lstrip", "rstrip", "lower", "upper", "isdigit"}),
    (Mapping, {"items", "keys", "values", "get"}),
    *((kind, set()) for kind in (int, float, bytes, tuple, list)),
)
"""Likewise of the methods of each kind of plain value."""


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for one rendering: a hostile template gets an error instead of the machine."""

    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self, folder: Path, names: Iterable[str], filters: Filters) -> None:
        super().__init__(
            loader=_OneFolder(folder),
            autoescape=lambda name: bool(name and name.endswith(".html")),
            undefined=_hinting(frozenset(names)),
            finalize=_counted_output,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.steps_left = MAX_STEPS
        self.output_left = MAX_OUTPUT
        allowed = {name: function for name, function in self.filters.items() if name in OFFERED}
        bounds = {"_steps": _steps, "_bounded": _bounded, "batch": batch, "join": join, "replace": replace}
        self.filters = {**allowed, **bounds, **{name: _needing_a_value(each) for name, each in filters.items()}}
        self.globals = {"range": bounded_range, "namespace": self.globals["namespace"]}

    def write(self, template: Template, context: Mapping[str, Any]) -> str:
        """Return the whole output of a template; raises SecurityError when it does too much."""
        parts = []
        for part in template.generate(dict(context)):
            self.count_output(part)
            parts.append(part)
        return "".join(parts)

    def step(self) -> None:
        """Count a round of a loop or a call; raises SecurityError when they are too many for a mail."""
        self.steps_left -= 1
        if self.steps_left < 0:
            raise SecurityError(f"the template does more than {MAX_STEPS:,} steps — look for a loop inside a loop")

    def count_output(self, text: str) -> None:
        """Count characters that are written; raises SecurityError when they are too many for a mail."""
        self.output_left -= len(text)
        if self.output_left < 0:
            raise SecurityError(f"the template writes more than {MAX_OUTPUT:,} characters — look for a runaway loop")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse an operation whose result would be out of all proportion."""
        check_operation(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Count each call of a macro or a method."""
        self.step()
        return super().call(context, function, *args, **kwargs)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Offer of each kind of plain value only the methods that cannot grow without bound."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        return next((attr in methods for kind, methods in _METHODS if isinstance(obj, kind)), True)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Offer no `str.format`, whose fields can be as wide as all memory: words have the filter `fill`."""
        return None

    def join_path(self, template: str, parent: str) -> str:
        """Count each include and import; their names start at the templates folder."""
        self.step()
        return super().join_path(template, parent)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Count the rounds of every loop, and measure what is made where it is made."""
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise TemplateAssertionError("recursive loops are not offered", loop.lineno, name, filename)
            loop.iter = _through("_steps", loop.iter)
        for parent in [tree, *tree.find_all(nodes.Node)]:
            for field, value in parent.iter_fields():
                if isinstance(value, list):
                    value[:] = map(_measured, value)
                else:
                    setattr(parent, field, _measured(value))
        return tree


class _OneFolder(FileSystemLoader):
    """Finds templates in one folder, and not behind a symbolic link that leads out of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder.resolve()

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, filename, fresh = super().get_source(environment, template)
        if not Path(filename).resolve().is_relative_to(self.folder):
            raise TemplateNotFound(template)
        return source, filename, fresh


def _hinting(names: frozenset[str]) -> type[StrictUndefined]:
    """Make an undefined that fails on any use and suggests the nearest right name."""

    class Unknown(StrictUndefined):
        __slots__ = ()

        @property
        def _undefined_message(self) -> str:
            if self._undefined_hint:
                return self._undefined_hint
            name, owner = str(self._undefined_name), self._undefined_obj
            known = names if owner is missing else map(str, owner) if isinstance(owner, Mapping) else ()
            near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
            return f"there is no `{name}` here" + (f" — did you mean `{near[0]}`?" if near else "")

    return Unknown


def _needing_a_value(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a misspelt name be reported as one, before the filter stumbles over it."""

    @wraps(function)
    def filtered(value: Any, *args: Any, **kwargs: Any) -> Any:
        return function(str(value) if isinstance(value, Undefined) else value, *args, **kwargs)

    return filtered


def _through(filter_name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(node, filter_name, [], [], None, None, lineno=node.lineno)


def _measured(node: object) -> object:
    return _through("_bounded", node) if isinstance(node, nodes.Concat | nodes.List | nodes.Dict) else node


@pass_context
def _steps(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    """Count each round. With a context, as below, so that Jinja2 does not compute it while compiling."""
    sandbox: Any = context.environment
    for value in values:
        sandbox.step()
        yield value


@pass_context
def _bounded(_: Context, value: Any) -> Any:
    check_size(size_of(value))
    return value


@pass_environment
def _counted_output(sandbox: Sandbox, value: Any) -> Any:
    """Count what is printed, also inside of macros and blocks whose text is kept for later."""
    if isinstance(value, str):
        sandbox.count_output(value)
    elif not isinstance(value, int | float | Undefined):
        raise SecurityError("only text and numbers can be printed — is a `for` loop or a `.name` missing?")
    return value
