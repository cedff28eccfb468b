"""Whether what a template prints is escaped: always in the HTML part, whatever file prints it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateAssertionError
from jinja2.runtime import Context, Macro

from digest.render.sandbox import Filters, Sandbox


class EscapingSandbox(Sandbox):
    """A sandbox for the designs' files: other people's text can become no tag.

    Jinja2 escapes by a file's name and trusts what a macro returns: a macro of a `.txt` file would hand the HTML part
    a text that was never escaped.
    """

    def __init__(self, folder: Path, names: Iterable[str], filters: Filters) -> None:
        super().__init__(folder, names, filters)
        self.counted: Any = self.finalize
        self.finalize = _without_tags_in_styles

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Let what a macro of a file without escaping returns be a text like any other."""
        result = super().call(context, function, *args, **kwargs)
        escaped = not isinstance(function, Macro) or function._default_autoescape  # noqa: SLF001 - told nowhere else
        return result if escaped else str(result)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for switch in tree.find_all(nodes.EvalContextModifier):
            raise TemplateAssertionError("`{% autoescape %}` is not offered", switch.lineno, name, filename)
        if name and name.endswith(".html"):
            for include in tree.find_all(nodes.Include):
                if not _is_escaped(include.template):
                    message = "an HTML file can include .html and .css files only, each by its name in quotes"
                    raise TemplateAssertionError(message, include.lineno, name, filename)
        return tree


def _is_escaped(file: nodes.Expr) -> bool:
    return isinstance(file, nodes.Const) and str(file.value).endswith((".html", ".css"))


@pass_context
def _without_tags_in_styles(context: Context, value: Any) -> Any:
    """Count what is printed; refuse what could end a style sheet, where fonts' quotes must not be escaped."""
    if isinstance(value, str) and "<" in value and str(context.name).endswith(".css"):
        raise SecurityError("a style sheet cannot print a text with “<” in it")
    sandbox: Any = context.environment
    return sandbox.counted(sandbox, value)
