"""What is built into a template before it is compiled, so that all that it makes is counted where it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.exceptions import TemplateAssertionError
from jinja2.runtime import Context

from digest.render.counts import Counts
from digest.render.limits import check_printable

_MAKERS = (nodes.Concat, nodes.List, nodes.Dict, nodes.Filter, nodes.Compare, nodes.Test)
"""What makes a value, or takes its time over one."""


def rewrite(tree: nodes.Template, name: str | None, filename: str | None) -> None:
    """Build counters into a template; raises TemplateAssertionError, with its line, for what is not offered."""
    found = list(tree.find_all(nodes.Node))
    for node in found:
        if isinstance(node, nodes.For):
            if node.recursive:
                raise TemplateAssertionError("recursive loops are not offered", node.lineno, name, filename)
            node.iter = _through("_steps", node.iter)
        elif isinstance(node, nodes.Filter) and node.name in FILTERS:
            raise TemplateAssertionError(f"No filter named {node.name!r}.", node.lineno, name, filename)
        elif isinstance(node, nodes.Concat):
            node.nodes = [_through("_text", each) for each in node.nodes]
    for parent in [tree, *found]:
        for field, value in parent.iter_fields():
            if isinstance(value, list):
                value[:] = [each for item in value for each in _counted(_measured(item))]
            else:
                setattr(parent, field, _measured(value))
        if isinstance(parent, nodes.AssignBlock):
            parent.filter = nodes.Filter(parent.filter, "_kept", [], [], None, None, lineno=parent.lineno)


def _through(filter_name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(node, filter_name, [], [], None, None, lineno=node.lineno)


def _measured(node: object) -> Any:
    """Let what makes a value be counted; what counts is not counted itself."""
    makes = isinstance(node, _MAKERS) and not (isinstance(node, nodes.Filter) and node.name.startswith("_"))
    makes |= isinstance(node, nodes.Tuple) and node.ctx == "load"
    makes |= isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice)
    return _through("_made", node) if makes else node  # type: ignore[arg-type]  # it is a node


def _counted(node: Any) -> list[Any]:
    """Let the fixed text of a template be counted before it is written: a macro keeps it for later."""
    if not isinstance(node, nodes.Output):
        return [node]
    size = sum(len(each.data) for each in node.nodes if isinstance(each, nodes.TemplateData))
    if not size:
        return [node]
    count = nodes.Filter(nodes.Const(size), "_fixed", [], [], None, None, lineno=node.lineno)
    return [nodes.ExprStmt(count, lineno=node.lineno), node]


# With a context, all of these, so that Jinja2 does not compute them while compiling.


@pass_context
def _steps(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    """Count each round."""
    return _counts(context).stepping(values)


@pass_context
def _made(context: Context, value: Any) -> Any:
    return _counts(context).kept(value)


@pass_context
def _kept(context: Context, text: str) -> str:
    """Count the text of a `{% set %}` block."""
    _counts(context).count_made(len(text))
    return text


@pass_context
def _text(context: Context, value: Any) -> Any:
    """Count what is about to be put together."""
    check_printable(value)
    if isinstance(value, str):
        _counts(context).count_made(len(value))
    return value


@pass_context
def _fixed(context: Context, size: int) -> None:
    _counts(context).count_output(abs(size))  # a template may try to come by this filter through `map`


def _counts(context: Context) -> Counts:
    sandbox: Any = context.environment
    counts: Counts = sandbox.counts
    return counts


FILTERS: Mapping[str, Callable[..., Any]] = {
    "_steps": _steps,
    "_made": _made,
    "_kept": _kept,
    "_text": _text,
    "_fixed": _fixed,
}
"""What the rewritten template calls; the sandbox must offer them."""
