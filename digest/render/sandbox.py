"""What a template may do: read plain values, and never reach a file, a secret, or all of the machine's memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    nodes,
    pass_environment,
)
from jinja2.loaders import split_template_path
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from digest.render.counts import Counts
from digest.render.limits import (
    MAX_SOURCE,
    batch,
    bounded_range,
    check_arguments,
    check_operation,
    check_printable,
    check_size,
    join,
    replace,
    rounded,
    size_of,
    sum_up,
)
from digest.render.rewriting import FILTERS as COUNTING
from digest.render.rewriting import rewrite

Filters = Mapping[str, Callable[..., Any]]

OFFERED = set(
    "abs capitalize count d default dictsort e escape first float groupby int items last length list lower map max min"  # noqa: SIM905 - a list of words reads best as words
    " reject rejectattr reverse round select selectattr sort striptags sum title trim unique upper urlencode".split()
)
"""Of Jinja2's own filters those that cannot grow without bound and cannot turn off escaping."""

_OF_TEXT = frozenset({"capitalize", "e", "escape", "lower", "striptags", "title", "trim", "upper"})
"""Those that would write out the innards of what is no text."""

_LONGEST_NAME = 100
"""Characters; for a longer one it would take long to find one like it."""

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
        self.counts = Counts()
        allowed = {name: function for name, function in self.filters.items() if name in OFFERED}
        bounds = {"batch": batch, "join": join, "replace": replace, "round": rounded, "sum": sum_up}
        texts = {name: _of_text(self.filters[name]) for name in _OF_TEXT}
        ours = {name: _bounded(each) for name, each in filters.items()}
        self.filters = {**allowed, **bounds, **COUNTING, **texts, **ours}
        self.globals = {"range": bounded_range, "namespace": self.globals["namespace"]}

    def write(self, template: Template, context: Mapping[str, Any]) -> str:
        """Return the whole output of a template; raises SecurityError when it does too much."""
        self.counts.start_clock()
        return "".join(template.generate(dict(context)))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse an operation whose result would be out of all proportion."""
        check_operation(operator, left, right)
        return self.counts.kept(super().call_binop(context, operator, left, right))

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Count each call of a macro or a method, what goes in and what comes out."""
        self.counts.step()
        given = [each for each in (*args, *kwargs.values()) if not isinstance(each, str)]
        size = size_of(given)
        check_size(size)
        self.counts.count_made(size)
        made = super().call(context, function, *args, **kwargs)
        return made if isinstance(made, Iterator) else self.counts.kept(made)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Keep an eye on the clock: a filter asks for one attribute of very many values."""
        self.counts.tick()
        return super().getitem(obj, argument)

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
        self.counts.step()
        return super().join_path(template, parent)

    def compile(self, *args: Any, **kwargs: Any) -> Any:
        """Compile a template; the clock of the rendering that wants it stands still."""
        with self.counts.stopped_clock():
            return super().compile(*args, **kwargs)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Count the rounds of every loop and all that is written, and measure what is made where it is made."""
        if len(source) > MAX_SOURCE:
            raise TemplateSyntaxError(f"a template has at most {MAX_SOURCE:,} characters", 1, name, filename)
        parser = Parser(self, source, name, filename)
        try:
            tree = parser.parse()
            rewrite(tree, name, filename)
        except RecursionError as cause:
            line = parser.stream.current.lineno
            raise TemplateSyntaxError("too much is nested in one another here", line, name, filename) from cause
        return tree

    def _generate(self, source: nodes.Template, name: Any, filename: Any, defer_init: bool = False) -> str:
        try:
            return super()._generate(source, name, filename, defer_init)
        except RecursionError as cause:
            line = max((node.lineno for node in source.body[-1:]), default=1)
            raise TemplateSyntaxError("too much is nested in one another here", line, name, filename) from cause

    def _compile(self, source: str, filename: str) -> CodeType:
        try:
            return super()._compile(source, filename)
        except SyntaxError as cause:
            line = _line_behind(source, cause.lineno or 0)
            message = f"Python cannot run this: {cause.msg}"
            raise TemplateSyntaxError(message, line, None, None if filename == "<template>" else filename) from cause


def _line_behind(program: str, number: int) -> int:
    """Find the line of a template from that of the program which Jinja2 made of it, and wrote them side by side."""
    found = re.search(r"^debug_info = '([0-9=&]+)'", program, re.MULTILINE)
    pairs = [pair.split("=") for pair in found[1].split("&")] if found else []
    return max((int(line) for line, made in pairs if int(made) <= number), default=1)


class _OneFolder(FileSystemLoader):
    """Finds templates in one folder, and not behind a symbolic link that leads out of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder.resolve()

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:
        for folder in self.searchpath:
            file = Path(folder, *split_template_path(template))
            if file.is_file() and file.stat().st_size > MAX_SOURCE * 4:
                raise TemplateSyntaxError(f"a template has at most {MAX_SOURCE:,} characters", 1, template, str(file))
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
            if len(name) > _LONGEST_NAME:
                return "there is nothing of such a long name here"
            known = names if owner is missing else map(str, owner) if isinstance(owner, Mapping) else ()
            near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
            return f"there is no `{name}` here" + (f" — did you mean `{near[0]}`?" if near else "")

    return Unknown


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter of ours see only what it can deal with, and a misspelt name be reported as one."""

    @pass_environment
    @wraps(function)
    def filtered(sandbox: Sandbox, value: Any, *args: Any, **kwargs: Any) -> Any:
        sandbox.counts.check_clock()
        known = str(value) if isinstance(value, Undefined) else value
        check_arguments(known, (*args, *kwargs.values()))
        return function(known, *args, **kwargs)

    return filtered


def _of_text(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def filtered(value: Any, *args: Any) -> Any:
        check_printable(value)
        return function(value, *args)

    return filtered


@pass_environment
def _counted_output(sandbox: Sandbox, value: Any) -> Any:
    """Count what is printed, also inside of macros and blocks whose text is kept for later."""
    check_printable(value)
    if isinstance(value, str):
        sandbox.counts.count_output(len(value))
    return value
